"""Finished rows of a view as a table, `<view>_rows`: made part by part, replaced all at once.

A part's rows are files, and a note that names them; whoever makes the part once more writes the
note anew. Once every part is noted they are the table, in one commit. Until then, and where nobody
ever commits them, they belong to the snapshot of events that they were folded from: once that is
let go of, they may be swept away.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import pyarrow as pa

from archive.columns import schema_of_rows
from archive.places import TABLES
from archive.table import (
    Catalog,
    everything_of,
    location_of,
    path_of,
    places_of,
    properties_of,
)
from archive.writing import written
from edge.disk import in_words, synced
from mainstem._state import State
from mainstem.discovery import rows_name
from mainstem.fingerprint import printed
from mainstem.ports import Corrupt

if TYPE_CHECKING:
    from pyiceberg.table import Table, Transaction

DATA, PARTS = "data", "parts"
PINNED = "rebuild-{}"  # the name that keeps the events a generation is folded from
GENERATION, FOLDS, EVENTS, AS_OF, ROWS, SHORT = (
    f"mainstem.{one}" for one in ("generation", "fingerprint", "events", "as-of", "rows", "short")
)
COLUMNS = "mainstem.columns"  # of the table, as Arrow calls their types


class Made(NamedTuple):
    """One part's rows."""

    files: tuple[str, ...]  # by name
    rows: int
    short: int  # aggregates of whose events some could not be folded


class Folded(NamedTuple):
    """What a table was made of."""

    generation: int
    fingerprint: str
    events: str = ""  # the snapshot of `<domain>_events`; "" where there were none
    as_of_us: int = 0  # when that was made


class Finished(NamedTuple):
    """A view's table, and what it says of itself."""

    name: str
    schema: pa.Schema
    files: tuple[Path, ...]
    rows: int
    short: int
    folded: Folded


def place_of(archive: Path, view: type[State]) -> Path:
    """Where all that belongs to it lies."""
    return archive / TABLES / rows_name(view)


def make(archive: Path, view: type[State], batches: Iterator[pa.RecordBatch]) -> Made:
    """The files of rows, which come in order; on the disk when this returns."""
    rows = 0

    def counted() -> Iterator[pa.RecordBatch]:
        nonlocal rows
        for batch in batches:
            rows += batch.num_rows
            yield batch

    files = written(place_of(archive, view) / DATA, counted())
    return Made(tuple(path.name for path in files), rows, 0)


