"""Checks: what must hold once a life has come to rest, whatever its plan is about."""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from itertools import chain
from typing import TYPE_CHECKING, Any

import msgspec

from mainstem.aggregate import Aggregate
from mainstem.bundle import domain_of, is_lane
from mainstem.ports import Arrived, Lane, Record, Stage
from mainstem.protocol.commit import Committed
from mainstem.protocol.consume import Into
from mainstem.protocol.drive import drive
from mainstem.sim.clients import Wish
from mainstem.sim.hosts import Host
from mainstem.sim.plan import Event, Events, Rest, Rows
from mainstem.sim.telling import in_words
from mainstem.sim.world import Broken, World

if TYPE_CHECKING:
    from mainstem.sim.life import Life

EVERY = 10_000
NO_LANE = Lane(0, 0, 0, {})
_decode = msgspec.json.Decoder().decode
History = Mapping[Aggregate, Sequence[Record]]


def check(life: Life) -> None:
    """All of it. Raises Broken."""
    rest = at_rest(life)
    check_journal(rest.history)
    check_envelopes(rest)
    check_answers(life.wishes, rest.history)
    if not life.hazards.forgotten:
        check_feed(rest)
    check_facts(life.hosts, rest.facts)
    check_torn(rest, unheard(life, rest))
    for into in rest.intos:
        if not into.sink.domain.decided:
            check_lanes(rest, into)
        check_rows(rest, into)
        check_pointer(life.world, into)
    life.world.plan.check(rest)


def at_rest(life: Life) -> Rest:
    """What is there."""
    world = life.world
    found = {one: world.now("journal", "records", one, 0, EVERY) for one in world.asked_of}
    history: History = {one: records for one, records in found.items() if records}
    events = {one: list(map(_decode, _lines(records))) for one, records in history.items()}
    intos = [build.newest for build in life.builds]
    feed = tuple(fed(world))
    return Rest(world, intos, history, events, facts(feed), life.commits, feed, life.wishes)


def _lines(records: Iterable[Record]) -> Iterator[bytes]:
    return (line for record in records for line in record.events)


def check_journal(history: History) -> None:
    """Versions are dense, and no command is decided twice."""
    for aggregate, records in history.items():
        version = 0
        for record in records:
            if record.first != version + 1:
                raise Broken(f"{aggregate}: version {record.first} follows {version}")
            version = record.last
        commands = [record.command for record in records]
        if len(set(commands)) != len(commands):
            raise Broken(f"{aggregate}: a command is decided twice")


def check_envelopes(rest: Rest) -> None:
    """Each event says whose it is, who asked for it, when, and by which command."""
    wished = {str(wish.command): wish for wish in rest.wishes}
    for aggregate, records in rest.history.items():
        for record in records:
            by = wished[record.command].by
            for version, event in enumerate(map(_decode, record.events), record.first):
                whose = Aggregate(event["tenant"], event["domain"], event["id"])
                said = whose, event["version"], event["by"], event["at"], event["command"]
                if said != (aggregate, version, by, record.at, record.command):
                    raise Broken(f"{aggregate}: version {version} says {said}")


def check_answers(wishes: Iterable[Wish], history: History) -> None:
    """What was acknowledged is there, the same answer was given each time, and to one request."""
    for wish in wishes:
        happened = [one for one in wish.answers if isinstance(one, Committed) and one.happened]
        others = [one for one in wish.others if isinstance(one, Committed) and one.happened]
        if len({(one.version, one.answer) for one in happened}) > 1:
            raise Broken(f"{wish} is answered in two ways: {in_words(happened)}")
        if happened and others:
            two = f"{in_words(happened)}, and {in_words(others)}"
            raise Broken(f"{wish}: one key, two requests: {two}")
        for one in happened[:1]:
            command = str(wish.command)
            mine = [r for r in history.get(one.aggregate, ()) if r.command == command]
            if [(r.last, r.first == 1) for r in mine] != [(one.version, one.created)]:
                said, there = in_words(one), in_words(mine) if mine else "no record of it"
                raise Broken(f"{wish} was answered {said}, and there is {there}")


