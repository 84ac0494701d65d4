"""Rebuilding: rows from the archive, as they were by the feed; and nothing follows from them."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from archive.places import RAW, raw_names
from archive.table import Catalog
from domains.tickets import Comment, Prioritize, Rename, Submit, Watch
from local import rebuilding
from local.archiving import ARCHIVE, Archiver
from local.lanes import lanes_of
from local.promoting import Promoting, Unready
from local.rebuilding import Busy, Paused, Rebuilding
from mainstem._refusal import Unfit
from mainstem.discovery import Domain, discover
from mainstem.ports import Corrupt, Generation, Stage
from mainstem.protocol.drive import drive
from replay.diff import Diff, diff
from replay.standing import Step
from tests.cli.desk import DOMAINS, ROOT
from tests.cli.desk import domains as folder_of
from tests.protocol.plant import Plant, plant

TICKET, VISITOR = "tickets.Ticket", "clicks.Visitor"
INTENTS = "SELECT count(*) FROM intents"
FIRST = ("last(Prioritized.priority, default=", "first(Prioritized.priority, default=")


@pytest.fixture(autouse=True)
def in_small_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rebuilding, "EVENTS_A_PART", 7)
    monkeypatch.setattr(rebuilding, "AGGREGATES_A_WRITE", 2)


@pytest.fixture
def works(tmp_path: Path) -> Iterator[Plant]:
    with plant(tmp_path / "data", "tickets", "clicks") as made:
        made.settle()
        yield made


def lively(works: Plant, tickets: int = 9, first: int = 0) -> None:
    """Some tickets and some visitors, shown as far as they are."""
    for n in range(first, first + tickets):
        works.ask("tickets", Submit(title=f"It burns {n}"), f"t{n}")
        works.ask("tickets", Comment(text="this is bad"), f"t{n}", by="bob")
        if n % 2:
            works.ask("tickets", Prioritize(priority="high"), f"t{n}")
            works.ask("tickets", Prioritize(priority="low"), f"t{n}")
    works.facts(*((f"v{n % 5}", "Viewed", {"page": f"/{n}", "ms": n}) for n in range(20)))
    works.engine.catch_up()


def changed(place: Path, *change: str, name: str = "tickets") -> Mapping[str, Domain]:
    """The same domains, of which one says something else by now."""
    before, after = change
    text = (DOMAINS / f"{name}.py").read_text("utf-8")
    assert before in text
    others = {
        file.stem: file.read_text("utf-8")
        for file in DOMAINS.glob("[!_]*.py")
        if file.stem in ("clicks", "tickets")
    }
    text = text.replace(before, after)
    if "unique(" in after:
        text = text.replace("says, search, total,", "says, search, total, unique,", 1)
    return discover(folder_of(place, **{**others, name: text}))


def of(works: Plant, sink: str = TICKET) -> Rebuilding:
    return Rebuilding(works.ports, works.into(sink).sink)


def by(works: Plant, found: Mapping[str, Domain]) -> Rebuilding:
    """The same view as other code folds it."""
    from mainstem.sink import sinks_of

    (sink,) = (one for one in sinks_of(found) if one.name == TICKET)
    return Rebuilding(works.ports, sink)


def against(works: Plant, new: Generation, sink: str = TICKET) -> Diff:
    into = works.into(sink)
    return diff(into.sink, works.ports.rows, into.generation, new)


@pytest.mark.parametrize("sink", [TICKET, VISITOR, "clicks.Product", "clicks.Sessions"])
def test_what_is_built_is_what_is_read(works: Plant, sink: str) -> None:
    lively(works)
    new = of(works, sink).start()
    found = against(works, new, sink)
    assert found.clean
    assert found.same == len(works.shown(sink)) > 0
    at = of(works, sink).stands(new)
    assert at is not None
    assert len(at.parts) > 1
    assert (at.engine == "Python") == (sink == "clicks.Sessions")


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


def test_facts_are_numbered_and_placed_as_they_were(works: Plant) -> None:
    lively(works)
    new = of(works, VISITOR).start()
    store, old = works.ports.folder.views, works.into(VISITOR).generation
    assert lanes_of(store, new) == lanes_of(store, old)
    heads = "SELECT tenant, id, version, sequence, idx FROM heads WHERE generation = ? ORDER BY id"
    assert store.rows(heads, new.number) == store.rows(heads, old.number)


def test_lists_and_words_are_built_too(works: Plant) -> None:
    lively(works)
    old, new = works.into(TICKET).generation, of(works).start()
    entries = 'SELECT "index", "values", "order", id, key FROM entries WHERE generation = ?'
    store = works.ports.folder.views
    assert set(store.rows(entries, new.number)) == set(store.rows(entries, old.number))
    hits = drive(works.ports.search.find(new, "main", "words", "burns", "", 100))
    assert {one.id for one in hits} == {f"t{n}" for n in range(9)}


def test_nothing_follows_from_it(tmp_path: Path) -> None:
    with plant(tmp_path / "data", "tickets") as works:
        works.settle()
        for n in range(5):
            works.ask("tickets", Submit(title="It burns"), f"t{n}")
        works.engine.catch_up()
        (before,) = works.ports.folder.views.row(INTENTS)
        loud = of(works)
        loud = replace(loud, sink=replace(loud.sink, since={}))  # whatever it hears of would fire
        loud.start()
        Promoting(loud).promote()
        assert works.ports.folder.views.row(INTENTS) == (before,)


def test_what_the_archive_lacks_comes_from_the_journal(works: Plant) -> None:
    lively(works, tickets=3)
    Archiver(works.ports).catch_up()
    archive = works.ports.folder.path / ARCHIVE
    for name in raw_names(archive):
        (archive / RAW / name).unlink()
    for n in range(3):
        works.ask("tickets", Rename(title="Fire"), f"t{n}")
    works.engine.catch_up()
    new = of(works).start()
    at = of(works).stands(new)
    assert at is not None
    assert at.done.dirty == 3
    assert against(works, new).clean


def test_facts_that_the_archive_lacks_stop_it(works: Plant) -> None:
    lively(works)
    Archiver(works.ports).catch_up()
    archive = works.ports.folder.path / ARCHIVE
    for name in raw_names(archive):
        (archive / RAW / name).unlink()
    with pytest.raises(Corrupt, match="the archive has 0 bundles of facts, and 1 were applied"):
        of(works, VISITOR).start()


def test_other_folds_are_built_beside_what_is_read(works: Plant, tmp_path: Path) -> None:
    lively(works)
    other = by(works, changed(tmp_path, *FIRST))
    new = other.start()
    assert {one["priority"] for one in works.shown(TICKET)} == {"normal", "low"}
    found = diff(other.sink, works.ports.rows, works.into(TICKET).generation, new)
    assert (found.columns, found.different, found.same) == ({"priority": 4}, 4, 5)
    Promoting(other).promote()
    lively(works, first=20, tickets=2)  # by the code before, which goes on with its own rows
    assert {one["id"] for one in works.shown(TICKET)} >= {"t20", "t21"}


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


def test_other_code_can_not_go_back(works: Plant, tmp_path: Path) -> None:
    lively(works)
    other = by(works, changed(tmp_path, *FIRST))
    other.start()
    Promoting(other).promote()
    with pytest.raises(Unready, match="was folded by other code; put the domain file back"):
        Promoting(other).rollback()
    assert Promoting(of(works)).rollback().new.fingerprint == of(works).sink.fingerprint


def test_one_builds_at_a_time(works: Plant) -> None:
    lively(works)
    with of(works).alone(), pytest.raises(Busy, match=r"tickets.Ticket: process \d+ is rebuilding"):
        of(works).start()


def test_what_is_paused_goes_on_where_it_was(works: Plant) -> None:
    lively(works)
    seen = list[int]()

    def pause(standing: Any) -> None:
        seen.append(standing.part)
        if standing.step is Step.FOLDING and standing.part == 1:
            one = of(works).building()
            assert one is not None
            of(works).pause(one)

    with pytest.raises(Paused):
        replace(of(works), told=pause).start()
    at = of(works).stands(of(works).building())  # type: ignore[arg-type]
    assert at is not None
    assert at.part == 1 < len(at.parts)
    assert against(works, of(works).start()).clean


def test_what_waits_keeps_it_from_being_read_unless_it_is_named(
    works: Plant, tmp_path: Path
) -> None:
    lively(works)
    worse = _crashing(tmp_path)
    works.ask("tickets", Rename(title="Fire"), "t3")
    works.engine.catch_up()
    other = by(works, worse)
    other.start()
    with pytest.raises(
        Unready, match=r"1 wait: tickets/t3 \(version 5: worse: the step for Renamed"
    ):
        Promoting(other).promote()
    assert Promoting(other).promote(["tickets/t3"]).new.fingerprint == other.sink.fingerprint


def _crashing(place: Path) -> Mapping[str, Domain]:
    text = (DOMAINS / "tickets.py").read_text("utf-8")
    text = text.replace("first, flag,", "first, flag, fold,", 1)
    text = text.replace(
        "    mood = total(Commented.mood)\n",
        "    mood = total(Commented.mood)\n    worse = fold(0, {Renamed: crash})\n",
    )
    text = text.replace("class Watcher(", "def crash(n: int, e: object) -> int:\n    return 1 // 0\n\n\nclass Watcher(")  # fmt: skip  # noqa: E501
    return discover(folder_of(place, tickets=text))


def test_a_rebuild_that_nobody_promoted_is_given_up_when_its_code_starts(
    works: Plant, tmp_path: Path
) -> None:
    lively(works)
    later = changed(tmp_path, *FIRST)
    new = by(works, later).start()
    with plant(works.ports.folder.path, "tickets", "clicks", found=later) as again:
        again.settle()
        numbers = [one.number for one in drive(again.ports.generations.of(TICKET))]
        assert new.number not in numbers
        assert {one["priority"] for one in again.shown(TICKET)} == {"normal", "high"}


def test_the_snapshot_is_let_go_of(works: Plant) -> None:
    lively(works)
    of(works).start()
    catalog = Catalog(works.ports.folder.path / ARCHIVE)
    table = catalog.table("tickets")
    assert table is not None
    assert set(table.refs()) == {"main"}
    catalog.close()


def test_what_waits_in_the_rows_that_are_read_causes_what_it_causes_once_it_can(
    works: Plant, tmp_path: Path
) -> None:
    """Code that can't fold an event leaves its reaction to the code that can."""
    crashing = _crashing(tmp_path)
    works.ask("tickets", Submit(title="It burns"), "t1")
    works.ask("tickets", Watch(address="https://example.org/hook"), "t1")
    works.engine.catch_up()
    with plant(works.ports.folder.path, "tickets", found=crashing) as old:
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


