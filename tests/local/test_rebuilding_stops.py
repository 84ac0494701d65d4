"""Where a rebuild stops, and why; and where nothing was there to begin with."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from archive.compact import Compactor, Taken
from domains.tickets import Rename, Submit
from local import rebuilding
from local.archiving import ARCHIVE
from local.locks import WORK, held
from local.promoting import Promoting
from local.rebuilding import Busy, Rebuilding, patiently
from mainstem._refusal import Unfit
from mainstem.ports import Contended, Corrupt, Unavailable
from mainstem.protocol import change
from mainstem.protocol.drive import drive
from mainstem.protocol.folded import Dirty
from mainstem.protocol.loading import load, silent
from mainstem.protocol.promoting import Unready
from mainstem.protocol.rebuild import Standing, begin, turn
from mainstem.protocol.refold import REFOLDED
from mainstem.sink import sinks_of
from tests.local.rebuilds import (
    FIRST,
    INTENTS,
    TICKET,
    VISITOR,
    WORSE,
    against,
    by,
    changed,
    lively,
    of,
)
from tests.protocol.plant import Plant, plant

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("in_small_parts")]

SIZES = "SELECT length(cells) FROM heads WHERE generation = ? ORDER BY id"


def unread(works: Plant, sink: str) -> Rebuilding:
    """Without asking what is read, which would settle it."""
    return Rebuilding(works.ports, next(one for one in sinks_of(works.domains) if one.name == sink))


def happened(works: Plant, some: range) -> None:
    for n in some:
        works.ask("tickets", Submit(title=f"It burns {n}"), f"t{n}")
        works.facts((f"v{n % 3}", "Viewed", {"page": "/", "ms": n}))


@pytest.mark.parametrize("sink", [TICKET, VISITOR])
def test_what_nobody_has_read_yet_is_built_and_goes_on_by_the_feed(
    tmp_path: Path, sink: str
) -> None:
    with plant(tmp_path / "data", "tickets", "clicks") as works:
        happened(works, range(6))
        new = unread(works, sink).start()
        happened(works, range(6, 9))
        switch = Promoting(unread(works, sink)).promote()
        assert (switch.old, switch.new.number) == (None, new.number)
        happened(works, range(9, 11))
        works.engine.catch_up()
        assert works.into(sink).generation.number == new.number
        if sink == TICKET:
            assert works.shown(sink) == works.expected(sink)
        assert sum(one["version"] for one in works.shown(sink)) == 11
        assert works.ports.folder.views.row(INTENTS) == (0,)


def test_a_row_that_would_be_too_large_waits(works: Plant, monkeypatch: pytest.MonkeyPatch) -> None:
    lively(works, tickets=2)
    works.ask("tickets", Rename(title=f"It {'burns ' * 15}"), "t1")
    works.engine.catch_up()
    sizes = works.ports.folder.views.rows(SIZES, works.into(TICKET).generation.number)
    monkeypatch.setattr(change, "ROW_BYTES_MAX", sizes[1][0] - 1)
    new = of(works).start()
    at = of(works).stands(new)
    assert at is not None
    assert (at.done.aggregates, at.done.rows, at.done.parked) == (2, 2, 1)
    versions = [drive(works.ports.rows.read(g, works.aggregate(TICKET, "t1"), ())).version
                for g in (works.into(TICKET).generation, new)]  # fmt: skip
    assert versions == [5, 4]  # as it was before the event that is too much
    with pytest.raises(Unready, match=r"1 wait: tickets/t1 \(version 5: its row would have"):
        Promoting(of(works)).promote()


def test_facts_that_can_not_be_folded_stop_it(works: Plant, tmp_path: Path) -> None:
    lively(works, tickets=1)
    works.facts(("v2", "Viewed", {"page": "/exit", "ms": 1}))
    works.engine.catch_up()
    found = changed(tmp_path, *WORSE, name="clicks")
    sink = next(one for one in sinks_of(found) if one.name == VISITOR)
    with pytest.raises(Unfit, match=r"^clicks/v2: can't be folded: .*; mend its fold"):
        Rebuilding(works.ports, sink).start()


@pytest.mark.parametrize(
    ("whole", "kind", "why"), [(False, Corrupt, "facts are nowhere else"), (True, Unfit, "mend")]
)
def test_nobody_else_has_the_facts_that_are_missing(
    works: Plant, whole: bool, kind: type[Exception], why: str
) -> None:
    lively(works, tickets=1)
    old, new = works.into(VISITOR).generation, of(works, VISITOR).start()
    into = silent(of(works, VISITOR).into(new))
    dirty = Dirty(works.aggregate(VISITOR, "v1"), 4, "has 3 events up to version 4", whole)
    with pytest.raises(kind, match=f"clicks/v1: has 3 events up to version 4; {why}"):
        drive(load(into, works.ports.journal, old, [dirty]))


def test_a_file_that_is_gone_is_missed(works: Plant) -> None:
    lively(works)

    def lost(standing: Standing) -> None:
        if standing.part == 1:
            (works.ports.folder.path / ARCHIVE / standing.files[0]).unlink()

    with pytest.raises(Corrupt, match="is gone; drop this rebuild, and start it anew"):
        replace(of(works), told=lost).start()


def test_what_was_begun_from_the_journal_is_given_up_unless_somebody_is_at_it(
    works: Plant, tmp_path: Path
) -> None:
    lively(works, tickets=2)
    other, ports = by(works, changed(tmp_path, *FIRST)), works.ports
    begun = drive(ports.generations.start(TICKET, other.sink.fingerprint, 1))
    drive(ports.generations.note(begun, REFOLDED, "3"))
    with held(ports.folder.path, WORK), pytest.raises(Busy, match="is folding it from the journal"):
        other.start()
    new = other.start()
    assert new.number != begun.number
    assert begun.number not in [one.number for one in other.generations()]
    assert against(works, new).same == 1  # t1's priority is another by these folds


def test_code_that_starts_leaves_a_rebuild_alone_that_is_at_work(
    works: Plant, tmp_path: Path
) -> None:
    lively(works, tickets=2)
    later = changed(tmp_path, *FIRST)
    other = by(works, later)
    new = other.start()
    with plant(works.ports.folder.path, "tickets", "clicks", found=later) as again:
        with other.alone(), pytest.raises(Unavailable, match="a rebuild of it is at work"):
            again.settle()
        assert new.number in [one.number for one in other.generations()]
        again.settle()


def test_what_does_not_come_up_is_not_read(works: Plant, monkeypatch: pytest.MonkeyPatch) -> None:
    lively(works, tickets=1)
    for sink in (TICKET, VISITOR):
        of(works, sink).start()
    happened(works, range(1, 2))
    works.engine.catch_up()
    with monkeypatch.context() as patch:
        patch.setattr(Rebuilding, "come_up", lambda *_: None)
        for sink in (TICKET, VISITOR):
            with pytest.raises(Unready, match=r"generation \d+ does not come up with the feed"):
                Promoting(of(works, sink)).promote()
    for sink in (TICKET, VISITOR):
        Promoting(of(works, sink)).promote()


def test_whoever_is_just_at_the_tables_is_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rebuilding, "POLL_S", 0.0)
    left = [Taken("somebody"), Taken("somebody")]

    def work() -> str:
        if left:
            raise left.pop()
        return "done"

    assert patiently(work) == "done"


def test_whoever_is_at_the_tables_for_too_long_stops_it(
    works: Plant, monkeypatch: pytest.MonkeyPatch
) -> None:
    lively(works, tickets=2)
    monkeypatch.setattr(rebuilding, "PATIENCE_S", -1.0)
    with Compactor(works.ports.folder.path / ARCHIVE, {}).working(), pytest.raises(Taken):
        of(works).start()
    assert against(works, of(works).start()).clean


def test_one_that_is_dropped_meanwhile_stops_and_leaves_no_rows(works: Plant) -> None:
    lively(works)

    def drops(at: Standing) -> None:
        if at.done.events:
            drive(works.ports.generations.drop(works.ports.generations.every()[-1]))

    rebuild = replace(of(works), told=drops)
    with pytest.raises(Unavailable, match=r"generation \d+ was dropped meanwhile$"):
        rebuild.start()
    numbers = {one.number for one in works.ports.generations.every()}
    found = works.ports.folder.views.rows("SELECT DISTINCT generation FROM heads")
    assert {number for (number,) in found} <= numbers


def test_two_who_go_on_at_once_one_is_told(works: Plant) -> None:
    generations = works.ports.generations
    new = drive(generations.start(TICKET, "other folds", 1))
    at = drive(begin(generations, new, "DuckDB"))
    to = at.ended(0, at.done, 1.0)
    drive(turn(generations, new, at, to))
    with pytest.raises(Contended, match=r"^tickets\.Ticket: somebody else is rebuilding it$"):
        drive(turn(generations, new, at, to))
    assert drive(begin(generations, new, "Spark")) == to  # and what was begun goes on
