"""What `mainstem rebuild plan` finds and says: what one would read, write, take and cost."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from archive.table import Catalog
from archive.verify import unconsumed
from cli.rebuild_told import At, name_of
from cli.session import WrongUsage
from cli.tables import many
from local.asking import archived
from mainstem.sink import Sink
from replay.engines import ASKED, SPARK
from replay.pinned import newest
from replay.plan import Plan, plan
from replay.prices import OF, PRICES


def plan_of(at: At, prices: Sequence[str], engine: str | None) -> Plan:
    """What it would be."""
    archived(at.here.ports)
    archive, domain = at.rebuilding.archive, at.sink.domain
    catalog = Catalog(archive)
    try:
        pinned, waiting = newest(archive, domain, catalog), unconsumed(archive, domain, catalog)
    finally:
        catalog.close()
    read = at.read
    same = None if read is None else read.fingerprint == at.sink.fingerprint
    return plan(
        at.sink, pinned, waiting, at.changes(), same=same, prices=_prices(prices),
        asked=asked_of(engine),
    )  # fmt: skip


def asked_of(engine: str | None) -> str:
    """The engine that is asked for, by its name."""
    return "" if engine is None else ASKED[engine]


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


def plan_text(found: Plan, engine: str | None) -> str:
    """For people."""
    folds = {
        None: "is not read yet: this would be its first generation",
        True: "folds as what is read does", False: "folds otherwise than what is read",
    }  # fmt: skip
    changed = [folds[found.same], *(f"  {one}" for one in found.changes)]
    reads = f"{many(found.events, 'event')} of {many(found.aggregates, 'aggregate')}"
    by = "" if engine is None else f" --engine {engine}"
    lines = [
        f"{found.sink.name} {changed[0]}", *changed[1:],
        f"reads   {reads}, {found.bytes / 1e6:,.1f} MB{_more(found)}; {found.engine} folds",
        *([f"needs   {found.missing}"] if found.missing else []),
        f"takes   {_takes(found)}",
        *_comes(found),
        f"then    mainstem rebuild start {name_of(found.sink)}{by}",
    ]  # fmt: skip
    return "\n".join(lines)


def _more(found: Plan) -> str:
    objects, events = found.waiting
    if not objects:
        return ""
    return f", and {many(events, 'event')} of {many(objects, 'raw object')}, compacted first"


def _comes(found: Plan) -> Iterator[str]:
    if not found.known:
        yield "writes  how many rows, is known then too; nothing follows from it"
        return
    rows = many(found.rows, "row")
    yield f"writes  about {rows}{_beside(found.sink)}; nothing follows from it"
    yield f"on AWS  {many(found.write_units, 'write unit')}, ${found.dollars:,.4f} ({OF})"


def _takes(found: Plan) -> str:
    if not found.known:
        return "how long, is known once some of it is in the table: mainstem archive compact"
    fold = "to fold here by DuckDB" if found.engine == SPARK else "to fold"
    tried = f"as {many(found.tried.events, 'event')} took just now"
    return f"about {found.seconds:,.1f} s {fold}, {tried}; and to write what comes of it"


def _beside(sink: Sink) -> str:
    what = [*(f"list {one.name}" for one in sink.indexes)]
    what += [f"words {one.name}" for one in sink.searches]
    what += [f"timer {one.__name__}" for one in sink.timers]
    return f", with {', '.join(what)}" if what else ""


def plan_data(found: Plan) -> Mapping[str, Any]:
    """For machines: null is what nobody knows before some of it is in the table."""
    rows, seconds = found.rows, round(found.seconds, 3)
    units, dollars = found.write_units, found.dollars
    comes = {"rows": rows, "seconds": seconds, "write_units": units, "dollars": dollars}
    return {
        "view": found.sink.name, "engine": found.engine, "missing": found.missing,
        "events": found.events, "aggregates": found.aggregates, "bytes": found.bytes,
        "raw_objects": found.waiting.objects, "raw_events": found.waiting.events,
        **{name: one if found.known else None for name, one in comes.items()},
        "prices": found.prices, "same": found.same,
        "changes": [one._asdict() for one in found.changes],
    }  # fmt: skip
