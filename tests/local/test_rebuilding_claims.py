"""Claims of a view that is rebuilt: they change hands with the code, and are never had twice."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from edge.caller import Caller
from local import claims
from local.claims import handed_over, pending
from local.engine import engine
from local.locks import DECIDING, UP, WORK, held, together
from local.promoting import Claimed, Promoting
from local.rebuilding import Rebuilding
from local.settle import Progress, current, settled, unsettled
from local.store import Store
from mainstem.discovery import Domain
from mainstem.ports import Contended, Generation, Stage, Unavailable
from mainstem.protocol import claims as protocol
from mainstem.protocol.commit import Taken
from mainstem.protocol.drive import drive
from mainstem.protocol.standing import claims_of
from mainstem.sink import Sink, sinks_of
from replay.contested import contested
from tests.protocol.editions import edition
from tests.protocol.plant import Plant, plant

pytestmark = pytest.mark.slow

VIEW = "shop.Sale"
BY_WHAT = "only = unique(what)"
BY_FIRST = "began = first(Sold.what)\n    only = unique(began)"
HELD = "SELECT id, mark, value FROM claims WHERE domain = 'shop'"
Held = set[tuple[str, str, str]]


class Killed(BaseException):
    """The process ends here."""


def sell(works: Plant, id: str, *what: str) -> None:
    kind: Any = works.domains["shop"].commands["Sell"]
    for one in what:
        works.asking.ask(works.domains["shop"], kind(what=one), Caller("ann"), id=id)


def sink_of(found: Mapping[str, Domain]) -> Sink:
    (sink,) = (one for one in sinks_of(found) if one.name == VIEW)
    return sink


def by(works: Plant, found: Mapping[str, Domain]) -> Rebuilding:
    return Rebuilding(works.ports, sink_of(found))


def promoted(rebuilding: Rebuilding) -> Claimed:
    """Built, read, and its claims made as far as they can be just now."""
    rebuilding.start()
    promoting = Promoting(rebuilding)
    return promoting.claimed(promoting.promote().new)


def held_by(works: Plant) -> Held:
    return set(works.ports.folder.journal.rows(HELD))


def wanted(works: Plant) -> Held:
    """What each claims as it stands, folded by nothing that made the claims."""
    works.engine.catch_up()
    state = works.into(VIEW).sink.state
    found = works.expected(VIEW)
    return {(row["id"], *claim) for row in found for claim in claims_of(state, row)}


def assert_made(works: Plant) -> None:
    """Whoever holds a value wants it, and whatever somebody wants is held."""
    ours, theirs = held_by(works), wanted(works)
    assert ours <= theirs
    assert {one[1:] for one in ours} == {one[1:] for one in theirs}


@pytest.fixture
def old(tmp_path: Path) -> Mapping[str, Domain]:
    return edition(tmp_path, BY_WHAT)


@pytest.fixture
def new(tmp_path: Path) -> Mapping[str, Domain]:
    return edition(tmp_path, BY_FIRST)


def swapped(works: Plant) -> None:
    """What they sell now and what they sold first is the other's; c's is nobody else's."""
    sell(works, "a", "hat", "cap")
    sell(works, "b", "tie", "hat")
    sell(works, "a", "tie")
    sell(works, "c", "sock")
    works.engine.catch_up()


def switched(works: Plant, found: Mapping[str, Domain]) -> tuple[Rebuilding, Generation]:
    """Built and read; its claims have yet to change hands."""
    works.settle()
    swapped(works)
    rebuilding = by(works, found)
    rebuilding.start()
    return rebuilding, Promoting(rebuilding).promote().new


def test_claims_that_say_the_same_stay_where_they_are(
    tmp_path: Path, old: Mapping[str, Domain]
) -> None:
    more = edition(tmp_path, f"{BY_WHAT}\n    cents = total(Sold.cents)")
    with plant(tmp_path / "data", found=old) as works:
        works.settle()
        swapped(works)
        before = held_by(works)
        with held(works.ports.folder.path, UP):  # by the code before
            assert promoted(by(works, more)) == ((), False)
        assert held_by(works) == before
    with plant(tmp_path / "data", found=more) as works:
        told: list[Progress] = []
        settled(works.ports, works.domains, told.append)
        assert told == []
        assert_made(works)


