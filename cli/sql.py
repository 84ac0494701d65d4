"""`mainstem sql`: questions to the archive: every event there ever was, and every view of them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from cli.session import Command, Session, WrongUsage, asks
from cli.tables import short, table

if TYPE_CHECKING:
    from archive.asking import Asking

ROWS_SHOWN_MAX = 1_000
FORMATS = (".parquet", ".csv", ".arrow")


@click.command(cls=Command)
@click.argument("question", metavar="[QUERY]", required=False)
@click.option("--to", metavar="FILE", type=click.Path(path_type=Path, dir_okay=False),
              help="Write all of the answer to a .parquet, .csv or .arrow file.")  # fmt: skip
@asks
def sql(session: Session, question: str | None, to: Path | None) -> None:
    """Ask the archive in SQL (DuckDB's), to read and nothing else.

    There is a table of events for each domain, tickets_events, and each view under its name in
    snake_case, computed from them by its folds. ticket_at('2026-06-01') is the view as it was then,
    ticket_at_version(3) as of each row's version 3. What happened until now is in the answer.
    Without a QUERY it says what there is. Moments are microseconds since 1970: make_timestamp(at).

    \b
    Examples:
      mainstem sql
      mainstem sql "SELECT status, count(*) FROM ticket GROUP BY ALL"
      mainstem sql "FROM tickets_events WHERE id = '7f2'" --to history.parquet
    """
    from archive.asking import Asking
    from cli.engaged import engaged
    from local.archiving import ARCHIVE
    from local.asking import archived

    if to is not None:
        _refuse_format(session, question, to)
    with engaged(session) as at:
        archived(at.ports)
    asking = Asking(session.folder / ARCHIVE, at.domains)
    if question is None:
        _describe(session, asking)
    elif to is None:
        _show(session, asking, question)
    else:
        _write(session, asking, question, to)


def _describe(session: Session, asking: Asking) -> None:
    from archive.relations import columns_of

    said, lines = {}, list[str]()
    for one in asking.relations():
        columns = columns_of(one)
        said[one.name] = {"says": one.says, "columns": columns}
        lines += [f"{one.name}: {one.says}", *(f"  {n}: {text}" for n, text in columns.items()), ""]
    session.answer("\n".join(lines).rstrip(), said)


def _show(session: Session, asking: Asking, question: str) -> None:
    found = asking.table(question)
    if session.json:
        session.answer("", _plain(found.to_pylist()))
        return
    rows = _plain(found.slice(0, ROWS_SHOWN_MAX).to_pylist())
    cells = [[short(value) for value in row.values()] for row in rows]
    session.answer(table(found.column_names, cells), None)
    if found.num_rows > ROWS_SHOWN_MAX:
        session.note(f"{found.num_rows - ROWS_SHOWN_MAX:,} more rows; --to FILE takes all of them")


def _plain(value: Any) -> Any:
    """As JSON has it: maps as objects, days and moments as text."""
    from datetime import date
    from decimal import Decimal

    if isinstance(value, dict):
        return {name: _plain(one) for name, one in value.items()}
    if isinstance(value, list):
        if value and all(isinstance(one, tuple) for one in value):  # a map, as Arrow has it
            return {name: _plain(one) for name, one in value}
        return [_plain(one) for one in value]
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    return value


def _refuse_format(session: Session, question: str | None, to: Path) -> None:
    if question is None:
        raise WrongUsage("--to says where an answer goes; say what to ask, too")
    if to.suffix not in FORMATS:
        raise WrongUsage(f"--to {to}: what is it? It ends in {' or '.join(FORMATS)}")
    if to.exists() and not session.yes:
        raise WrongUsage(f"--to {to}: is there already; --yes writes over it")


def _write(session: Session, asking: Asking, question: str, to: Path) -> None:
    from cli.sql_files import written

    with asking.reader(question) as reader:
        rows = written(reader, to)
    session.answer(f"{rows:,} rows in {to}", {"rows": rows, "file": str(to)})
