"""A view rebuilt from the archive: read, proved, folded; and loaded; beside replays and loops."""

from __future__ import annotations

import atexit
import json
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache, partial
from pathlib import Path
from typing import Any

import duckdb
import pyarrow.parquet as pq

from archive.columns import DAY, schema_of
from archive.commit import commit, place_of_day
from archive.duck import connection, parquet
from archive.increment import Increment
from archive.rest import CONSUMED, HEADS, new_path, save
from archive.table import Catalog
from archive.writing import written
from benchmarks.history import COLUMNS, EVENTS_PER_ORDER, NUMBERED, ORDERS, TYPED, envelopes
from benchmarks.measure import ROOT, Figure, Result, Target, cpu, figures, ratio
from benchmarks.orders import Basket, Order
from benchmarks.peers import MISSING, SQLITE, logs, replays
from benchmarks.rebuilt import Loaded
from local.adapters import adapters
from local.hands import HANDS_MAX
from local.rebuilding import EVENTS_A_PART
from mainstem import View
from mainstem.protocol.rebuild import Part
from replay.parts import ROWS_A_BATCH
from replay.pinned import Pinned, newest
from replay.proof import proved

REPLAYED_MAX, LOOPED_MAX = 20_000, 500_000
A_DAY = 5_000_000
FIRST_DAY = "2026-01-01"
READ = (
    "tenant id version at type customer channel qty price_cents note city street amount_cents tx"
).split()
SCAN, SCALARS, MAP = "raw scan, hashed", "Mainstem: scalars", "Mainstem: and a keyed map"
LOOP = "a loop in Python over the same Parquet"
LOADED_MIN, MEMORY_MAX = 100_000, 4e9
ALONE = ", by one process"