def test_claims_change_hands_at_once_where_nobody_is_up(
    tmp_path: Path, old: Mapping[str, Domain], new: Mapping[str, Domain]
) -> None:
    with plant(tmp_path / "data", found=old) as works:
        works.settle()
        swapped(works)
        rebuilding = by(works, new)
        assert promoted(rebuilding) == ((), False)
        assert held_by(works) == {
            (id, "Sale.only", f'["{what}"]')
            for id, what in (("a", "hat"), ("b", "tie"), ("c", "sock"))
        }
    with plant(tmp_path / "data", found=new) as works:
        with pytest.raises(Taken, match="only"):
            sell(works, "d", "tie")
        sell(works, "d", "cap")
        assert_made(works)


def test_whoever_comes_later_goes_without_and_is_named(
    tmp_path: Path, old: Mapping[str, Domain], new: Mapping[str, Domain]
) -> None:
    with plant(tmp_path / "data", found=old) as works:
        works.settle()
        sell(works, "b", "hat", "cap")
        sell(works, "a", "hat", "tie")
        sell(works, "c", "", "hat")
        sell(works, "d", "", "sock")  # "" is claimed by nobody
        works.engine.catch_up()
        rebuilding = by(works, new)
        built = rebuilding.start()
        assert contested(rebuilding.sink, works.ports.rows, built) == [
            ("main", "only", ("hat",), ("a", "b"))
        ]
        done = promoted(rebuilding)
        assert [str(one) for one in done.left] == ['shop/a goes without only ["hat"]: b holds it']
        assert held_by(works) == {("b", "Sale.only", '["hat"]')}
    with plant(tmp_path / "data", found=new) as works:
        assert_made(works)
        sell(works, "a", "bow")  # goes on without it
        with pytest.raises(Taken):
            sell(works, "e", "hat")


def test_whoever_holds_it_keeps_it(tmp_path: Path, old: Mapping[str, Domain]) -> None:
    loose = edition(
        tmp_path, "loud = last(Sold.what, where=Sold.cents >= 0)\n    only = unique(loud)"
    )
    with plant(tmp_path / "data", found=old) as works:
        works.settle()
        sell(works, "a", "hat")
        sell(works, "b", "cap")
        sell(works, "a", "tie", "hat")  # its latest commit is the latest of all
        assert promoted(by(works, loose)) == ((), False)
        assert ("a", "Sale.only", '["hat"]') in held_by(works)


def test_the_code_before_claims_as_before_until_it_ends(
    tmp_path: Path, old: Mapping[str, Domain], new: Mapping[str, Domain]
) -> None:
    with plant(tmp_path / "data", found=old) as works:
        works.settle()
        swapped(works)
        with held(works.ports.folder.path, UP):
            assert promoted(by(works, new)) == ((), True)
            assert [one.name for one in unsettled(works.ports, new)] == [VIEW]
            with pytest.raises(Taken):
                sell(works, "d", "hat")  # which b sells now
            sell(works, "d", "cap")
            sell(works, "b", "bow")
            works.engine.catch_up()
            state = sink_of(old).state
            claimed = {
                (row["id"], *one) for row in works.expected(VIEW) for one in claims_of(state, row)
            }
            assert held_by(works) == claimed
    with plant(tmp_path / "data", found=new) as works:
        works.settle()
        with pytest.raises(Taken):
            sell(works, "e", "cap")  # as d began
        assert_made(works)


def test_going_back_they_change_hands_back(
    tmp_path: Path, old: Mapping[str, Domain], new: Mapping[str, Domain]
) -> None:
    with plant(tmp_path / "data", found=old) as works:
        works.settle()
        swapped(works)
        promoted(by(works, new))
    with plant(tmp_path / "data", found=new) as works:
        works.settle()
        sell(works, "c", "cap")
        with held(works.ports.folder.path, UP):
            promoting = Promoting(by(works, old))
            assert promoting.claimed(promoting.rollback().new) == ((), True)
            sell(works, "e", "bow")
        assert_made(works)
    with plant(tmp_path / "data", found=old) as works:
        works.settle()
        with pytest.raises(Taken):
            sell(works, "d", "cap")
        sell(works, "d", "sock")  # which c sells no more
        assert_made(works)
        stages = [one.stage for one in drive(works.ports.generations.of(VIEW))]
        assert stages == [Stage.CURRENT, Stage.KEPT]  # it was read again, and not folded


def test_code_that_claims_nothing_lets_go(tmp_path: Path, old: Mapping[str, Domain]) -> None:
    free = edition(tmp_path)
    with plant(tmp_path / "data", found=old) as works:
        works.settle()
        swapped(works)
    for found in (free, old):
        with plant(tmp_path / "data", found=found) as works:
            works.settle()
            if found is free:
                assert held_by(works) == set()
                sell(works, "d", "sock")
            else:
                assert_made(works)


