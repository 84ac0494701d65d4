"""The standard story: jars, which are decided, and sips, which are ingested."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from functools import cache
from importlib import import_module
from random import Random
from typing import Any

from mainstem._command import Command
from mainstem._refused import Refused
from mainstem.aggregate import Aggregate
from mainstem.discovery import Domain, domain_of
from mainstem.ports import Document, Entry, Intent, Record
from mainstem.protocol.commit import Committed, Different, Taken
from mainstem.protocol.consume import Into
from mainstem.sim import before, by_hand, jars
from mainstem.sim.clients import Wish, happened
from mainstem.sim.hosts import Host, hosts
from mainstem.sim.plan import Event, Fold, Rest
from mainstem.sim.scheduler import NOON_US
from mainstem.sim.world import TENANT, Broken, World
from mainstem.sink import Sink

NEW = frozenset(("Dusted", "Stirred"))  # events of the latest release
HANDS = ("ann", "bob", "eve")
NAMES = ("honey", "salt", "tea")
KEYED = 0.7
OLD = 0.02  # how many lives begin with a long history, so that snapshots are taken
LONG = 16
OPENED_US = 8_000_000  # by then, mostly, so that there is something to fill
ASKED_OF_OLD = 0.5  # of commands, while code that folds otherwise is at work
PROBE = 1_000  # beyond all other numbers
PROBED = 8  # one life in so many is asked for each name in the end
Draw = Callable[[Random], Command[Any]]
OPEN: Draw = lambda random: jars.Open(name=random.choice(NAMES))  # noqa: E731
FILL: Draw = lambda random: jars.Fill(amount=random.randint(1, 9))  # noqa: E731
DUST: Draw = lambda _: jars.Dust()  # noqa: E731
BODIES: tuple[Draw, ...] = (
    OPEN,
    FILL,
    FILL,
    lambda random: jars.Take(amount=random.randint(1, 9)),
    lambda random: jars.Relabel(name=random.choice(NAMES)),
    lambda _: jars.Leave(),
    lambda _: jars.Break(),
    *[DUST] * 4,
)


class Standard:
    """Few jars, few names and few hands, so that they meet."""

    @property
    def domains(self) -> Mapping[str, Domain]:
        """Both of them."""
        return _domains()

    @property
    def begins(self) -> int:
        """Some noon."""
        return NOON_US

    @property
    def commit_events_max(self) -> int:
        """Whoever leaves lets go of what is left."""
        return 2

    def older(self, domain: Domain) -> Domain:
        """Without the events of the latest release."""
        return _older(domain)

    def before(self, domain: Domain) -> Domain:
        """Jars counted otherwise."""
        return before.domain() if domain.name == "jars" else domain

    def wishes(self, world: World) -> list[Wish]:
        """A few for each of a few jars, which are opened first."""
        random, found = world.random, list[Wish]()
        ids = [f"jar{n}" for n in range(random.randint(1, 3))]
        old = random.random() < OLD or world.faults.worst == "journal.keep"
        long = LONG if old else 0
        bodies = (*BODIES, *[DUST] * 9) if world.faults.worst == "parks.tried" else BODIES
        for number in range(long + random.randint(2, 9)):
            opens = number < len(ids)
            draw = OPEN if opens else FILL if number < long else random.choice(bodies)
            body = draw(random)
            id = ids[number] if opens else ids[0] if number < long else random.choice(ids)
            keyed, by = random.random() < KEYED, random.choice(HANDS)
            domain = self.domains["jars"]
            if world.folds_changed and random.random() < ASKED_OF_OLD:
                domain, body = _of_old(body)
            found.append(Wish(number, domain, id, by, body, keyed))
            if opens:
                found[-1].latest = OPENED_US
        happened(world, found[:long])
        return found

    def hosts(self, world: World) -> list[Host]:
        """One or two, with a few cups."""
        return hosts(world)

    def fold(self, sink: Sink) -> Fold:
        """By hand."""
        return _fold(sink)

    def check(self, rest: Rest) -> None:
        """Search, claims and effects."""
        for into in rest.intos:
            check_lists(rest, into)
            if into.sink.searches:
                check_words(rest, into)
        check_effects(rest)
        check_decisions(rest)
        holder = check_claims(rest.commits)
        if rest.world.seed % PROBED == 0:
            check_free(rest.world, holder)
            check_claims(rest.commits)


@cache
def _domains() -> Mapping[str, Domain]:
    modules = (import_module(f"mainstem.sim.{name}") for name in ("jars", "sips"))
    return {domain.name: domain for domain in map(domain_of, modules)}


@cache
def _known(name: str, now: bool) -> Domain:
    domain = _domains()[name] if now else before.domain()
    known = {event: kind for event, kind in domain.events.items() if event not in NEW}
    return replace(domain, events=known)


def _older(domain: Domain) -> Domain:
    return _known(domain.name, domain is _domains()[domain.name])


def _fold(sink: Sink) -> Fold:
    now = sink.state is _domains()[sink.domain.name].states[sink.state.__name__]
    return (by_hand.FOLDS if now else by_hand.BEFORE)[sink.name]


def _of_old(body: Command[Any]) -> tuple[Domain, Command[Any]]:
    """The same command, decided by the release before."""
    domain = before.domain()
    return domain, domain.commands[type(body).__name__](**body.model_dump())


def check_lists(rest: Rest, into: Into) -> None:
    """Every jar and every hand stands where its row says, and nowhere else."""
    if not into.sink.indexes:
        return
    fold, jars = _fold(into.sink), into.sink.name == "jars.Jar"
    wanted = {
        (one, Entry("fullest", "[true]" if row["whole"] else "[false]", row["level"], key))
        if jars
        else (one, Entry("busiest", "[]", row["turns"], key))
        for one, events in rest.events.items()
        for key, row in fold(one, events).items()
    }
    found = rest.world.stores.entries(into.generation)
    if found != wanted:
        raise Broken(f"lists of {into.sink.name}: {found ^ wanted}")


def check_words(rest: Rest, into: Into) -> None:
    """Search has every jar's name, as new as its row."""
    found = list(rest.world.stores.documents(into.generation))
    wanted = [
        Document(
            one.tenant, one.id, "", len(events),
            {"words": by_hand.jar(one, events)[""]["name"] or ""},
        )
        for one, events in rest.events.items()
    ]  # fmt: skip
    if sorted(found) != sorted(wanted):
        raise Broken(f"search of {into.sink.name}: {found}, wanted {wanted}")


