"""Channels, folded by hand: the channel, its line in the list, its messages, and who has a name."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Any

from tests.soak.found import Event, Record
from tests.soak.own import Histories, Own, Row, folded, fresh, passed

ABOUT: Row = {"name": "", "description": "", "destroyed": False}
CHANNEL: Row = {
    **ABOUT, "founder": "", "members": {}, "writers": {}, "messages": 0, "_claim": None,
}  # fmt: skip
SUMMARY: Row = {**ABOUT, "_members": {}}
MESSAGE: Row = {"author": "", "place": None, "sent_at": None, "text": "", "edited": False}
CLAIM = "channels.Channel.one_name"


def channels(histories: Histories) -> list[Own]:
    """The three views."""
    return [_channel(histories), _summary(histories), _messages(histories)]


def claims(records: Iterable[Record], clash: list[str]) -> dict[tuple[str, str], str]:
    """Who holds which name in the end; names that two held at once are a clash."""
    held: dict[tuple[str, str], str] = {}
    names: dict[str, str] = {}
    for record in records:
        for event in record.events if record.domain == "channels" else ():
            if event.type == "Created":
                claim = (CLAIM, json.dumps([event.data["name"]], separators=(",", ":")))
                if held.get(claim, event.id) != event.id:
                    clash.append(f"{event.id} and {held[claim]} are both called {claim[1]}")
                held[claim], names[event.id] = event.id, claim[1]
            elif event.type == "Destroyed":
                held.pop((CLAIM, names[event.id]), None)
    return held


def _channel(histories: Histories) -> Own:
    own = Own("channels.Channel", CHANNEL)
    for id, history in histories.items():
        own.versions[id], own.rows[id, ""] = len(history), folded(CHANNEL, history, _hear)
    return own


def _hear(row: Row, event: Event) -> None:
    _hear_about(row, event)
    _hear_members(row["members"], event)
    if event.type == "Created":
        row["founder"], row["_claim"] = row["founder"] or event.by, event.data["name"]
    if event.type == "Destroyed":
        row["_claim"] = None
    if event.type == "Sent":
        row["messages"] += 1
        writer = row["writers"].setdefault(event.by, {"sent": 0})
        writer["sent"] += 1
        passed(writer, event)


def _hear_about(row: Row, event: Event) -> None:
    if event.type == "Created":
        row["name"] = event.data["name"]
    if event.type in ("Created", "Described"):
        row["description"] = event.data["description"]
    if event.type == "Destroyed":
        row["destroyed"] = True


def _hear_members(members: Row, event: Event) -> None:
    if event.type == "Joined":
        member = members.setdefault(event.data["user"], {"since": event.at})
        passed(member, event)
    if event.type == "Left":
        members.pop(event.data["user"], None)


def _summary(histories: Histories) -> Own:
    own = Own("channels.ChannelSummary", SUMMARY)
    for id, history in histories.items():
        row = folded(SUMMARY, history, _hear_summary)
        own.versions[id], own.rows[id, ""] = len(history), row
        if not row["destroyed"]:
            own.entries.add(("by_name", "[]", row["name"], id, ""))
    return own


def _hear_summary(row: Row, event: Event) -> None:
    _hear_about(row, event)
    _hear_members(row["_members"], event)


def _messages(histories: Histories) -> Own:
    own = Own("channels.Message", MESSAGE)
    for id, history in histories.items():
        own.versions[id] = len(history)
        for event in history:
            if event.type in ("Sent", "Edited"):
                _hear_message(
                    own.rows.setdefault((id, event.data["message"]), fresh(MESSAGE)), event
                )
    own.entries |= set(_places(own))
    own.texts |= {place: row["text"] for place, row in own.rows.items()}
    return own


def _hear_message(row: Row, event: Event) -> None:
    row["text"] = event.data["text"]
    if event.type == "Sent":
        row["author"] = row["author"] or event.by
        row["place"] = row["place"] or event.data["place"]
        row["sent_at"] = row["sent_at"] or event.at
    else:
        row["edited"] = True
    passed(row, event)


def _places(own: Own) -> Iterator[tuple[Any, ...]]:
    for (id, key), row in own.rows.items():
        if row["place"] is not None:
            yield ("newest", json.dumps([id]), row["place"], id, key)
