"""A folder, engaged: open for one command, whether or not `mainstem up` runs beside it.

Where nobody is at work on it, the command does the work itself, for a moment; where somebody is, it
waits until they have come far enough. So `ask` and then `show` tells the same in both cases.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from cli.domains import load
from cli.session import NotNow, Refusal, Session, WrongUsage
from cli.telling import telling
from local.adapters import Adapters, adapters
from local.engine import Engine, engine
from local.locks import DECIDING, UP, WORK, held, holder, together
from local.settle import current, unsettled
from mainstem.aggregate import Aggregate
from mainstem.discovery import Domain
from mainstem.ports import Generation, Stage
from mainstem.protocol.consume import Into
from mainstem.protocol.drive import drive
from mainstem.sink import Sink, sinks_of

__all__ = ["Engaged", "engaged", "opened", "telling"]

WAIT_S_MAX = 2.0
POLL_S = 0.02


@dataclass(frozen=True)
class Engaged:
    """The ports of a folder and the domains that are read and asked there."""

    session: Session
    ports: Adapters
    domains: Mapping[str, Domain]

    @contextmanager
    def work(self) -> Iterator[Engine | None]:
        """What moves events on, ours for a moment; None while somebody else has it."""
        with held(self.ports.folder.path, WORK) as mine:
            if mine is None:
                yield None
                return
            with telling(self.session) as told:
                found = engine(self.ports, self.domains, told)
            yield found

    @contextmanager
    def settled(self) -> Iterator[Engine | None]:
        """The same, once rows are folded as the code at hand says, by whoever has the work.

        Where others fold otherwise, claims and reactions of this code would be passed over: NotNow.
        """
        until = time.monotonic() + WAIT_S_MAX
        while True:
            with self.work() as found:
                if found is not None:
                    yield found
                    return
            with together(self.ports.folder.path, DECIDING) as calm:
                others = self._others() if calm else ()
                if calm and not others:
                    yield None
                    return
            for sink in others:
                self._current(sink)  # raises where nobody will settle it
            if time.monotonic() > until:
                raise NotNow(
                    "claims are just changing hands; run it again"
                    if not calm
                    else f"{others[0].name} is just being folded; run it again"
                )
            time.sleep(POLL_S)

    def _others(self) -> Sequence[Sink]:
        """The sinks that whoever is at work here folds otherwise than the code at hand."""
        return otherwise(self.ports, self.domains, holder(self.ports.folder.path, UP) or {})

    def come_to(self, sink: Sink, aggregate: Aggregate | None = None) -> bool:
        """Until this sink shows what is there by now: of one aggregate, or all of it.

        Does the work, or waits briefly for whoever does. False: it is still behind.
        """
        there = self._reads_all(sink)
        if aggregate is not None and sink.domain.decided:
            there = partial(self._shows_all, sink, aggregate)
        until = time.monotonic() + WAIT_S_MAX
        while time.monotonic() < until:
            with self.work() as at_work:
                if at_work is not None:
                    at_work.catch_up()
                    return there()
            if there():
                return True
            time.sleep(POLL_S)
        return False

    def _reads_all(self, sink: Sink) -> Callable[[], bool]:
        """Whether it is done with everything that is on the feed now."""
        ends = self.ports.feed.ends()

        def there() -> bool:
            generation = self._current(sink)
            if generation is None:
                return False
            positions = self.ports.checkpoints.positions(generation)
            return all(positions.get(shard, 0) >= end for shard, end in ends.items())

        return there

    def _shows_all(self, sink: Sink, aggregate: Aggregate) -> bool:
        """Whether all that was committed of it is shown, or can't be just now."""
        generation = self._current(sink)
        if generation is None:
            return False
        head = drive(self.ports.rows.read(generation, aggregate, ()))
        if not drive(self.ports.journal.records(aggregate, head.version, 1)):
            return True
        return drive(self.ports.parks.parked(generation, aggregate)) is not None

    def what_waits(self, sink: Sink, aggregate: Aggregate) -> str:
        """Why its row does not show all there is; "" where it does."""
        generation, ports = self.generation(sink), self.ports
        parked = drive(ports.parks.parked(generation, aggregate))
        if parked is not None:
            return f"later events are parked: {parked.why}"
        head = drive(ports.rows.read(generation, aggregate, ()))
        more = drive(ports.journal.records(aggregate, head.version, 1))
        return "later events are on their way; run it again" if more else ""

    def into(self, sink: Sink) -> Into:
        """Where this sink is written. NotNow: code with other folds is at work there (R5)."""
        ports = self.ports
        return Into(sink, self.generation(sink), ports.rows, ports.parks, ports.clock)

    def generation(self, sink: Sink) -> Generation:
        """The one that is read, folded by the code at hand."""
        found = self._current(sink)
        if found is None:
            raise NotNow(f"{sink.name} is just being folded; run it again")
        return found

    def _current(self, sink: Sink) -> Generation | None:
        """None: another command is just making it. Raises NotNow where nobody will."""
        found = current(self.ports, sink)
        up = holder(self.ports.folder.path, UP)
        folds = (up or {}).get("folds", {}).get(sink.name, sink.fingerprint)
        if found is not None and found.fingerprint == sink.fingerprint == folds:
            return found
        if up is not None and up.get("folds") and folds == sink.fingerprint:
            return self._kept(sink)  # it goes on, though another one is read by now
        if up is None or "address" not in up:  # nobody, or it is just starting
            return None
        if found is None:
            raise NotNow(f"{sink.name} is not there yet; restart `mainstem up` if it was added")
        name = sink.state.__name__
        raise NotNow(f"{name} changed since `mainstem up` started; restart it")

    def _kept(self, sink: Sink) -> Generation | None:
        """The one that the code at hand has folded, where it is not read any more."""
        found = drive(self.ports.generations.of(sink.name))
        mine = [g for g in found if g.stage is Stage.KEPT and g.fingerprint == sink.fingerprint]
        return mine[-1] if mine else None


def otherwise(
    ports: Adapters, domains: Mapping[str, Domain], up: Mapping[str, Any]
) -> Sequence[Sink]:
    """The sinks that `mainstem up` folds otherwise than the code at hand, by what it says."""
    folds = up.get("folds")
    if folds is None:
        return unsettled(ports, domains)
    return [one for one in sinks_of(domains) if folds.get(one.name) != one.fingerprint]


@contextmanager
def engaged(session: Session) -> Iterator[Engaged]:
    """The session's folder, if it has been made, and its domains."""
    _refuse_nothing(session)
    domains = load(session.domains)
    with opened(session) as ports:
        yield Engaged(session, ports, domains)


@contextmanager
def opened(session: Session, *, create: bool = False) -> Iterator[Adapters]:
    """The ports of the session's folder."""
    if not create:
        _refuse_nothing(session)
    elif _holds_other_things(session.folder):
        raise WrongUsage(f"{session.folder} holds other things; name a folder of its own")
    ports = adapters(session.folder, create=create)
    try:
        yield ports
    finally:
        ports.close()


def _holds_other_things(folder: Path) -> bool:
    """`mainstem.new` is there while one is being made."""
    if any((folder / name).is_file() for name in ("mainstem.json", "mainstem.new")):
        return False
    return folder.is_dir() and any(folder.iterdir())


def _refuse_nothing(session: Session) -> None:
    if not (session.folder / "mainstem.json").is_file():
        text = "nothing is stored there yet; `mainstem ask` or `mainstem up` begins"
        raise Refusal(f"{session.folder}: {text}")
