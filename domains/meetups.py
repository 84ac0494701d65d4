"""Meetups: drafted, published, answered, sometimes paid for; then they take place, online."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import AwareDatetime, Field

from domains.balances import Credit
from mainstem import (
    Command, Event, Forbidden, Link, Mail, Refused, State, Tell, View, anyone, at, before, by,
    index, keyed, last, later, on, readers, role, says, search, size,
)  # fmt: skip
from mainstem.values import Cents, DayOfMonth, Email, Length, Line, Prose

HOURS_LONG = 3
AHEAD_MAX = timedelta(days=730)
DRAFT_IDLE_DAYS_MAX = 60
GUESTS_MAX = 200
VISITOR = "visitor:"  # starts the name of a caller without an account
LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)  # the date of what nobody has drafted

Description = Annotated[Prose, Length(0, 1_200)]
Price = Annotated[Cents, Field(le=1_000_000)]
Visibility = Literal["public", "private"]


class Stage(StrEnum):
    NEW = "new"
    LIVE = "live"
    DONE = "done"
    DEAD = "dead"


NEW, LIVE, DONE, DEAD = Stage

# Events are stored for ever: add fields with defaults, never rename or remove.


class Drafted(Event):
    title: str
    starts_at: datetime
    description: str = ""
    category: str | None = None
    visibility: Visibility = "private"
    price_cents: int = 0
    monthly_on: int | None = None
    photo: str | None = None
    video: str | None = None


class Claimed(Event):
    owner: str


class Described(Event):
    title: str
    description: str
    category: str | None
    photo: str | None
    video: str | None


class Scheduled(Event):
    starts_at: datetime
    monthly_on: int | None


class Invited(Event):
    email: str


class Uninvited(Event):
    email: str


class Published(Event):
    contact: str


class Paid(Event):
    email: str
    payment: str
    cents: int


class Answered(Event):
    email: str
    coming: bool


class Reported(Event):
    starts_at: datetime


class Completed(Event):
    next_at: datetime | None


class Cancelled(Event):
    reason: str


class Guest(State, key=(Invited.email, Paid.email, Answered.email), gone=Uninvited.email):
    payment = last(Paid.payment)
    coming = last(Answered.coming)


class Poster(State):  # what a meetup looks like: the views below are made of it
    title = last(Drafted.title, Described.title, default="")
    description = last(Drafted.description, Described.description, default="")
    category = last(Drafted.category, Described.category)
    photo = last(Drafted.photo, Described.photo)
    video = last(Drafted.video, Described.video)
    starts_at = last(Drafted.starts_at, Scheduled.starts_at, default=LONG_AGO)
    monthly_on = last(Drafted.monthly_on, Scheduled.monthly_on)
    visibility = last(Drafted.visibility, default="private")
    price_cents = last(Drafted.price_cents, default=0)
    published_at = last(at(Published))
    stage = last(says(LIVE, Published), says(DONE, Completed), says(DEAD, Cancelled), default=NEW)


class Meetup(Poster, View):
    """All of it, for its organiser; and what every command decides on."""

    owner = last(by(Drafted), Claimed.owner, default="")
    contact = last(Published.contact, default="")
    guests = keyed(Guest)
    _live = Poster.stage == LIVE
    _reported_for = last(Reported.starts_at)
    _unreported = _live & (_reported_for != Poster.starts_at)
    report_due_at = before(Poster.starts_at, hours=1, where=_unreported)
    ends_at = later(Poster.starts_at, hours=HOURS_LONG, where=_live)
    stale_at = later(View.changed_at, days=DRAFT_IDLE_DAYS_MAX, where=Poster.stage == NEW)

    seen_by = readers(owner)
    mine = index(owner, order=Poster.starts_at, where=Poster.stage != DEAD)


class Listing(Poster, View):
    """What anybody may find: public, and live. Never who is invited."""

    _guests = keyed(Guest)
    going = size(_guests, where=Guest.coming == True)
    _open = (Poster.stage == LIVE) & (Poster.visibility == "public")

    seen_by = readers(anyone, where=_open)
    soonest = index(order=Poster.starts_at, where=_open)
    newest = index(order=Poster.published_at, newest_first=True, where=_open)
    popular = index(order=going, newest_first=True, where=_open)
    by_category = index(Poster.category, order=Poster.starts_at, where=_open)
    words = search(Poster.title, Poster.description, Poster.category)


class Invitation(Poster, View):
    """What a guest sees, behind the link in the mail. Never who else is invited."""

    _guests = keyed(Guest)

    seen_by = readers(_guests, where=Poster.published_at != None)
    invited_to = index(_guests, order=Poster.published_at, newest_first=True)


class Draft(Command[Meetup], starts=True):
    title: Line
    starts_at: AwareDatetime
    description: Description = ""
    category: Line | None = None
    visibility: Visibility = "private"
    price_cents: Price = 0
    monthly_on: DayOfMonth | None = None
    photo: Line | None = None
    video: Line | None = None

    def decide(self, meetup: Meetup) -> Iterator[Event]:
        if not meetup.exists:
            _ahead(self.starts_at, self.at)
            yield Drafted(**self.model_dump())


class Claim(Command[Meetup], by=role("accounts")):
    """Sign-up says so: it saw the visitor's token, and made the account."""

    visitor: Line
    account: Line

    def decide(self, meetup: Meetup) -> Iterator[Event]:
        if meetup.owner != self.account:
            if meetup.owner != self.visitor or not self.visitor.startswith(VISITOR):
                raise Forbidden("this draft is somebody else's")
            yield Claimed(owner=self.account)


