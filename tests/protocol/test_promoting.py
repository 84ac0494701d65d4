"""Promoting and going back through the ports: beside code of its own, and where there is none.

On AWS every generation has a consumer of its own, with its own code, so what is kept goes on. On
one machine one process has one code: what that has not folded stands still until its code is back.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from domains.tickets import Prioritize, Rename, Submit
from edge.caller import Caller
from local.adapters import adapters
from mainstem import Command
from mainstem.aggregate import Aggregate
from mainstem.discovery import Domain
from mainstem.ports import Generation, Stage
from mainstem.protocol import loading
from mainstem.protocol.consume import Into, Stale, consume
from mainstem.protocol.drive import drive
from mainstem.protocol.promoting import Unready, promoted
from mainstem.protocol.received import of_domain, receive
from mainstem.protocol.refold import refold
from mainstem.sim.behind import Memory
from mainstem.sink import Sink, sinks_of
from producers.asking import Asking
from tests.local.rebuilds import FIRST, TICKET, changed, crashing
from tests.protocol.plant import KEY, domains
from tests.sim.certain import Certain

NOON_US = 1_800_000_000_000_000


@dataclass
class Clock:
    """It stands still."""

    at: int = NOON_US

    async def now(self) -> int:
        return self.at

    async def sleep(self, seconds: float) -> None:
        self.at += int(seconds * 1e6)


@dataclass
class House:
    """Tickets, and whatever is behind the ports; each generation is consumed by its own code."""

    ports: Any
    clock: Clock

    def ask(self, command: Command[Any], id: str) -> None:
        asking = Asking(self.ports.journal, self.ports.feed, self.clock, KEY)
        asking.ask(domains()["tickets"], command, Caller("ann"), id=id)

    def begun(self, sink: Sink) -> Into:
        start = self.ports.generations.start(sink.name, sink.fingerprint, NOON_US)
        return Into(sink, drive(start), self.ports.rows, self.ports.parks, self.clock)

    def consume(self, into: Into) -> None:
        """All that is on the feed, by the code of this generation; it knows what it has."""
        for shard in drive(self.ports.feed.shards()):
            records = drive(self.ports.feed.read(shard.name, 0, 10_000)).records
            batch = drive(receive(self.ports.parks, self.clock, records, ("tickets",)))
            assert drive(consume(into, of_domain(batch, into.sink.domain))) is None

    def built(self, into: Into, old: Generation) -> None:
        while drive(refold(into, old, self.ports.generations, self.ports.journal)):
            pass

    def promoted(self, into: Into, old: Generation, *allowed: str) -> bool:
        ports = self.ports
        return drive(promoted(into, old, ports.generations, ports.journal, allowed))

    def read(self) -> int:
        every = drive(self.ports.generations.of(TICKET))
        (current,) = (one for one in every if one.stage is Stage.CURRENT)
        return int(current.number)

    def versions(self, into: Into) -> dict[str, int]:
        every = drive(self.ports.rows.all(into.generation, ("", "", ""), 1_000))
        return {one.aggregate.id: one.version for one in every}


def on_sqlite(path: Path, clock: Clock) -> Any:
    return adapters(path / "data")


def in_memory(_: Path, clock: Clock) -> Any:
    return SimpleNamespace(**Memory(lambda: clock.at, 2, Certain()).ports())


@pytest.fixture(params=[on_sqlite, in_memory], ids=lambda one: one.__name__)
def house(request: pytest.FixtureRequest, tmp_path: Path) -> House:
    clock, behind = Clock(), request.param
    return House(behind(tmp_path, clock), clock)


def ticket_of(found: Mapping[str, Domain]) -> Sink:
    (sink,) = (one for one in sinks_of(found) if one.name == TICKET)
    return replace(sink, since=dict.fromkeys((name for name, _ in sink.reactions), 0))


@pytest.fixture
def old(house: House) -> Into:
    """What is read, with some tickets."""
    into = house.begun(ticket_of(domains()))
    assert drive(house.ports.generations.promote(into.generation, None, NOON_US))
    lively(house, range(6))
    house.consume(into)
    return into


def lively(house: House, some: range) -> None:
    for n in some:
        house.ask(Submit(title=f"It burns {n}"), f"t{n}")
        house.ask(Prioritize(priority="high"), f"t{n}")


def test_what_is_kept_goes_on_with_its_own_code_and_is_gone_back_to_as_it_is(
    house: House, old: Into, tmp_path: Path
) -> None:
    new = house.begun(ticket_of(changed(tmp_path, *FIRST)))
    house.built(new, old.generation)
    assert house.promoted(new, old.generation)
    assert house.read() == new.generation.number
    lively(house, range(4, 9))  # while the new rows are read
    for into in (new, old):
        house.consume(into)
    before = house.versions(old)
    assert before == house.versions(new)
    assert {"t7", "t8"} <= before.keys()
    assert house.promoted(old, new.generation)
    assert (house.read(), house.versions(old)) == (old.generation.number, before)
    lively(house, range(8, 11))  # and while the old ones are read again
    for into in (new, old):
        house.consume(into)
    assert house.versions(old) == house.versions(new)
    assert house.promoted(new, old.generation)


def test_where_its_code_is_not_at_hand_it_stands_still_until_that_is_back(
    house: House, old: Into, tmp_path: Path
) -> None:
    new = house.begun(ticket_of(changed(tmp_path, *FIRST)))
    house.built(new, old.generation)
    assert house.promoted(new, old.generation)
    before = house.versions(old)
    lively(house, range(4, 9))
    house.consume(new)  # the only process, with the only code
    assert house.versions(old) == before
    with pytest.raises(Stale):
        replace(new, generation=old.generation)
    # Its code is back: it comes to where the rows are that are read, and only then is read.
    assert house.promoted(old, new.generation)
    assert house.versions(old) == house.versions(new)
    assert house.read() == old.generation.number


def test_what_neither_feed_nor_archive_has_brought_is_there_once_it_is_read(
    house: House, old: Into, tmp_path: Path
) -> None:
    new = house.begun(ticket_of(changed(tmp_path, *FIRST)))  # nothing is folded yet
    assert house.promoted(new, old.generation)
    assert house.versions(new) == house.versions(old)


def test_what_can_not_be_folded_on_the_way_waits_and_is_not_read(
    house: House, old: Into, tmp_path: Path
) -> None:
    house.ask(Rename(title="Fire"), "t3")
    house.consume(old)
    new = house.begun(ticket_of(crashing(tmp_path)))
    with pytest.raises(Unready, match=r"1 wait: tickets/t3 \(version 3: worse: the step"):
        house.promoted(new, old.generation)
    assert house.read() == old.generation.number
    assert house.promoted(new, old.generation, "tickets/t3")


def test_what_waits_in_both_keeps_nobody_from_reading(
    house: House, old: Into, tmp_path: Path
) -> None:
    new = house.begun(ticket_of(changed(tmp_path, *FIRST)))
    house.built(new, old.generation)
    for into in (old, new):
        waits = into.wait(
            Aggregate("main", "tickets", "t2"), 3, "version 3 is missing", poison=False
        )
        drive(waits)
    assert house.promoted(new, old.generation)


def test_all_that_wait_are_counted_however_many(
    house: House, old: Into, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(loading, "PARKED_A_PAGE", 2)
    new = house.begun(ticket_of(changed(tmp_path, *FIRST)))
    house.built(new, old.generation)
    for n in range(5):
        aggregate = Aggregate("main", "tickets", f"t{n}")
        drive(new.wait(aggregate, 3, "version 3 is missing", poison=False))
    with pytest.raises(Unready, match=r"tickets\.Ticket: 5 wait: tickets/t0 "):
        house.promoted(new, old.generation)
    with pytest.raises(Unready, match=r"tickets\.Ticket: 1 wait: tickets/t4 "):
        house.promoted(new, old.generation, *(f"tickets/t{n}" for n in range(4)))


def test_who_comes_second_is_told(house: House, old: Into, tmp_path: Path) -> None:
    otherwise = ("count(Commented)", "count(Commented, Renamed)")
    one, other = (house.begun(ticket_of(changed(tmp_path, *by))) for by in (FIRST, otherwise))
    assert house.promoted(one, old.generation)
    assert not house.promoted(other, old.generation)
    assert house.read() == one.generation.number
