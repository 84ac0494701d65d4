"""SEARCH: documents derived from a view's rows, by their change stream; never in the views' way."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from mainstem._refusal import Unfit
from mainstem.aggregate import Aggregate
from mainstem.ports import Document, Generation, Generations, Rows, Search
from mainstem.sink import Sink

CHANGES_PER_STEP_MAX = 500
SEARCHED = "searched"  # how far, in places of the change stream


async def follow(
    sink: Sink, generation: Generation, generations: Generations, rows: Rows, search: Search
) -> int:
    """Indexes the next changes, and says how many there were.

    The document is of the row as it is now, with the version it has now: whichever of two comes
    later, the newer one stays. What is put twice is put once.
    """
    after = int(await generations.noted(generation, SEARCHED) or 0)
    changes = await rows.changes(generation, after, CHANGES_PER_STEP_MAX)
    if not changes:
        return 0
    touched = dict.fromkeys((one.aggregate, one.key) for one in changes)
    documents = [await _document(sink, generation, rows, *one) for one in touched]
    await search.put(generation, documents)
    await generations.note(generation, SEARCHED, str(changes[-1].place))
    await rows.forget(generation, changes[-1].place)
    return len(changes)


async def _document(
    sink: Sink, generation: Generation, rows: Rows, aggregate: Aggregate, key: str
) -> Document:
    head = await rows.read(generation, aggregate, (key,))
    cells = head.rows.get(key)
    words = None if cells is None else _words(sink, aggregate, key, cells)
    return Document(aggregate.tenant, aggregate.id, key, head.version, words)


def _words(sink: Sink, aggregate: Aggregate, key: str, cells: bytes) -> Mapping[str, str]:
    identity = {"id": aggregate.id, **({"key": key} if sink.state.__keys__ else {})}
    try:
        row = sink.state.__machine__.finish(msgspec.json.decode(cells), **identity)
    except Unfit:
        return {}  # a row that can't be shown has no words, and keeps no other from having them
    return {
        mark.name: " ".join(_text(row[column]) for column in mark.columns) for mark in sink.searches
    }


def _text(value: Any) -> str:
    return " ".join(value) if isinstance(value, list) else value or ""
