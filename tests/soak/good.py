"""A small good folder, made in this process: a load without a single kill."""

from __future__ import annotations

from pathlib import Path
from random import Random
from threading import Event
from typing import Any

from mainstem.protocol.ingest import Fact
from tests.protocol.plant import Plant, fact, plant
from tests.soak.desks import Direct
from tests.soak.ledger import Ledger
from tests.soak.wishes import wish
from tests.soak.workers import Asker, Sender

SEED = 7
WISHES, BATCHES = 160, 12


class AtTheFeed:
    """Facts, sent without an entrance."""

    def __init__(self, works: Plant) -> None:
        self.works = works

    def take(self, facts: list[dict[str, Any]]) -> list[bool]:
        return [one is not None for one in self.works.ingest.send([_fact(one) for one in facts])]


def _fact(one: dict[str, Any]) -> Fact:
    return fact("clicks", one["id"], one["type"], one["at"], "shop", one["data"])


def made(place: Path) -> Path:
    """`data` and `ledgers` of a load that went well, settled and drained."""
    (place / "ledgers").mkdir(parents=True)
    with plant(place / "data", "tickets", "channels", "clicks") as works:
        works.engine.catch_up()  # settled before anything happens
        for name in ("a0", "a1"):
            _ask(works, place / "ledgers", name)
        _send(works, place / "ledgers")
        works.engine.catch_up()
    return place


def _ask(works: Plant, ledgers: Path, name: str) -> None:
    ledger = Ledger(ledgers / f"{name}.jsonl")
    asker = Asker(Direct(works.ports, works.domains, works.asking), ledger, SEED, name, Event())
    for n in range(WISHES):
        asker.grant(wish(SEED, name, n), Random(n))
    ledger.close()


def _send(works: Plant, ledgers: Path) -> None:
    ledger = Ledger(ledgers / "f0.jsonl")
    sender = Sender(AtTheFeed(works), ledger, SEED, "f0", Event())
    for _ in range(BATCHES):
        assert sender.send()
        sender.n += 1
    ledger.close()