class Describe(Command[Meetup], by=Meetup.owner):
    title: Line
    description: Description
    category: Line | None
    photo: Line | None  # the name of an upload: whoever may read the meetup may fetch it
    video: Line | None

    def decide(self, meetup: Meetup) -> Iterator[Event]:
        _open(meetup)
        if any(getattr(meetup, name) != value for name, value in self):
            yield Described(**self.model_dump())


class Schedule(Command[Meetup], by=Meetup.owner):
    starts_at: AwareDatetime
    monthly_on: DayOfMonth | None

    def decide(self, meetup: Meetup) -> Iterator[Event]:
        _open(meetup, self.at if meetup.stage is LIVE else None)
        if any(getattr(meetup, name) != value for name, value in self):
            _ahead(self.starts_at, self.at)
            yield Scheduled(**self.model_dump())


class Invite(Command[Meetup], by=Meetup.owner):
    emails: Annotated[tuple[Email, ...], Field(min_length=1, max_length=50)]

    def decide(self, meetup: Meetup) -> Iterator[Event]:
        _open(meetup, self.at)
        strangers = set(self.emails) - set(meetup.guests)
        if len(meetup.guests) + len(strangers) > GUESTS_MAX:
            raise Refused(f"a meetup has at most {GUESTS_MAX} guests")
        for email in sorted(strangers):
            yield Invited(email=email)


class Uninvite(Command[Meetup], by=Meetup.owner):
    email: Email

    def decide(self, meetup: Meetup) -> Iterator[Event]:
        _open(meetup)
        if guest := meetup.guests.get(self.email):
            if guest.payment is not None:
                raise Refused("a guest who paid stays invited: tickets are not refunded")
            yield Uninvited(email=self.email)


class Publish(Command[Meetup], by=Meetup.owner):
    contact: Email  # where its organiser is written to: an account's name is no address

    def decide(self, meetup: Meetup) -> Iterator[Event]:
        _open(meetup, self.at)
        if self.by.startswith(VISITOR):
            raise Forbidden("sign up to publish your meetup")
        if meetup.stage is NEW:
            yield Published(contact=self.contact)


class Pay(Command[Meetup], by=role("payments")):
    """The payment provider says so; guests never send this."""

    email: Email
    payment: Line
    cents: Price

    def decide(self, meetup: Meetup) -> Iterator[Event]:
        guest = meetup.guests.get(self.email)
        if guest is None:
            raise Refused("only guests buy tickets")
        if guest.payment != self.payment:
            _answerable(meetup, self.at)
            if guest.payment or any(g.payment == self.payment for g in meetup.guests.values()):
                raise Refused("a guest needs one ticket, and a payment buys one")
            if not self.cents == meetup.price_cents > 0:
                raise Refused(f"a ticket costs {meetup.price_cents} cents")
            yield Paid(**self.model_dump())


