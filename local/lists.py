"""Lists: a view's rows in the order of an index, or all of them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from local.change import NO_ORDER, ranked
from local.generations import domain_of
from local.store import Store
from mainstem.aggregate import Aggregate
from mainstem.ports import Generation, Listed, Place

LISTED = """SELECT e."order", e.id, e.key, h.version,
        CASE e.key WHEN '' THEN h.cells ELSE r.cells END AS shown
    FROM entries e
    CROSS JOIN heads h ON h.generation = e.generation AND h.tenant = e.tenant AND h.id = e.id
    LEFT JOIN rows r ON e.key > '' AND r.generation = e.generation AND r.tenant = e.tenant
        AND r.id = e.id AND r.key = e.key
    WHERE e.generation = ? AND e.tenant = ? AND e."index" = ? AND e."values" = ?"""
OLDEST_FIRST = f"""{LISTED} AND (e."order", e.id, e.key) > (?, ?, ?) AND shown IS NOT NULL
    ORDER BY e."order", e.id, e.key LIMIT ?"""
NEWEST_FIRST = f"""{LISTED} AND (e."order", e.id, e.key) < (?, ?, ?) AND shown IS NOT NULL
    ORDER BY e."order" DESC, e.id DESC, e.key DESC LIMIT ?"""
# SQLite puts numbers before texts and texts before bytes.
LOWEST, HIGHEST = (float("-inf"), "", ""), (b"\xff", "", "")
# Of a view with keys hardly a head has cells: beyond where the page ends nobody looks for some. No
# text comes behind bytes, so where there is no full page of rows all heads are looked at.
EVERY = """WITH keyed AS MATERIALIZED (
        SELECT r.tenant, r.id, r.key, h.version, r.cells FROM rows r CROSS JOIN heads h
            ON h.generation = r.generation AND h.tenant = r.tenant AND h.id = r.id
        WHERE r.generation = ?1 AND (r.tenant, r.id, r.key) > (?2, ?3, ?4)
        ORDER BY r.tenant, r.id, r.key LIMIT ?5),
    ends AS MATERIALIZED (
        SELECT tenant, id FROM keyed ORDER BY tenant, id, key LIMIT 1 OFFSET ?5 - 1)
    SELECT tenant, id, '' AS key, version, cells FROM heads
    WHERE generation = ?1 AND (tenant, id) > (?2, ?3) AND cells IS NOT NULL AND (tenant, id) <=
        (coalesce((SELECT tenant FROM ends), x''), coalesce((SELECT id FROM ends), x''))
    UNION ALL SELECT * FROM keyed ORDER BY 1, 2, 3 LIMIT ?5"""


def listed(
    store: Store,
    generation: Generation,
    tenant: str,
    index: str,
    values: str,
    after: Place | None,
    limit: int,
    newest_first: bool,
) -> tuple[Listed, ...]:
    """One range of one clustered key: as quick on the last page as on the first."""
    sql, start = (NEWEST_FIRST, HIGHEST) if newest_first else (OLDEST_FIRST, LOWEST)
    place = start if after is None else (ranked(after.order), after.id, after.key)
    found = store.rows(sql, generation.number, tenant, index, values, *place, limit)
    domain = domain_of(generation)
    return tuple(_listed(Aggregate(tenant, domain, row[1]), *row) for row in found)


def every(
    store: Store, generation: Generation, after: tuple[str, str, str], limit: int
) -> tuple[Listed, ...]:
    """All rows of a generation, in the order of tenants, ids and keys."""
    number, domain = generation.number, domain_of(generation)
    found = store.rows(EVERY, number, *after, limit)
    return tuple(_every(domain, found))


def _every(domain: str, found: Iterable[Any]) -> Iterable[Listed]:
    for tenant, id, key, version, cells in found:
        yield _listed(Aggregate(tenant, domain, id), None, id, key, version, cells)


def _listed(
    aggregate: Aggregate, order: Any, id: str, key: str, version: int, cells: bytes
) -> Listed:
    place = Place(None if order == NO_ORDER else order, id, key)
    return Listed(aggregate, key, version, cells, place)
