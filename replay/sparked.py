"""Sparked: a view that Spark folds at once, into files from which its parts are loaded one by one.

What a job has made is called by its generation's name only once all of it is there: so a job that
was ended in the middle has made nothing, and one that was not is never run again.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from archive.duck import parquet
from edge.disk import in_words, synced
from mainstem.ports import Unavailable
from mainstem.protocol.folded import Dirty, Folded
from mainstem.protocol.rebuild import Part
from replay.engines import Engine
from replay.made import sweep
from replay.parts import Whose, among, beside, in_order, within
from replay.spark import Job, Made, run
from replay.submit import submit

LEFT = "left.json"


@dataclass(frozen=True)
class Sparked:
    """What another engine would fold part by part, folded by Spark."""

    engine: Engine
    place: Path  # where what the job makes is put

    def fold(self, part: Part) -> Iterator[Folded | Dirty]:
        """The aggregates of a part, of what the job has made."""
        apart, duck = self._apart(), self.engine.duck
        where = f"WHERE {within(part)} AND NOT {among(apart)}"
        rows, ends = (f"(FROM {parquet(self._files(one))} {where})" for one in ("rows", "ends"))
        found = in_order(duck, self.engine.view, rows)
        domain = self.engine.pinned.domain
        yield from beside(duck, domain, f"FROM {ends} ORDER BY tenant, id", found)
        if apart:
            yield from self.engine.fold(part, apart)

    def make(self, meanwhile: Callable[[], None] = lambda: None) -> None:
        """Once; what `meanwhile` raises ends the job. Raises Unavailable and Unfoldable."""
        if self.place.is_dir():
            return
        by = submit()
        with in_words(self.place):
            self.place.parent.mkdir(parents=True, exist_ok=True)
            sweep(self.place)
            draft = self.place.with_name(f"{self.place.name}.{uuid.uuid4().hex}")
            draft.mkdir()
            job = self._job(draft)
            _refuse_half(job, run(job, by, meanwhile))
            for path in (*draft.rglob("*"), draft):
                synced(path)
            draft.rename(self.place)
            synced(self.place.parent)

    def _job(self, draft: Path) -> Job:
        engine, left = self.engine, list[Whose]()
        lanes = None
        if engine.cut is not None:
            lanes, left = draft / "lanes.parquet", list(engine.cut.parked)
            engine.cut.written(engine.pinned, lanes)
        (draft / LEFT).write_text(json.dumps(left), "utf-8")
        pinned = engine.pinned
        return Job(engine.view, pinned.domain, pinned.files, draft, making=True, lanes=lanes)

    def _apart(self) -> Collection[Whose]:
        """Whose facts waited when the job began, or wait now: how far they count may change."""
        cut = self.engine.cut
        if cut is None:
            return ()
        left = json.loads((self.place / LEFT).read_text("utf-8"))
        return {*((tenant, id) for tenant, id in left), *cut.parked}

    def _files(self, what: str) -> list[Path]:
        return _parts(self.place / what)


def _parts(folder: Path) -> list[Path]:
    return sorted(folder.glob("part-*.parquet"))


def _refuse_half(job: Job, made: Made) -> None:
    """What a command brings from elsewhere may be less than the job says it has made."""
    every = (
        ("rows", job.rows, made.rows), ("ends", job.ends, made.ends),
        ("finished rows", job.shown, made.shown),
    )  # fmt: skip
    for name, folder, many in every:
        try:
            found = sum(pq.read_metadata(one).num_rows for one in _parts(folder))
        except pa.ArrowInvalid as no:
            raise Unavailable(f"{folder}: {no}") from None
        if found != many:
            text = f"it has made {many:,} {name}, and {found:,} are there"
            raise Unavailable(f"{job.view.__name__} by Spark: {text}")