class Refund(Command[Meetup], by=(Meetup.owner, Meetup.guests)):
    def decide(self, meetup: Meetup) -> Iterator[Event]:
        raise Refused("tickets are not refunded")


class Accept(Command[Meetup], by=Meetup.guests):
    def decide(self, meetup: Meetup) -> Iterator[Event]:
        _answerable(meetup, self.at)
        if meetup.price_cents and meetup.guests[self.by].payment is None:
            raise Refused("a ticket comes first")
        if meetup.guests[self.by].coming is not True:
            yield Answered(email=self.by, coming=True)


class Decline(Command[Meetup], by=Meetup.guests):
    def decide(self, meetup: Meetup) -> Iterator[Event]:
        _answerable(meetup, self.at)
        if meetup.guests[self.by].coming is not False:
            yield Answered(email=self.by, coming=False)


class Cancel(Command[Meetup], by=Meetup.owner):
    reason: Line

    def decide(self, meetup: Meetup) -> Iterator[Event]:
        if meetup.stage is not DEAD:
            _open(meetup)
            yield Cancelled(reason=self.reason)


class ReportGuests(Command[Meetup], at=Meetup.report_due_at):
    def decide(self, meetup: Meetup) -> Iterator[Event]:
        if meetup.report_due_at and meetup.report_due_at <= self.at:
            yield Reported(starts_at=meetup.starts_at)


class Complete(Command[Meetup], at=Meetup.ends_at):
    def decide(self, meetup: Meetup) -> Iterator[Event]:
        if meetup.ends_at and meetup.ends_at <= self.at:
            yield Completed(next_at=next_monthly(meetup.starts_at, meetup.monthly_on, self.at))


class Expire(Command[Meetup], at=Meetup.stale_at):
    def decide(self, meetup: Meetup) -> Iterator[Event]:
        if meetup.stale_at and meetup.stale_at <= self.at:
            yield Cancelled(reason="nobody published it")


@on(Published, Invited)
def invite(event: Published | Invited, meetup: Meetup) -> Iterator[Mail]:
    links = {"yes": Link(Accept, meetup.starts_at), "no": Link(Decline, meetup.starts_at)}
    data = {"title": meetup.title, "starts_at": meetup.starts_at, "cents": meetup.price_cents}
    if meetup.stage is LIVE:
        for email in [event.email] if isinstance(event, Invited) else meetup.guests:
            yield Mail(email, "invitation", data, links)


@on(Reported)
def report(_: Reported, meetup: Meetup) -> Iterator[Mail]:
    coming = tuple(email for email, guest in meetup.guests.items() if guest.coming)
    yield Mail(meetup.contact, "guests", {"title": meetup.title, "emails": coming})


@on(Paid)
def credit_the_organiser(paid: Paid, meetup: Meetup) -> Iterator[Tell]:
    yield Tell(meetup.owner, Credit(payment=paid.payment, cents=paid.cents))


@on(Completed)
def draft_the_next(completed: Completed, meetup: Meetup) -> Iterator[Tell]:
    if completed.next_at is not None:
        same = {name: getattr(meetup, name) for name in Draft.model_fields}
        month = f"{meetup.id.partition('@')[0]}@{completed.next_at:%Y-%m}"  # twice is once
        draft = Draft.model_validate(same | {"starts_at": completed.next_at})
        yield Tell(month, draft, meetup.owner)


def next_monthly(moment: datetime, day: int | None, after: datetime) -> datetime | None:
    """The 31st falls on a short month's last day, and comes back in the next long one."""
    while day and moment <= after:
        month = moment.replace(day=1) + timedelta(days=31)  # somewhere in the next
        moment = month.replace(day=min(day, monthrange(month.year, month.month)[1]))
    return moment if day else None


def _ahead(starts_at: datetime, now: datetime) -> None:
    if not timedelta(0) < starts_at - now <= AHEAD_MAX:
        raise Refused("a meetup takes place in the future, within two years")


def _open(meetup: Meetup, now: datetime | None = None) -> None:
    if meetup.stage in (DONE, DEAD):
        raise Refused("it is over")
    if now and now >= meetup.starts_at:
        raise Refused("it has begun")


def _answerable(meetup: Meetup, now: datetime) -> None:
    if meetup.stage is NEW:
        raise Refused("it is not published")
    _open(meetup, now)
