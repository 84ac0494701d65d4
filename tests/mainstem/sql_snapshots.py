"""The SQL of one view in every dialect, as it is kept beside the tests.

`python -m tests.mainstem.sql_snapshots` writes it anew: read what changed before you commit it.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from domains.tickets import Ticket
from mainstem.sql import select

FOLDER = Path(__file__).parent / "snapshots"
DIALECTS = ("duckdb", "trino", "spark")


def texts() -> Iterator[tuple[Path, str]]:
    """Each file, and what it should hold: from typed columns and from raw JSON."""
    for dialect in DIALECTS:
        for raw in (False, True):
            name = f"ticket_{dialect}{'_raw' if raw else ''}.sql"
            yield FOLDER / name, select(Ticket, dialect, raw=raw) + "\n"


def main() -> None:
    FOLDER.mkdir(exist_ok=True)
    for file, text in texts():
        file.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
