"""`mainstem sql`: questions to the archive: every event there ever was, and every view of them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from cli.session import Command, Session, WrongUsage, asks, refuse_nowhere
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

    There is a table of events for each domain, tickets_events, and each view in snake_case, with
    what happened until now. ticket_at('2026-06-01') is a view as it was, ticket_at_version(3) as of
    each row's version 3, ticket_rows as the last rebuild left it. Without a QUERY it says what
    there is. Moments are microseconds since 1970: make_timestamp(at).

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
    from cli.sql_files import plain

    with asking.reader(question) as reader:
        names, rows, more = reader.schema.names, list[tuple[Any, ...]](), False
        for batch in reader:
            rows += zip(*(column.to_pylist() for column in batch.columns), strict=True)
            if len(rows) > ROWS_SHOWN_MAX and not session.json:
                more = True
                break
    if session.json:
        _refuse_alike(names)
        session.answer("", [dict(zip(names, map(plain, row), strict=True)) for row in rows])
        return
    cells = [[short(plain(value)) for value in row] for row in rows[:ROWS_SHOWN_MAX]]
    session.answer(table(names, cells), None)
    if more:
        session.note(f"only the first {ROWS_SHOWN_MAX:,} rows; --to FILE takes all of them")


def _refuse_alike(names: list[str]) -> None:
    twice = [name for n, name in enumerate(names) if name in names[:n]]
    if twice:
        raise WrongUsage(f"two columns are called {twice[0]}; give one another name with AS")


def _refuse_format(session: Session, question: str | None, to: Path) -> None:
    if question is None:
        raise WrongUsage("--to says where an answer goes; say what to ask, too")
    if to.suffix not in FORMATS:
        raise WrongUsage(f"--to {to}: what is it? It ends in {' or '.join(FORMATS)}")
    if to.exists() and not session.yes:
        raise WrongUsage(f"--to {to}: is there already; --yes writes over it")
    refuse_nowhere("--to", to)


def _write(session: Session, asking: Asking, question: str, to: Path) -> None:
    from cli.sql_files import written

    with asking.reader(question) as reader:
        rows = written(reader, to)
    session.answer(f"{rows:,} rows in {to}", {"rows": rows, "file": str(to)})
