"""Channels: people join, talk, correct themselves and leave. A message is said in one channel."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated

from pydantic import StringConstraints

from mainstem import (
    Answer, Command, Event, Forbidden, Missing, Refused, State, View, anyone, at, by, count, first,
    flag, index, keyed, last, not_, readers, says, search, size, unique,
)  # fmt: skip
from mainstem.values import Length, Line, Prose

MEMBERS_MAX = 2_000  # all of them are in their channel's row; messages have rows of their own
Name = Annotated[Line, Length(1, 80)]
Text = Annotated[Prose, Length(1, 4_000)]

# Events are stored for ever: add fields with defaults, never rename or remove.


class Created(Event):
    name: str
    description: str


class Described(Event):
    description: str


class Joined(Event):
    user: str


class Left(Event):
    user: str


class Sent(Event):
    message: str
    place: int
    text: str


class Edited(Event):
    message: str
    text: str


class Destroyed(Event):
    pass


class Member(State, key=Joined.user, gone=Left.user):
    since = first(at(Joined))


class Writer(State, key=by(Sent)):
    sent = count(Sent)


class About(State):
    name = last(Created.name, default="")
    description = last(Created.description, Described.description, default="")
    destroyed = flag(on=Destroyed)


class Channel(About, View):
    founder = first(by(Created), default="")
    members = keyed(Member)
    writers = keyed(Writer)
    messages = count(Sent)
    _claim = last(Created.name, says(None, Destroyed))  # a destroyed channel gives its name back

    one_name = unique(_claim)
    seen_by = readers(anyone, where=not_(About.destroyed))


class ChannelSummary(About, View):
    """A line in the list of all channels, which would be long with everybody's members."""

    _members = keyed(Member)
    people = size(_members)

    seen_by = readers(anyone, where=not_(About.destroyed))
    by_name = index(order=About.name, where=not_(About.destroyed))


class Message(View, key=(Sent.message, Edited.message)):
    """A row each: a channel may hold a million. They stay readable when it is destroyed."""

    author = first(by(Sent), default="")
    place = first(Sent.place)  # clocks may tie or step back; places don't
    sent_at = first(at(Sent))
    text = last(Sent.text, Edited.text, default="")
    edited = flag(on=Edited)

    seen_by = readers(anyone)
    newest = index(View.id, order=place, newest_first=True)
    words = search(text)


class Create(Command[Channel], starts=True):
    name: Name
    description: Prose = ""

    def decide(self, channel: Channel) -> Iterator[Event]:
        if not channel.exists:
            yield Created(name=self.name, description=self.description)


class Describe(Command[Channel], by=Channel.members):
    description: Prose

    def decide(self, channel: Channel) -> Iterator[Event]:
        _open(channel)
        if self.description != channel.description:
            yield Described(description=self.description)


class Join(Command[Channel]):
    def decide(self, channel: Channel) -> Iterator[Event]:
        _open(channel)
        if self.by in channel.members:
            return
        if len(channel.members) == MEMBERS_MAX:
            raise Refused(f"a channel has at most {MEMBERS_MAX} members")
        yield Joined(user=self.by)


class Leave(Command[Channel], by=Channel.members):
    def decide(self, channel: Channel) -> Iterator[Event]:
        _open(channel)
        yield Left(user=self.by)


class Send(Command[Channel], by=Channel.members, again=True):
    text: Text

    def decide(self, channel: Channel) -> Answer[str]:
        _open(channel)
        message = f"{self.by}/{_sent(channel, self.by) + 1}"
        yield Sent(message=message, place=channel.messages + 1, text=self.text)
        return message


class Edit(Command[Channel], by=Channel.members, again=True):
    message: Annotated[str, StringConstraints(pattern=r"^.+/[1-9][0-9]{0,8}$")]
    text: Text

    def decide(self, channel: Channel) -> Iterator[Event]:
        _open(channel)
        author, _, nth = self.message.rpartition("/")
        if author != self.by:
            raise Forbidden("only its author edits a message")
        if int(nth) > _sent(channel, author):
            raise Missing("no such message")
        yield Edited(message=self.message, text=self.text)


class Destroy(Command[Channel], by=Channel.founder):
    def decide(self, channel: Channel) -> Iterator[Event]:
        if not channel.destroyed:
            yield Destroyed()


def _sent(channel: Channel, user: str) -> int:
    """How many messages are theirs: so their ids say which exist, and no list is searched."""
    writer = channel.writers.get(user)
    return writer.sent if writer else 0


def _open(channel: Channel) -> None:
    if channel.destroyed:
        raise Refused("this channel was destroyed")
