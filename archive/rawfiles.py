"""Raw objects before they are relied on: whole, ours, in their place, and known by their bytes."""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import blake2b
from pathlib import Path
from typing import NamedTuple

from archive.places import RAW, hour_of
from archive.raw import SCHEMA
from mainstem.ports import Corrupt

CHUNK_BYTES = 4 * 1024 * 1024
DIGEST_BYTES = 16


class RawFile(NamedTuple):
    """One raw object, as it was when it was consumed."""

    name: str  # below raw/
    size: int
    digest: str
    rows: int  # of all domains


def looked_into(archive: Path, name: str) -> RawFile:
    """What it is. Raises Corrupt, naming it and what is wrong."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    path = archive / RAW / name
    try:
        about = pq.read_metadata(path)
    except FileNotFoundError:
        raise Corrupt(f"{path}: is not there any more; raw objects stay for ever") from None
    except (pa.ArrowException, OSError, ValueError) as no:
        raise Corrupt(f"{path}: is truncated, or no Parquet: {no}") from None
    _refuse_foreign(path, about.schema.to_arrow_schema())
    _refuse_misplaced(path, name, about)
    return RawFile(name, path.stat().st_size, digest_of(path), about.num_rows)


def digest_of(path: Path) -> str:
    """Of its bytes."""
    digest = blake2b(digest_size=DIGEST_BYTES)
    with path.open("rb", buffering=0) as file:
        while chunk := file.read(CHUNK_BYTES):
            digest.update(chunk)
    return digest.hexdigest()


def _refuse_foreign(path: Path, found: Sequence[object]) -> None:
    there = {one.name: one.type for one in found}  # type: ignore[attr-defined]
    for column in SCHEMA:
        if column.name not in there:
            raise Corrupt(f"{path}: is no raw object: the column {column.name} is missing")
        if there[column.name] != column.type:
            said = f"{column.name} is {there[column.name]}, not {column.type}"
            raise Corrupt(f"{path}: is no raw object: {said}")


def _refuse_misplaced(path: Path, name: str, about: object) -> None:
    """The path is that of the oldest record's arrival."""
    place = about.schema.to_arrow_schema().names.index("arrived")  # type: ignore[attr-defined]
    groups = range(about.num_row_groups)  # type: ignore[attr-defined]
    columns = [about.row_group(n).column(place).statistics for n in groups]  # type: ignore[attr-defined]
    oldest = min((one.min for one in columns if one is not None and one.has_min_max), default=None)
    if oldest is not None and not name.startswith(f"{hour_of(oldest)}/"):
        raise Corrupt(f"{path}: lies in another hour than its oldest event, {hour_of(oldest)}")
