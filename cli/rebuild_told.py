"""What `mainstem rebuild` does and answers, and how far it is on the way there."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from cli.addresses import sink_at
from cli.engaged import Engaged, engaged
from cli.figures import generations as every
from cli.progress import shown
from cli.session import Refusal, Session
from cli.tables import many, table
from local.lag import lag
from local.rebuilding import Rebuilding
from local.settle import current
from mainstem.ports import Generation, Stage
from mainstem.protocol.drive import drive
from mainstem.protocol.promoting import Unready
from mainstem.protocol.rebuild import PAUSED, Standing, Step
from mainstem.sink import Sink
from queries.shown import moment
from replay.declared import DECLARED, Change, changes

POLL_S = 0.2
NOBODY = "nobody is at it; `mainstem rebuild resume` goes on"


@dataclass(frozen=True)
class At:
    """One view of a folder."""

    here: Engaged
    sink: Sink
    rebuilding: Rebuilding

    @property
    def read(self) -> Generation | None:
        """The generation that is read."""
        return current(self.here.ports, self.sink)

    def changes(self) -> Sequence[Change]:
        """What the code at hand says otherwise than that of what is read."""
        read = self.read
        if read is None or read.fingerprint == self.sink.fingerprint:
            return ()
        return changes(drive(self.here.ports.generations.noted(read, DECLARED)), self.sink.state)


@contextmanager
def at_view(session: Session, view: str) -> Iterator[At]:
    """A view, and all that is there of it. What nobody expected ends in words."""
    with engaged(session) as here:
        sink = sink_at(here.domains, view)
        try:
            yield At(here, sink, Rebuilding(here.ports, sink))
        except Unready as no:
            raise Refusal(str(no)) from None


@dataclass
class Work:
    """A rebuild on its way, for a bar."""

    standing: Standing | None = None
    generation: Generation | None = None

    @property
    def total(self) -> int | None:
        """How many events there are."""
        return self.standing.events if self.standing else None

    @property
    def done(self) -> int:
        """How many are folded and loaded."""
        return self.standing.done.events if self.standing else 0

    def told(self) -> str:
        """How far it is."""
        return "begins" if self.standing is None else step_text(self.standing)

    def data(self) -> Mapping[str, Any]:
        """The same for machines, as `watch` tells it."""
        if self.generation is None or self.standing is None:
            return {}
        return data_of(self.generation, self.standing)


def built(at: At, engine: str = "") -> Generation:
    """The generation, once it is ready."""
    work = Work()
    with shown(at.here.session, work) as show:

        def told(standing: Standing) -> None:
            work.standing = standing
            work.generation = work.generation or at.rebuilding.building()
            show()

        return Rebuilding(at.here.ports, at.sink, told, engine).start()


def building(at: At) -> Generation:
    """The one that is being built. Refuses where there is none."""
    found = at.rebuilding.building()
    if found is None:
        raise Refusal(f"{at.sink.name}: nothing is being built by the code at hand")
    return found


def refuse_idle(at: At, generation: Generation) -> None:
    """Nobody is at it any more, and whoever goes on with it wouldn't stop."""
    standing = at.rebuilding.stands(generation)
    if standing is not None and standing.step is Step.READY:
        title = f"{at.sink.name}: generation {generation.number} is ready"
        raise Refusal(f"{title}, so there is nothing to pause")
    if not at.rebuilding.worked_on():
        raise Refusal(f"{at.sink.name}: {NOBODY}")


def step_text(at: Standing) -> str:
    """A line of how far it is."""
    if at.step is not Step.FOLDING:
        return at.step.value
    text = f"{at.done.events:,} of {many(at.events, 'event')}, {at.share:.0%}"
    if not (at.seconds and at.done.events) or _begins(at):
        return text  # how long it takes, nobody knows yet
    rate = at.done.events / at.seconds
    left = (at.events - at.done.events) / rate
    return f"{text}, {rate:,.0f}/s, {left:,.0f} s to go"