def check_claims(commits: Iterable[Record]) -> dict[str, Aggregate]:
    """At no moment do two jars have one name. Who has which, in the end."""
    holder: dict[str, Aggregate] = {}
    held: dict[Aggregate, str] = {}
    for record in commits:
        for line in record.events:
            name = json.loads(line)["data"].get("name")
            if name:
                if holder.get(name, record.aggregate) != record.aggregate:
                    raise Broken(f"{name!r} is {holder[name]}'s and {record.aggregate}'s")
                holder.pop(held.get(record.aggregate, ""), None)
                holder[name], held[record.aggregate] = record.aggregate, name
    return holder


def check_decisions(rest: Rest) -> None:
    """What happened to a jar, and what was answered, is what its commands had to make of it."""
    wished = {str(wish.command): wish for wish in rest.wishes}
    for aggregate, records in rest.history.items():
        events = rest.events[aggregate]
        for record in records:
            wish, before = wished[record.command], events[: record.first - 1]
            found = [(one["type"], one["data"]) for one in events[record.first - 1 : record.last]]
            if found not in [_decided(wish, body, before).made for body in _bodies(wish)]:
                raise Broken(f"{wish.body} made {found} of {aggregate} version {record.first - 1}")
    held = _held(rest.commits)
    for wish in rest.wishes:
        aggregate = Aggregate(TENANT, wish.domain.name, wish.id)
        mine = [one for one in rest.history.get(aggregate, ()) if one.command == str(wish.command)]
        told = False  # from then on it is the same answer for ever
        for answer in wish.answers:
            _check_answer(rest, wish, aggregate, mine, answer, held, told)
            told = told or (isinstance(answer, Committed) and answer.happened)


