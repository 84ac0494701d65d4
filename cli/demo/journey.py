"""What the demo asks: five applications, people who are right, wrong, or ask twice."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from mainstem.discovery import Domain

PEOPLE = [
    f"{name}{n}"
    for n in range(1, 5)
    for name in "ann bob cid dee eve fay gus hal ivy joe".split()
]  # fmt: skip
CHANNELS = "general kitchen garden music travel films".split()
TICKETS = [f"{0x7F2 + 37 * n:x}" for n in range(60)]
MEETUPS = [f"meetup-{n}" for n in range(1, 6)]
SOON = datetime.now(UTC) + timedelta(days=30)


@dataclass(frozen=True)
class Asked:
    """One command, of whom, about which aggregate."""

    domain: str
    command: str
    by: str
    id: str | None = None
    fields: Mapping[str, Any] | None = None

    def body(self, domains: Mapping[str, Domain]) -> Any:
        """The command itself."""
        return domains[self.domain].commands[self.command](**(self.fields or {}))


def journey() -> tuple[list[Asked], ...]:
    """One act after the other; within an act everybody asks at once."""
    return list(beginnings()), list(gatherings()), list(talk()), list(endings())


def beginnings() -> Iterator[Asked]:
    """People register; channels, tickets and meetups begin."""
    for name in PEOPLE:
        yield Asked("users", "Register", name, fields={"name": name.title()})
    for n, channel in enumerate(CHANNELS):
        yield Asked("channels", "Create", PEOPLE[n], channel, {"name": channel})
    for n, ticket in enumerate(TICKETS):
        what = ("It burns", "It floods", "It squeaks", "It is gone")[n % 4]
        yield Asked("tickets", "Submit", PEOPLE[n % 40], ticket, {"title": what})
    for n, meetup in enumerate(MEETUPS):
        yield Asked("meetups", "Draft", PEOPLE[n], meetup, {"title": "Bread", "starts_at": SOON})


def gatherings() -> Iterator[Asked]:
    """People join, are invited, take care, press; some ask for what is not theirs."""
    for n, name in enumerate(PEOPLE):
        for step in range(3):
            yield Asked("channels", "Join", name, CHANNELS[(n + step) % len(CHANNELS)])
    for n, ticket in enumerate(TICKETS):
        yield Asked("tickets", "Watch", PEOPLE[n % 40], ticket, {"address": "desk@example.com"})
        yield Asked("tickets", "Assign", PEOPLE[n % 40], ticket, {"assignee": PEOPLE[-n % 40]})
        yield Asked("tickets", "Rename", "stranger", ticket, {"title": "Mine now"})
    for n, ticket in enumerate(TICKETS[::5]):
        yield Asked("tickets", "Prioritize", PEOPLE[n], ticket, {"priority": "high"})
    for n, meetup in enumerate(MEETUPS):
        guests = tuple(f"{name}@example.com" for name in PEOPLE[n : n + 8])
        yield Asked("meetups", "Invite", PEOPLE[n], meetup, {"emails": guests})


def talk() -> Iterator[Asked]:
    """Everybody talks, twelve messages each; tickets are commented, meetups published."""
    for n, name in enumerate(PEOPLE):
        for step in range(12):
            channel = CHANNELS[(n + step % 3) % len(CHANNELS)]  # one that was joined
            yield Asked("channels", "Send", name, channel, {"text": f"Hello, it is {step} o'clock"})
    for n, ticket in enumerate(TICKETS):
        yield Asked("tickets", "Comment", PEOPLE[-n % 40], ticket, {"text": "Looks good, thanks"})
    for n, ticket in enumerate(TICKETS[::10]):  # somebody else sees it otherwise
        yield Asked("tickets", "Prioritize", PEOPLE[-n], ticket, {"priority": "low"})
    for n, meetup in enumerate(MEETUPS):
        contact = f"{PEOPLE[n]}@example.com"
        yield Asked("meetups", "Publish", PEOPLE[n], meetup, {"contact": contact})


def endings() -> Iterator[Asked]:
    """Tickets close, guests answer; some want what is over, or want it again."""
    for n, ticket in enumerate(TICKETS[::2]):
        yield Asked("tickets", "Close", PEOPLE[2 * n % 40], ticket, {"reason": "done"})
    for n, meetup in enumerate(MEETUPS):
        for name in PEOPLE[n : n + 8]:
            yield Asked("meetups", "Accept", f"{name}@example.com", meetup)
        yield Asked("meetups", "Refund", PEOPLE[n], meetup)
    for n, name in enumerate(PEOPLE):
        yield Asked("channels", "Join", name, CHANNELS[n % len(CHANNELS)])


def later() -> Iterator[Asked]:
    """What goes on while the demo breaks things."""
    for step in range(5):
        for n, ticket in enumerate(TICKETS):
            yield Asked("tickets", "Comment", PEOPLE[n % 40], ticket, {"text": f"Still, {step}"})
