"""A model per event and a reducer per type, by hand, with the limits that an envelope has here."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from benchmarks.orders import Channel, Method
from mainstem.envelope import Envelope

WHOLE_MAX = 2**53 - 1
Row = dict[str, Any]
Name = Annotated[str, Field(max_length=256)]


class Strict(BaseModel):
    model_config = ConfigDict(strict=True, extra="forbid")


class Placed(Strict):
    customer: str
    channel: Channel
    email: str
    campaign: str | None = None


class Added(Strict):
    sku: str
    qty: int
    price_cents: int
    title: str
    gift: bool = False


class Removed(Strict):
    sku: str
    qty: int
    price_cents: int
    reason: str


class Noted(Strict):
    author: str
    note: str
    pinned: bool


class Moved(Strict):
    street: str
    city: str
    postcode: str


class Paid(Strict):
    amount_cents: int
    method: Method
    tx: str


class Stored(Strict):
    tenant: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_-]{0,62}$")]
    domain: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,62}$")]
    id: Annotated[str, Field(min_length=1, max_length=256)]
    version: Annotated[int, Field(ge=1, le=WHOLE_MAX)]
    schema_: Annotated[int, Field(ge=1, le=10_000, alias="schema")]
    at: Annotated[int, Field(ge=-WHOLE_MAX, le=WHOLE_MAX)]
    by: Name
    command: Name | None = None
    cause: Name | None = None
    correlation: Name | None = None


class StoredPlaced(Stored):
    type: Literal["Placed"]
    data: Placed


class StoredAdded(Stored):
    type: Literal["Added"]
    data: Added


class StoredRemoved(Stored):
    type: Literal["Removed"]
    data: Removed


class StoredNoted(Stored):
    type: Literal["Noted"]
    data: Noted


class StoredMoved(Stored):
    type: Literal["Moved"]
    data: Moved


class StoredPaid(Stored):
    type: Literal["Paid"]
    data: Paid


AnyStored = StoredPlaced | StoredAdded | StoredRemoved | StoredNoted | StoredMoved | StoredPaid
READER: TypeAdapter[AnyStored] = TypeAdapter(Annotated[AnyStored, Field(discriminator="type")])
MODELS: dict[str, type[Strict]] = {
    model.__name__: model for model in (Placed, Added, Removed, Noted, Moved, Paid)
}


def new() -> Row:
    return {
        "version": 0, "changed_at": None, "status": "new", "customer": None, "channel": None,
        "placed_at": None, "items": 0, "net_cents": 0, "dearest_cents": None, "notes": 0,
        "last_note": None, "city": None, "street": None, "paid_cents": 0, "tx": None,
    }  # fmt: skip


def placed(row: Row, event: Placed, at: int) -> None:
    row["status"], row["placed_at"] = "placed", at
    row["customer"], row["channel"] = event.customer, event.channel


def added(row: Row, event: Added, _: int) -> None:
    row["items"] += event.qty
    row["net_cents"] += event.qty * event.price_cents
    if row["dearest_cents"] is None or event.price_cents > row["dearest_cents"]:
        row["dearest_cents"] = event.price_cents


def removed(row: Row, event: Removed, _: int) -> None:
    row["items"] -= event.qty
    row["net_cents"] -= event.qty * event.price_cents


def noted(row: Row, event: Noted, _: int) -> None:
    row["notes"] += 1
    row["last_note"] = event.note


def moved(row: Row, event: Moved, _: int) -> None:
    row["city"], row["street"] = event.city, event.street


def paid(row: Row, event: Paid, _: int) -> None:
    row["status"], row["tx"] = "paid", event.tx
    row["paid_cents"] += event.amount_cents


REDUCERS: dict[str, Callable[[Row, Any, int], None]] = {
    "Placed": placed,
    "Added": added,
    "Removed": removed,
    "Noted": noted,
    "Moved": moved,
    "Paid": paid,
}


def rows_of_bytes(lines: Iterable[bytes]) -> dict[str, Row]:
    """Every order's row from stored bytes: one model of envelope and data per event."""
    return _folded((one, one.data) for one in map(READER.validate_json, lines))


def rows_of_envelopes(envelopes: Iterable[Envelope]) -> dict[str, Row]:
    """Every order's row from envelopes that are decoded: one model of the data per event."""
    return _folded((one, MODELS[one.type].model_validate(one.data)) for one in envelopes)


def _folded(events: Iterable[tuple[Any, Strict]]) -> dict[str, Row]:
    rows: dict[str, Row] = {}
    for stored, event in events:
        row = rows.get(stored.id)
        if row is None:
            row = rows[stored.id] = new()
        if stored.version <= row["version"]:
            continue
        REDUCERS[stored.type](row, event, stored.at)
        row["version"] = stored.version
        if row["changed_at"] is None or stored.at > row["changed_at"]:
            row["changed_at"] = stored.at
    for row in rows.values():
        row["due_cents"] = row["net_cents"] - row["paid_cents"]
    return rows
