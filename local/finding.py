"""Finding: the documents of one scope that have all of the words, page by page."""

from __future__ import annotations

import json

from local.asked import asked
from local.store import Store
from mainstem._refusal import Unfit
from mainstem.ports import Generation, Hit

DOCUMENT_BITS = 32
DOCUMENTS_MAX = 2**DOCUMENT_BITS - 1

SCOPE = "SELECT number FROM scopes WHERE generation = ? AND tenant = ? AND mark = ?"
# Weights of words change with every document, so a page goes on after the last hit as it is weighed
# now; only where that one is gone, after what it weighed then.
FIND = """WITH hits AS MATERIALIZED (
        SELECT d.id, d.key, bm25(words) AS weight
        FROM words CROSS JOIN documents d ON d.number = words.rowid & ?4
        WHERE words MATCH ?1 AND words.rowid BETWEEN ?2 AND ?3)
    SELECT id, key, weight FROM hits
    WHERE ?5 IS NULL OR (weight, id, key) > (coalesce(
        (SELECT weight FROM hits WHERE id = ?6 AND key = ?7), ?5), ?6, ?7)
    ORDER BY weight, id, key LIMIT ?8"""
NOWHERE = (None, "", "")


def place_of(scope: int, document: int) -> int:
    """Where a document's words stand in the index: behind each other, scope by scope."""
    assert 0 < document <= DOCUMENTS_MAX
    return scope << DOCUMENT_BITS | document


def found(
    store: Store,
    generation: Generation,
    scope: tuple[str, str],
    words: str,
    after: str,
    limit: int,
) -> tuple[Hit, ...]:
    """Best first, then in the order of ids and keys. `after` is a hit's place, or Unfit."""
    place = _opened(after) if after else NOWHERE
    question, known = asked(words), store.row(SCOPE, generation.number, *scope)
    if not question or known is None:
        return ()
    first, last = place_of(known[0], 1), place_of(known[0], DOCUMENTS_MAX)
    hits = store.rows(FIND, question, first, last, DOCUMENTS_MAX, *place, limit)
    return tuple(_hit(*one) for one in hits)


def _hit(id: str, key: str, weight: float) -> Hit:
    return Hit(id, key, json.dumps([weight, id, key], ensure_ascii=False))


def _opened(place: str) -> tuple[float, str, str]:
    try:
        weight, id, key = json.loads(place)
        f"{id}{key}".encode()  # a lone surrogate is no text
    except (TypeError, ValueError, RecursionError):
        weight = id = key = None
    if isinstance(weight, float) and isinstance(id, str) and isinstance(key, str):
        return weight, id, key
    raise Unfit("after: no place where a page of hits ended")
