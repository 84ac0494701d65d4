"""Lives over SQLite: what holds over the simulator's stores holds over those of one machine."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

import pytest

from local import posting
from local.folder import Folder
from mainstem.ports import Verdict
from mainstem.sim.call import Call
from mainstem.sim.faults import KINDS
from mainstem.sim.life import Life
from mainstem.sim.standard import Standard
from mainstem.sim.world import Tally
from tests.sim.ending import differing, ending
from tests.sim.sqlite_behind import folder, on
from tests.sim.sqlite_lives import WAYS, wrong

FEW = 20
CHUNK = 100
CHUNKS = 10
NOTICED_WITHIN = 300


@pytest.fixture
def place() -> Iterator[Folder]:
    with folder() as place:
        yield place


@pytest.mark.parametrize("way", WAYS)
def test_nothing_is_wrong_with_any_life(way: str) -> None:
    assert wrong(way, range(FEW)) == []


@pytest.mark.slow
@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("first", range(0, CHUNKS * CHUNK, CHUNK))
def test_nor_with_any_of_many(way: str, first: int) -> None:
    assert wrong(way, range(first, first + CHUNK)) == []


def test_a_life_ends_alike_in_a_folder_that_another_life_was_lived_in(place: Folder) -> None:
    first, other, again = [ending(lived(place, seed)) for seed in (1, 2, 1)]
    assert differing(first, again) == []
    assert differing(first, other) != []


def test_an_ending_sees_one_cell(place: Folder) -> None:
    life = lived(place, 1)
    before = ending(life)
    place.views.write(lambda db: db.execute("UPDATE heads SET cells = x'7b7d'"))
    assert differing(before, ending(life)) == ["shown"]


def test_an_ending_sees_one_document(place: Folder) -> None:
    life = lived(place, 1)
    before = ending(life)
    place.search.write(lambda db: db.execute("UPDATE words SET text = 'mud'"))
    assert differing(before, ending(life)) == ["shown"]


@pytest.mark.slow
def test_what_is_posted_has_every_fault_and_some_is_left_to_publish(place: Folder) -> None:
    tally, verdicts = Tally(), Counter[Verdict]()
    for seed in range(CHUNK):
        life = Life(seed, Standard(), tally, on(place, posting=True))
        count_verdicts(life, verdicts)
        life.run()
    assert all(tally["journal.commit", kind] for kind in KINDS)
    assert tally["feed opened anew", "shown"]
    assert set(verdicts) == set(Verdict)
    assert verdicts[Verdict.POSTED] > verdicts[Verdict.COMMITTED] > 0


@pytest.mark.slow
def test_posting_past_what_waits_is_noticed(place: Folder, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(posting, "_waiting", lambda db, aggregate: False)
    assert "is on the feed after" in first_wrong(place)


def test_a_mark_on_what_was_not_posted_is_noticed_and_told_step_by_step(
    place: Folder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(posting, "UNMARK", "SELECT ?, ?, ?, ?")
    _, broken, steps = first_wrong(place).rpartition("world.Broken")
    assert broken
    assert "the feed" in steps
    assert "→" in steps


def first_wrong(place: Folder) -> str:
    found = (WAYS["posting"](place, seed) for seed in range(NOTICED_WITHIN))
    return next(filter(None, found), "")


def lived(place: Folder, seed: int) -> Life:
    life = Life(seed, Standard(), Tally(), on(place))
    life.run()
    return life


def count_verdicts(life: Life, verdicts: Counter[Verdict]) -> None:
    """Beside whoever else hears of commits."""
    before = life.world.ports.heard["journal.commit"]

    def heard(call: Call, verdict: Verdict) -> None:
        verdicts[verdict] += 1
        before(call, verdict)

    life.world.ports.heard["journal.commit"] = heard
