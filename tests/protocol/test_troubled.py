"""One that is in trouble, and all the others that are not."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from edge.caller import Caller
from local import engine as engines
from local.trouble import Foreign
from mainstem import Refused
from mainstem.aggregate import Aggregate
from mainstem.ports import Corrupt, Parked, Stage
from mainstem.protocol.commit import Taken
from mainstem.protocol.drive import drive
from tests.protocol.editions import FACTS, edition, telling
from tests.protocol.plant import Plant, fact, plant

VIEW = "shop.Sale"
AREA = "cents = last(Sold.cents)\n    area = cents * cents"
TOO_MUCH = 2**53 - 1
A_YEAR_US = 365 * 24 * 3_600_000_000
THANKS = """
@on(Sold)
def thank(sold: Sold, sale: Sale) -> Iterator[Effect]:
    yield Mail("ann@example.com", "thanks", {"what": sold.what})
"""


def sell(works: Plant, id: str, cents: int = 1, what: str = "hat") -> int:
    kind: Any = works.domains["shop"].commands["Sell"]
    command = kind(what=what, cents=cents)
    return works.asking.ask(works.domains["shop"], command, Caller("ann"), id=id).version


def parked(works: Plant, id: str, why: str, *, poison: bool, tries: int = 0) -> None:
    into, aggregate = works.into(VIEW), works.aggregate(VIEW, id)
    number = into.generation.number
    one = Parked(VIEW, number, aggregate, 1, why, poison, 0, tries)
    drive(into.parks.park(into.generation, one))


def found(works: Plant, words: str) -> list[str]:
    generation = works.into(VIEW).generation
    hits = drive(works.ports.search.find(generation, "main", "words", words, "", 10))
    return [hit.id for hit in hits]


def test_what_nothing_could_be_decided_after_is_refused(tmp_path: Path) -> None:
    with plant(tmp_path / "data", found=edition(tmp_path, AREA)) as works:
        sell(works, "a")
        with pytest.raises(Refused, match=r"it would not fit: .* leave 64 bits"):
            sell(works, "a", TOO_MUCH)
        assert sell(works, "a", 2) == 2


def test_events_too_long_for_a_commit_are_refused_by_what_they_are_as_json(tmp_path: Path) -> None:
    with plant(tmp_path / "data", found=edition(tmp_path)) as works:
        with pytest.raises(Refused, match=r"too much at once|would not fit"):
            sell(works, "a", what='"' * 40_000)
        assert sell(works, "a") == 1


def test_a_row_that_cannot_be_shown_keeps_no_other_from_being_found(tmp_path: Path) -> None:
    more = f"""
class Field(View):
    {AREA}
    what = last(Sold.what)
    words = search(what)
"""
    with plant(tmp_path / "data", found=edition(tmp_path, "words = search(what)", more)) as works:
        sell(works, "a", TOO_MUCH, "a very wide hat")
        sell(works, "b", 1, "a narrow hat")
        works.engine.catch_up()
        generation = works.into("shop.Field").generation
        hits = drive(works.ports.search.find(generation, "main", "words", "hat", "", 10))
        assert [hit.id for hit in hits] == ["b"]
        assert found(works, "wide") == ["a"]


def test_behind_any_number_of_others_a_gap_is_repaired(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engines, "PARKED_PER_PAGE", 2)
    with plant(tmp_path / "data", found=edition(tmp_path)) as works:
        sell(works, "z")
        for id in "abcde":
            parked(works, id, "poison", poison=True)
        parked(works, "z", "a gap", poison=False)
        works.engine.repair()
        works.engine.repair()
        assert [one.aggregate.id for one in works.parked(VIEW)] == list("abcde")


def test_a_damaged_record_keeps_no_other_from_being_repaired(tmp_path: Path) -> None:
    with plant(tmp_path / "data", found=edition(tmp_path)) as works:
        works.settle()
        for id in "ab":
            sell(works, id)
            parked(works, id, "a gap", poison=False)
        damage = "UPDATE records SET events = x'7b7d' WHERE id = 'a'"
        works.ports.folder.journal.write(lambda db: db.execute(damage))
        works.engine.repair()
        (left,) = works.parked(VIEW)
        assert left.aggregate.id == "a"
        assert "damaged" in left.why


def test_a_gap_that_was_tried_for_days_is_still_tried(tmp_path: Path) -> None:
    with plant(tmp_path / "data", found=edition(tmp_path)) as works:
        parked(works, "nowhere", "a gap", poison=False, tries=1_100)
        works.engine.repair()
        assert [one.tries for one in works.parked(VIEW)] == [1_101]


def test_what_one_sink_meets_keeps_no_other_from_its_turn(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    more = "\n\nclass Again(View):\n    what = last(Sold.what)\n    words = search(what)\n"
    with plant(tmp_path / "data", found=edition(tmp_path, "words = search(what)", more)) as works:
        sell(works, "a")
        while works.engine.consume():
            pass
        search, first = works.ports.search, works.into("shop.Again").generation

        async def put(generation: Any, documents: Any, put: Any = search.put) -> None:
            if generation == first:
                raise Corrupt("search.db: is damaged")
            await put(generation, documents)

        monkeypatch.setattr(search, "put", put)
        with pytest.raises(Corrupt):
            works.engine.index()
        assert found(works, "hat") == ["a"]


def test_a_clock_of_tomorrow_does_not_blind_the_auditor(tmp_path: Path) -> None:
    with plant(tmp_path / "data", found=edition(tmp_path)) as works:
        works.settle()
        for id in ("tomorrow", "lost"):
            sell(works, id)
        ahead = f"UPDATE records SET at = at + {A_YEAR_US} WHERE id = 'tomorrow'"
        works.ports.folder.journal.write(lambda db: db.execute(ahead))
        works.ports.folder.journal.write(lambda db: db.execute("DELETE FROM bundles"))
        assert works.engine.audit(age_us=0) == 2


def test_an_audit_moves_on_past_what_was_written_over(tmp_path: Path) -> None:
    from mainstem.protocol.audit import AUDITED

    with plant(tmp_path / "data", found=edition(tmp_path)) as works:
        works.settle()
        for _ in range(20):
            sell(works, "busy")
        works.engine.catch_up()
        works.engine.audit()  # its only head is too young
        generation = works.into(VIEW).generation
        place = drive(works.ports.generations.noted(generation, AUDITED))
        assert int(place) == 19


def test_facts_and_commands_do_not_mix_in_one_domain(tmp_path: Path) -> None:
    source = FACTS.replace("View, count", "Command, View, count").replace("{fold}", "{fold}{ask}")
    ask = """


