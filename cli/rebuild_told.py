"""What `mainstem rebuild` does and answers, and how far it is on the way there."""

from __future__ import annotations

import math
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from archive.table import Catalog
from archive.verify import unconsumed
from cli.addresses import sink_at
from cli.engaged import Engaged, engaged
from cli.figures import generations as every
from cli.progress import shown
from cli.rebuild_page import page
from cli.session import Refusal, Session, WrongUsage
from cli.tables import many, table
from edge.disk import in_words
from local.asking import archived
from local.lag import lag
from local.locks import UP, holder
from local.promoting import Promoting, Switch
from local.rebuilding import Rebuilding
from local.settle import current
from mainstem.ports import Generation, Stage
from mainstem.protocol.drive import drive
from mainstem.protocol.promoting import Unready
from mainstem.protocol.rebuild import PAUSED, Standing, Step
from mainstem.sink import Sink
from queries.shown import moment
from replay.declared import DECLARED, Change, changes, columns, unheard
from replay.diff import Diff, diff
from replay.pinned import newest
from replay.plan import Plan, plan
from replay.prices import OF, PRICES

POLL_S = 0.2


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


def plan_of(at: At, prices: Sequence[str]) -> Plan:
    """What it would be."""
    archived(at.here.ports)
    archive, domain = at.rebuilding.archive, at.sink.domain
    catalog = Catalog(archive)
    try:
        pinned, waiting = newest(archive, domain, catalog), unconsumed(archive, domain, catalog)
    finally:
        catalog.close()
    read = at.read
    same = read is not None and read.fingerprint == at.sink.fingerprint
    return plan(at.sink, pinned, len(waiting), at.changes(), same=same, prices=_prices(prices))


def _prices(told: Sequence[str]) -> Mapping[str, float]:
    found = dict(PRICES)
    for one in told:
        name, _, dollars = one.partition("=")
        if name not in PRICES:
            raise WrongUsage(f"--price names one of {', '.join(PRICES)}, as in write=0.000000625")
        found[name] = _dollars(name, dollars)
    return found


def _dollars(name: str, text: str) -> float:
    try:
        found = float(text)
    except ValueError:
        found = math.nan
    if not 0 <= found < math.inf:
        raise WrongUsage(f"--price {name}: {text!r} is no number of dollars")
    return found


def plan_text(found: Plan) -> str:
    """For people."""
    changed = ["folds as what is read does"] if found.same else [
        "folds otherwise than what is read", *(f"  {one}" for one in found.changes)
    ]  # fmt: skip
    more = f", and {many(found.waiting, 'raw object')} more" if found.waiting else ""
    reads = f"{many(found.events, 'event')} of {many(found.aggregates, 'aggregate')}"
    tried = f"as {many(found.tried.events, 'event')} took just now"
    lines = [
        f"{found.sink.name} {changed[0]}", *changed[1:],
        f"reads   {reads}, {found.bytes / 1e6:,.1f} MB{more}; {found.engine} folds",
        f"takes   about {found.seconds:,.1f} s to fold, {tried}; and to write what comes of it",
        f"writes  about {many(found.rows, 'row')}{_beside(found.sink)}; nothing follows from it",
        f"on AWS  {many(found.write_units, 'write unit')}, ${found.dollars:,.4f} ({OF})",
        f"then    mainstem rebuild start {_name(found.sink)}",
    ]  # fmt: skip
    return "\n".join(lines)


def _beside(sink: Sink) -> str:
    what = [*(f"list {one.name}" for one in sink.indexes)]
    what += [f"words {one.name}" for one in sink.searches]
    what += [f"timer {one.__name__}" for one in sink.timers]
    return f", with {', '.join(what)}" if what else ""


def plan_data(found: Plan) -> Mapping[str, Any]:
    """For machines."""
    return {
        "view": found.sink.name, "engine": found.engine, "events": found.events,
        "aggregates": found.aggregates, "bytes": found.bytes, "raw_objects": found.waiting,
        "rows": found.rows, "seconds": round(found.seconds, 3), "write_units": found.write_units,
        "dollars": found.dollars, "prices": found.prices, "same": found.same,
        "changes": [one._asdict() for one in found.changes],
    }  # fmt: skip


@dataclass
class Work:
    """A rebuild on its way, for a bar."""

    standing: Standing | None = None

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


def built(at: At) -> Generation:
    """The generation, once it is ready."""
    work = Work()
    with shown(at.here.session, work) as show:

        def told(standing: Standing) -> None:
            work.standing = standing
            show()

        return Rebuilding(at.here.ports, at.sink, told).start()


def building(at: At) -> Generation:
    """The one that is being built. Refuses where there is none."""
    found = at.rebuilding.building()
    if found is None:
        raise Refusal(f"{at.sink.name}: nothing is being built by the code at hand")
    return found


def step_text(at: Standing) -> str:
    """A line of how far it is."""
    if at.step is not Step.FOLDING:
        return at.step.value
    rate = at.done.events / at.seconds if at.seconds else 0.0
    left = (at.events - at.done.events) / rate if rate else 0.0
    return (
        f"{at.done.events:,} of {many(at.events, 'event')}, {at.share:.0%}, {rate:,.0f}/s, "
        f"{left:,.0f} s to go"
    )


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
    name = _name(at.sink)
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
            raise Refusal("nobody is at it; `mainstem rebuild resume` goes on")
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
    }  # fmt: skip


