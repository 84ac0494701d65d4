"""Tickets, folded by hand: the view, its lists, its words, and whom to tell."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from tests.soak.found import Event
from tests.soak.own import Histories, Own, Row, added, folded, fresh, passed

GLAD = frozenset("glad good great happy love perfect thank thanks works".split())
CROSS = frozenset("angry awful bad broken hate never slow terrible worst".split())
UNHEARD: Row = {
    "title": "", "description": "", "author": None, "opened_at": None, "comments": 0, "people": [],
    "mood": 0, "assignee": None, "priority": "normal", "is_open": False, "status": None,
    "_watchers": {},
}  # fmt: skip
REACTION = "tickets.tell_watchers"
TOLD = ("Commented", "Closed", "Reopened")


def tickets(histories: Histories) -> list[Own]:
    """The only view."""
    own = Own("tickets.Ticket", UNHEARD)
    for id, history in histories.items():
        row = folded(UNHEARD, history, _hear)
        own.versions[id], own.rows[id, ""] = len(history), row
        own.texts[id, ""] = f"{row['title']} {row['description']}"
        own.entries |= set(_entries(id, row))
    return [own]


def intents(histories: Histories, since: int) -> Iterator[tuple[Any, ...]]:
    """Who should be told of what, each once: of everything that happened since then."""
    for id, history in histories.items():
        row = fresh(UNHEARD)
        for event in history:
            _hear(row, event)
            if event.type in TOLD and event.at >= since:
                news = {"ticket": id, "title": row["title"], "event": event.type}
                for place, address in enumerate(sorted(row["_watchers"])):
                    key = ("tickets", id, event.version, REACTION, place)
                    yield (*key, _effect(address, news))


def _hear(row: Row, event: Event) -> None:
    said = event.data
    match event.type:
        case "Submitted":
            row |= {"title": said["title"], "is_open": True, "status": "open"}
            row["author"] = row["author"] or said["author"]
            row["opened_at"] = row["opened_at"] or event.at
            row["people"] = added(row["people"], said["author"])
        case "Renamed":
            row["title"] = said["title"]
        case "Described":
            row["description"] = said["description"]
        case "Prioritized":
            row["priority"] = said["priority"]
        case "Assigned":
            row["assignee"] = said["assignee"]
        case "Commented":
            row["comments"] += 1
            row["people"] = added(row["people"], said["author"])
            row["mood"] += _mood(said["text"])
        case "Closed":
            row |= {"is_open": False, "status": "closed"}
        case "Reopened":
            row |= {"is_open": True, "status": "reopened"}
        case _:
            _hear_watchers(row["_watchers"], event)


def _hear_watchers(watchers: Row, event: Event) -> None:
    if event.type == "Watched":
        passed(watchers.setdefault(event.data["address"], {"since": event.at}), event)
    if event.type == "Unwatched":
        watchers.pop(event.data["address"], None)


def _mood(text: str) -> int:
    words = re.findall(r"[a-z]+", text.lower())
    return sum((word in GLAD) - (word in CROSS) for word in words)


def _entries(id: str, row: Row) -> Iterator[tuple[Any, ...]]:
    lists = {"by_status": row["status"], "by_priority": row["priority"]}
    lists["by_assignee"] = row["assignee"]
    yield ("newest", "[]", row["opened_at"], id, "")
    for name, value in lists.items():
        yield (name, json.dumps([value], separators=(",", ":")), row["opened_at"], id, "")
    if row["is_open"]:
        yield ("crossest", "[]", row["mood"], id, "")


def _effect(address: str, news: Row) -> Row:
    if address.startswith("https://"):
        return {"effect": "Call", "url": address, "data": news}
    return {"effect": "Mail", "to": address, "template": "ticket", "links": {}, "data": news}