def _check_answer(
    rest: Rest,
    wish: Wish,
    aggregate: Aggregate,
    mine: Sequence[Record],
    answer: Committed | Refused,
    held: Mapping[str, set[Aggregate]],
    told: bool,
) -> None:
    """A yes says what was decided there; a no is one that had to be said at some moment."""
    events = rest.events.get(aggregate, ())
    if isinstance(answer, Committed):
        at = mine[0].first - 1 if answer.happened and mine else answer.version
        wanted = _decided(wish, wish.body, events[:at])
        right = (bool(wanted.made), wanted.answer) == (answer.happened, answer.answer)
        if wanted.no or not right or (answer.happened and answer.at != mine[0].at):
            raise Broken(f"{wish} was told {answer}, and it had to be {wanted}")
        return
    if isinstance(answer, Different):
        right = bool(wish.forged) and not told
    elif isinstance(answer, Taken):
        name = wish.body.model_dump().get("name", "")
        right = bool(held.get(name, set()) - {aggregate}) and not told
    else:
        moments = [mine[0].first - 1] if told else range(len(events) + 1)
        noes = {_decided(wish, wish.body, events[:moment]).no for moment in moments}
        right = answer.reason in noes
    if not right:
        raise Broken(f"{wish} was told no: {answer.reason}, for no reason")


def _held(commits: Iterable[Record]) -> dict[str, set[Aggregate]]:
    """Which names were ever whose."""
    found: dict[str, set[Aggregate]] = {}
    for record in commits:
        for line in record.events:
            if name := json.loads(line)["data"].get("name"):
                found.setdefault(name, set()).add(record.aggregate)
    return found


def _bodies(wish: Wish) -> list[Command[Any]]:
    return [wish.body, *wish.forged]


def _decided(wish: Wish, body: Command[Any], events: Sequence[Event]) -> by_hand.Decided:
    """By the code that the wish is asked of: what counts as a fill has changed since."""
    aggregate = Aggregate(TENANT, wish.domain.name, wish.id)
    counted = by_hand.NOW if wish.domain is _domains()["jars"] else by_hand.THEN
    row = by_hand.jar(aggregate, events, counted)[""]
    name, fields = type(body).__name__, body.model_dump()
    return by_hand.decided(name, fields, wish.by, row, bool(events))


def check_free(world: World, holder: Mapping[str, Aggregate]) -> None:
    """What nobody holds can be had, and what somebody holds can't."""
    probes = [
        Wish(PROBE + n, _domains()["jars"], f"probe{n}", "eve", jars.Open(name=name), keyed=False)
        for n, name in enumerate(NAMES)
    ]
    happened(world, probes)
    for name, probe in zip(NAMES, probes, strict=True):
        refused = isinstance(probe.answers[0], Refused)
        if refused != (name in holder):
            raise Broken(f"{name!r} is {holder.get(name)}'s, and asked for: {probe.answers[0]!r}")


def check_effects(rest: Rest) -> None:
    """Each event that asks for an effect has asked once, for what it had to."""
    wanted = {
        Intent(one, n, "jars.sweep_up", 0, json.dumps(said, separators=(",", ":")).encode(), at)
        for one, events in rest.events.items()
        for n, event in enumerate(events, 1)
        if event["type"] == "Broken"
        for said, at in [(by_hand.intent(one, events[:n]), event["at"])]
    }
    intents = rest.world.stores.intents()
    if len(intents) != len(wanted) or set(intents) != wanted:
        raise Broken(f"effects of {intents}, wanted {wanted}")
