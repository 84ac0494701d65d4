"""Stores of one's own, which other processes can open as well."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from local import search_schema, views_schema
from local.folder import create
from local.generations import Generations
from local.intents import Intents
from local.parks import Parks
from local.rows import Rows
from local.search import Search
from local.store import Store
from tests.contracts.shelf import Shelf


def views(place: Path) -> Path:
    file = place / "views.db"
    create(file, views_schema.TABLES)
    return file


def words(place: Path) -> Path:
    file = place / "search.db"
    create(file, search_schema.TABLES)
    return file


@contextmanager
def store(file: Path) -> Iterator[Store]:
    """The file, open for a while."""
    opened = Store(file)
    try:
        yield opened
    finally:
        opened.close()


@contextmanager
def shelf(file: Path) -> Iterator[Shelf]:
    """The ports of views.db."""
    with store(file) as opened:
        yield on(opened)


def on(opened: Store) -> Shelf:
    return Shelf(Rows(opened), Parks(opened), Generations(opened), Intents(opened))


@contextmanager
def search(file: Path) -> Iterator[Search]:
    with store(file) as opened:
        yield Search(opened)
