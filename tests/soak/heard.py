"""What all workers wrote into their ledgers: what they asked, and what they were answered."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

Answer = tuple[tuple[str, Any], ...]


class Fact(NamedTuple):
    """One fact, as it was sent."""

    token: str
    visitor: str


@dataclass
class Heard:
    """Commands by their keys; facts by their tokens, each in the order of the first sending."""

    asked: dict[str, Mapping[str, Any]] = field(default_factory=dict)
    told: dict[str, list[Mapping[str, Any]]] = field(default_factory=lambda: defaultdict(list))
    failed: list[str] = field(default_factory=list)
    unanswered: int = 0
    facts: dict[str, Fact] = field(default_factory=dict)
    sent: Counter[str] = field(default_factory=Counter)
    taken: Counter[str] = field(default_factory=Counter)

    def happened(self, key: str) -> Mapping[str, Any] | None:
        """What was told when it happened; None where it never did."""
        return next((told for told in self.told[key] if told.get("happened")), None)


def heard_in(ledgers: Iterable[Iterable[Mapping[str, Any]]]) -> Heard:
    """All of them, read from their beginnings."""
    heard = Heard()
    for ledger in ledgers:
        batch: Sequence[Fact] = ()
        for line in ledger:
            batch = _hear(heard, line, batch)
    return heard


def _hear(heard: Heard, line: Mapping[str, Any], batch: Sequence[Fact]) -> Sequence[Fact]:
    """One more line; what comes back is the batch of facts that was sent last."""
    match line:
        case {"asked": key, "wish": wish}:
            heard.asked[key] = wish
        case {"told": key, **told}:
            heard.told[key].append(told)
        case {"failed": key, "why": why}:
            heard.failed.append(f"{key}: {why}")
        case {"unanswered": _}:
            heard.unanswered += 1
        case {"sent": facts}:
            batch = [Fact(token_of(one), one["id"]) for one in facts]
            heard.sent.update(one.token for one in batch)
            for one in batch:
                heard.facts.setdefault(one.token, one)
        case {"taken": taken}:
            heard.taken.update(one.token for one, ok in zip(batch, taken, strict=True) if ok)
        case _:
            raise AssertionError(f"no ledger holds {line}")
    return batch


def token_of(fact: Mapping[str, Any]) -> str:
    """What no other fact says: the last part of a page, or the name of an order."""
    data = fact["data"]
    token: str = data["order"] if "order" in data else data["page"].rpartition("/")[2]
    return token
