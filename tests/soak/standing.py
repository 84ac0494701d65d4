"""How a folder stands while others work on it: whether everything has drained."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

WAITING = {
    "records that are not published": (
        "journal",
        "SELECT count(*) FROM records WHERE published = 0",
    ),
    "parked": ("views", "SELECT count(*) FROM parked"),
    "facts kept for what is parked": ("views", "SELECT count(*) FROM facts"),
    "changes that are not searched": ("views", "SELECT count(*) FROM changes"),
}
ENDS = "SELECT 'shard-' || shard, max(sequence) FROM bundles GROUP BY shard"
BEHIND = """
SELECT count(*) FROM generations LEFT JOIN positions
    ON positions.generation = generations.number AND positions.shard = ?
WHERE stage = 'current' AND coalesce(sequence, 0) < ?
"""


def waiting(folder: Path) -> str:
    """What has not been done yet, in words; "" where all is."""
    with (
        closing(sqlite3.connect(folder / "journal.db")) as journal,
        closing(sqlite3.connect(folder / "views.db")) as views,
    ):
        files = {"journal": journal, "views": views}
        counts = {
            what: files[file].execute(sql).fetchone()[0] for what, (file, sql) in WAITING.items()
        }
        for shard, end in journal.execute(ENDS).fetchall():
            counts[f"sinks behind on {shard}"] = views.execute(BEHIND, (shard, end)).fetchone()[0]
    return ", ".join(f"{n} {what}" for what, n in counts.items() if n)
