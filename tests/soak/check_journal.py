"""What must be true of the journal, by itself and beside what was asked and acknowledged."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from tests.soak import own_channels
from tests.soak.finding import Finding
from tests.soak.found import Found, Record
from tests.soak.heard import Heard

TOKEN = re.compile(r"\b[ahp]\d+x\d+\b")
# What each command makes happen.
HAPPENS = {
    "Submit": "Submitted", "Rename": "Renamed", "Describe": "Described", "Assign": "Assigned",
    "Prioritize": "Prioritized", "Comment": "Commented", "Close": "Closed", "Reopen": "Reopened",
    "Watch": "Watched", "Unwatch": "Unwatched", "Create": "Created", "Join": "Joined",
    "Leave": "Left", "Send": "Sent", "Edit": "Edited", "Destroy": "Destroyed",
}  # fmt: skip


def dense(found: Found, _: Heard) -> Iterator[Finding]:
    """Versions are 1, 2, 3 … without a hole, and each event says the one it has."""
    for domain in ("tickets", "channels"):
        for id, history in found.histories(domain).items():
            versions = [event.version for event in history]
            if versions != list(range(1, len(versions) + 1)):
                yield Finding("dense", f"{domain}/{id}", f"its versions are {versions}")
    for record in found.records:
        if any((one.domain, one.id) != (record.domain, record.id) for one in record.events):
            yield Finding("dense", _name(record), "holds an event of another aggregate")


def published(found: Found, _: Heard) -> Iterator[Finding]:
    """Nothing waits to be published once everything has drained."""
    for record in found.records:
        if not record.published:
            yield Finding("published", _name(record), "was never published")


def claimed(found: Found, _: Heard) -> Iterator[Finding]:
    """A name is held by one at a time, and by whoever the history says."""
    clashes: list[str] = []
    own = own_channels.claims(found.records, clashes)
    for clash in clashes:
        yield Finding("claimed", "channels", clash)
    for claim in sorted(own.keys() | found.claims.keys()):
        if own.get(claim) != found.claims.get(claim):
            text = f"is held by {found.claims.get(claim)}, and should be by {own.get(claim)}"
            yield Finding("claimed", " ".join(claim), text)


def answered(_: Found, heard: Heard) -> Iterator[Finding]:
    """Every request was answered in the end, each time alike, and never by a failure."""
    for key in heard.asked:
        if not heard.told[key]:
            yield Finding("answered", key, "was asked and never answered")
    for key, told in heard.told.items():
        yield from _alike(key, told)
    for failure in heard.failed:
        yield Finding("answered", failure.partition(":")[0], f"failed: {failure}")


def _alike(key: str, told: Sequence[Mapping[str, Any]]) -> Iterator[Finding]:
    """A "no" and a "nothing to do" hold for their moment; what happened is told for ever.

    Of two that were asked at once, nobody knows which was decided first.
    """
    first = None
    for one in told:
        said = {name: value for name, value in one.items() if name != "twin"}
        if first is None:
            first = said if said.get("happened") else None
        elif said != first and (said.get("happened") or not one.get("twin")):
            yield Finding("alike", key, f"was answered {first}, then {said}")


def acknowledged(found: Found, heard: Heard) -> Iterator[Finding]:
    """What was acknowledged is in the journal, once, as the version that was told."""
    by_last = {(one.domain, one.id, one.last): one for one in found.records}
    told: dict[tuple[str, str, int], str] = {}
    for key, wish in heard.asked.items():
        done = heard.happened(key)
        if done is None:
            continue
        place = (wish["domain"], done["id"], done["version"])
        record = by_last.get(place)
        about = f"{place[0]}/{place[1]} version {place[2]}"
        if record is None:
            yield Finding("acknowledged", about, f"{key} was told of it, and it is not there")
        elif not _fits(record, wish, key, done):
            yield Finding("acknowledged", about, f"is not what {key} was told it is")
        if told.setdefault(place, key) != key:
            yield Finding("acknowledged", about, f"{key} and {told[place]} were told they made it")


def _fits(record: Record, wish: Mapping[str, Any], key: str, told: Mapping[str, Any]) -> bool:
    """One event of this kind, by whoever asked, in the words that were asked."""
    if len(record.events) != 1:
        return False  # no command of the load makes two things happen
    (event,) = record.events
    asked = key in TOKEN.findall(_words(wish["fields"]))
    answer = event.data["message"] if event.type == "Sent" else None
    return (
        (event.type, event.by, record.id) == (HAPPENS[wish["command"]], wish["by"], wish["id"])
        and asked == (key in TOKEN.findall(_words(event.data)))
        and told["answer"] == answer
    )


def decided_once(found: Found, heard: Heard) -> Iterator[Finding]:
    """Whatever was asked happened once at most; and nothing happened that nobody asked."""
    where: dict[str, list[str]] = defaultdict(list)
    for record in found.records:
        for event in record.events:
            for token in set(TOKEN.findall(_words(event.data))):
                where[token].append(_name(record))
    for token, names in where.items():
        if token not in heard.asked:
            yield Finding("asked", names[0], f"holds the words of {token}, which nobody asked")
        if len(names) > 1:
            yield Finding("once", token, f"happened {len(names)} times: {', '.join(names)}")


def remembered(found: Found, heard: Heard) -> Iterator[Finding]:
    """Every record was asked under a key, and every key remembers one record."""
    places = Counter(found.once.values())
    for record in found.records:
        if places[record.place] != 1:
            yield Finding("remembered", _name(record), f"{places[record.place]} keys remember it")
    known = {record.place for record in found.records}
    for key, place in found.once.items():
        if place not in known:
            yield Finding("remembered", key, "remembers a record that is not there")


def _words(said: Mapping[str, Any]) -> str:
    return " ".join(map(str, said.values()))


def _name(record: Record) -> str:
    return f"{record.domain}/{record.id} version {record.first}"
