"""Clicks, folded by hand: visitors, their products, their sessions, in the feed's order."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from tests.soak.found import Event
from tests.soak.own import Histories, Own, Row, added, folded, fresh, passed

GLIMPSE_MS = 2_000
BARGAIN_CENTS = 1_000
SILENCE_S = 30 * 60
SESSIONS_MAX = 20
PAGES_MAX = 10
TRADE: Row = {
    "first_seen_at": None, "last_seen_at": None, "views": 0, "glimpses": 0, "looked_ms": 0,
    "purchases": 0, "revenue_cents": 0,
}  # fmt: skip
VISITOR: Row = {
    **TRADE, "_referrer": None, "_bought": [], "landed_on": None, "pages": [], "latest_pages": [],
    "bargains": 0, "converted": False,
}  # fmt: skip
PRODUCT: Row = {
    **TRADE, "longest_ms": None, "cheapest_cents": None, "paid_cents": None, "refunded": False,
}  # fmt: skip
SESSIONS: Row = {"sessions": []}


def clicks(histories: Histories) -> list[Own]:
    """The three views."""
    return [_visitors(histories), _products(histories), _sessions(histories)]


def _visitors(histories: Histories) -> Own:
    own = Own("clicks.Visitor", VISITOR)
    for id, history in histories.items():
        row = folded(VISITOR, history, _hear_visitor)
        own.versions[id], own.rows[id, ""] = len(history), row
        own.texts[id, ""] = " ".join(row["pages"])
        if row["last_seen_at"] is not None:
            listed = json.dumps([_standing(row)])
            own.entries.add(("latest_first", listed, row["last_seen_at"], id, ""))
    return own


def _hear_visitor(row: Row, event: Event) -> None:
    _hear_trade(row, event)
    said = event.data
    if event.type == "Viewed":
        if row["_referrer"] is None:
            row["_referrer"] = said.get("referrer")
        if row["landed_on"] is None:
            row["landed_on"] = said["page"]
        row["pages"] = added(row["pages"], said["page"])
        row["latest_pages"] = [said["page"], *row["latest_pages"]][:PAGES_MAX]
    if event.type == "Purchased":
        row["_bought"] = added(row["_bought"], said["product"])
        row["bargains"] += said["cents"] < BARGAIN_CENTS
        row["converted"] = row["converted"] or said["cents"] > 0


def _hear_trade(row: Row, event: Event) -> None:
    said = event.data
    if event.type in ("Viewed", "Purchased"):
        row["first_seen_at"] = min(event.at, row["first_seen_at"] or event.at)
        row["last_seen_at"] = max(event.at, row["last_seen_at"] or event.at)
    if event.type == "Viewed":
        row["views"] += 1
        row["glimpses"] += said["ms"] < GLIMPSE_MS
        row["looked_ms"] += said["ms"]
    if event.type == "Purchased":
        row["purchases"] += 1
        row["revenue_cents"] += said["cents"]
    if event.type == "Refunded":
        row["revenue_cents"] -= said["cents"]


def _standing(row: Row) -> str:
    if row["purchases"] > 2:
        return "regular"
    return "buyer" if row["converted"] else "looker"


def _products(histories: Histories) -> Own:
    own = Own("clicks.Product", PRODUCT)
    for id, history in histories.items():
        own.versions[id] = len(history)
        for event in history:
            place = (id, event.data.get("product") or "-")
            _hear_product(own.rows.setdefault(place, fresh(PRODUCT)), event)
    own.entries |= set(_dearest(own))
    return own


def _hear_product(row: Row, event: Event) -> None:
    _hear_trade(row, event)
    said = event.data
    if event.type == "Viewed":
        row["longest_ms"] = max(said["ms"], row["longest_ms"] or 0)
    if event.type == "Purchased":
        known = row["cheapest_cents"]
        row["cheapest_cents"] = said["cents"] if known is None else min(known, said["cents"])
        row |= {"paid_cents": said["cents"], "refunded": False}
    if event.type == "Refunded":
        row["refunded"] = True
    passed(row, event)


def _dearest(own: Own) -> Iterator[tuple[Any, ...]]:
    for (id, key), row in own.rows.items():
        yield ("dearest", json.dumps([key]), row["revenue_cents"], id, key)


def _sessions(histories: Histories) -> Own:
    own = Own("clicks.Sessions", SESSIONS)
    for id, history in histories.items():
        own.versions[id], own.rows[id, ""] = len(history), folded(SESSIONS, history, _hear_visit)
    return own


def _hear_visit(row: Row, event: Event) -> None:
    if event.type != "Viewed":
        return
    now, known = event.at // 1_000_000, row["sessions"]
    if not known or now >= known[0][1] + SILENCE_S:
        row["sessions"] = [[now, now, 1], *known[: SESSIONS_MAX - 1]]
    else:
        (started, ended, pages), *earlier = known
        row["sessions"] = [[min(started, now), max(ended, now), pages + 1], *earlier]
