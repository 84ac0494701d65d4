"""Several processes that prepare a rebuild's parts: they make what one alone makes."""

from __future__ import annotations

import multiprocessing
import sys
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

import msgspec
import pytest

from archive.duck import connection
from archive.table import reading_of
from domains.rooms import Create, Schedule
from domains.tickets import Rename
from local import hands
from local.archiving import ARCHIVE
from local.hands import Hands, Job, failed, read
from local.promoting import Promoting
from local.rebuilding import Paused, Rebuilding
from mainstem._refusal import Unfit
from mainstem.discovery import Domain, discover
from mainstem.ports import Contended, Corrupt, Generation, Unavailable, Unknown
from mainstem.protocol.rebuild import Part, Standing, Step
from mainstem.sink import sinks_of
from replay.preparing import Preparing
from tests.cli.desk import domains as folder_of
from tests.local.rebuilds import (
    FIRST,
    INTENTS,
    TICKET,
    VISITOR,
    WORSE,
    against,
    by,
    changed,
    crashing,
    lively,
    of,
    unarchived,
)
from tests.protocol.plant import Plant, plant

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("in_small_parts")]

ROOM = "rooms.Room"
TIMERS = "SELECT id, command, due FROM timers WHERE generation = ? ORDER BY id"


@pytest.fixture(autouse=True)
def by_two(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hands, "ALONE_EVENTS_MAX", 0)
    monkeypatch.setattr(hands, "cores", lambda: 2)


def watched(rebuild: Rebuilding, sees: Callable[[Standing], None]) -> tuple[Rebuilding, set[int]]:
    """The same, which says who was at work with it; `sees` is told while they are."""
    seen = set[int]()

    def told(at: Standing) -> None:
        there = multiprocessing.active_children()
        seen.update(one.pid for one in there if one.pid is not None)
        if there and at.step is Step.FOLDING:
            sees(at)

    return replace(rebuild, told=told), seen


def built(rebuild: Rebuilding) -> Generation:
    """By two, who are gone by now."""
    rebuild, seen = watched(rebuild, lambda _: None)
    new = rebuild.start()
    assert len(seen) == 2
    assert not multiprocessing.active_children()
    return new


@pytest.mark.parametrize("sink", [TICKET, VISITOR])
def test_the_same_rows_come_of_it(works: Plant, sink: str) -> None:
    lively(works)
    before, intents = works.shown(sink), works.ports.folder.views.row(INTENTS)
    new = built(of(works, sink))
    at = of(works, sink).stands(new)
    assert at is not None
    assert len(at.parts) > 2
    assert (at.part, at.ahead, at.left) == (len(at.parts), (), ())
    assert (at.done.events, at.done.aggregates) == (at.events, at.aggregates)
    assert against(works, new, sink).clean
    Promoting(of(works, sink)).promote()
    assert works.shown(sink) == before
    assert works.ports.folder.views.row(INTENTS) == intents


@pytest.mark.parametrize("many", [1, 2])
def test_the_new_rows_wake_up_when_those_that_are_read_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, many: int
) -> None:
    monkeypatch.setattr(hands, "cores", lambda: many)
    with plant(tmp_path / "data", "rooms") as works:
        works.settle()
        for n in range(9):
            works.ask("rooms", Create(name=f"room {n}"), f"r{n}")
            works.ask("rooms", Schedule(cron=f"{n} 9 * * 1"), f"r{n}")
        works.engine.catch_up()
        new = of(works, ROOM).start()
        before, after = (
            works.ports.folder.views.rows(TIMERS, one.number)
            for one in (works.into(ROOM).generation, new)
        )
        assert (len(before), after) == (9, before)


def test_facts_count_as_far_as_the_rows_had_come_that_are_read(works: Plant) -> None:
    lively(works)
    works.facts(*((f"v{n}", "Viewed", {"page": "/late", "ms": n}) for n in range(5)))
    found = against(works, built(of(works, VISITOR)), VISITOR)
    assert (found.clean, found.same, found.on_their_way) == (True, 5, 0)


def test_code_that_changed_is_the_code_that_folds(works: Plant, tmp_path: Path) -> None:
    lively(works)
    found = changed(tmp_path, *FIRST)
    new = built(by(works, found))
    assert against(works, new).columns == {"priority": 4}


