"""Rules: what must hold of stores at every moment, and once nothing is left to do."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, Protocol

import msgspec

from mainstem.aggregate import Aggregate
from mainstem.sim.exhaustive.setting import Setting
from mainstem.sim.exhaustive.shelf import VIEWS

EVERY = 10_000
Event = Mapping[str, Any]  # an envelope as JSON has it
Rows = Mapping[str, Mapping[str, Any]]
Fold = Callable[[Iterable[Event]], Rows]


class Wrong(Exception):
    """A rule is broken, at once or after these steps without a fault."""

    calm: tuple[Any, ...] = ()


def check_unparked(setting: Setting, views: int) -> None:
    """Where no batch is given up on there is no gap: nobody waits, not even for a moment."""
    if not setting.scope.thrown and (parks := setting.shelf.store(VIEWS, views).parks):
        parked = next(iter(parked for parked in parks.values()))
        raise Wrong(f"{parked.aggregate} is parked: {parked.why}")


class Rules(Protocol):
    """Those of decided and of ingested domains. Each raises Wrong."""

    def always(self, journal: int, feed: int, views: int, checkpoint: int, thrown: int) -> None:
        """Whatever has happened and is under way. Thrown: a bit for each record given up on."""
        ...

    def at_rest(self, journal: int, feed: int, views: int) -> None:
        """Once faults have stopped and everybody has done what there was."""
        ...

    def heard(self, name: str, end: Any, journal: int, feed: int) -> None:
        """What somebody was told is so."""
        ...


def dots(events: Iterable[Event]) -> Rows:
    """The row of dots, folded by hand."""
    row: dict[str, Any] = {"dots": 0, "hands": [], "order": []}
    for event in events:
        row["dots"] += 1
        row["hands"] = [event["data"]["hand"], *row["hands"]][:9]
        row["order"] = [event["data"]["nth"], *row["order"]][:9]
    return {"": row}


def cup(events: Iterable[Event]) -> Rows:
    """The row of a cup, folded by hand."""
    row: dict[str, Any] = {"sips": 0, "amount": 0, "last_of": None, "order": []}
    for data in (event["data"] for event in events):
        row["sips"] += 1
        row["amount"] += data["amount"]
        row["last_of"] = data["source"]
        row["order"] = [data["nth"], *row["order"]][:100]
    return {"": row}


FOLDS: Mapping[str, Fold] = {"dots.Dots": dots, "sips.Cup": cup}


def check_row(
    name: str, machine: Any, aggregate: Aggregate, cells: Mapping[str, bytes], events: Sequence[Any]
) -> None:
    """A row is the fold of these events, in this order, each once."""
    wanted = FOLDS[name](events) if events else {}
    if set(cells) != set(wanted):
        raise Wrong(f"{aggregate}: rows {sorted(cells)}, wanted {sorted(wanted)}")
    for key, one in cells.items():
        found = machine.finish(msgspec.json.decode(one))
        for column, value in wanted[key].items():
            if found[column] != value and column != "shares":
                raise Wrong(f"{aggregate}: {column} is {found[column]!r}, wanted {value!r}")


def lines(data: bytes) -> Iterator[bytes]:
    """A bundle's events, as they travel."""
    return iter(data.split(b"\n")[1:])
