"""Rebuilding: rows from the archive, as they were by the feed; and nothing follows from them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from archive.places import RAW, raw_names
from domains.channels import Create, Join, Send
from domains.tickets import Rename, Submit
from local.archiving import ARCHIVE, Archiver
from local.lanes import lanes_of
from local.promoting import Promoting
from local.rebuilding import Busy, Paused
from mainstem.ports import Corrupt
from mainstem.protocol import loading
from mainstem.protocol.drive import drive
from mainstem.protocol.rebuild import Step
from replay.diff import diff
from tests.local.rebuilds import (
    FIRST,
    INTENTS,
    TICKET,
    VISITOR,
    against,
    by,
    changed,
    lively,
    of,
    pinned,
    unarchived,
)
from tests.protocol.plant import Plant, plant

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("in_small_parts")]


class Killed(BaseException):
    """The process ended here."""


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
    unarchived(works)
    for n in range(3):
        works.ask("tickets", Rename(title="Fire"), f"t{n}")
    works.engine.catch_up()
    new = of(works).start()
    at = of(works).stands(new)
    assert at is not None
    assert (at.done.dirty, at.done.rows) == (3, 3)
    assert against(works, new).clean


def test_rows_that_come_from_the_journal_are_counted_key_by_key(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(loading, "ROWS_A_PAGE", 2)
    with plant(tmp_path / "data", "channels") as works:
        works.settle()
        for id in ("a", "b"):
            for command in (Create(name=id), Join()):
                works.ask("channels", command, id)
            works.ask("channels", Send(text="Hello"), id)
        Archiver(works.ports).catch_up()
        archive = works.ports.folder.path / ARCHIVE
        for name in raw_names(archive):
            (archive / RAW / name).unlink()
        for text in ("Is it me", "you're looking for?", "No"):
            works.ask("channels", Send(text=text), "a")
        works.engine.catch_up()
        new = of(works, "channels.Message").start()
        at = of(works, "channels.Message").stands(new)
        assert at is not None
        assert (at.done.dirty, at.done.rows) == (1, 4)


def test_facts_that_the_archive_lacks_stop_it(works: Plant) -> None:
    lively(works)
    unarchived(works)
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


def test_one_builds_at_a_time(works: Plant) -> None:
    lively(works)
    with of(works).alone():
        assert of(works).worked_on()
        with pytest.raises(Busy, match=r"tickets.Ticket: process \d+ is rebuilding"):
            of(works).start()
    assert not of(works).worked_on()


def test_what_is_ready_comes_up_once_more(works: Plant) -> None:
    lively(works, tickets=2)
    new = of(works).start()
    lively(works, first=2, tickets=2)
    assert against(works, new).on_their_way == 2
    assert of(works).start().number == new.number
    found = against(works, new)
    assert (found.clean, found.same, found.on_their_way) == (True, 4, 0)


@pytest.mark.parametrize("sink", [TICKET, VISITOR])
def test_it_never_goes_further_than_what_is_read(works: Plant, sink: str) -> None:
    lively(works, tickets=3)
    on_their_way(works, 2)
    new = of(works, sink).start()  # the archive has them by now
    on_their_way(works, 4)
    of(works, sink).come_up(new)
    found = against(works, new, sink)
    assert (found.clean, found.on_their_way) == (True, 0)
    assert found.same == len(works.shown(sink))


def on_their_way(works: Plant, first: int) -> None:
    """On the feed, and not in any row."""
    for n in range(first, first + 2):
        works.ask("tickets", Submit(title=f"Later {n}"), f"t{n}")
        works.ask("tickets", Rename(title="Fire"), f"t{n}")
        works.facts((f"v{n}", "Viewed", {"page": "/later", "ms": n}))


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


GROWN = (
    "class Reopened(Event):",
    "class Escalated(Event):\n    whom: str\n\n\nclass Reopened(Event):",
)


def test_one_whose_events_are_read_otherwise_by_now_is_begun_anew(
    works: Plant, tmp_path: Path
) -> None:
    """Its view hears nothing of what changed, so its folds are the same."""
    lively(works)

    def stopped(standing: Any) -> None:
        if standing.part == 1:
            raise Killed

    with pytest.raises(Killed):
        replace(of(works), told=stopped).start()
    half = of(works).building()
    assert half is not None
    grown = by(works, changed(tmp_path, *GROWN))
    new = grown.start()
    assert half.fingerprint == new.fingerprint
    assert half.number not in [one.number for one in grown.generations()]
    assert against(works, new).clean
    assert pinned(works) == set()


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
    assert pinned(works) == set()


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
    assert pinned(works) == set()


class Stopped(Exception):
    """Here it was given up."""


def _stop_at_folding(standing: Any) -> None:
    if standing.step is Step.FOLDING:
        raise Stopped
