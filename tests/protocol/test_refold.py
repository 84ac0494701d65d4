"""Changed folds (R5): the rows are folded anew, exactly as far as they had come, and take over."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from edge.caller import Caller
from local.settle import Progress, current, settled, unsettled
from mainstem.discovery import Domain
from mainstem.ports import Stage
from mainstem.protocol.drive import drive
from tests.protocol.editions import FACTS, edition, telling
from tests.protocol.plant import Plant, fact, plant

VIEW = "shop.Sale"
TOTAL = "cents = total(Sold.cents)"
THANKS = """
@on(Sold)
def thank(sold: Sold, sale: Sale) -> Iterator[Effect]:
    yield Mail("ann@example.com", "thanks", {"what": sold.what})
"""


class Killed(BaseException):
    """The process ends here."""


def sell(works: Plant, id: str, *cents: int) -> None:
    kind: Any = works.domains["shop"].commands["Sell"]
    for n in cents:
        command = kind(what=f"hat {n}", cents=n)
        works.asking.ask(works.domains["shop"], command, Caller("ann"), id=id)


def stages(works: Plant, sink: str = VIEW) -> list[Stage]:
    return [one.stage for one in drive(works.ports.generations.of(sink))]


def intents(works: Plant) -> list[tuple[str, int]]:
    return [(one.aggregate.id, one.version) for _, one in drive(works.ports.intents.waiting(0, 99))]


@pytest.fixture
def old(tmp_path: Path) -> Mapping[str, Domain]:
    return edition(tmp_path)


def test_a_changed_view_is_folded_anew_and_the_old_generation_is_kept(
    tmp_path: Path, old: Mapping[str, Domain]
) -> None:
    with plant(tmp_path / "data", found=old) as works:
        sell(works, "a", 1, 2, 3)
        works.engine.catch_up()
    new = edition(tmp_path, TOTAL)
    with plant(tmp_path / "data", found=new) as works:
        assert [sink.name for sink in unsettled(works.ports, new)] == [VIEW]
        works.engine.catch_up()
        assert unsettled(works.ports, new) == []
        assert stages(works) == [Stage.KEPT, Stage.CURRENT]
        assert works.shown(VIEW) == works.expected(VIEW)
        assert works.shown(VIEW)[0]["cents"] == 6


def test_what_changed_is_told_with_how_far_it_is(tmp_path: Path, old: Mapping[str, Domain]) -> None:
    with plant(tmp_path / "data", found=old) as works:
        for n in range(5):
            sell(works, f"{n}", 1)
        works.engine.catch_up()
    with plant(tmp_path / "data", found=edition(tmp_path, TOTAL)) as works:
        told: list[Progress] = []
        settled(works.ports, works.domains, told.append)
        assert told[-1] == Progress(VIEW, "changed", 5, 5)


def test_what_the_old_rows_had_not_seen_comes_by_the_feed_with_its_reactions(
    tmp_path: Path,
) -> None:
    with plant(tmp_path / "data", found=edition(tmp_path, more=THANKS)) as works:
        works.engine.catch_up()
        sell(works, "a", 1, 2)
        works.engine.catch_up()
        sell(works, "a", 3)  # and nobody consumes it
    with plant(tmp_path / "data", found=edition(tmp_path, TOTAL, THANKS)) as works:
        assert works.version(VIEW, "a") == 2
        assert intents(works) == [("a", 1), ("a", 2)]
        works.engine.catch_up()
        assert works.version(VIEW, "a") == 3
        assert intents(works) == [("a", 1), ("a", 2), ("a", 3)]


def test_a_new_reaction_never_fires_for_history(tmp_path: Path, old: Mapping[str, Domain]) -> None:
    with plant(tmp_path / "data", found=old) as works:
        sell(works, "a", 1)
        works.engine.catch_up()
        sell(works, "a", 2)  # committed before the reaction was known, consumed after
    with plant(tmp_path / "data", found=edition(tmp_path, more=THANKS)) as works:
        works.engine.catch_up()
        assert intents(works) == []
        sell(works, "a", 3)
        works.engine.catch_up()
        assert intents(works) == [("a", 3)]


def test_what_happens_while_a_new_sink_is_settled_is_no_history(tmp_path: Path) -> None:
    with plant(tmp_path / "data", found=edition(tmp_path, more=THANKS)) as works:
        sell(works, "a", 1)
        drive(works.ports.intents.since("shop.thank", drive(works.ports.clock.now())))
        sell(works, "a", 2)  # by another process, after settling began and before it folds
        works.engine.catch_up()
        assert works.version(VIEW, "a") == 2
        assert intents(works) == [("a", 2)]


def test_a_new_view_is_folded_from_the_journal_without_a_reaction(
    tmp_path: Path, old: Mapping[str, Domain]
) -> None:
    with plant(tmp_path / "data", found=old) as works:
        sell(works, "a", 1, 2)
        works.engine.catch_up()
    more = "\n\nclass Till(View):\n    cents = total(Sold.cents)\n" + THANKS.replace("Sale", "Till")
    with plant(tmp_path / "data", found=edition(tmp_path, more=more)) as works:
        works.engine.catch_up()
        assert works.shown("shop.Till")[0]["cents"] == 3
        assert intents(works) == []


@pytest.mark.slow
@pytest.mark.parametrize("calls", range(1, 14))
def test_killed_at_any_call_it_goes_on_there(
    tmp_path: Path, old: Mapping[str, Domain], calls: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    with plant(tmp_path / "data", found=old) as works:
        for n in range(4):
            sell(works, f"{n}", n, n + 1)
        works.engine.catch_up()
        sell(works, "0", 9)
    new = edition(tmp_path, TOTAL, THANKS)
    with plant(tmp_path / "data", found=new) as works, monkeypatch.context() as patch:
        left = [None] * calls

        def write(
            job: Any, *, durable: bool = True, write: Any = works.ports.folder.views.write
        ) -> Any:
            if not left:
                raise Killed
            left.pop()
            return write(job, durable=durable)

        patch.setattr(works.ports.folder.views, "write", write)
        with suppress(Killed):
            works.engine.catch_up()
    with plant(tmp_path / "data", found=new) as works:
        works.engine.catch_up()
        assert works.shown(VIEW) == works.expected(VIEW)
        assert stages(works).count(Stage.CURRENT) == 1
        assert works.parked(VIEW) == []


def test_code_that_goes_back_and_forth_never_mixes_rows(
    tmp_path: Path, old: Mapping[str, Domain]
) -> None:
    new = edition(tmp_path, TOTAL)
    for found, cents in ((old, 1), (new, 2), (old, 3), (new, 4)):
        with plant(tmp_path / "data", found=found) as works:
            sell(works, "a", cents)
            works.engine.catch_up()
            assert works.shown(VIEW) == works.expected(VIEW)


def test_an_old_refold_left_half_done_is_not_believed(
    tmp_path: Path, old: Mapping[str, Domain], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The old code went on in between, so rows refolded before are behind."""
    new = edition(tmp_path, TOTAL)
    with plant(tmp_path / "data", found=old) as works:
        sell(works, "a", 1)
        works.engine.catch_up()
    with plant(tmp_path / "data", found=new) as works, monkeypatch.context() as patch:

        async def promote(*_: object) -> bool:
            raise Killed

        patch.setattr(works.ports.generations, "promote", promote)
        with pytest.raises(Killed):
            works.engine.catch_up()
    with plant(tmp_path / "data", found=old) as works:
        sell(works, "a", 2)
        works.engine.catch_up()
    with plant(tmp_path / "data", found=new) as works:
        works.engine.catch_up()
        assert works.shown(VIEW) == works.expected(VIEW)
        assert works.shown(VIEW)[0]["cents"] == 3


