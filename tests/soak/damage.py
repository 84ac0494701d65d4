"""Damage, done to a good folder by SQL: what must be noticed if it ever happened by itself."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

DOUBLED = """
INSERT INTO records (tenant, domain, id, first, last, slot, published, at, command, checksum,
    answer, events)
SELECT tenant, domain, id, ?, ?, slot, 1, at, command || '+', checksum, answer, ? FROM records
WHERE place = ?
"""
COMMENTS = """
SELECT place, id, events FROM records
WHERE domain = 'tickets' AND json_extract(events, '$.type') = 'Commented' ORDER BY place
"""
SEVERAL = "SELECT key FROM bundles WHERE key GLOB ? GROUP BY key HAVING count(*) > 1 ORDER BY key"
FIRST_TWO = "SELECT sequence FROM bundles WHERE key = ? ORDER BY sequence LIMIT 2"
HEAD = "SELECT max(last) FROM records WHERE domain = 'tickets' AND id = ?"


@contextmanager
def opened(place: Path, file: str) -> Iterator[sqlite3.Connection]:
    """One of the folder's files, to be changed."""
    name = place / "data" / f"{file}.db"
    with closing(sqlite3.connect(name, isolation_level=None)) as db:
        yield db


def done(place: Path, file: str, sql: str, *values: Any) -> None:
    """A statement that changed something."""
    with opened(place, file) as db:
        assert db.execute(sql, values).rowcount > 0, f"nothing was damaged: {sql}"


def doubled(place: Path) -> str:
    """The same command decided twice; whose words they are."""
    with opened(place, "journal") as db:
        record, id, raw = db.execute(COMMENTS).fetchone()
        (head,) = db.execute(HEAD, (id,)).fetchone()
        event = json.loads(raw) | {"version": head + 1}
        db.execute(DOUBLED, (head + 1, head + 1, json.dumps(event).encode(), record))
    token: str = event["data"]["text"].split()[-1]
    return token


def swapped(place: Path, keys: str) -> str:
    """The first two bundles of one of these keys trade places on the feed; which key that is."""
    with opened(place, "journal") as db:
        key: str = db.execute(SEVERAL, (keys,)).fetchone()[0]
        (one,), (other,) = db.execute(FIRST_TWO, (key,)).fetchall()
        for old, new in ((one, 0), (other, one), (0, other)):
            db.execute("UPDATE bundles SET sequence = ? WHERE sequence = ?", (new, old))
    return key


def written(place: Path, **line: Any) -> None:
    """One more line in a ledger."""
    with (place / "ledgers" / "a0.jsonl").open("a") as ledger:
        ledger.write(json.dumps(line) + "\n")


def forgotten(place: Path, key: str) -> None:
    """A ledger without anything about this key."""
    file = place / "ledgers" / "a0.jsonl"
    kept = [line for line in file.read_text().splitlines() if f'"{key}"' not in line]
    file.write_text("\n".join(kept) + "\n")


def happened(place: Path) -> dict[str, Any]:
    """Something that a ledger was told to have happened."""
    lines = (place / "ledgers" / "a0.jsonl").read_text().splitlines()
    told = (json.loads(line) for line in lines if '"happened": true' in line)
    found: dict[str, Any] = next(told)
    return found
