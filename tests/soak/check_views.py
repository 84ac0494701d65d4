"""What must be true of views and search: they are what the histories amount to, folded by hand."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Hashable, Iterator, Mapping
from itertools import chain
from random import Random
from typing import Any

from tests.soak.check_feed import facts_of, new_bundles
from tests.soak.finding import Finding
from tests.soak.found import Found, Lane, Sink
from tests.soak.heard import Heard
from tests.soak.own import Own
from tests.soak.own_channels import channels
from tests.soak.own_clicks import clicks
from tests.soak.own_tickets import REACTION, intents, tickets

WORDS_SAMPLED = 200
WORD = re.compile(r"[a-z0-9]+")


def shown(found: Found, _: Heard) -> Iterator[Finding]:
    """Every row is what its history amounts to; there is none too many."""
    for own in owns(found):
        sink = found.sinks[own.name]
        versions = {id: head.version for id, head in sink.heads.items()}
        yield from differing("shown", own.name, "version", versions, own.versions)
        there = {place: own.completed(cells) for place, cells in rows_of(sink).items()}
        yield from differing("shown", own.name, "row", there, own.rows)


def listed(found: Found, _: Heard) -> Iterator[Finding]:
    """Every row stands in its lists where it should, and nowhere else."""
    for own in owns(found):
        there = found.sinks[own.name].entries
        for entry in sorted(own.entries - there, key=str):
            yield Finding("listed", own.name, f"{entry} is missing")
        for entry in sorted(there - own.entries, key=str):
            yield Finding("listed", own.name, f"{entry} should not be there")


def searched(found: Found, _: Heard) -> Iterator[Finding]:
    """Every row's words are in the index, and some words find exactly the rows that hold them."""
    for own in owns(found):
        yield from differing(
            "searched", own.name, "document", found.sinks[own.name].documents, own.texts
        )
        holding: dict[str, set[tuple[str, str]]] = {}
        for place, text in own.texts.items():
            for word in WORD.findall(text.lower()):
                holding.setdefault(word, set()).add(place)
        words = sorted(holding)
        for word in Random(0).sample(words, min(WORDS_SAMPLED, len(words))):
            hits = found.matching(own.name, word)
            if hits != holding[word]:
                text = f"finds {len(hits)} rows, and {len(holding[word])} hold it"
                yield Finding("searched", f"{own.name} {word}", text)


def intended(found: Found, _: Heard) -> Iterator[Finding]:
    """Every effect is there, once for its key."""
    there = Counter(tuple(key) for *key, _ in found.intents)
    for key, times in there.items():
        if times > 1:
            yield Finding("intended", str(key), f"is there {times} times")
    effects = {tuple(key): effect for *key, effect in found.intents}
    due = intents(found.histories("tickets"), found.since[REACTION])
    own = {tuple(key): effect for *key, effect in due}
    yield from differing("intended", "tickets", "intent", effects, own)


def drained(found: Found, _: Heard) -> Iterator[Finding]:
    """Nothing waits, and every sink has read everything."""
    for what, count in found.waiting.items():
        if count:
            yield Finding("drained", what, f"{count} of them")
    ends: dict[str, int] = {}
    for bundle in found.bundles:
        ends[f"shard-{bundle.shard}"] = bundle.sequence
    for sink in found.sinks.values():
        for shard, end in ends.items():
            if sink.positions.get(shard, 0) != end:
                text = f"was read to {sink.positions.get(shard, 0)}, and ends at {end}"
                yield Finding("drained", f"{sink.name} {shard}", text)


def in_lanes(found: Found, _: Heard) -> Iterator[Finding]:
    """Every lane counts the bundles that were new, and has come to its last; rows to their last."""
    lanes: dict[str, Lane] = {}
    for bundle in new_bundles(found):
        last = lanes.get(bundle.key, Lane(0, 0, 0))
        total = last.total + bundle.sequence
        lanes[bundle.key] = Lane(bundle.sequence, last.bundles + 1, total)
    for bundle in found.bundles:  # those that came again move a lane on as well
        if bundle.producer:
            lanes[bundle.key] = lanes[bundle.key]._replace(sequence=bundle.sequence)
    applied = {
        event.id: (bundle.sequence, index)
        for bundle in new_bundles(found)
        for index, event in enumerate(bundle.events)
    }
    for name in ("clicks.Visitor", "clicks.Product", "clicks.Sessions"):
        sink = found.sinks[name]
        yield from differing("lanes", name, "lane", sink.lanes, lanes)
        there = {id: head.applied for id, head in sink.heads.items()}
        yield from differing("lanes", name, "last fact", there, applied)


def owns(found: Found) -> Iterator[Own]:
    """What every view should hold."""
    return chain(
        tickets(found.histories("tickets")),
        channels(found.histories("channels")),
        clicks(facts_of(found)),
    )


def rows_of(sink: Sink) -> Mapping[tuple[str, str], dict[str, Any]]:
    """Rows with keys, and those of views without."""
    single = {(id, ""): head.cells for id, head in sink.heads.items() if head.cells is not None}
    return {**single, **sink.rows}


def differing(
    rule: str, sink: str, what: str, there: Mapping[Any, Any], own: Mapping[Any, Any]
) -> Iterator[Finding]:
    """What is missing, too many, or other than it should be."""
    for key in sorted(there.keys() | own.keys(), key=str):
        if key not in there:
            yield Finding(rule, f"{sink} {_named(key)}", f"its {what} is missing")
        elif key not in own:
            yield Finding(rule, f"{sink} {_named(key)}", f"its {what} should not be there")
        elif there[key] != own[key]:
            said = _other(there[key], own[key])
            yield Finding(rule, f"{sink} {_named(key)}", f"its {what} {said}")


def _other(there: Any, own: Any) -> str:
    """What differs; of two rows, only the cells that do."""
    if isinstance(there, dict) and isinstance(own, dict):
        names = sorted(name for name in {*there, *own} if there.get(name) != own.get(name))
        there, own = ({name: row.get(name) for name in names} for row in (there, own))
    return f"is {there}, and should be {own}"


def _named(key: Hashable) -> str:
    return "/".join(str(part) for part in key if part != "") if isinstance(key, tuple) else str(key)