def _begins(at: Standing) -> bool:
    """Several are folded before a row of any is written: that rate says nothing of what is left."""
    return len(at.parts) > 1 and not (at.part or at.ahead)


def told_of(at: At, generation: Generation, standing: Standing) -> str:
    """What was built, for people."""
    done = standing.done
    rate = done.events / standing.seconds if standing.seconds else 0.0
    what = f"{many(done.events, 'event')} into {many(done.rows, 'row')}"
    title = f"generation {generation.number} of {at.sink.name} is {standing.step.value}"
    lines = [f"{title}: {what} in {standing.seconds:.1f} s, {rate:,.0f}/s"]
    if done.dirty:
        lines.append(
            f"{many(done.dirty, 'aggregate')} from the journal, for the archive lacks some"
        )
    if done.parked:
        lines.append(f"{many(done.parked, 'aggregate')} wait: mainstem parked list")
    name = name_of(at.sink)
    return "\n".join([*lines, f"then    mainstem rebuild diff {name}; … promote {name}"])


def data_of(generation: Generation, standing: Standing) -> Mapping[str, Any]:
    """The same for machines."""
    return {
        "generation": generation.number, "step": standing.step.value, "engine": standing.engine,
        "events": standing.events, "aggregates": standing.aggregates,
        "share": round(standing.share, 4), "seconds": round(standing.seconds, 3),
        "loaded": standing.done._asdict(),
    }  # fmt: skip


def watched(at: At) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Each change of how far it is, until it is ready, paused, or nobody is at it."""
    generation, before = building(at), ""
    while True:
        standing = at.rebuilding.stands(generation)
        if standing is None:
            raise Refusal(f"generation {generation.number} is gone")
        text = step_text(standing)
        if text != before:
            yield text, data_of(generation, standing)
        before = text
        if standing.step is Step.READY:
            return
        if drive(at.here.ports.generations.noted(generation, PAUSED)):
            raise Refusal("it is paused; `mainstem rebuild resume` goes on")
        if not at.rebuilding.worked_on():
            raise Refusal(NOBODY)
        time.sleep(POLL_S)


def generations(here: Engaged, view: str | None) -> list[Mapping[str, Any]]:
    """All of a view, or all there are."""
    wanted = None if view is None else sink_at(here.domains, view).name
    return [_generation(here, one) for one in every(here.ports) if wanted in (None, one.sink)]


def _generation(here: Engaged, one: Generation) -> Mapping[str, Any]:
    from mainstem.protocol.rebuild import standing

    at = drive(standing(here.ports.generations, one))
    built = at is not None and one.stage is Stage.BUILDING
    return {
        "view": one.sink, "generation": one.number, "stage": one.stage.value,
        "since": moment(one.since), "lag": lag(here.ports, one),
        "parked": drive(here.ports.parks.count(one)),
        "step": at.step.value if at is not None and built else None,
        "share": round(at.share, 4) if at is not None and built else None,
        "paused": bool(built and drive(here.ports.generations.noted(one, PAUSED))),
    }  # fmt: skip


def table_of(found: Sequence[Mapping[str, Any]]) -> str:
    """For people."""
    names = ("view", "generation", "stage", "since", "lag", "parked", "step")
    rows = [[*(_said(one[name]) for name in names[:-1]), _far(one)] for one in found]
    return table(names, rows) if rows else "nothing is built yet"


def _said(value: object) -> str:
    return "" if value is None else str(value)


def _far(one: Mapping[str, Any]) -> str:
    """Its step, with how much of it is done, and whether somebody has stopped it."""
    share = f" {one['share']:.0%}" if one["step"] == Step.FOLDING.value else ""
    return f"{_said(one['step'])}{share}{', paused' if one['paused'] else ''}"


def name_of(sink: Sink) -> str:
    """As it is typed."""
    from cli.naming import snake

    return snake(sink.state.__name__)