def test_what_was_parked_stays_parked_until_the_new_code_repairs_it(tmp_path: Path) -> None:
    cross = "bad = total(Sold.cents, where=Sold.cents > 0)"
    with plant(tmp_path / "data", found=edition(tmp_path, cross)) as works:
        sell(works, "a", *[2**53 - 1] * 3)
        works.engine.catch_up()
        sell(works, "a", 1)
        aggregate = works.aggregate(VIEW, "a")
        into = works.into(VIEW)
        drive(into.wait(aggregate, 4, "for a reason of its own", poison=True))
        works.engine.consume()
        assert works.version(VIEW, "a") == 3
    with plant(tmp_path / "data", found=edition(tmp_path, TOTAL)) as works:
        assert [one.high for one in works.parked(VIEW)] == [4]
        works.engine.catch_up()
        assert (works.parked(VIEW), works.version(VIEW, "a")) == ([], 4)
        assert works.shown(VIEW) == works.expected(VIEW)


def test_snapshots_of_other_folds_are_not_taken_up(
    tmp_path: Path, old: Mapping[str, Domain]
) -> None:
    with plant(tmp_path / "data", found=old) as works:
        sell(works, "a", *range(1, 60))
    new = edition(tmp_path, TOTAL)
    with plant(tmp_path / "data", found=new) as works:
        sell(works, "a", 60)
        works.engine.catch_up()
        assert works.shown(VIEW)[0]["cents"] == sum(range(1, 61))