class Write(Command[Meter], starts=True):
    watts: int

    def decide(self, meter: Meter):
        yield Read(watts=self.watts)
"""
    facts = edition(tmp_path, source=FACTS)
    with plant(tmp_path / "data", found=facts) as works:
        works.settle()
        one = fact("meter", "m1", "Read", 0, "m", {"watts": 1})
        assert all(works.ingest.send([one]))
        works.engine.catch_up()
    turned = edition(tmp_path, source=source.replace("{ask}", ask))
    with (
        plant(tmp_path / "data", found=turned) as works,
        pytest.raises(Foreign, match="meter: has facts behind it"),
    ):
        works.settle()


def test_a_state_that_nobody_reads_claims_what_came_before_too(tmp_path: Path) -> None:
    with plant(tmp_path / "data", found=edition(tmp_path)) as works:
        sell(works, "a", what="the only hat")
    more = "\n\nclass Held(State):\n    what = last(Sold.what)\n    only = unique(what)\n"
    with plant(tmp_path / "data", found=edition(tmp_path, more=more)) as works:
        works.settle()
        with pytest.raises(Taken):
            sell(works, "b", what="the only hat")


def test_claims_that_nobody_keeps_up_are_let_go(tmp_path: Path) -> None:
    only = "only = unique(what)"
    with plant(tmp_path / "data", found=edition(tmp_path, only)) as works:
        works.settle()
        sell(works, "a", what="old hat")
    with plant(tmp_path / "data", found=edition(tmp_path)) as works:
        works.settle()
        sell(works, "a", what="new hat")
        sell(works, "b", what="old hat")
    with plant(tmp_path / "data", found=edition(tmp_path, only)) as works:
        works.settle()
        with pytest.raises(Taken):
            sell(works, "c", what="old hat")  # b's
        assert sell(works, "c", what="another")


def test_of_generations_that_are_over_one_is_kept(tmp_path: Path) -> None:
    for n in range(4):
        fold = f"cents = last(Sold.cents, default={n})"
        with plant(tmp_path / "data", found=edition(tmp_path, fold)) as works:
            sell(works, "a")
            works.engine.catch_up()
            assert works.shown(VIEW) == works.expected(VIEW)
            stages = [one.stage for one in drive(works.ports.generations.of(VIEW))]
            assert stages == [Stage.KEPT, Stage.CURRENT][-n - 1 :]


def test_a_fact_counts_for_a_reaction_when_it_came_not_when_it_was(tmp_path: Path) -> None:
    domains = edition(tmp_path, source=telling())
    with plant(tmp_path / "data", found=domains) as works:
        works.settle()
        yesterday = fact("meter", "m1", "Read", 0, "m", {"watts": 1})
        assert all(works.ingest.send([yesterday]))
        works.engine.catch_up()
        assert len(drive(works.ports.intents.waiting(0, 9))) == 1


def test_an_id_that_looks_like_a_lane_is_none() -> None:
    from mainstem.bundle import is_lane

    assert not is_lane(Aggregate("main", "shop", "~7").key)
    assert not is_lane(Aggregate("main", "shop", "a/~7").key)
