"""What the type checkers must catch: every marked line holds exactly the mistakes it names.

A comment that doesn't fit beside its line stands above it: the formatter would move it.
"""

from collections.abc import Iterator

from domains.meetups import Accept, Invited, Listing, Meetup, Published
from domains.tickets import Closed, Rename, Submit, Submitted, Ticket
from mainstem import (
    Answer,
    Command,
    Effect,
    Event,
    Tell,
    View,
    case,
    coalesce,
    count,
    flag,
    keyed,
    last,
    on,
    says,
    size,
    total,
)
from mainstem.testing import given

# Events: their fields, when they are made and when they are named.
Submitted(title=7, author="ann")  # expect: mypy=arg-type pyright=reportArgumentType
# expect: mypy=call-arg pyright=reportCallIssue
Submitted(titel="It burns", title="It burns", author="ann")
Submitted(title="It burns")  # expect: mypy=call-arg pyright=reportCallIssue
burns = Submitted(title="It burns", author="ann")
burns.title = "Fire"  # expect: mypy=misc pyright=reportAttributeAccessIssue
# expect: mypy=attr-defined pyright=reportAttributeAccessIssue
last(Submitted.titel)

# States: the columns they have, and what those are.
Ticket().titel  # expect: mypy=attr-defined pyright=reportAttributeAccessIssue
Ticket().comments.upper()  # expect: mypy=attr-defined pyright=reportAttributeAccessIssue
Ticket().title.upper()
Listing().emails  # expect: mypy=attr-defined pyright=reportAttributeAccessIssue
# expect: mypy=attr-defined pyright=reportAttributeAccessIssue
Meetup().guests["ann"].commes


class Counting(View):
    """Folds keep the types of what they fold."""

    wrong: str = count(Submitted)  # expect: mypy=assignment pyright=reportAssignmentType
    closed = flag(on=Closed)
    # expect: mypy=arg-type pyright=reportArgumentType
    called = count(Submitted.title)
    # expect: mypy=arg-type pyright=reportArgumentType
    sum_of_titles = total(Submitted.title)
    size_of = size(closed, were=True)  # expect: mypy=call-arg pyright=reportCallIssue
    map_of = keyed(Submitted)  # expect: mypy=type-var pyright=reportArgumentType
    title = last(Submitted.title)
    both = coalesce(title, "")
    hot = case((closed, "hot"), default="cold")
    stage = last(says("open", Submitted), default="open")


Counting().hot.upper()
Counting().both.upper()
# expect: mypy=union-attr pyright=reportOptionalMemberAccess
Counting().title.upper()

# Commands: their body, their options, what they decide on and what they yield.
Rename(titel="Fire")  # expect: mypy=call-arg pyright=reportCallIssue,reportCallIssue
Submit(title=None)  # expect: mypy=arg-type pyright=reportArgumentType


class Silent(Command[Ticket]):
    """Says no decide."""


Silent()  # expect: mypy=abstract pyright=reportAbstractUsage


# expect: mypy=call-arg pyright=reportGeneralTypeIssues,reportCallIssue
class Misspelled(View, kee=Submitted.title):
    title = last(Submitted.title)


class Strange(Command[Ticket]):
    def decide(self, ticket: Ticket) -> Iterator[Event]:
        yield Submit(title="")  # expect: mypy=misc pyright=reportReturnType


class Other(Command[Ticket]):
    # expect: mypy=override pyright=reportIncompatibleMethodOverride
    def decide(self, meetup: Meetup) -> Iterator[Event]:
        yield Closed(reason="")


class Asked(Command[Ticket]):
    def decide(self, ticket: Ticket) -> Answer[str]:
        yield Closed(reason="")
        return 7  # expect: mypy=return-value pyright=reportReturnType


# Reactions: which event, which state, what comes of it.
@on(Published)  # expect: mypy=arg-type pyright=reportArgumentType
def hears_another(event: Invited, meetup: Meetup) -> Iterator[Effect]:
    yield Tell("a", Accept())


@on(Published)  # expect: mypy=arg-type pyright=reportArgumentType
def yields_events(event: Published, meetup: Meetup) -> Iterator[Event]:
    yield Published(contact="ann@example.org")


Tell("a", Accept)  # expect: mypy=arg-type pyright=reportArgumentType

# Tests: what is given and then expected are events.
given(Accept()).when(Accept())  # expect: mypy=arg-type pyright=reportArgumentType
given().when(Submit(title="")).then(Ticket())  # expect: mypy=arg-type pyright=reportArgumentType
