"""Clicks: what visitors of a shop look at and buy. Ingested: facts come in, no command decides."""

from __future__ import annotations

from enum import StrEnum

from mainstem import (
    Event, Happened, State, View, at, case, coalesce, count, distinct, first, flag, fold, highest,
    index, last, latest, lowest, not_, readers, role, search, size, total,
)  # fmt: skip

GLIMPSE_MS = 2_000
BARGAIN_CENTS = 1_000
SILENCE_S = 30 * 60
SESSIONS_KEPT_MAX = 20
NO_PRODUCT = "-"  # a key is never empty: some stores refuse that


class Standing(StrEnum):
    LOOKER = "looker"
    BUYER = "buyer"
    REGULAR = "regular"


# Events are stored for ever: add fields with defaults, never rename or remove.


class Viewed(Event):
    page: str
    ms: int
    product: str | None = None
    referrer: str | None = None


class Purchased(Event):
    product: str
    cents: int
    order: str


class Refunded(Event):
    product: str
    cents: int
    order: str


class Trade(State):
    """What is counted of a visitor, and of each product that the visitor meets."""

    # Facts of several producers may overtake each other, so the first heard isn't the earliest.
    first_seen_at = lowest(at(Viewed, Purchased))
    last_seen_at = highest(at(Viewed, Purchased))
    views = count(Viewed)
    glimpses = count(Viewed, where=Viewed.ms < GLIMPSE_MS)
    looked_ms = total(Viewed.ms)
    purchases = count(Purchased)
    revenue_cents = total(Purchased.cents, -Refunded.cents)


class Product(
    Trade,
    View,
    key=(coalesce(Viewed.product, NO_PRODUCT), Purchased.product, Refunded.product),
):
    """One visitor and one product. Totals over all visitors are SQL's, over these rows."""

    longest_ms = highest(Viewed.ms)
    cheapest_cents = lowest(Purchased.cents)
    paid_cents = last(Purchased.cents)
    refunded = flag(on=Refunded, off=Purchased)
    tempted = (Trade.views > 2) & (Trade.purchases == 0)

    seen_by = readers(role("analyst"))
    dearest = index(View.key, order=Trade.revenue_cents, newest_first=True)


class Visitor(Trade, View):
    """One visitor: from where, through which pages, to how much money."""

    _referrer = first(Viewed.referrer)
    _bought = distinct(Purchased.product)
    came_from = coalesce(_referrer, "direct")
    landed_on = first(Viewed.page)
    pages = distinct(Viewed.page)
    latest_pages = latest(Viewed.page, n=10)
    distinct_pages = size(pages)
    products_bought = size(_bought)
    bargains = count(Purchased, where=Purchased.cents < BARGAIN_CENTS)
    converted = flag(on=Purchased, where=Purchased.cents > 0)
    cents_per_purchase = Trade.revenue_cents // Trade.purchases
    bounced = (Trade.views == 1) & not_(converted)
    standing = case(
        (Trade.purchases > 2, Standing.REGULAR),
        (converted, Standing.BUYER),
        default=Standing.LOOKER,
    )

    seen_by = readers(role("analyst"))
    latest_first = index(standing, order=Trade.last_seen_at, newest_first=True)
    words = search(pages)


Session = tuple[int, int, int]  # started and ended, in seconds since 1970; pages
NO_SESSIONS: tuple[Session, ...] = ()


def visited(sessions: tuple[Session, ...], happened: Happened) -> tuple[Session, ...]:
    """Half an hour of silence ends a session; what arrives late belongs to the latest."""
    now = int(happened.at.timestamp())
    if not sessions or now >= sessions[0][1] + SILENCE_S:
        return ((now, now, 1), *sessions[: SESSIONS_KEPT_MAX - 1])
    (started, ended, pages), *earlier = sessions
    return ((min(started, now), max(ended, now), pages + 1), *earlier)


class Sessions(View):
    """Visits, newest first. A `fold()`, since a silence lies between two events."""

    sessions = fold(NO_SESSIONS, {Viewed: visited})

    seen_by = readers(role("analyst"))