def test_a_view_that_claims_values_is_not_rebuilt_where_its_folds_changed(
    works: Plant, tmp_path: Path
) -> None:
    later = changed(
        tmp_path, "    words = search(title, description)",
        "    words = search(title, description)\n    one = unique(title)",
    )  # fmt: skip
    with pytest.raises(Unfit, match="claims values, and its folds changed"):
        by(works, later).start()


def test_what_waits_by_the_last_moment_keeps_it_from_being_read(
    works: Plant, tmp_path: Path
) -> None:
    lively(works)
    other = by(works, _crashing(tmp_path))
    other.start()
    works.ask("tickets", Rename(title="Fire"), "t3")
    works.engine.catch_up()
    with pytest.raises(Unready, match="1 wait: tickets/t3"):
        Promoting(other).promote()
    assert works.into(TICKET).generation.stage is Stage.CURRENT


def test_only_what_was_read_before_is_kept(works: Plant) -> None:
    lively(works)
    for _ in range(3):
        of(works).start()
        Promoting(of(works)).promote()
        works.engine.catch_up()
    stages = [one.stage for one in of(works).generations()]
    assert stages == [Stage.KEPT, Stage.CURRENT]


def test_names_of_snapshots_that_were_given_up_go(works: Plant, tmp_path: Path) -> None:
    lively(works)
    later = changed(tmp_path, *FIRST)
    with pytest.raises(Stopped):
        replace(by(works, later), told=_stop_at_folding).start()
    with plant(works.ports.folder.path, "tickets", "clicks", found=later) as again:
        again.settle()
        again.ask("tickets", Submit(title="Later"), "later")
        again.engine.catch_up()
        of(again).start()
    catalog = Catalog(works.ports.folder.path / ARCHIVE)
    table = catalog.table("tickets")
    assert table is not None
    assert set(table.refs()) == {"main"}
    catalog.close()