def test_a_state_that_was_away_claims_anew(tmp_path: Path) -> None:
    """It has the same folds as before, and others have decided in between."""
    till = "class Till(State):\n    what = last(Sold.what)\n    only = unique(what)\n"
    editions = edition(tmp_path, more=till), edition(tmp_path), edition(tmp_path, more=till)
    for found, what in zip(editions, ("hat", "cap", ""), strict=True):
        with plant(tmp_path / "data", found=found) as works:
            works.settle()
            sell(works, "a", what)
    with plant(tmp_path / "data", found=editions[0]) as works:
        works.settle()
        sell(works, "b", "hat")
        sell(works, "a", "cap")
        assert held_by(works) == {("a", "Till.only", '["cap"]'), ("b", "Till.only", '["hat"]')}


@pytest.mark.parametrize("goes_on", ["new", "old"])
@pytest.mark.parametrize("calls", range(1, 15))
def test_killed_in_the_middle_whoever_comes_next_makes_all_that_its_code_claims(
    tmp_path: Path, old: Mapping[str, Domain], new: Mapping[str, Domain], calls: int, goes_on: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.setattr(protocol, "HEADS_PER_STEP_MAX", 2)
    with plant(tmp_path / "data", found=old) as works:
        works.settle()
        swapped(works)
        sell(works, "d", "sock 1", "cap")
        works.engine.catch_up()
        rebuilding = by(works, new)
        rebuilding.start()
        read = Promoting(rebuilding).promote().new
        with monkeypatch.context() as patch:
            _dies_after(calls, patch)
            with suppress(Killed):
                handed_over(works.ports, rebuilding.sink, read)
    found = new if goes_on == "new" else old
    with plant(tmp_path / "data", found=found) as works:
        works.settle()
        assert unsettled(works.ports, works.domains) == []
        assert_made(works)


def _dies_after(calls: int, patch: pytest.MonkeyPatch) -> None:
    """So many writes are whole, the next one is not there."""
    left, before = [None] * calls, Store.write

    def write(store: Store, job: Any, *, durable: bool = True) -> Any:
        if not left:
            raise Killed
        left.pop()
        return before(store, job, durable=durable)

    patch.setattr(Store, "write", write)


def test_nothing_changes_hands_while_a_command_is_decided(
    tmp_path: Path, old: Mapping[str, Domain], new: Mapping[str, Domain],
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.setattr(claims, "PATIENCE_S", 0.0)
    with plant(tmp_path / "data", found=old) as works:
        works.settle()
        swapped(works)
        before, folder = held_by(works), works.ports.folder.path
        with together(folder, DECIDING) as calm:
            assert calm
            assert promoted(by(works, new)) == ((), True)
            read = current(works.ports, sink_of(new))
            assert read is not None
            with pytest.raises(Unavailable, match="a command is being decided for too long"):
                handed_over(works.ports, sink_of(new), read)
        with held(folder, WORK):  # somebody else has it
            assert Promoting(by(works, new)).claimed(read) == ((), True)
        assert held_by(works) == before
        assert pending(works.ports, sink_of(new), read)
    with plant(tmp_path / "data", found=new) as works:
        assert engine(works.ports, works.domains).intos
        assert_made(works)


def test_an_aggregate_that_is_damaged_keeps_what_it_has(
    tmp_path: Path, old: Mapping[str, Domain], new: Mapping[str, Domain]
) -> None:
    with plant(tmp_path / "data", found=old) as works:
        works.settle()
        swapped(works)
        rebuilding = by(works, new)
        rebuilding.start()
        works.ports.folder.journal.write(
            lambda db: db.execute("UPDATE records SET checksum = 1 WHERE id = 'c'")
        )
        promoting = Promoting(rebuilding)
        assert promoting.claimed(promoting.promote().new) == ((), False)
        assert ("c", "Sale.only", '["sock"]') in held_by(works)


def test_two_who_hand_over_at_once_one_is_told(
    tmp_path: Path, old: Mapping[str, Domain], new: Mapping[str, Domain]
) -> None:
    with plant(tmp_path / "data", found=old) as works:
        (rebuilding, read), generations = switched(works, new), works.ports.generations
        at = drive(protocol.taken_up(generations, read))
        to, _ = drive(protocol.handed_on(rebuilding.sink, works.ports.journal, at))
        drive(protocol.turned(generations, read, at, to))
        with pytest.raises(Contended, match="its claims are changing hands elsewhere"):
            drive(protocol.turned(generations, read, at, to))
        assert drive(protocol.taken_up(generations, read)) == to  # whoever comes next goes on
        handed_over(works.ports, rebuilding.sink, read)
    with plant(tmp_path / "data", found=new) as works:
        assert_made(works)
