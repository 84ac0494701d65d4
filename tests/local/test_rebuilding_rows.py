"""Rows that a rebuild has finished: whole or not there, wherever it is killed; and told of."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

import pytest

from archive import sweeping
from archive.asking import Asking
from archive.places import RAW, raw_names
from archive.rows import Finished, finished, place_of
from archive.table import Catalog
from domains.tickets import Rename
from local import rebuilding
from local.archiving import ARCHIVE, Archiver
from local.promoting import Promoting
from local.rebuilding import Rebuilding
from mainstem._state import State
from mainstem.discovery import Domain, rows_name, sql_name
from mainstem.ports import Generation
from mainstem.protocol.rebuild import Step
from replay import rows as finishing
from tests.local.rebuilds import FIRST, TICKET, VISITOR, against, by, changed, crashing, lively, of
from tests.local.test_finished_rows import read
from tests.protocol.plant import Plant

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("in_small_parts")]

SINKS = [TICKET, VISITOR, "clicks.Product", "clicks.Sessions"]


class Killed(BaseException):
    """The process ended here."""


def archive_of(works: Plant) -> Path:
    return works.ports.folder.path / ARCHIVE


def asked(works: Plant, name: str) -> list[dict[str, Any]]:
    table = Asking(archive_of(works), works.domains).table(f'FROM "{name}"')
    return sorted(table.to_pylist(), key=lambda row: [row[one] for one in KEYS if one in row])


KEYS = ("tenant", "id", "key")


def alike(works: Plant, sink: str = TICKET) -> int:
    """How many rows there are, once they are what the view says of all that is archived."""
    view = works.into(sink).sink.state
    left = [read(view, row) for row in asked(works, rows_name(view))]
    assert left == asked(works, sql_name(view))
    return len(left)


def table_of(works: Plant, view: type[State]) -> Finished | None:
    with closing(Catalog(archive_of(works))) as catalog:
        return finished(archive_of(works), catalog, view)


def files(works: Plant, sink: str = TICKET) -> list[Path]:
    place = place_of(archive_of(works), works.into(sink).sink.state)
    every = [*place.glob("data/*"), *place.glob("parts/*")]  # Iceberg sees to its metadata
    return sorted(every)


@pytest.mark.parametrize("sink", SINKS)
def test_a_rebuild_leaves_what_the_view_says(works: Plant, sink: str) -> None:
    lively(works)
    new = of(works, sink).start()
    assert alike(works, sink) == len(works.shown(sink)) > 0
    said = table_of(works, works.into(sink).sink.state)
    assert said is not None
    assert (said.folded.generation, said.folded.fingerprint) == (new.number, new.fingerprint)
    assert said.folded.events != ""
    assert len(said.files) > 1
    assert files(works, sink) == sorted(said.files)


def test_they_are_as_of_the_last_rebuild(works: Plant) -> None:
    lively(works, tickets=3)
    of(works).start()
    lively(works, first=3, tickets=2)
    assert len(asked(works, "ticket_rows")) == 3
    first = table_of(works, works.into(TICKET).sink.state)
    Promoting(of(works)).promote()
    of(works).start()
    assert alike(works) == 5
    second = table_of(works, works.into(TICKET).sink.state)
    assert first is not None
    assert second is not None
    assert first.folded.generation < second.folded.generation
    assert all(path.is_file() for path in first.files)  # whoever is reading them goes on


def test_other_folds_leave_other_rows(works: Plant, tmp_path: Path) -> None:
    lively(works, tickets=4)
    of(works).start()
    later = changed(tmp_path, *FIRST)
    by(works, later).start()
    found = {row["id"]: row["priority"] for row in asked(works, "ticket_rows")}
    assert found == {"t0": "normal", "t1": "high", "t2": "normal", "t3": "high"}
    assert "others than now" in says(works, works.domains)
    assert "those of the code at hand" in says(works, later)


def says(works: Plant, domains: Any) -> str:
    every: dict[str, Domain] = domains
    relations = Asking(archive_of(works), every).relations()
    return next(one.says for one in relations if one.name == "ticket_rows")


def test_what_the_archive_lacks_comes_from_the_journal(works: Plant) -> None:
    lively(works, tickets=5)
    Archiver(works.ports).catch_up()
    for name in raw_names(archive_of(works)):
        (archive_of(works) / RAW / name).unlink()
    lively(works, first=5, tickets=1)
    for n in range(3):
        works.ask("tickets", Rename(title="Fire"), f"t{n}")
    works.engine.catch_up()
    new = of(works).start()
    assert against(works, new).on_their_way == 2  # the archive has never heard of them
    shown = {one["id"]: one for one in works.shown(TICKET)}
    left = {one["id"]: one for one in asked(works, "ticket_rows")}
    assert sorted(left) == ["t0", "t1", "t2", "t5"]
    for id, row in left.items():
        assert {name: row[name] for name in shown[id]} == shown[id]


def test_what_the_code_fails_at_stands_as_it_was_before(works: Plant, tmp_path: Path) -> None:
    lively(works, tickets=3)
    works.ask("tickets", Rename(title="Fire"), "t1")
    works.engine.catch_up()
    failing = by(works, crashing(tmp_path))
    new = failing.start()
    left = {one["id"]: one for one in asked(works, "ticket_rows")}
    read = {one["id"]: one for one in asked(works, "ticket")}
    assert (left["t0"]["version"], left["t2"]["version"]) == (2, 2)
    assert left["t1"]["version"] == read["t1"]["version"] - 1
    assert (left["t1"]["title"], read["t1"]["title"]) == ("It burns 1", "Fire")
    assert left["t1"]["worse"] == "0"
    said = table_of(works, failing.sink.state)
    assert said is not None
    assert (said.rows, said.short, said.folded.fingerprint) == (3, 1, new.fingerprint)


def killed_at(step: str) -> Callable[[pytest.MonkeyPatch], None]:
    """Before or after one of its acts, the second time where there are several."""

    def patch(monkeypatch: pytest.MonkeyPatch) -> None:
        when, _, name = step.partition(" ")
        place = rebuilding if name == "let_go" else finishing
        act, times = getattr(place, name), 0

        def acting(*given: Any) -> Any:
            nonlocal times
            times += 1
            last = times == (2 if name in ("make", "note") else 1)
            if last and when == "before":
                raise Killed
            found = act(*given)
            if last:
                raise Killed
            return found

        monkeypatch.setattr(place, name, acting)

    return patch


ACTS = ("make", "note", "commit", "let_go")


@pytest.mark.parametrize("sink", [TICKET, "clicks.Sessions"])
@pytest.mark.parametrize("step", [f"{when} {act}" for act in ACTS for when in ("before", "after")])
def test_killed_anywhere_it_goes_on(
    works: Plant, sink: str, step: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    lively(works)
    with monkeypatch.context() as patch:
        killed_at(step)(patch)
        with pytest.raises(Killed):
            of(works, sink).start()
    new = of(works, sink).start()
    assert against(works, new, sink).clean
    assert alike(works, sink) == len(works.shown(sink)) > 0
    said = table_of(works, works.into(sink).sink.state)
    assert said is not None
    assert files(works, sink) == sorted(said.files)


def test_what_is_dropped_in_the_middle_leaves_nothing(works: Plant) -> None:
    lively(works)
    with suppress(Killed):
        Rebuilding(works.ports, of(works).sink, _killed_in_the_second_part).start()
    assert len(files(works)) == 2  # the rows of a part, and the note of it
    Promoting(of(works)).drop(_built(works).number)
    assert files(works) == []
    assert table_of(works, works.into(TICKET).sink.state) is None


def test_what_is_dropped_leaves_what_was_there_before(works: Plant) -> None:
    lively(works)
    of(works).start()
    Promoting(of(works)).promote()
    before = asked(works, "ticket_rows")
    lively(works, first=9, tickets=2)
    with suppress(Killed):
        Rebuilding(works.ports, of(works).sink, _killed_in_the_second_part).start()
    Promoting(of(works)).drop(_built(works).number)
    assert asked(works, "ticket_rows") == before


def test_what_is_given_up_is_swept_away(
    works: Plant, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lively(works)
    later = by(works, changed(tmp_path, *FIRST))
    with suppress(Killed):
        Rebuilding(works.ports, later.sink, _killed_in_the_second_part).start()
    works.ports.generations.store.write(lambda db: db.execute(GIVEN_UP))
    monkeypatch.setattr(sweeping, "ORPHAN_AGE_S", -1)
    of(works).start()
    with closing(Catalog(archive_of(works))) as catalog:
        sweeping.swept(archive_of(works), catalog, works.domains["tickets"])
    said = table_of(works, works.into(TICKET).sink.state)
    assert said is not None
    assert files(works) == sorted(said.files)


GIVEN_UP = "DELETE FROM generations WHERE stage = 'building'"


def test_a_rebuild_keeps_its_events_while_another_view_is_rebuilt(works: Plant) -> None:
    lively(works)
    with suppress(Killed):
        Rebuilding(
            works.ports, of(works, VISITOR).sink, _killed_in_the_second_part
        ).start()  # fmt: skip
    of(works, "clicks.Product").start()
    with closing(Catalog(archive_of(works))) as catalog:
        table = catalog.table("clicks")
        assert table is not None
        assert set(table.refs()) == {"main", f"rebuild-{_built(works, VISITOR).number}"}
    new = of(works, VISITOR).start()
    assert against(works, new, VISITOR).clean
    assert alike(works, VISITOR) == 5


def test_what_is_pinned_once_more_is_what_is_kept(
    works: Plant, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Killed before it noted what it had pinned, it pins whatever is newest by then."""
    lively(works)
    with monkeypatch.context() as patch:
        patch.setattr(rebuilding, "_pinned", _killed)
        with pytest.raises(Killed):
            of(works).start()
    lively(works, first=9, tickets=2)
    with suppress(Killed):
        Rebuilding(works.ports, of(works).sink, _killed_in_the_second_part).start()
    with closing(Catalog(archive_of(works))) as catalog:
        table = catalog.table("tickets")
        assert table is not None
        newest = table.current_snapshot()
        assert newest is not None
        assert table.refs()[f"rebuild-{_built(works).number}"].snapshot_id == newest.snapshot_id
    of(works).start()
    said = table_of(works, works.into(TICKET).sink.state)
    assert said is not None
    assert said.folded.events == str(newest.snapshot_id)
    assert alike(works) == 11


def _killed(*_: object) -> None:
    raise Killed


def _built(works: Plant, sink: str = TICKET) -> Generation:
    found = of(works, sink).building()
    assert found is not None
    return found


def _killed_in_the_second_part(standing: Any) -> None:
    if standing.step is Step.FOLDING and standing.part == 1:
        raise Killed