class Stopped(Exception):
    """Here it was given up."""


def _stop_at_folding(standing: Any) -> None:
    if standing.step is Step.FOLDING:
        raise Stopped


KILLS = """
import os, signal, sys
from pathlib import Path
from local import rebuilding
from local.adapters import adapters
from local.promoting import Promoting
from local.rebuilding import Rebuilding
from mainstem.discovery import discover
from mainstem.sink import sinks_of

folder, domains, name, moment = sys.argv[1:]
rebuilding.EVENTS_A_PART, rebuilding.AGGREGATES_A_WRITE = 7, 2
left = int(moment)

def passed(*_):
    global left
    left -= 1
    if left < 0:
        os.kill(os.getpid(), signal.SIGKILL)

ports = adapters(Path(folder))
def dying(port):
    async def one(*args):
        passed()
        done = await port(*args)
        passed()
        return done
    return one

for store, verb in ((ports.generations, "turn"), (ports.generations, "note"),
                    (ports.generations, "promote"), (ports.rows, "write")):
    object.__setattr__(store, verb, dying(getattr(store, verb)))
(sink,) = (one for one in sinks_of(discover(Path(domains))) if one.name == name)
made = Rebuilding(ports, sink, passed)
if made.kept() is None:
    made.start()
    Promoting(made).promote()
print("done")
"""


@pytest.mark.slow
@pytest.mark.parametrize("sink", [TICKET, VISITOR])
def test_killed_at_any_moment_it_is_done_by_the_next(tmp_path: Path, sink: str) -> None:
    folder, killed = tmp_path / "data", 0
    with plant(folder, "tickets", "clicks") as works:
        works.settle()
        lively(works)
        before = {one["id"]: one for one in works.shown(sink)}
    words = [sys.executable, "-c", KILLS, str(folder), str(DOMAINS), sink]
    for moment in range(400):
        said = subprocess.run(
            [*words, str(1 + moment % 23)], cwd=ROOT, capture_output=True, check=False,
            encoding="utf-8",
        )  # fmt: skip
        if said.returncode == 0:
            break
        assert said.returncode == -signal.SIGKILL, said.stderr
        killed += 1
    assert killed > 5
    with plant(folder, "tickets", "clicks") as works:
        works.settle()
        assert {one["id"]: one for one in works.shown(sink)} == before
        stages = [one.stage for one in drive(works.ports.generations.of(sink))]
        assert stages == [Stage.KEPT, Stage.CURRENT]
