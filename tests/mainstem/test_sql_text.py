"""The SQL of views: one statement in each dialect, read back by sqlglot as it was written."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlglot
from sqlglot import exp

from domains.tickets import Ticket
from mainstem import State, Unsupported
from mainstem.discovery import discover
from mainstem.laws import in_python
from mainstem.sql import select
from tests.mainstem.choir import Choir
from tests.mainstem.sql_snapshots import DIALECTS, FOLDER, texts
from tests.mainstem.written import bakery

DOMAINS = Path(__file__).parents[2] / "domains"


def read_back(text: str, dialect: str) -> exp.Expr:
    (tree,) = sqlglot.parse(text, dialect=dialect)
    assert tree is not None
    assert tree.sql(dialect, pretty=True) == text
    return tree


def in_sql() -> Iterator[Any]:
    """Every state of every domain that SQL can say."""
    for domain in discover(DOMAINS).values():
        for name, state in domain.states.items():
            if not in_python(state):
                yield pytest.param(state, id=f"{domain.name}.{name}")


@pytest.mark.parametrize(
    ("file", "text"), [pytest.param(file, text, id=file.stem) for file, text in texts()]
)
def test_a_view_reads_as_it_did_when_somebody_last_looked(file: Path, text: str) -> None:
    assert text == file.read_text(encoding="utf-8"), (
        "read the difference; `python -m tests.mainstem.sql_snapshots` keeps it"
    )


def test_no_snapshot_is_left_over() -> None:
    assert {file.name for file in FOLDER.iterdir()} == {file.name for file, _ in texts()}


@pytest.mark.parametrize("dialect", DIALECTS)
@pytest.mark.parametrize("state", list(in_sql()))
def test_every_view_is_one_statement_that_is_read_back_without_loss(
    state: type[State], dialect: str
) -> None:
    for raw in (False, True):
        tree = read_back(select(state, dialect, raw=raw), dialect)
        assert isinstance(tree, exp.Select)
        shown = [c.name for c in state.__columns__.values() if not c.private]
        assert [one.alias_or_name for one in tree.selects][-len(shown) :] == shown


NASTY = (
    *("it's", '"', "\\", "a\\'b", "%", "_", "{x}", "--", "/*", ";", "\n", "\t", "李", "😀", ""),
    *("$1", "?", ":x", "@x", "\\n", "' OR 1=1 --"),
)


@pytest.mark.parametrize("dialect", DIALECTS)
def test_texts_of_a_domain_are_literals_and_nothing_else(dialect: str) -> None:
    lines = [f"    c{n} = last(says({text!r}, Baked))" for n, text in enumerate(NASTY)]
    lines += [
        f"    d{n} = count(Baked, where=Baked.cake == {text!r})" for n, text in enumerate(NASTY)
    ]
    with bakery("\n".join(["class Plate(View):", *lines])) as module:
        tree = read_back(select(module.Plate, dialect), dialect)
    literals = {one.this for one in tree.find_all(exp.Literal) if one.is_string}
    assert literals == {*NASTY, "Baked"}


KEYWORDS = "select where order group table null true case end join user date map".split()


@pytest.mark.parametrize("dialect", DIALECTS)
def test_names_that_sql_knows_are_quoted(dialect: str) -> None:
    fields = "\n".join(f"    {word}: str = ''" for word in KEYWORDS)
    columns = "\n".join(f"    {word} = last(Odd.{word})" for word in KEYWORDS)
    with bakery(f"class Odd(Event):\n{fields}\n\n\nclass Select(View):\n{columns}\n") as module:
        tree = read_back(select(module.Select, dialect), dialect)
    named = [one for one in tree.find_all(exp.Identifier) if one.name in KEYWORDS]
    assert len(named) >= 2 * len(KEYWORDS)
    assert all(one.quoted for one in named)


def test_the_table_may_be_another() -> None:
    for text, table in [
        (select(Ticket), "tickets_events"),
        (select(Ticket, raw=True), "raw"),
        (select(Ticket, source="old_events"), "old_events"),
        (select(Ticket, raw=True, source="old"), "old"),
    ]:
        tree = sqlglot.parse_one(text, dialect="duckdb")
        assert table in {one.name for one in tree.find_all(exp.Table)}


def test_a_fold_in_python_is_refused_by_name() -> None:
    for dialect in DIALECTS:
        with pytest.raises(Unsupported, match=r"Choir\.breath is a fold\(\) in Python"):
            select(Choir, dialect)


@pytest.mark.parametrize("dialect", DIALECTS)
def test_upcasts_in_python_are_refused_by_name_where_raw_is_read(dialect: str) -> None:
    text = "@upcast(Eaten, of=1)\ndef eaten_2(data): return data\n\n\n"
    plate = "class Plate(View):\n    eaten = total(Eaten.slices)\n    baked = count(Baked)\n"
    with bakery(text + plate) as module:
        select(module.Plate, dialect)
        with pytest.raises(Unsupported, match="Eaten"):
            select(module.Plate, dialect, raw=True)


@pytest.mark.parametrize("dialect", DIALECTS)
def test_a_count_of_rows_inside_rows_is_refused_by_name(dialect: str) -> None:
    text = (
        "class Tray(State, key=Baked.oven):\n    shelves = keyed(Tin)\n\n\n"
        "class Plate(View):\n    trays = keyed(Tray)\n"
        "    full = size(trays, where=size(Tray.shelves, where=Tin.slices > 1) > 2)\n"
    )
    tin = "class Tin(State, key=Baked.cake):\n    slices = total(Baked.slices)\n\n\n"
    with bakery(tin + text) as module, pytest.raises(Unsupported, match="rows inside rows"):
        select(module.Plate, dialect)