def test_a_claim_that_is_new_is_made_for_all_that_came_before(
    tmp_path: Path, old: Mapping[str, Domain]
) -> None:
    from mainstem.protocol.commit import Taken

    with plant(tmp_path / "data", found=old) as works:
        sell(works, "a", 1)
        sell(works, "b", 1)  # the same hat
        sell(works, "c", 2)
    mine = "only = unique(what)"
    with plant(tmp_path / "data", found=edition(tmp_path, mine)) as works:
        told: list[Progress] = []
        settled(works.ports, works.domains, told.append)
        assert [str(one) for one in told[-1].left] == [
            'shop/b goes without only ["hat 1"]: a holds it'
        ]
        with pytest.raises(Taken):
            sell(works, "d", 2)
        sell(works, "d", 3)


def test_facts_are_folded_anew_from_the_feed(tmp_path: Path) -> None:
    def read(works: Plant, *watts: int) -> None:
        facts = [fact("meter", "m1", "Read", n, "m", {"watts": n}) for n in watts]
        assert all(works.ingest.send(facts))

    def shown(works: Plant) -> Any:
        (row,) = works.shown("meter.Meter")
        return row

    with plant(tmp_path / "data", found=edition(tmp_path, source=FACTS)) as works:
        read(works, 1, 2, 3)
        works.engine.catch_up()
        read(works, 4)
    new = edition(tmp_path, "watts = total(Read.watts)", source=FACTS)
    with plant(tmp_path / "data", found=new) as works:
        works.settle()
        assert (shown(works)["reads"], shown(works)["watts"]) == (3, 6)
        works.engine.catch_up()
        assert (shown(works)["reads"], shown(works)["watts"]) == (4, 10)
        (sink,) = (into.sink for into in works.engine.intos)
        generation = current(works.ports, sink)
        assert generation is not None
        assert generation.fingerprint == sink.fingerprint


WORSE = """def worse(watts: int, happened: Any) -> int:
    return 1 // (happened.event.watts - 3) + watts


"""


@pytest.mark.parametrize("later", [(), (5,)])
def test_facts_that_waited_cause_what_they_would_have_once_other_code_folds_them(
    tmp_path: Path, later: tuple[int, ...]
) -> None:
    def read(works: Plant, *watts: int) -> None:
        every = [(id, n) for n in watts for id in ("m1", "m2")]
        facts = [fact("meter", id, "Read", n, "m", {"watts": n}) for id, n in every]
        assert all(works.ingest.send(facts))

    crash = "worst = fold(0, {Read: worse})"
    with plant(tmp_path / "data", found=edition(tmp_path, crash, source=telling(WORSE))) as works:
        works.settle()
        read(works, 1, 2)
        works.engine.catch_up()
        read(works, 3, 4)
        works.engine.catch_up()
        assert {one.aggregate.id for one in works.parked("meter.Meter")} == {"m1", "m2"}
        assert sorted(intents(works)) == [("m1", 1), ("m1", 2), ("m2", 1), ("m2", 2)]
        read(works, *later)
    new = edition(tmp_path, "watts = total(Read.watts)", source=telling())
    with plant(tmp_path / "data", found=new) as works:
        works.settle()
        assert [row["reads"] for row in works.shown("meter.Meter")] == [2, 2]  # as before
        works.engine.catch_up()
        many = 4 + len(later)
        assert [row["reads"] for row in works.shown("meter.Meter")] == [many, many]
        assert works.parked("meter.Meter") == []
        assert sorted(intents(works)) == [(m, n + 1) for m in ("m1", "m2") for n in range(many)]