def archived(archive: Path, events: int) -> Pinned:
    """About so many events of orders in their table, five million a day, as compacted."""
    catalog = Catalog(archive)
    orders = max(1, events // EVENTS_PER_ORDER)
    a_day = A_DAY // EVENTS_PER_ORDER
    for nth, first in enumerate(range(0, orders, a_day)):
        _day(archive, catalog, nth, first, min(orders, first + a_day))
    pinned = newest(archive, ORDERS, catalog)
    catalog.close()
    return pinned


def _day(archive: Path, catalog: Catalog, nth: int, first: int, last: int) -> None:
    numbered = NUMBERED.replace("range({orders})", f"range({first}, {last})")
    schema = schema_of(ORDERS)
    named = ", ".join(f'{COLUMNS.get(one, "null")} as "{one}"' for one in schema.names[1:])
    day = f"DATE '{FIRST_DAY}' + {nth}"
    with connection(archive, "orders") as duck:
        duck.execute(
            f"create temp table new as with numbered as ({numbered}), typed as ({TYPED})"
            f" select {day} as {DAY}, {named} from typed"
        )
        new = Increment(duck, ORDERS, archive)
        (date,) = new.days()
        added = written(place_of_day(archive, ORDERS, date), new.of_day(date))
        path = new_path(archive, "orders", HEADS)
        save(path, new.heads([]))
        before = _heads(archive, catalog)
        commit(archive, catalog, ORDERS, added, [], {CONSUMED: [], HEADS: [*before, path]})


def _heads(archive: Path, catalog: Catalog) -> list[Path]:
    from archive.rest import heads

    return heads(archive, catalog.table("orders"))


def run(events: int, runs: int) -> Result:
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        adapters(folder).close()
        pinned = archived(folder / "archive", events)
        size = sum(pq.read_metadata(path).num_rows for path in pinned.files)
        with connection(pinned.archive, "rebuilds") as duck:
            found = cpu(_folds(duck, pinned), size, runs)
        found |= cpu({LOOP: partial(looped, pinned.files[0], LOOPED_MAX)},
                     min(size, LOOPED_MAX), runs)  # fmt: skip
        loaded = _loaded(folder, "Order")
    peers = _peers(min(events, REPLAYED_MAX), runs)
    return Result(
        name="rebuilding",
        title=f"14 columns from an archive of {size:,} events: read, proved, folded",
        unit="CPU µs per event",
        figures=figures({**found, **peers}),
        targets=tuple(_targets(found, peers, loaded)),
        notes=(*_notes(loaded), *(() if peers else (MISSING,))),
    )


def _folds(duck: duckdb.DuckDBPyConnection, pinned: Pinned) -> Mapping[str, Callable[[], None]]:
    """By one connection, as all of a rebuild is, and on one thread, as the peers are."""
    duck.execute("SET threads = 1")
    columns = ", ".join(f'"{one}"' for one in READ)
    scan = f"SELECT bit_xor(hash({columns})) FROM {parquet(pinned.files)}"
    parts = pinned.parts(EVENTS_A_PART)
    return {
        SCAN: partial(_drained, duck, scan),
        SCALARS: partial(_folded, duck, pinned, parts, Order),
        MAP: partial(_folded, duck, pinned, parts, Basket),
    }


def _folded(
    duck: duckdb.DuckDBPyConnection, pinned: Pinned, parts: Sequence[Part], view: type[View]
) -> None:
    """What a rebuild asks for each part."""
    for part in parts:
        pinned.show(duck, part)
        _drained(duck, proved(view, "part", part.tenant))


def _drained(duck: duckdb.DuckDBPyConnection, statement: str) -> None:
    for _ in duck.sql(statement).to_arrow_reader(ROWS_A_BATCH):
        pass


def looped(path: Path, many: int) -> dict[str, dict[str, Any]]:
    """As somebody would write it for this one view: columns as lists, a dict for each order."""
    found: dict[str, dict[str, Any]] = {}
    left = many
    for batch in pq.ParquetFile(path).iter_batches(65_536, columns=READ):
        lists = {name: batch[name].to_pylist() for name in READ}
        for n, id in enumerate(lists["id"]):
            _applied(found.setdefault(id, {"version": 0}), lists, n)
        left -= batch.num_rows
        if left <= 0:
            break
    return found


def _applied(order: dict[str, Any], lists: Mapping[str, list[Any]], n: int) -> None:
    if lists["version"][n] <= order["version"]:
        return
    order["version"], order["changed_at"] = lists["version"][n], lists["at"][n]
    match lists["type"][n]:
        case "Added" | "Removed" as type:
            qty = lists["qty"][n] if type == "Added" else -lists["qty"][n]
            price = lists["price_cents"][n]
            order["items"] = order.get("items", 0) + qty
            order["net_cents"] = order.get("net_cents", 0) + qty * price
            if type == "Added" and price > order.get("dearest_cents", -1):
                order["dearest_cents"] = price
        case "Noted":
            order["notes"], order["last_note"] = order.get("notes", 0) + 1, lists["note"][n]
        case "Moved":
            order["city"], order["street"] = lists["city"][n], lists["street"][n]
        case "Paid":
            order["status"], order["tx"] = "paid", lists["tx"][n]
            order["paid_cents"] = order.get("paid_cents", 0) + lists["amount_cents"][n]
        case _:
            order["status"], order["placed_at"] = "placed", lists["at"][n]
            order["customer"], order["channel"] = lists["customer"][n], lists["channel"][n]


def _loaded(folder: Path, view: str, most: int = HANDS_MAX) -> Loaded:
    """The whole of `mainstem rebuild start`, in a process of its own, and at most so many more."""
    said = subprocess.run(
        [sys.executable, "-m", "benchmarks.rebuilt", folder, view, str(most)],
        check=True, stdout=subprocess.PIPE, cwd=ROOT,
    ).stdout  # fmt: skip
    return Loaded(*json.loads(said))


def _peers(events: int, runs: int) -> dict[str, float]:
    history = envelopes(events)
    peers: dict[str, Callable[[], object]] = {
        name: store.replayed for name, store in replays(history, SQLITE).items()
    }
    peers |= logs(history)
    return cpu(peers, len(history), runs) if peers else {}


def _targets(
    found: Mapping[str, float], peers: Mapping[str, float], loaded: Loaded
) -> Iterator[Target]:
    yield Target("scalars, against the raw scan", ratio(found[SCALARS], found[SCAN]), 2.5)
    yield Target("a map, against the raw scan", ratio(found[MAP], found[SCAN]), 5.0)
    for name, value in peers.items():
        if "replay" in name:
            yield Target(f"{name}, to scalars", ratio(value, found[SCALARS]), 100, at_least=True)
            yield Target(f"{name}, to a map", ratio(value, found[MAP]), 50, at_least=True)
    yield Target("into SQLite, events/s", loaded.rate, LOADED_MIN, at_least=True)


def _notes(loaded: Loaded) -> Iterator[str]:
    what, rate = f"{loaded.events:,} events into {loaded.rows:,} rows", loaded.rows / loaded.seconds
    each = f"{loaded.spent * 1e6 / loaded.events:.2f} µs of the processor an event"
    yield f"into SQLite: {what} in {loaded.seconds:.1f} s, {rate:,.0f} rows/s, {each}"
    yield f"it takes {loaded.peak / 1e6:.0f} MB at most, with all that it imports"


def large(events: int, _: int) -> Result:
    """Five times as much and fifty times: whether time grows with it, and memory does not."""
    few, lots = (_large(events * many, HANDS_MAX) for many in (5, 50))
    map_ = f"{few.events:,} events, a keyed map"
    found = {
        f"{few.events:,} events": few, f"{lots.events:,} events": lots,
        f"{few.events:,} events{ALONE}": _large(events * 5, 1),
        map_: _large(events * 5, HANDS_MAX, "Basket"),
        f"{map_}{ALONE}": _large(events * 5, 1, "Basket"),
    }  # fmt: skip
    return Result(
        name="rebuilding_large",
        title="archives rebuilt into SQLite",
        unit="seconds",
        figures=tuple(Figure(name, one.seconds) for name, one in found.items()),
        targets=(
            Target("MB at most", lots.peak / 1e6, MEMORY_MAX / 1e6),
            Target("µs an event, against the smaller one's", ratio(few.rate, lots.rate), 1.25),
        ),
        notes=tuple(_told(found)),
    )  # fmt: skip


def _told(found: Mapping[str, Loaded]) -> Iterator[str]:
    for name, one in found.items():
        what = f"{one.rows:,} rows, {one.rate:,.0f} events/s, {one.peak / 1e6:.0f} MB at most"
        yield f"{name}: {what}, {one.processes} processes"
    for name, one in found.items():
        if (other := found.get(f"{name}{ALONE}")) is not None:
            yield f"{name}: {one.rate / other.rate:.2f} times as fast as by one process"


@cache
def _archive(events: int) -> Path:
    """Kept until the process ends, for several to be rebuilt from."""
    place = Path(tempfile.mkdtemp())
    atexit.register(shutil.rmtree, place)
    adapters(place).close()
    archived(place / "archive", events)
    return place


def _large(events: int, most: int, view: str = "Order") -> Loaded:
    """A folder of its own, whose archive is the one that others have read before."""
    with tempfile.TemporaryDirectory() as copy:
        shutil.copytree(_archive(events), copy, dirs_exist_ok=True)
        return _loaded(Path(copy), view, most)
