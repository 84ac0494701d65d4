"""Lists: a view's rows in the order of an index, or all of them."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from itertools import islice

from mainstem.aggregate import Aggregate
from mainstem.ports import Generation, Listed, Place
from mainstem.sim.stores.views import NOTHING_THERE, Spot, Views, domain_of, ranked, unranked


def listed(
    views: Views,
    generation: Generation,
    tenant: str,
    index: str,
    values: str,
    after: Place | None,
    limit: int,
    newest_first: bool,
) -> tuple[Listed, ...]:
    """A page of one list. An entry without a row is not shown."""
    spots = views.lists.get((generation.number, tenant, index, values), ())
    found = _shown(views, generation, tenant, _behind(spots, after, newest_first))
    return tuple(islice(found, limit))


def _behind(spots: tuple[Spot, ...], after: Place | None, newest_first: bool) -> tuple[Spot, ...]:
    """Those not told yet, in the order they are told."""
    if after is None:
        return spots[::-1] if newest_first else spots
    spot = (ranked(after.order), after.id, after.key)
    if newest_first:
        return spots[: bisect_left(spots, spot)][::-1]
    return spots[bisect_right(spots, spot) :]


def _shown(
    views: Views, generation: Generation, tenant: str, spots: tuple[Spot, ...]
) -> Iterator[Listed]:
    number, domain = generation.number, domain_of(generation)
    for rank, id, key in spots:
        aggregate = Aggregate(tenant, domain, id)
        head = views.rows.get((number, aggregate), NOTHING_THERE)
        cells = head.rows.get(key)
        if cells is not None:
            yield Listed(aggregate, key, head.version, cells, Place(unranked(rank), id, key))


def every(
    views: Views, generation: Generation, after: tuple[str, str, str], limit: int
) -> tuple[Listed, ...]:
    """A page of all rows of a generation, in the order of tenants, ids and keys."""
    owners = sorted(
        (aggregate.tenant, aggregate.id, aggregate)
        for number, aggregate in views.rows
        if number == generation.number and (aggregate.tenant, aggregate.id) >= after[:2]
    )
    found = (
        Listed(aggregate, key, head.version, head.rows[key], Place(None, id, key))
        for tenant, id, aggregate in owners
        for head in (views.rows[generation.number, aggregate],)
        for key in sorted(head.rows)
        if (tenant, id, key) > after
    )
    return tuple(islice(found, limit))
