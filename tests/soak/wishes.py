"""Wishes: what the load asks for. Each follows from a seed, a worker's name and its number alone.

Every text holds a token that no other wish has, so that what came of it is found by what it says.
All workers wish around the same few aggregates for a while, then around the next.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from random import Random
from typing import Any

WORDS = (
    "anchor apple bridge candle clock coat door ferry fire fog garden glad good great harbour "
    "kettle ladder lamp letter moss never owl piano quilt rain river road rope sail slow stone "
    "tea terrible thanks tower train violin wall window works"
).split()
USERS = 6
TICKETS_AT_ONCE = 12
WISHES_PER_TICKET = 10
CHANNELS_AT_ONCE = 4
WISHES_PER_CHANNEL = 60
NAMES_AT_ONCE = 8
HOT = 3  # tickets that everybody comments on, all the time
VISITORS_AT_ONCE = 6
FACTS_PER_VISITOR = 20
NOON_US = 1_800_000_000_000_000
MINUTE_US = 60_000_000


@dataclass(frozen=True)
class Wish:
    """One command, with the key under which it may be asked again."""

    key: str
    domain: str
    id: str
    command: str
    fields: Mapping[str, Any]
    by: str


def wish(seed: int, name: str, n: int) -> Wish:
    """The n-th of a worker."""
    chance = Random(f"{seed}/{name}/{n}")
    token = f"{name}x{n}"
    some = chance.random()
    if some < 0.08:
        return _hot(chance, token)
    return _ticket(chance, token, n) if some < 0.55 else _channel(chance, token, n)


def _hot(chance: Random, token: str) -> Wish:
    id, by = f"hot{chance.randrange(HOT)}", _user(chance)
    if chance.random() < 0.1:
        return Wish(token, "tickets", id, "Submit", {"title": said(chance, token)}, by)
    return Wish(token, "tickets", id, "Comment", {"text": said(chance, token)}, by)


def _ticket(chance: Random, token: str, n: int) -> Wish:
    k = _one_of(chance, n // WISHES_PER_TICKET, TICKETS_AT_ONCE)
    text, address = said(chance, token), f"{chance.choice(WORDS)}@example.org"
    wishes: dict[str, tuple[float, Mapping[str, Any]]] = {
        "Submit": (20, {"title": text}),
        "Comment": (26, {"text": text}),
        "Rename": (8, {"title": text}),
        "Describe": (8, {"description": text}),
        "Prioritize": (6, {"priority": chance.choice(("low", "normal", "high"))}),
        "Assign": (6, {"assignee": chance.choice((None, _user(chance)))}),
        "Close": (6, {"reason": text}),
        "Reopen": (6, {}),
        "Watch": (12, {"address": chance.choice((address, f"https://example.org/{token}"))}),
        "Unwatch": (6, {"address": address}),
    }
    (command,) = chance.choices(list(wishes), [weight for weight, _ in wishes.values()])
    # The author may do most, so most is asked by whoever submits it.
    by = _user(chance) if command in ("Comment", "Prioritize", "Assign") else f"u{k % USERS}"
    return Wish(token, "tickets", f"t{k}", command, wishes[command][1], by)


def _channel(chance: Random, token: str, n: int) -> Wish:
    base = n // WISHES_PER_CHANNEL
    k, by = _one_of(chance, base, CHANNELS_AT_ONCE), _user(chance)
    text = said(chance, token)
    name = f"{WORDS[base % len(WORDS)]} {base + chance.randrange(NAMES_AT_ONCE)}"
    message = f"{by}/{chance.randint(1, 3)}"
    wishes: dict[str, tuple[float, Mapping[str, Any]]] = {
        "Create": (16, {"name": name, "description": text}),
        "Join": (24, {}),
        "Send": (40, {"text": text}),
        "Edit": (10, {"message": message, "text": text}),
        "Describe": (6, {"description": text}),
        "Leave": (4, {}),
        "Destroy": (0.5, {}),
    }
    (command,) = chance.choices(list(wishes), [weight for weight, _ in wishes.values()])
    by = f"u{k % USERS}" if command in ("Create", "Destroy") else by
    return Wish(token, "channels", f"c{k}", command, wishes[command][1], by)


def facts(seed: int, name: str, n: int) -> list[dict[str, Any]]:
    """The n-th batch of a producer; each visitor is that producer's own."""
    chance = Random(f"{seed}/{name}/{n}")
    return [_fact(chance, name, n, place) for place in range(chance.randint(1, 12))]


def _fact(chance: Random, name: str, n: int, place: int) -> dict[str, Any]:
    visitor = f"{name}v{n * 6 // FACTS_PER_VISITOR + chance.randrange(VISITORS_AT_ONCE)}"
    token, product = f"{name}x{n}x{place}", chance.choice(WORDS)
    at = NOON_US + n * 2 * MINUTE_US + chance.randrange(40) * MINUTE_US
    money = {"product": product, "cents": chance.choice((0, 5, 900, 4_000)), "order": token}
    if chance.random() < 0.2:
        type = chance.choice(("Purchased", "Purchased", "Refunded"))
        return {"id": visitor, "type": type, "at": at, "data": money}
    page = {"page": f"/{chance.choice(WORDS)}/{token}", "ms": chance.randrange(5_000)}
    more = {"product": product, "referrer": "https://example.org"} if chance.random() < 0.5 else {}
    return {"id": visitor, "type": "Viewed", "at": at, "data": page | more}


def said(chance: Random, token: str) -> str:
    """A few words, and the token."""
    return " ".join((*chance.sample(WORDS, chance.randint(1, 4)), token))


def _one_of(chance: Random, base: int, at_once: int) -> int:
    """More often one of the older ones: those are there."""
    return base + int(at_once * chance.random() ** 2)


def _user(chance: Random) -> str:
    return f"u{chance.randrange(USERS)}"