def check_feed(rest: Rest) -> None:
    """Every version is there as it was committed, and first occurrences are in order."""
    history, in_order = rest.history, rest.world.stores.in_order
    seen = dict.fromkeys(history, 0)
    keys = {aggregate.key: aggregate for aggregate in history}
    versions = {
        line: version
        for record in chain.from_iterable(history.values())
        for version, line in enumerate(record.events, record.first)
    }
    for arrived in rest.feed:
        aggregate = keys.get(arrived.key)
        for line in () if aggregate is None else arrived.data.split(b"\n")[1:]:
            assert aggregate is not None
            version = versions.get(line)
            if version is None:
                raise Broken(f"{aggregate}: on the feed is what nobody committed: {line!r}")
            if version > seen[aggregate] + 1 and in_order:
                gap = f"{version} is on the feed after {seen[aggregate]}"
                raise Broken(f"{aggregate}: version {gap}")
            seen[aggregate] = max(seen[aggregate], version)
    for aggregate, records in history.items():
        if seen[aggregate] != records[-1].last:
            raise Broken(f"{aggregate}: the feed ends at {seen[aggregate]}")


def check_facts(hosts: Iterable[Host], facts: Events) -> None:
    """What was acknowledged is there, nothing twice, and in the order in which it was said."""
    for host in hosts:
        for aggregate in {one.aggregate for one in host.said}:
            mine = [nth_of(e) for e in facts.get(aggregate, ()) if e["by"] == host.name]
            kept = [one.nth for one in host.acknowledged if one.aggregate == aggregate]
            if len(set(mine)) != len(mine):
                raise Broken(f"{host.name}: a fact of {aggregate} is there twice: {mine}")
            found = [nth for nth in mine if nth in kept]
            in_order = host.world.stores.in_order
            if (found if in_order else sorted(found)) != kept:
                raise Broken(f"{host.name}: {aggregate} has {mine}, acknowledged were {kept}")
            for life in host.lives if in_order else ():
                there = [nth for nth in mine if nth in life]
                if there != sorted(there):
                    raise Broken(f"{host.name}: one producer's facts came as {there}")


def nth_of(fact: Event) -> int:
    """Its host's how-manieth it is."""
    return int(fact["correlation"])


def unheard(life: Life, rest: Rest) -> set[int]:
    """What nobody was to read: batches that were thrown away; and what lay before all who are left
    began, once who was to read it is let go of. The archive has that among what it can't read."""
    every = (*life.deliveries, *life.apart)
    thrown = {one for delivery in every for one in delivery.thrown}
    before = {
        one.sequence
        for one in rest.feed
        if all(one.sequence <= some.begun.get(one.shard, 0) for some in life.deliveries)
    }
    return thrown | (before if life.apart else set())


def check_torn(rest: Rest, thrown: Container[int]) -> None:
    """What nobody can read is kept, byte by byte, unless its batch was thrown away."""
    kept = {one.sequence: one for one in rest.world.stores.quarantined()}
    for one in rest.feed:
        if b"\n" in one.data or (one.sequence not in kept and one.sequence in thrown):
            continue
        found = kept.get(one.sequence)
        if found is None or (found.shard, found.key, found.data) != (one.shard, one.key, one.data):
            raise Broken(f"of the torn record {one}, this is kept: {found}")


def check_lanes(rest: Rest, into: Into) -> None:
    """A lane counts its bundles, each once, and adds up their sequences; no producer is missing."""
    lanes: dict[str, Lane] = {}
    for arrived in rest.feed:
        if is_lane(arrived.key) and domain_of(arrived.key) == into.sink.domain.name:
            lanes[arrived.key] = _counted(lanes.get(arrived.key, NO_LANE), arrived)
    for key, wanted in lanes.items():
        found = rest.world.now("rows", "lane", into.generation, key)
        if found != wanted:
            raise Broken(f"{into.sink.name}: {key} stands at {found}, wanted {wanted}")


