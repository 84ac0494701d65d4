"""What Athena is told: the same tables, columns and views as here."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import sqlglot

from archive.athena import ddl
from archive.columns import schema_of, schema_of_rows
from archive.raw import SCHEMA
from mainstem.discovery import rows_name, sql_name
from tests.protocol.plant import domains

ROOT = Path(__file__).parents[2]
TWO = {name: domains()[name] for name in ("tickets", "clicks")}


def statements() -> list[str]:
    return list(ddl(TWO, "s3://BUCKET", "mainstem"))


def test_it_is_what_the_page_shows() -> None:
    """Of one domain, to be read: docs/athena.sql. Write it anew: see its first line."""
    page = (ROOT / "docs" / "athena.sql").read_text("utf-8")
    head, _, text = page.partition("\n\n")
    assert head.startswith("-- ")
    tickets = ddl({"tickets": TWO["tickets"]}, "s3://BUCKET", "mainstem")
    assert text == ";\n\n".join(tickets) + ";\n"


def test_every_view_is_there_or_says_why_not() -> None:
    text = "\n".join(statements())
    for domain in TWO.values():
        for view in domain.views.values():
            name = sql_name(view)
            assert f'VIEW "mainstem"."{name}"' in text or f"-- {name}: " in text
    assert "-- sessions: Sessions.sessions is a fold() in Python" in text


@pytest.mark.parametrize("place", range(len(statements())))
def test_every_statement_can_be_read(place: int) -> None:
    text = statements()[place]
    if text.startswith("--"):
        return
    dialect = "trino" if "VIEW" in text else "hive"
    assert sqlglot.parse_one(text, dialect=dialect) is not None


def test_tables_have_the_columns_that_are_written() -> None:
    found = statements()
    assert all(f"`{one.name}` " in found[1] for one in SCHEMA)
    for table, domain in zip(found[2:4], TWO.values(), strict=True):
        assert f"`{domain.name}_events`" in table
        assert all(f"  `{name}` " in table for name in schema_of(domain).names)


def test_rows_of_views_have_the_columns_that_are_written() -> None:
    tables = {name: text for text in statements() if (name := _rebuilt(text))}
    for domain in TWO.values():
        for view in domain.views.values():
            text = tables[rows_name(view)]
            assert re.findall(r"^  `(\w+)` ", text, re.MULTILINE) == schema_of_rows(view).names
    assert "  `sessions` string COMMENT 'folded by code, as JSON'" in tables["sessions_rows"]


def _rebuilt(text: str) -> str:
    found = re.match(r"CREATE TABLE IF NOT EXISTS `mainstem`\.`(\w+_rows)`", text)
    return found[1] if found else ""
