"""Promoting what was rebuilt, and going back: nothing lost, doubled, or older than before."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from domains.tickets import Comment, Rename, Submit, Watch
from local import promoting
from local.archiving import Archiver
from local.locks import UP, held
from local.promoting import Promoting, Switch
from local.rebuilding import Busy
from mainstem.ports import Generation, Stage
from mainstem.protocol.drive import drive
from mainstem.protocol.promoting import Unready, refuse_waiting
from mainstem.protocol.rebuild import Standing
from replay.diff import diff
from tests.local.rebuilds import (
    FIRST,
    INTENTS,
    TICKET,
    VISITOR,
    by,
    changed,
    crashing,
    lively,
    of,
)
from tests.local.waiting import Crowd
from tests.protocol.plant import Plant, plant

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("in_small_parts")]

STAGE = "SELECT stage FROM generations WHERE number = ?"


@pytest.mark.parametrize("sink", [TICKET, VISITOR])
def test_it_goes_on_by_the_feed_once_it_is_read(works: Plant, sink: str) -> None:
    lively(works)
    new = of(works, sink).start()
    lively(works, first=7)  # some of them new
    switch = Promoting(of(works, sink)).promote()
    assert switch.new.number == new.number
    lively(works, first=12)
    built = [one for one in works.engine.intos if one.generation.number == new.number]
    assert built
    assert built[0].generation.stage is Stage.CURRENT
    found = diff(built[0].sink, works.ports.rows, switch.old, new)  # type: ignore[arg-type]
    assert found.clean
    assert found.same > 0
    assert found.on_their_way == 0  # the one that was read before goes on


def test_the_next_start_reads_what_was_promoted_and_folds_nothing(
    works: Plant, tmp_path: Path
) -> None:
    lively(works)
    later = changed(tmp_path, *FIRST)
    new = by(works, later).start()
    Promoting(by(works, later)).promote()
    lively(works, first=20, tickets=2)
    with plant(works.ports.folder.path, "tickets", "clicks", found=later) as again:
        told: list[Any] = []
        from local.engine import engine

        running = engine(again.ports, again.domains, told.append)
        assert told == []
        (into,) = (one for one in running.intos if one.generation.number == new.number)
        every = drive(again.ports.rows.all(into.generation, ("", "", ""), 100))
        # Nobody who saw them before misses them now.
        assert {"t20", "t21"} <= {one.aggregate.id for one in every}


def test_one_goes_back_and_forth(works: Plant) -> None:
    lively(works)
    by_itself = of(works)
    new = by_itself.start()
    old = Promoting(by_itself).promote().old
    lively(works, first=20, tickets=2)
    assert old is not None
    back = Promoting(by_itself).rollback()
    assert back.old is not None
    assert (back.old.number, back.new.number) == (new.number, old.number)
    lively(works, first=30, tickets=2)
    assert Promoting(by_itself).promote().new.number == new.number
    found = diff(by_itself.sink, works.ports.rows, old, new)
    assert (found.clean, found.same, found.on_their_way) == (True, 13, 0)


def test_what_is_read_is_not_dropped_nor_are_its_words(works: Plant) -> None:
    lively(works, tickets=2)
    read = works.into(TICKET).generation
    with pytest.raises(Unready, match="is read; it can't be dropped"):
        Promoting(of(works)).drop(read.number)
    new = of(works).start()
    assert found(works, read) == found(works, new) == {"t0", "t1"}
    Promoting(of(works)).drop(new.number)
    assert (found(works, read), found(works, new)) == ({"t0", "t1"}, set())


def found(works: Plant, generation: Generation) -> set[str]:
    hits = drive(works.ports.search.find(generation, "main", "words", "burns", "", 100))
    return {one.id for one in hits}


def test_what_other_code_has_built_is_not_promoted_nor_anything_twice(
    works: Plant, tmp_path: Path
) -> None:
    lively(works, tickets=2)
    other = by(works, changed(tmp_path, *FIRST))
    new = other.start()
    with pytest.raises(Unready, match="nothing is built"):
        Promoting(of(works)).promote()
    assert Promoting(other).promote().new.number == new.number
    with pytest.raises(Unready, match="nothing is built"):
        Promoting(other).promote()


def test_what_was_built_since_one_went_back_is_what_is_read(works: Plant) -> None:
    lively(works, tickets=2)
    of(works).start()
    Promoting(of(works)).promote()
    Promoting(of(works)).rollback()
    new = of(works).start()
    assert Promoting(of(works)).promote().new.number == new.number


def test_other_code_can_not_go_back(works: Plant, tmp_path: Path) -> None:
    lively(works)
    other = by(works, changed(tmp_path, *FIRST))
    other.start()
    Promoting(other).promote()
    with pytest.raises(Unready, match="was folded by other code; put the domain file back"):
        Promoting(other).rollback()
    assert Promoting(of(works)).rollback().new.fingerprint == of(works).sink.fingerprint


def test_what_waits_keeps_it_from_being_read_unless_it_is_named(
    works: Plant, tmp_path: Path
) -> None:
    lively(works)
    worse = crashing(tmp_path)
    works.ask("tickets", Rename(title="Fire"), "t3")
    works.engine.catch_up()
    other = by(works, worse)
    other.start()
    with pytest.raises(
        Unready, match=r"1 wait: tickets/t3 \(version 5: worse: the step for Renamed"
    ):
        Promoting(other).promote()
    assert Promoting(other).promote(["tickets/t3"]).new.fingerprint == other.sink.fingerprint


def test_what_waits_in_the_rows_that_are_read_causes_what_it_causes_once_it_can(
    works: Plant, tmp_path: Path
) -> None:
    """Code that can't fold an event leaves its reaction to the code that can."""
    worse = crashing(tmp_path)
    works.ask("tickets", Submit(title="It burns"), "t1")
    works.ask("tickets", Watch(address="https://example.org/hook"), "t1")
    works.engine.catch_up()
    with plant(works.ports.folder.path, "tickets", found=worse) as old:
        old.settle()
        rebuilding = of(works)
        rebuilding.start()
        works.ask("tickets", Rename(title="Fire"), "t1")  # which the old code can't fold
        works.ask("tickets", Comment(text="bad"), "t1", by="bob")
        old.engine.catch_up()
        assert len(old.parked(TICKET)) == 1
        rebuilding.come_up(rebuilding.building())  # type: ignore[arg-type]
        Promoting(rebuilding).promote()
    with plant(works.ports.folder.path, "tickets") as new:
        new.engine.catch_up()
        assert new.parked(TICKET) == []
        assert new.version(TICKET, "t1") == 4
        assert new.ports.folder.views.row(INTENTS) == (1,)


