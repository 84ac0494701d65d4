"""Rows as lines of JSON, by id and key: a hash says whether two files of them differ."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from itertools import zip_longest
from pathlib import Path
from typing import Any

import msgspec

Row = dict[str, Any]
IDENTITY = ("tenant", "id", "key")
encoder = msgspec.json.Encoder()  # 1 is not true here, nor 1.0; what has another order differs


def put(path: Path, rows: Iterable[Row]) -> int:
    """Writes them, and says how many there are."""
    many = 0
    with path.open("wb") as file:
        for row in rows:
            file.write(encoder.encode(row) + b"\n")
            many += 1
    return many


def digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def difference(said: Mapping[str, Path]) -> str:
    """The first row that they don't agree in: its id, the columns, the value of each; or ""."""
    if len({digest(path) for path in said.values()}) == 1:
        return ""
    files = [path.open("rb") for path in said.values()]
    try:
        lines = next(some for some in zip_longest(*files) if len({*some}) > 1)
    finally:
        for file in files:
            file.close()
    return _told(dict(zip(said, map(_read, lines), strict=True)))


def _read(line: bytes | None) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(line or b"{}")
    return found


def _told(rows: Mapping[str, dict[str, Any]]) -> str:
    """Whose row it is, or whose each of them is; and what stands in the columns that differ."""
    named = {who: _named(row) for who, row in rows.items()}
    if len({*named.values()}) > 1:
        return "\n".join(["not the same row:", *(f"  {who}: {row}" for who, row in named.items())])
    columns = dict.fromkeys(name for row in rows.values() for name in row)
    odd = [one for one in columns if len({_shown(row.get(one)) for row in rows.values()}) > 1]
    told = [*named.values()][:1]
    for name in odd:
        told.append(f"  {name}")
        told += [f"    {who + ':':<13}{_shown(row.get(name))}" for who, row in rows.items()]
    return "\n".join(told if odd else [*told, "  the order of its columns"])


def _named(row: Mapping[str, Any]) -> str:
    return " ".join(f"{name}={row[name]!r}" for name in IDENTITY if name in row) or "none"


def _shown(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)