def note(archive: Path, view: type[State], generation: int, part: int, made: Made) -> None:
    """The part is done; on the disk when this returns."""
    path = _note(archive, view, generation, part)
    with in_words(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        draft = path.with_suffix(".new")
        with draft.open("w", encoding="utf-8") as file:
            json.dump(made._asdict(), file)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
        synced(path.parent)


def noted(archive: Path, view: type[State], generation: int, part: int) -> Made:
    """What was made of a part. Raises Corrupt where it is not what it was."""
    path = _note(archive, view, generation, part)
    try:
        found = json.loads(path.read_text("utf-8"))
        made = Made(tuple(found["files"]), found["rows"], found["short"])
    except (OSError, ValueError, KeyError, TypeError) as no:
        raise Corrupt(f"{path}: {no}; drop this rebuild, and start it anew") from None
    for name in made.files:
        if not (place_of(archive, view) / DATA / name).is_file():
            raise Corrupt(f"{path}: {name} is gone; drop this rebuild, and start it anew")
    return made


def commit(
    archive: Path, catalog: Catalog, view: type[State], folded: Folded, parts: Sequence[Made]
) -> None:
    """These rows are the table, instead of whatever was; done once however often it is asked."""
    wanted = schema_of_rows(view)
    table = catalog.begun_rows(rows_name(view), wanted)
    data = place_of(archive, view) / DATA
    files = sorted({location_of(archive, data / name) for one in parts for name in one.files})
    said = {
        GENERATION: str(folded.generation), FOLDS: folded.fingerprint, EVENTS: folded.events,
        AS_OF: str(folded.as_of_us), ROWS: str(sum(one.rows for one in parts)),
        SHORT: str(sum(one.short for one in parts)),
    }  # fmt: skip
    before = places_of(table)
    if before == files and said.items() <= properties_of(table).items():
        return
    with table.transaction() as change:
        _evolve(change, table, wanted)
        if before:
            change.delete("true")
        # The same rows lie in a file of the same name: then it goes and comes in one.
        change.add_files(files, snapshot_properties=said, check_duplicate_files=False)


def _evolve(change: Transaction, table: Table, wanted: pa.Schema) -> None:
    """Columns that go, come, or are of another type by now; the others are those they were."""
    after = [[one.name, str(one.type)] for one in wanted]
    before = json.loads(table.properties.get(COLUMNS, "[]"))
    if before == after:
        return
    kept = [name for name, kind in before if [name, kind] in after]
    with change.update_schema(allow_incompatible_changes=True) as schema:
        for name, _ in before:
            if name not in kept:
                schema.delete_column(name)
    with change.update_schema() as schema:
        schema.union_by_name(wanted)
    with change.update_schema() as schema:
        for first, then in pairwise(wanted.names):
            schema.move_after(then, first)
    columns: dict[str, Any] = {COLUMNS: json.dumps(after)}
    change.set_properties(**columns)


def finished(archive: Path, catalog: Catalog, view: type[State]) -> Finished | None:
    """A view's table; None where nobody has rebuilt it yet."""
    from pyiceberg.io.pyarrow import schema_to_pyarrow

    name = rows_name(view)
    if not place_of(archive, view).is_dir():
        return None
    table = catalog.named(name)
    said = {} if table is None else properties_of(table)
    if table is None or GENERATION not in said:
        return None
    files = tuple(path_of(archive, one) for one in places_of(table))
    folded = Folded(int(said[GENERATION]), said[FOLDS], said[EVENTS], int(said[AS_OF]))
    schema = schema_to_pyarrow(table.schema(), include_field_ids=False)
    return Finished(name, schema, files, int(said[ROWS]), int(said[SHORT]), folded)


def same_folds(one: Finished, view: type[State]) -> bool:
    """Whether the code at hand folds it as it was folded."""
    return one.folded.fingerprint == printed(view)


def forget(archive: Path, catalog: Catalog, view: type[State], generation: int) -> None:
    """What it has made and nobody has committed is gone."""
    every = list(_notes(archive, view))
    notes = [path for number, path in every if number == generation]
    table = catalog.named(rows_name(view)) if notes else None
    needed = set() if table is None else {path_of(archive, one) for one in everything_of(table)}
    # Another one's rows may be the same, and then they lie in the same file.
    needed |= {file for number, path in every if number != generation for file in _files(path)}
    for path in notes:
        for place in _files(path):
            if place not in needed:
                place.unlink(missing_ok=True)
        path.unlink(missing_ok=True)


def in_the_making(archive: Path, view: type[State], pinned: Mapping[str, Any]) -> Iterator[Path]:
    """Files of parts whose events are still kept; notes of all others are gone."""
    for number, path in _notes(archive, view):
        if PINNED.format(number) in pinned:
            yield from _files(path)
        else:
            path.unlink(missing_ok=True)


def _note(archive: Path, view: type[State], generation: int, part: int) -> Path:
    return place_of(archive, view) / PARTS / f"{generation}-{part}.json"


def _notes(archive: Path, view: type[State]) -> Iterator[tuple[int, Path]]:
    for path in (place_of(archive, view) / PARTS).glob("*-*.json"):
        number = path.name.partition("-")[0]
        if number.isdigit():
            yield int(number), path


def _files(path: Path) -> list[Path]:
    """Those that a note names; none of one that says nothing."""
    try:
        names = json.loads(path.read_text("utf-8"))["files"]
    except (OSError, ValueError, KeyError, TypeError):
        return []
    return [path.parent.parent / DATA / name for name in names]
