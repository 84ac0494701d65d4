"""Rooms: a host opens one, plans its sessions and invites to them, until the room is deleted."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Annotated, Literal

from pydantic import AwareDatetime, Field

from mainstem import (
    Answer, Command, Event, Refused, State, View, anyone, by, count, first, flag, index, keyed,
    last, not_, readers, says,
)  # fmt: skip
from mainstem.values import Cron, Line, Prose, next_fire

SCHEDULES_MAX = 100  # all of them may be due at once, and a commit holds a hundred events
INVITEES_MAX = 200  # a room is one row, with all of them
Kind = Literal["class", "group", "person"]

# Events are stored for ever: add fields with defaults, never rename or remove.


class Created(Event):
    name: str
    description: str


class Renamed(Event):
    name: str


class Scheduled(Event):
    schedule: str
    cron: str
    stop_after: datetime | None
    next_at: datetime  # when this schedule starts its next session
    wakes_at: datetime  # when any schedule of this room does


class Started(Event):
    schedule: str
    next_at: datetime | None
    wakes_at: datetime | None


class Invited(Event):
    invitee: str
    kind: Kind
    who: str


class Deleted(Event):
    pass


class Plan(State, key=(Scheduled.schedule, Started.schedule)):
    cron = last(Scheduled.cron, default="")
    stop_after = last(Scheduled.stop_after)
    next_at = last(Scheduled.next_at, Started.next_at)
    sessions = count(Started)


class Invitee(State, key=Invited.invitee):
    kind = last(Invited.kind)
    who = last(Invited.who)


class Room(View):
    name = last(Created.name, Renamed.name, default="")
    description = last(Created.description, default="")
    host = first(by(Created), default="")
    schedules = keyed(Plan)
    invitees = keyed(Invitee)
    deleted = flag(on=Deleted)
    wakes_at = last(Scheduled.wakes_at, Started.wakes_at, says(None, Deleted))

    seen_by = readers(anyone, where=not_(deleted))
    by_name = index(order=name, where=not_(deleted))


class Create(Command[Room], starts=True):
    name: Line
    description: Prose = ""

    def decide(self, room: Room) -> Iterator[Event]:
        if not room.exists:
            yield Created(name=self.name, description=self.description)


class Rename(Command[Room], by=Room.host):
    name: Line

    def decide(self, room: Room) -> Iterator[Event]:
        _open(room)
        if self.name != room.name:
            yield Renamed(name=self.name)


class Schedule(Command[Room], by=Room.host):
    cron: Cron
    stop_after: AwareDatetime | None = None

    def decide(self, room: Room) -> Answer[str]:
        _open(room)
        for schedule, plan in room.schedules.items():
            if plan.cron == self.cron and plan.next_at is not None:
                if plan.stop_after == self.stop_after:
                    return schedule
                raise Refused("sessions start at these times already")
        if len(room.schedules) == SCHEDULES_MAX:
            raise Refused(f"a room has at most {SCHEDULES_MAX} schedules")
        next_at = next_fire(self.cron, self.at)
        if self.stop_after is not None and self.stop_after < next_at:
            raise Refused("no session would start before stop_after")
        schedule, wakes_at = self.fresh(), min(next_at, room.wakes_at or next_at)
        yield Scheduled(schedule=schedule, next_at=next_at, wakes_at=wakes_at, **self.model_dump())
        return schedule


class Start(Command[Room], at=Room.wakes_at):
    """The clock asks. Sessions that were missed start late, and together count as one."""

    def decide(self, room: Room) -> Iterator[Event]:
        _open(room)
        after = {schedule: coming(plan, self.at) for schedule, plan in room.schedules.items()}
        wakes_at = min(filter(None, after.values()), default=None)
        for schedule, plan in room.schedules.items():
            if after[schedule] != plan.next_at:
                yield Started(schedule=schedule, next_at=after[schedule], wakes_at=wakes_at)


class Invite(Command[Room], by=Room.host):
    kind: Kind
    who: Annotated[tuple[Line, ...], Field(min_length=1, max_length=100)]

    def decide(self, room: Room) -> Iterator[Event]:
        _open(room)
        named = {f"{self.kind}/{who}": who for who in self.who}
        strangers = [invitee for invitee in named if invitee not in room.invitees]
        if len(room.invitees) + len(strangers) > INVITEES_MAX:
            raise Refused(f"a room has at most {INVITEES_MAX} invitees")
        for invitee in strangers:
            yield Invited(invitee=invitee, kind=self.kind, who=named[invitee])


class Delete(Command[Room], by=Room.host):
    def decide(self, room: Room) -> Iterator[Event]:
        if not room.deleted:
            yield Deleted()


def _open(room: Room) -> None:
    if room.deleted:
        raise Refused("this room is deleted")


def coming(plan: Plan, now: datetime) -> datetime | None:
    """When its next session starts, if what is due now has started."""
    if plan.next_at is None or plan.next_at > now:
        return plan.next_at
    following = next_fire(plan.cron, now)
    return None if plan.stop_after is not None and following > plan.stop_after else following
