"""What must hold of the standard story in the end, worked out by hand."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

import msgspec

from mainstem._command import Command
from mainstem._refused import Refused
from mainstem.aggregate import Aggregate
from mainstem.ports import Document, Entry, Intent, Record
from mainstem.protocol.commit import Committed, Different, Taken
from mainstem.protocol.consume import Into
from mainstem.sim import by_hand, jars
from mainstem.sim.clients import Wish, happened
from mainstem.sim.plan import Event, Rest
from mainstem.sim.telling import in_words
from mainstem.sim.world import TENANT, Broken, World

NAMES = ("honey", "salt", "tea")
PROBE = 1_000  # beyond all other numbers
_decode = msgspec.json.Decoder().decode


def check_lists(rest: Rest, into: Into) -> None:
    """Every jar and every hand stands where its row says, and nowhere else."""
    if not into.sink.indexes:
        return
    fold, jars = rest.world.plan.fold(into.sink), into.sink.name == "jars.Jar"
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
            name = _decode(line)["data"].get("name")
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
            bodies = (wish.body, *wish.forged)
            if found not in [_decided(rest, wish, body, before).made for body in bodies]:
                raise Broken(f"{wish.body} made {found} of {aggregate} version {record.first - 1}")
    held = _held(rest.commits)
    for wish in rest.wishes:
        _Asked(rest, wish, held).check()


class _Asked(NamedTuple):
    """A wish, and which names were ever whose: what it was answered, and what it had to be."""

    rest: Rest
    wish: Wish
    held: Mapping[str, set[Aggregate]]

    def check(self) -> None:
        """Each of its answers. Once it has happened, it is that answer for ever."""
        told = False
        for answer in self.wish.answers:
            if isinstance(answer, Committed):
                self._check_yes(answer)
                told = told or answer.happened
            elif not self._has_to_be_no(answer, told):
                raise Broken(f"{self.wish} was told no: {answer.reason}, for no reason")

    @property
    def aggregate(self) -> Aggregate:
        """Whom it concerns."""
        return Aggregate(TENANT, self.wish.domain.name, self.wish.id)

    @property
    def record(self) -> Record | None:
        """What its command has made, if anything."""
        records = self.rest.history.get(self.aggregate, ())
        command = str(self.wish.command)
        return next((one for one in records if one.command == command), None)

    def _check_yes(self, answer: Committed) -> None:
        record = self.record if answer.happened else None
        wanted = self._at(answer.version if record is None else record.first - 1)
        right = (bool(wanted.made), wanted.answer) == (answer.happened, answer.answer)
        if wanted.no or not right:
            raise Broken(f"{self.wish} was told {in_words(answer)}, and it had to be {wanted}")
        if record is not None and answer.at != record.at:
            raise Broken(f"{self.wish} was told that it was at {answer.at}, and it was {record.at}")

    def _has_to_be_no(self, no: Refused, told: bool) -> bool:
        """Whether there was a moment, before it was told a yes, at which this was the answer."""
        if isinstance(no, Different):
            return bool(self.wish.forged) and not told
        if isinstance(no, Taken):
            name = vars(self.wish.body).get("name", "")
            return bool(self.held.get(name, set()) - {self.aggregate}) and not told
        record, events = self.record, self.rest.events.get(self.aggregate, ())
        moments = [record.first - 1] if told and record else range(len(events) + 1)
        return no.reason in {self._at(moment).no for moment in moments}

    def _at(self, version: int) -> by_hand.Decided:
        events = self.rest.events.get(self.aggregate, ())[:version]
        return _decided(self.rest, self.wish, self.wish.body, events)


def _held(commits: Iterable[Record]) -> dict[str, set[Aggregate]]:
    """Which names were ever whose."""
    found: dict[str, set[Aggregate]] = {}
    for record in commits:
        for line in record.events:
            if name := _decode(line)["data"].get("name"):
                found.setdefault(name, set()).add(record.aggregate)
    return found


def _decided(
    rest: Rest, wish: Wish, body: Command[Any], events: Sequence[Event]
) -> by_hand.Decided:
    """By the code that the wish is asked of: what counts as a fill has changed since."""
    aggregate = Aggregate(TENANT, wish.domain.name, wish.id)
    today = wish.domain is rest.world.plan.domains[wish.domain.name]
    row = by_hand.jar(aggregate, events, by_hand.NOW if today else by_hand.THEN)[""]
    name, fields = type(body).__name__, vars(body)
    return by_hand.decided(name, fields, wish.by, row, bool(events))


def check_free(world: World, holder: Mapping[str, Aggregate]) -> None:
    """What nobody holds can be had, and what somebody holds can't."""
    domain = world.plan.domains["jars"]
    probes = [
        Wish(PROBE + n, domain, f"probe{n}", "eve", jars.Open(name=name), keyed=False)
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
