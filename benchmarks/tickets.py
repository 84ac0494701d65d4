"""Tickets, the domain of this repository: what the benchmarks of one machine ask and consume."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from benchmarks.measure import ROOT
from edge.caller import Caller
from local.adapters import Adapters, adapters
from local.service import asking
from mainstem.aggregate import Aggregate
from mainstem.bundle import bundled
from mainstem.discovery import Domain, discover
from mainstem.envelope import Envelope, encode
from mainstem.ports import Bundle
from mainstem.protocol.commit import Committed

TICKETS: Domain = discover(ROOT / "domains")["tickets"]
ONLY: Mapping[str, Domain] = {"tickets": TICKETS}
NOON_US = 1_800_000_000_000_000
# One ticket from its beginning to its end, as (command, fields) and by the same person.
STORY: Sequence[tuple[str, Mapping[str, str]]] = (
    ("Submit", {"title": "The printer burns again"}),
    ("Prioritize", {"priority": "high"}),
    ("Comment", {"text": "Smoke comes out of it, and it smells"}),
    ("Comment", {"text": "The new one works, thank you"}),
    ("Close", {"reason": "replaced"}),
)


class Desk:
    """Where commands are asked: one for all threads."""

    def __init__(self, ports: Adapters) -> None:
        self.ports, self.asking = ports, asking(ports)

    def ask(self, id: str, command: str, fields: Mapping[str, Any]) -> Committed:
        """One command of Ann's, committed."""
        body = TICKETS.commands[command](**fields)
        return self.asking.ask(TICKETS, body, Caller("ann"), id=id)

    def live(self, id: str) -> None:
        """A ticket's whole story."""
        for command, fields in STORY:
            self.ask(id, command, fields)


@contextmanager
def desk(folder: Path) -> Iterator[Desk]:
    """A desk on a folder of its own."""
    ports = adapters(folder)
    try:
        yield Desk(ports)
    finally:
        ports.close()


def lines(id: str, many: int) -> list[bytes]:
    """So many events of one ticket, two at least: submitted, talked about, closed."""
    talk = [("Commented", {"author": f"bob{n % 7}", "text": "It still burns"}) for n in range(many)]
    said = [("Submitted", {"title": f"It burns in {id}", "author": "ann"}), *talk[2:]]
    said.append(("Closed", {"reason": "replaced"}))
    return [_line(id, version, type, data) for version, (type, data) in enumerate(said, 1)]


def bundle(id: str, some: Sequence[bytes]) -> Bundle:
    """As it travels."""
    return Bundle(Aggregate("main", TICKETS.name, id).key, bundled(some))


def _line(id: str, version: int, type: str, data: Mapping[str, Any]) -> bytes:
    return encode(
        Envelope(
            tenant="main", domain=TICKETS.name, id=id, version=version, type=type, schema=1,
            at=NOON_US + version, by="ann", data=dict(data), command=f"{id}/{version}",
        )
    )  # fmt: skip