def _counted(lane: Lane, arrived: Arrived) -> Lane:
    """By hand, as the lane must stand after this bundle."""
    header = _decode(arrived.data.split(b"\n", 1)[0])
    name, n = header["producer"], header["n"]
    high, holes, _ = lane.producers.get(name, (0, (), 0))
    new = n > high or n in holes
    left = tuple(sorted({*holes, *range(high + 1, n)} - {n}))
    producers = {**lane.producers, name: (max(high, n), left, arrived.at)}
    total = lane.total + (arrived.sequence if new else 0)
    return Lane(arrived.sequence, lane.bundles + new, total, producers)


def check_pointer(world: World, into: Into) -> None:
    """One generation of a sink is current, never two, never none."""
    found = world.now("generations", "of", into.sink.name)
    current = [one.number for one in found if one.stage is Stage.CURRENT]
    if len(current) != 1:
        raise Broken(f"{into.sink.name}: current are {current}")


def check_rows(rest: Rest, into: Into) -> None:
    """Rows are the fold of all that happened, and nothing else is there."""
    sink, events = into.sink, rest.events if into.sink.domain.decided else rest.facts
    versions = rest.world.stores.versions(into.generation)
    own = {one: these for one, these in events.items() if one.domain == sink.domain.name}
    if {one: len(these) for one, these in own.items()} != versions:
        wanted = {str(one): len(these) for one, these in own.items()}
        found = {str(one): version for one, version in versions.items()}
        raise Broken(f"{sink.name}/{into.generation.number} shows {found}, wanted {wanted}")
    fold = rest.world.plan.fold(sink)
    for aggregate, these in own.items():
        shown = _shown(rest, into, aggregate)
        _compare(f"{sink.name} of {aggregate}", shown, fold(aggregate, these))


def _shown(rest: Rest, into: Into, aggregate: Aggregate) -> Rows:
    sink, cells = into.sink, rest.world.stores.cells(into.generation, aggregate)
    named = bool(sink.state.__keys__)
    return {
        key: sink.state.__machine__.finish(
            _decode(one), id=aggregate.id, **({"key": key} if named else {})
        )
        for key, one in cells.items()
    }


def _compare(whose: str, shown: Rows, wanted: Rows) -> None:
    if set(shown) != set(wanted):
        raise Broken(f"{whose}: there are {sorted(shown)}, wanted {sorted(wanted)}")
    for key, row in wanted.items():
        for name, value in row.items():
            found = _within(shown[key][name], value)
            if found != value:
                raise Broken(f"{whose}: {key} {name} is {found!r}, wanted {value!r}")


def _within(found: Any, wanted: Any) -> Any:
    """Of rows in a row, the columns that are compared."""
    if isinstance(wanted, dict) and isinstance(found, dict):
        return {key: _columns(one, wanted.get(key)) for key, one in found.items()}
    return found


def _columns(row: Any, wanted: Any) -> Any:
    if isinstance(row, dict) and isinstance(wanted, dict):
        return {name: value for name, value in row.items() if name in wanted}
    return row


def facts(feed: Iterable[Arrived]) -> dict[Aggregate, list[Event]]:
    """Facts by whom they are of, in the order of the feed, each bundle once."""
    known: set[tuple[str, str, int]] = set()
    found: dict[Aggregate, list[Event]] = {}
    for arrived in feed:
        if is_lane(arrived.key):
            header = _decode(arrived.data.split(b"\n", 1)[0])
            bundle = header["producer"], arrived.key, header["n"]
            for event in () if bundle in known else lines(arrived):
                of = Aggregate(event["tenant"], event["domain"], event["id"])
                found.setdefault(of, []).append(event)
            known.add(bundle)
    return found


def fed(world: World) -> Iterator[Arrived]:
    """Everything on the feed, in the order of its sequences."""
    feed = world.stores.feed
    shards = [one.name for one in drive(feed.shards())]
    every = [one for shard in shards for one in drive(feed.read(shard, 0, EVERY)).records]
    return iter(sorted(every, key=lambda one: one.sequence))


def lines(arrived: Arrived) -> Iterator[Event]:
    """The envelopes of a bundle, as JSON; of what is no bundle, none."""
    return map(_decode, arrived.data.split(b"\n")[1:])
