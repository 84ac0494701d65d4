"""Lists and search over HTTP. Both lag a little behind the rows, and say so: `eventual`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from edge.answers import Answer, told
from edge.limits import PAGE_ROWS, PAGE_ROWS_MAX
from edge.parameters import Parameters
from edge.problems import invalid
from edge.request import Request
from mainstem._mark import Index, Search
from mainstem._refusal import Unfit
from mainstem.protocol.change import canonical
from mainstem.protocol.drive import drive
from mainstem.sink import Sink
from queries import shown
from queries.asked import column_kind, values_of
from queries.cursor import Bookmarks, foreign
from queries.reader import Page, Reader

WORDS_CHARACTERS_MAX = 200
PAGING = ("limit", "next")
RESERVED = frozenset(("index", "search", "mark", *PAGING))


@dataclass(frozen=True)
class Lists:
    """What lists are read with: a reader, and the key that `next` is sealed with."""

    reader: Reader
    key: bytes


def listed(lists: Lists, sink: Sink, request: Request) -> Answer:
    """A page of a list, or of what was found."""
    parameters = Parameters(request.query)
    if (name := parameters.take("index")) is not None:
        return _listed(lists, sink, _index(sink, name), request, parameters)
    if (words := parameters.take("search")) is not None:
        return _found(lists, sink, words, request, parameters)
    raise invalid("index", f"is missing; there are: {ways(sink)}")


def ways(sink: Sink) -> str:
    """How the rows of a view can be listed."""
    indexes = [f"index={index.name}" for index in sink.indexes]
    return ", ".join([*indexes, *(["search="] if sink.searches else [])])


def _index(sink: Sink, name: str) -> Index:
    for index in sink.indexes:
        if index.name == name:
            return index
    raise invalid("index", f"is no list of {sink.state.__name__}; there are: {ways(sink)}")


def _listed(
    lists: Lists, sink: Sink, index: Index, request: Request, parameters: Parameters
) -> Answer:
    values = canonical(values_of(sink.state, index, parameters))
    limit, word = _paging(parameters)
    parameters.refuse_others(", ".join(("index", *index.by, *PAGING)))
    marks = Bookmarks(lists.key, f"{sink.name} {index.name} {values}")
    order = None if index.order is None else column_kind(sink.state, index.order)
    after = None if word is None else marks.row_place(word, order)
    page = drive(lists.reader.listed(sink, index, request.caller, values, after, limit))
    return _paged(page, marks.after_row)


def _found(
    lists: Lists, sink: Sink, words: str, request: Request, parameters: Parameters
) -> Answer:
    mark = _mark(sink, parameters)
    limit, word = _paging(parameters)
    parameters.refuse_others(", ".join(("search", "mark", *PAGING)))
    if not words.strip() or len(words) > WORDS_CHARACTERS_MAX:
        raise invalid("search", f"is one word or more, in {WORDS_CHARACTERS_MAX} characters")
    marks = Bookmarks(lists.key, f"{sink.name} {mark.name}? {words}")
    after = "" if word is None else marks.hit_place(word)
    try:
        page = drive(lists.reader.found(sink, mark, request.caller, words, after, limit))
    except Unfit:  # only the index knows which places there can be
        raise foreign() from None
    return _paged(page, marks.after_hit)


def _mark(sink: Sink, parameters: Parameters) -> Search:
    """Which words are meant, where a view has several kinds."""
    name = parameters.take("mark")
    for mark in sink.searches:
        if mark.name == name or (name is None and len(sink.searches) == 1):
            return mark
    there = ", ".join(mark.name for mark in sink.searches) or "none"
    raise invalid("mark" if sink.searches else "search", f"is one of: {there}")


def _paging(parameters: Parameters) -> tuple[int, str | None]:
    return parameters.whole("limit", 1, PAGE_ROWS_MAX, PAGE_ROWS), parameters.take("next")


def _paged(page: Page, word: Callable[[Any], str]) -> Answer:
    rows = [shown.shown(seen) for seen in page.rows]
    next = None if page.next is None else word(page.next)
    return told({"rows": rows, "next": next, "eventual": True})