def table_of(found: Sequence[Mapping[str, Any]]) -> str:
    """For people."""
    names = ("view", "generation", "stage", "since", "lag", "parked", "step")
    rows = [[str(one[name] if one[name] is not None else "") for name in names] for one in found]
    return table(names, rows) if rows else "nothing is built yet"


def diff_of(at: At) -> Diff:
    """What was built against what is read; after it was promoted, against the one before."""
    read = at.read
    built = at.rebuilding.building() or at.rebuilding.kept()
    if read is None or built is None:
        raise Refusal(f"{at.sink.name}: there are no two generations to compare")
    before, after = (read, built) if built.stage is Stage.BUILDING else (built, read)
    if after.stage is Stage.BUILDING:
        standing = at.rebuilding.stands(after)
        if standing is None or standing.step is not Step.READY:
            raise Refusal(f"{at.sink.name}: is not ready yet; `mainstem rebuild resume` goes on")
        with at.rebuilding.alone():
            at.rebuilding.come_up(after)
    noted = drive(at.here.ports.generations.noted(before, DECLARED))
    same = before.fingerprint == after.fingerprint
    return diff(at.sink, at.here.ports.rows, before, after, {} if same else unheard(noted))


def diff_text(at: At, found: Diff) -> str:
    """For people: how many, in what, and examples."""
    counts = f"{many(found.same, 'row')} alike, {found.different:,} different"
    sides = f"{found.only_before:,} only before, {found.only_after:,} only after"
    lines = [f"{at.sink.name}: {counts}, {sides}, {found.on_their_way:,} on their way"]
    lines += [f"  {name}: {many(count, 'row')}" for name, count in found.columns.most_common()]
    for one in found.examples:
        key = f"/{one.key}" if one.key else ""
        said = ", ".join(f"{n}: {b!r} → {a!r}" for n, (b, a) in one.columns.items())
        lines.append(f"  {one.aggregate.id}{key} (version {one.version}) {said}")
    if found.examples:
        lines.append(f"  why     mainstem history {at.sink.domain.name}/ID")
    return "\n".join(lines)


def diff_data(found: Diff) -> Mapping[str, Any]:
    """For machines."""
    said = {n: value for n, value in asdict(found).items() if n != "unheard"}
    said["examples"] = [
        {
            "id": one.aggregate.id, "key": one.key, "version": one.version,
            "columns": {n: {"before": b, "after": a} for n, (b, a) in one.columns.items()},
        }
        for one in found.examples
    ]  # fmt: skip
    return {**said, "columns": dict(found.columns), "clean": found.clean}


def save_page(path: str, at: At, found: Diff) -> None:
    """A page that needs nothing beside it."""
    place = Path(path)
    with in_words(place):
        place.write_text(page(at.sink.name, found, _behind(at, found)), "utf-8")


def _behind(at: At, found: Diff) -> Mapping[str, Sequence[str]]:
    """The events behind each example."""
    from cli.history import line_of
    from mainstem.envelope import decode

    ports = at.here.ports
    return {
        str(one.aggregate): [
            line_of(decode(line))
            for record in drive(ports.journal.records(one.aggregate, 0, 100))
            for line in record.events
        ]
        for one in found.examples
    }


def promoted(at: At, allowed: Sequence[str]) -> dict[str, Any]:
    """From one to the other, where all that has to hold does."""
    read, session = at.read, at.here.session
    if read is not None and not session.yes and at.rebuilding.building() is not None:
        found, known = diff_of(at), at.changes()
        expected = columns(list(known), at.sink.state)
        if found.beyond(expected):
            text = diff_text(at, found)
            raise Refusal(
                f"rows differ beyond what changed; --yes promotes it all the same\n{text}"
            )
    names = [f"{at.sink.domain.name}/{one}" for one in allowed]
    return _switched(at, Promoting(at.rebuilding).promote([*names, *allowed]))


def rolled_back(at: At) -> dict[str, Any]:
    """Back to the one before."""
    return _switched(at, Promoting(at.rebuilding).rollback())


def dropped(at: At, number: int) -> None:
    """One is gone."""
    Promoting(at.rebuilding).drop(number)


def _switched(at: At, done: Switch) -> dict[str, Any]:
    up = holder(at.here.ports.folder.path, UP)
    changed = done.old is not None and done.old.fingerprint != done.new.fingerprint
    return {
        "view": at.sink.name, "current": done.new.number,
        "kept": None if done.old is None else done.old.number,
        "restart": bool(up) and changed,
    }  # fmt: skip


def switch_text(at: At, said: Mapping[str, Any]) -> str:
    """For people."""
    text = f"generation {said['current']} of {said['view']} is read"
    if said["kept"] is not None:
        text += f"; generation {said['kept']} is kept: mainstem rebuild rollback {_name(at.sink)}"
    if said["restart"]:
        text += "\nrestart `mainstem up`: it runs the code before, and shows what that has folded"
    return text


def _name(sink: Sink) -> str:
    from cli.naming import snake

    return snake(sink.state.__name__)
