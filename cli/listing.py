"""Lists: which one is meant, and a page of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from cli.body import pairs
from cli.domains import must_be_one_of
from cli.engaged import Engaged
from cli.reading import reader
from cli.session import WrongUsage
from edge.caller import Caller
from edge.parameters import Parameters
from local.secrets import TOKENS
from mainstem._kind import Sort
from mainstem._mark import Index, Search
from mainstem._refusal import Unfit
from mainstem.protocol.change import canonical
from mainstem.protocol.drive import drive
from mainstem.sink import Sink
from queries.asked import column_kind, values_of
from queries.cursor import Bookmarks, foreign
from queries.reader import Page
from queries.shown import kinds, shown

FIRST = ("id", "key", "version")
LONG = frozenset({Sort.LIST, Sort.SET, Sort.ROWS, Sort.PYTHON})


@dataclass(frozen=True)
class Wanted:
    """What was typed."""

    words: Sequence[str]
    index: str | None
    search: str | None
    limit: int
    next: str | None
    asker: Caller | None  # None: whoever owns the folder


@dataclass(frozen=True)
class Listing:
    """Rows as they are shown, their columns in the order of a table, and where to go on."""

    headings: list[str]
    rows: list[dict[str, Any]]
    next: str | None


def listing_of(here: Engaged, sink: Sink, wanted: Wanted) -> Listing:
    """A page of the list that is meant, with all that was committed by now."""
    page_of = _listed if wanted.search is None else _found
    return page_of(here, sink, wanted)


def _listed(here: Engaged, sink: Sink, wanted: Wanted) -> Listing:
    given = pairs(wanted.words, "column")
    index = _index(sink, wanted.index, [name for name, _ in given])
    parameters = Parameters(urlencode(given, errors="surrogateescape"))
    values = canonical(values_of(sink.state, index, parameters))
    parameters.refuse_others(", ".join(index.by) or "none")
    marks = _bookmarks(here, f"{sink.name} {index.name} {values}")
    order = None if index.order is None else column_kind(sink.state, index.order)
    after = None if wanted.next is None else marks.row_place(wanted.next, order)
    _come_to(here, sink)
    who, asker = reader(here.ports, wanted.asker)
    page = drive(who.listed(sink, index, asker, values, after, wanted.limit))
    next = marks.after_row(page.next) if isinstance(page.next, tuple) else None
    return _listing(sink, page, next, (*index.by, index.order))


def _found(here: Engaged, sink: Sink, wanted: Wanted) -> Listing:
    words = wanted.search or ""
    if wanted.words:
        raise WrongUsage("--search looks at all rows; leave out either it or column=value")
    if not words.strip():
        raise WrongUsage("--search takes one word or more")
    mark = _mark(sink, wanted.index)
    marks = _bookmarks(here, f"{sink.name} {mark.name}? {words}")
    after = "" if wanted.next is None else marks.hit_place(wanted.next)
    _come_to(here, sink)
    who, asker = reader(here.ports, wanted.asker)
    try:
        page = drive(who.found(sink, mark, asker, words, after, wanted.limit))
    except Unfit:  # only the index knows which places there can be
        raise foreign() from None
    next = marks.after_hit(page.next) if isinstance(page.next, str) else None
    return _listing(sink, page, next, mark.columns)


def _bookmarks(here: Engaged, list: str) -> Bookmarks:
    """The same words as over HTTP: each goes on with the pages of the other."""
    return Bookmarks(drive(here.ports.keys.secret(TOKENS)), list)


def _come_to(here: Engaged, sink: Sink) -> None:
    if not here.come_to(sink):
        here.session.note("not all that was committed is in it yet; run it again")


def _index(sink: Sink, name: str | None, columns: Sequence[str]) -> Index:
    """The one of this name; without a name, the first that is a list by just these columns."""
    indexes = {one.name: one for one in sink.indexes}
    if name is not None:
        must_be_one_of(name, indexes, f"list of {sink.state.__name__}")
        return indexes[name]
    fits = [one for one in sink.indexes if set(one.by) == set(columns)]
    if not fits:
        by = f" by {', '.join(columns)}" if columns else ""
        raise WrongUsage(f"{sink.state.__name__} has no list{by}; there are: {_ways(sink)}")
    return fits[0]


def _ways(sink: Sink) -> str:
    ways = [" ".join((one.name, *(f"{name}=…" for name in one.by))) for one in sink.indexes]
    return ", ".join(ways) or "none"


def _mark(sink: Sink, name: str | None) -> Search:
    marks = {one.name: one for one in sink.searches}
    if not marks:
        raise WrongUsage(f"{sink.state.__name__} can't be searched")
    if name is None:
        return sink.searches[0]
    must_be_one_of(name, marks, f"search of {sink.state.__name__}")
    return marks[name]


def _listing(sink: Sink, page: Page, next: str | None, columns: Sequence[str | None]) -> Listing:
    rows = [shown(seen) for seen in page.rows]
    there = kinds(sink.state)
    plain = [name for name, kind in there.items() if kind.sort not in LONG]
    keyed = [one for one in FIRST if one != "key" or sink.state.__keys__]
    own = [one for one in columns if one is not None and one in there]
    return Listing([*dict.fromkeys([*keyed, *own, *plain])], rows, next)