def test_what_the_archive_lacks_is_folded_from_the_journal(works: Plant) -> None:
    lively(works, tickets=5)
    unarchived(works)
    lively(works, tickets=9)
    new = built(of(works))
    at = of(works).stands(new)
    assert at is not None
    assert at.done.dirty == 5
    assert against(works, new).clean


def test_what_can_not_be_folded_waits_alone(works: Plant, tmp_path: Path) -> None:
    lively(works)
    works.ask("tickets", Rename(title="It drowns"), "t3")
    works.engine.catch_up()
    new = built(by(works, crashing(tmp_path)))
    at = of(works).stands(new)
    assert at is not None
    assert (at.done.parked, at.done.aggregates) == (1, 9)


def test_who_is_killed_is_missed_and_the_next_goes_on(works: Plant) -> None:
    lively(works)

    def kills(at: Standing) -> None:
        if at.part or at.ahead:
            multiprocessing.active_children()[0].kill()

    rebuild, _ = watched(of(works), kills)
    with pytest.raises(Unavailable, match=r"^tickets\.Ticket: a process that folds it was killed"):
        rebuild.start()
    assert not multiprocessing.active_children()
    new = built(of(works))
    assert against(works, new).clean


@pytest.mark.parametrize("many", [1, 2])
def test_paused_nobody_is_at_work_and_what_is_loaded_is_not_folded_again(
    works: Plant, monkeypatch: pytest.MonkeyPatch, many: int
) -> None:
    monkeypatch.setattr(hands, "cores", lambda: many)
    lively(works)

    def pauses(at: Standing) -> None:
        if at.step is Step.FOLDING and at.part + len(at.ahead) == 2:
            rebuild.pause(works.ports.generations.every()[-1])

    rebuild = replace(of(works), told=pauses)
    with pytest.raises(Paused):
        rebuild.start()
    assert not multiprocessing.active_children()
    new = of(works).building()
    assert new is not None
    at = of(works).stands(new)
    assert at is not None
    assert len(at.left) == len(at.parts) - 2
    done = list[int]()
    rebuild = replace(of(works), told=lambda now: done.append(now.done.events))
    assert rebuild.start() == new
    assert (min(done), max(done)) == (at.done.events, at.events)
    assert against(works, new).clean


def test_facts_that_can_not_be_folded_stop_it(works: Plant, tmp_path: Path) -> None:
    lively(works, tickets=1)
    works.facts(("v2", "Viewed", {"page": "/exit", "ms": 1}))
    works.engine.catch_up()
    found = changed(tmp_path, *WORSE, name="clicks")
    with pytest.raises(Unfit, match=r"^clicks/v2: can't be folded: .*; mend its fold"):
        rebuild_of(works, found, VISITOR).start()


def rebuild_of(works: Plant, found: Mapping[str, Domain], name: str) -> Rebuilding:
    return Rebuilding(works.ports, next(one for one in sinks_of(found) if one.name == name))


def test_what_another_process_meets_is_said_as_if_it_were_met_here(works: Plant) -> None:
    lively(works)

    def lost(at: Standing) -> None:
        for one in at.files:
            (works.ports.folder.path / ARCHIVE / one).unlink(missing_ok=True)

    with pytest.raises(Corrupt, match="is gone; drop this rebuild, and start it anew"):
        replace(of(works), told=lost).start()
    assert not multiprocessing.active_children()


@pytest.mark.parametrize(
    "changes",
    [
        lambda _: "raise ValueError",
        lambda _: "",
        lambda _: "import",
        lambda text: text.replace(*reversed(FIRST)),
        lambda text: f"{text}\n\nclass Sung(Event):\n    song: str\n",
    ],
    ids=["fails", "is empty", "is half written", "folds otherwise", "hears more"],
)
def test_a_file_that_is_changed_while_it_begins_is_not_folded_by(
    works: Plant, tmp_path: Path, changes: Callable[[str], str]
) -> None:
    lively(works)
    found = changed(tmp_path, *FIRST)
    file = Path(str(found["tickets"].module.__file__))
    file.write_text(changes(file.read_text("utf-8")), "utf-8")
    with pytest.raises(Unavailable, match="tickets: was changed just now; run it again"):
        by(works, found).start()
    assert not multiprocessing.active_children()


