"""What must be true of the feed: everything that was committed is on it, in order."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping

from tests.soak.finding import Finding
from tests.soak.found import Bundle, Event, Found
from tests.soak.heard import Heard, token_of


def whole(found: Found, _: Heard) -> Iterator[Finding]:
    """Each bundle is what its header says, and travels under the key of what it holds."""
    for bundle in found.bundles:
        if not bundle.whole:
            yield Finding("whole", f"bundle {bundle.sequence}", "is not what its header says")
        keys = {f"main/{one.domain}/{one.id}" for one in bundle.events}
        if not bundle.producer and keys != {bundle.key}:
            yield Finding("whole", f"bundle {bundle.sequence}", f"holds {keys} under {bundle.key}")


def fed(found: Found, _: Heard) -> Iterator[Finding]:
    """Every event that was committed is there, with the same bytes, at least once, in order."""
    put: dict[tuple[str, str], dict[int, Event]] = defaultdict(dict)
    for bundle in found.bundles:
        for event in bundle.events if not bundle.producer else ():
            first = put[event.domain, event.id].setdefault(event.version, event)
            if first.line != event.line:
                yield Finding("fed", _name(event), "is on the feed in two spellings")
    for domain in ("tickets", "channels"):
        histories = found.histories(domain)
        for id, history in histories.items():
            yield from _compared(f"{domain}/{id}", history, put[domain, id])
        for strange in [id for of, id in put if of == domain and id not in histories]:
            yield Finding("fed", f"{domain}/{strange}", "is on the feed and was never committed")


def _compared(about: str, history: list[Event], put: Mapping[int, Event]) -> Iterator[Finding]:
    lines = {event.version: event.line for event in history}
    for version, line in lines.items():
        if version not in put:
            yield Finding(
                "fed", f"{about} version {version}", "was committed and is not on the feed"
            )
        elif put[version].line != line:
            yield Finding("fed", f"{about} version {version}", "is another on the feed")
    for version in put.keys() - lines.keys():
        yield Finding("fed", f"{about} version {version}", "is on the feed and was never committed")
    if list(put) != sorted(put):
        yield Finding("fed", about, f"came in the order {list(put)}")


def taken(found: Found, heard: Heard) -> Iterator[Finding]:
    """A fact that was acknowledged is there; none is there more often than it was sent."""
    there = Counter(_token(event) for bundle in new_bundles(found) for event in bundle.events)
    for token, sent in heard.sent.items():
        if not heard.taken[token] <= there[token] <= sent:
            text = f"was sent {sent} times, acknowledged {heard.taken[token]}, and is there"
            yield Finding("taken", f"fact {token}", f"{text} {there[token]} times")
    for token in there.keys() - heard.sent.keys():
        yield Finding("taken", f"fact {token}", "is there, and nobody sent it")


def ordered(found: Found, heard: Heard) -> Iterator[Finding]:
    """A visitor's facts are there in the order in which they were first sent."""
    sent = {token: place for place, token in enumerate(heard.facts)}
    for visitor, facts in facts_of(found).items():
        places = list(dict.fromkeys(sent.get(_token(fact), -1) for fact in facts))
        if places != sorted(places):
            yield Finding("ordered", f"clicks/{visitor}", "its facts overtook each other")


def put_again(found: Found) -> int:
    """How often an event was put that was there: two did it at once, or one was killed in it."""
    put = Counter(
        one.line for bundle in found.bundles if not bundle.producer for one in bundle.events
    )
    return put.total() - len(put)


def new_bundles(found: Found) -> Iterator[Bundle]:
    """Bundles of facts, without those that were sent again."""
    seen: set[tuple[str, str, int]] = set()
    for bundle in found.bundles:
        name = (bundle.key, bundle.producer, bundle.n)
        if bundle.producer and name not in seen:
            seen.add(name)
            yield bundle


def facts_of(found: Found) -> Mapping[str, list[Event]]:
    """Every visitor's facts, numbered in the order of the feed."""
    facts: dict[str, list[Event]] = defaultdict(list)
    for bundle in new_bundles(found):
        for event in bundle.events:
            history = facts[event.id]
            history.append(event._replace(version=len(history) + 1))
    return facts


def _token(event: Event) -> str:
    return token_of({"data": event.data})


def _name(event: Event) -> str:
    return f"{event.domain}/{event.id} version {event.version}"