def test_what_the_feed_has_forgotten_comes_from_the_journal(works: Plant) -> None:
    lively(works, tickets=4)
    of(works).start()
    works.ask("tickets", Rename(title="Fire"), "t1")
    works.engine.catch_up()
    Archiver(works.ports).catch_up()
    works.ports.feed.forget(2**62, keep_facts=True)
    switch = Promoting(of(works)).promote()
    assert works.version(TICKET, "t1") == 5
    found = diff(of(works).sink, works.ports.rows, switch.old, switch.new)  # type: ignore[arg-type]
    assert (found.clean, found.on_their_way) == (True, 0)


def test_what_waits_by_the_last_moment_keeps_it_from_being_read(
    works: Plant, tmp_path: Path
) -> None:
    lively(works)
    other = by(works, crashing(tmp_path))
    other.start()
    works.ask("tickets", Rename(title="Fire"), "t3")
    works.engine.catch_up()
    with pytest.raises(Unready, match="1 wait: tickets/t3"):
        Promoting(other).promote()
    assert works.into(TICKET).generation.stage is Stage.CURRENT


def test_who_writes_meanwhile_has_a_turn_once_it_is_switched(
    works: Plant, monkeypatch: pytest.MonkeyPatch
) -> None:
    lively(works, tickets=1)
    new, crowd = of(works).start(), Crowd(works.ports.folder.views)

    def refused(*given: Any) -> None:
        """It has come up, and is not read yet."""
        crowd.add(lambda db: db.execute(STAGE, (new.number,)).fetchone())
        refuse_waiting(*given)

    monkeypatch.setattr(promoting, "refuse_waiting", refused)
    Promoting(of(works)).promote()
    crowd.join()
    assert crowd.results == {0: ("current",)}


def test_only_what_was_read_before_is_kept(works: Plant) -> None:
    lively(works)
    for _ in range(3):
        of(works).start()
        Promoting(of(works)).promote()
        works.engine.catch_up()
    stages = [one.stage for one in of(works).generations()]
    assert stages == [Stage.KEPT, Stage.CURRENT]


def test_what_is_not_ready_is_not_read(works: Plant) -> None:
    lively(works)
    with pytest.raises(Stopped):
        replace(of(works), told=_stopped_in_the_second_part).start()
    with pytest.raises(Unready, match="is not ready yet; `mainstem rebuild resume` goes on"):
        Promoting(of(works)).promote()


class Stopped(Exception):
    """Here somebody has stopped it."""


def _stopped_in_the_second_part(standing: Standing) -> None:
    if standing.part == 1:
        raise Stopped


def test_nobody_switches_or_drops_while_somebody_rebuilds(works: Plant) -> None:
    lively(works)
    of(works).start()
    made = Promoting(of(works))
    kept = made.promote().old
    assert kept is not None
    new = of(works).start()
    acts = (made.promote, made.rollback, lambda: made.drop(kept.number))
    with of(works).alone():
        for act in acts:
            with pytest.raises(Busy):
                act()
    assert made.promote().new.number == new.number


def test_what_a_running_process_may_show_stays_until_it_has_ended(
    works: Plant, tmp_path: Path
) -> None:
    lively(works, tickets=2)
    other = by(works, changed(tmp_path, *FIRST))

    def promoted() -> int:
        other.start()
        return Promoting(other).promote().new.number

    def there() -> list[int]:
        return [one.number for one in other.generations()]

    shown = works.into(TICKET).generation.number
    with held(works.ports.folder.path, UP):  # it runs the code before
        several = [promoted() for _ in range(3)]
        assert there() == [shown, *several[1:]]
        with pytest.raises(Unready, match=f"may show generation {shown}; stop it"):
            Promoting(other).drop(shown)
        assert Promoting(other).rollback().new.number == several[1]
        assert Promoting(other).promote().new.number == several[2]
        assert there() == [shown, *several[1:]]
        Promoting(other).drop(several[1])
    several += [promoted()]
    assert there() == several[2:]


@pytest.mark.parametrize("act", [Promoting.promote, Promoting.rollback])
def test_whoever_goes_back_names_again_what_may_wait(
    works: Plant, tmp_path: Path, act: Callable[..., Switch]
) -> None:
    lively(works, tickets=1)
    works.ask("tickets", Rename(title="Fire"), "t0")
    works.engine.catch_up()
    other = by(works, crashing(tmp_path))
    other.start()
    new = Promoting(other).promote(["tickets/t0"]).new
    Promoting(of(works)).rollback()
    with pytest.raises(Unready, match="1 wait: tickets/t0"):
        act(Promoting(other))
    assert act(Promoting(other), ["tickets/t0"]).new.number == new.number