def test_a_file_that_is_a_link_is_imported_from_where_the_link_is(
    works: Plant, tmp_path: Path
) -> None:
    lively(works)
    elsewhere = tmp_path / "else" / "where"
    elsewhere.mkdir(parents=True)
    file = Path(str(changed(tmp_path, *FIRST)["tickets"].module.__file__))
    linked = folder_of(tmp_path)
    (linked / file.name).symlink_to(file.rename(elsewhere / file.name))
    new = built(by(works, discover(linked)))
    assert against(works, new).columns == {"priority": 4}


def test_what_lies_beside_the_folder_of_domains_is_not_imported_later(
    works: Plant, tmp_path: Path
) -> None:
    sink, before = by(works, changed(tmp_path, *FIRST)).sink, [*sys.path]
    at = Standing(reading=reading_of(sink.domain))
    job = Job(
        tmp_path, tmp_path, str(tmp_path), sink.domain.module.__name__, "Ticket", sink.fingerprint,
        works.into(TICKET).generation, at, 1, 2,
    )  # fmt: skip
    assert job.sink().name == TICKET
    assert sys.path == before


def test_what_the_disk_says_to_another_process_is_no_bug(works: Plant) -> None:
    lively(works)
    sink, new = works.into(TICKET).sink, works.into(TICKET).generation
    parts = tuple(Part(("main", f"t{n}"), ("main", f"t{n + 1}"), 7, 1) for n in range(2))
    at = Standing(parts=parts, reading=reading_of(sink.domain), files=("x" * 300,))
    place = works.ports.folder.path
    made = Preparing(place / ARCHIVE, works.ports.journal, sink, new, at)
    with (
        pytest.raises(Unavailable, match=r"x: File name too long$"),
        connection(place, "x") as duck,
    ):
        list(Hands(made, place, lambda _: None, 1).parts(duck))


def test_a_bug_is_told_with_where_it_was() -> None:
    try:
        raise ZeroDivisionError("of ours")
    except ZeroDivisionError as no:
        said = msgspec.msgpack.encode(failed(no))
    with pytest.raises(RuntimeError, match=r"(?s)^ZeroDivisionError: of ours\n.*test_hands\.py"):
        read(said)


@pytest.mark.parametrize("kind", [Corrupt, Unavailable, Unknown, Contended, Unfit])
def test_trouble_is_the_same_trouble_for_whoever_hears_of_it(kind: type[Exception]) -> None:
    class Closer(kind):  # type: ignore[misc, valid-type]
        """A word more than others need to know."""

    for no in (kind("as it was said"), Closer("as it was said")):
        with pytest.raises(kind, match=r"^as it was said$"):
            read(msgspec.msgpack.encode(failed(no)))


@pytest.mark.parametrize(
    ("events", "cores", "loaded", "among"),
    [
        ((500_000, 500_001), 8, 0, 2),
        ((500_000, 500_000), 8, 0, 1),
        ((2_000_000,), 8, 0, 1),
        ((400_000,) * 6, 8, 0, 4),
        ((400_000,) * 6, 3, 0, 3),
        ((400_000,) * 6, 8, 3, 3),
        ((400_000,) * 6, 8, 4, 1),
    ],
)
def test_a_few_events_are_folded_by_this_process_alone_and_more_by_four_at_most(
    works: Plant, monkeypatch: pytest.MonkeyPatch, events: tuple[int, ...], cores: int,
    loaded: int, among: int,
) -> None:  # fmt: skip
    monkeypatch.undo()
    monkeypatch.setattr(hands, "cores", lambda: cores)
    ends = [("main", str(n)) for n in range(len(events) + 1)]
    parts = tuple(Part(ends[n], ends[n + 1], many, 1) for n, many in enumerate(events))
    place = works.ports.folder.path
    sink, new = works.into(TICKET).sink, works.into(TICKET).generation
    made = Preparing(place, works.ports.journal, sink, new, Standing(parts=parts, part=loaded))
    assert Hands(made, place, lambda _: None, 1).among == among
