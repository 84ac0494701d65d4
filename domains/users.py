"""Users: who has proved an address, the name they go by, and when they signed in."""

from __future__ import annotations

from collections.abc import Iterator

from domains import otp
from mainstem import (
    Command, Effect, Event, Refused, Tell, View, anyone, at, count, first, index, last, on, readers,
    system,
)  # fmt: skip
from mainstem.values import Line

# Events are stored for ever: add fields with defaults, never rename or remove.


class Registered(Event):
    name: str


class SignedIn(Event):
    role: otp.Role


class User(View):
    """For themselves. The id is the account's, opaque: the address it was made for stays in otp."""

    name = first(Registered.name)
    role = last(SignedIn.role)
    seen_at = last(at(SignedIn))
    sign_ins = count(SignedIn)

    seen_by = readers(View.id)


class Person(View):
    """For everybody: the name behind an account's id, so that members and authors can be shown."""

    name = first(Registered.name)
    since = first(at(Registered))

    seen_by = readers(anyone, where=name != None)
    by_name = index(order=name)


class Register(Command[User], starts=True):
    name: Line

    def which(self) -> str:
        return self.by  # a token in this name is the proof of a confirmed sign-up

    def decide(self, user: User) -> Iterator[Event]:
        if user.name is None:
            yield Registered(name=self.name)
        elif self.name != user.name:
            raise Refused(f"you are registered as {user.name}")


class SignIn(Command[User], starts=True, by=system, again=True):
    role: otp.Role

    def decide(self, user: User) -> Iterator[Event]:
        yield SignedIn(role=self.role)


@on(otp.Proved)  # event -> event: whoever reacts imports what happened, never the other way
def sign_in(proved: otp.Proved, code: otp.Otp) -> Iterator[Effect]:
    yield Tell(code.user, SignIn(role=proved.role))
