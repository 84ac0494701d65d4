"""Tickets: somebody asks, somebody answers, it closes, and it may reopen."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Annotated, Literal

from mainstem import (
    Call, Command, Effect, Event, Mail, Refused, State, View, at, count, distinct, first, flag,
    index, keyed, last, on, says, search, total,
)  # fmt: skip
from mainstem.values import Email, Length, Line, Prose, Url

WATCHERS_MAX = 10
GLAD_WORDS = frozenset("glad good great happy love perfect thank thanks works".split())
CROSS_WORDS = frozenset("angry awful bad broken hate never slow terrible worst".split())
Priority = Literal["low", "normal", "high"]

# Events are stored for ever: add fields with defaults, never rename or remove.


class Submitted(Event):
    title: str
    author: str


class Renamed(Event):
    title: str


class Described(Event):
    description: str


class Prioritized(Event):
    priority: Priority


class Assigned(Event):
    assignee: str | None


class Commented(Event):
    author: str
    text: str
    mood: int = 0  # as judged when it was said, so that a better judge changes no history


class Closed(Event):
    reason: str


class Reopened(Event):
    pass


class Watched(Event):
    address: str


class Unwatched(Event):
    address: str


class Watcher(State, key=Watched.address, gone=Unwatched.address):
    since = first(at(Watched))


class Ticket(View):
    """One ticket, as its history leaves it."""

    title = last(Submitted.title, Renamed.title, default="")
    description = last(Described.description, default="")
    author = first(Submitted.author)
    opened_at = first(at(Submitted))
    comments = count(Commented)
    people = distinct(Submitted.author, Commented.author)
    mood = total(Commented.mood)
    assignee = last(Assigned.assignee)
    priority = last(Prioritized.priority, default="normal")
    is_open = flag(on=(Submitted, Reopened), off=Closed)
    status = last(says("open", Submitted), says("closed", Closed), says("reopened", Reopened))
    _watchers = keyed(Watcher)  # a leading underscore: never shown, for an address can hold a key

    newest = index(order=opened_at, newest_first=True)
    by_status = index(status, order=opened_at, newest_first=True)
    by_priority = index(priority, order=opened_at, newest_first=True)
    by_assignee = index(assignee, order=opened_at, newest_first=True)
    crossest = index(order=mood, where=is_open)
    words = search(title, description)

    @property
    def watchers(self) -> tuple[str, ...]:
        return tuple(self._watchers)


class Submit(Command[Ticket], starts=True):
    title: Line

    def decide(self, ticket: Ticket) -> Iterator[Event]:
        if not ticket.exists:  # asked twice, decided once
            yield Submitted(title=self.title, author=self.by)


class Rename(Command[Ticket], by=Ticket.author):
    title: Line

    def decide(self, ticket: Ticket) -> Iterator[Event]:
        if not ticket.is_open:
            raise Refused("only an open ticket can be renamed")
        if self.title != ticket.title:
            yield Renamed(title=self.title)


class Describe(Command[Ticket], by=Ticket.author):
    description: Prose

    def decide(self, ticket: Ticket) -> Iterator[Event]:
        if not ticket.is_open:
            raise Refused("only an open ticket can be described")
        if self.description != ticket.description:
            yield Described(description=self.description)


class Prioritize(Command[Ticket]):
    priority: Priority

    def decide(self, ticket: Ticket) -> Iterator[Event]:
        if self.priority != ticket.priority:
            yield Prioritized(priority=self.priority)


class Assign(Command[Ticket]):
    assignee: Line | None  # to somebody, or to nobody

    def decide(self, ticket: Ticket) -> Iterator[Event]:
        if not ticket.is_open:
            raise Refused("only an open ticket can be assigned")
        if self.assignee != ticket.assignee:
            yield Assigned(assignee=self.assignee)


class Comment(Command[Ticket], again=True):
    text: Annotated[Prose, Length(1, 4_000)]

    def decide(self, ticket: Ticket) -> Iterator[Event]:
        yield Commented(author=self.by, text=self.text, mood=mood_of(self.text))


class Close(Command[Ticket], by=(Ticket.author, Ticket.assignee)):
    reason: Line

    def decide(self, ticket: Ticket) -> Iterator[Event]:
        if ticket.is_open:
            yield Closed(reason=self.reason)


class Reopen(Command[Ticket], by=(Ticket.author, Ticket.assignee)):
    def decide(self, ticket: Ticket) -> Iterator[Event]:
        if not ticket.is_open:
            yield Reopened()


class Watch(Command[Ticket], by=(Ticket.author, Ticket.assignee)):
    """An address that is mailed, or a web address that is called, whenever something happens."""

    address: Email | Url

    def decide(self, ticket: Ticket) -> Iterator[Event]:
        if self.address in ticket.watchers:
            return
        if len(ticket.watchers) == WATCHERS_MAX:
            raise Refused(f"a ticket has at most {WATCHERS_MAX} watchers")
        yield Watched(address=self.address)


class Unwatch(Command[Ticket], by=(Ticket.author, Ticket.assignee)):
    address: Email | Url

    def decide(self, ticket: Ticket) -> Iterator[Event]:
        if self.address in ticket.watchers:
            yield Unwatched(address=self.address)


@on(Commented, Closed, Reopened)
def tell_watchers(event: Commented | Closed | Reopened, ticket: Ticket) -> Iterator[Effect]:
    news = {"ticket": ticket.id, "title": ticket.title, "event": type(event).__name__}
    for address in ticket.watchers:
        if address.startswith("https://"):
            yield Call(address, data=news)
        else:
            yield Mail(address, template="ticket", data=news)


def mood_of(text: str) -> int:
    """Above zero where glad words outnumber cross ones."""
    words = re.findall(r"[a-z]+", text.lower())
    return sum((word in GLAD_WORDS) - (word in CROSS_WORDS) for word in words)
