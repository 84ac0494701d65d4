"""One-time codes: ask for one, prove it in time, in few tries, once. Each address is one user."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Literal

from mainstem import (
    Answer, Command, Digits, Effect, Event, Grant, Mail, Refused, Sms, State, TooSoon, anyone, at,
    count, first, last, latest, on, says,
)  # fmt: skip
from mainstem.values import Email, Phone, phone_in

CODE_DIGITS = 5
CODE_AGE_MAX = timedelta(minutes=30)
TRIES_MAX = 5
REQUESTS_PER_HOUR_MAX = 3
AN_HOUR = timedelta(hours=1)
Asia = Literal["BD", "HK", "ID", "IN", "KH", "LK", "MM", "MY", "NP", "PH", "SG", "TH", "TW", "VN"]
Address = Phone | Email


class Role(StrEnum):
    WORKER = "worker"
    ORG = "org"


# Events are stored for ever: add fields with defaults, never rename or remove.


class Requested(Event):
    to: str
    country: Asia
    role: Role
    user: str  # the account, opaque: what others see of it tells no address
    expires_at: datetime
    tries_left: int


class Missed(Event):
    tries_left: int


class Proved(Event):
    role: Role


class Otp(State):
    """One address, and the code it may still prove. A State, not a View: nobody reads it."""

    user = first(Requested.user, default="")
    role = last(Requested.role, default=Role.WORKER)
    round = count(Requested)
    expires_at = last(Requested.expires_at)
    tries_left = last(Requested.tries_left, Missed.tries_left, says(0, Proved), default=0)
    requests = latest(at(Requested), n=REQUESTS_PER_HOUR_MAX)


class Request(Command[Otp], starts=True, by=anyone, again=True):
    to: Address
    country: Asia
    role: Role

    def which(self) -> str:
        return self.to

    def decide(self, otp: Otp) -> Iterator[Event]:
        if ("@" in self.to) != (self.role is Role.ORG):
            raise Refused("a worker proves a phone number, an organisation an email address")
        if self.role is Role.WORKER and not phone_in(self.to, self.country):
            raise Refused(f"no such phone number in {self.country}")
        if len(otp.requests) == REQUESTS_PER_HOUR_MAX and self.at < otp.requests[-1] + AN_HOUR:
            raise TooSoon("too many codes; wait a little", until=otp.requests[-1] + AN_HOUR)
        user, until = otp.user or self.fresh("user"), self.at + CODE_AGE_MAX
        yield Requested(**self.model_dump(), user=user, expires_at=until, tries_left=TRIES_MAX)


class Verify(Command[Otp], by=anyone, again=True):
    to: Address
    code: str

    def which(self) -> str:
        return self.to

    def decide(self, otp: Otp) -> Answer[Grant]:
        if otp.tries_left < 1 or otp.expires_at is None or self.at >= otp.expires_at:
            raise Refused("ask for a new code")
        if not self.proves(the_code(otp), self.code):
            raise Refused("wrong code", records=Missed(tries_left=otp.tries_left - 1))
        yield Proved(role=otp.role)
        return Grant(sub=otp.user, role=otp.role)


@on(Requested)
def send_the_code(asked: Requested, otp: Otp) -> Iterator[Effect]:
    code = {"code": the_code(otp)}
    if asked.role is Role.ORG:
        yield Mail(to=asked.to, template="code", data=code)
    else:
        yield Sms(to=asked.to, text="Your code is {code}.", data=code)


def the_code(otp: Otp) -> Digits:
    """A recipe, filled in by the sender and the check: the digits are stored nowhere."""
    return Digits(CODE_DIGITS, of=otp.round)
