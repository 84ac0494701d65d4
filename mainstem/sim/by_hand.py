"""Jars and cups folded by hand, without the language, so that nothing is wrong twice."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from typing import Any

from mainstem.aggregate import Aggregate

Event = Mapping[str, Any]  # an envelope as JSON has it
Rows = dict[str, dict[str, Any]]
Folds = Mapping[str, Callable[[Aggregate, Iterable[Event]], Rows]]
NOW = ("Filled",)  # what counts as a fill, and as a turn
THEN = ("Filled", "Taken")  # and what did in the release before
Made = list[tuple[str, dict[str, Any]]] | None  # events by their names; None: refused in words


def jar(_: Aggregate, events: Iterable[Event], counted: Sequence[str] = NOW) -> Rows:
    """The one row of a jar."""
    row: dict[str, Any] = {
        "name": None, "level": 0, "fills": 0, "missed": 0, "hands": [], "whole": False,
        "shares": {},
    }  # fmt: skip
    for event in events:
        _hear(row, event["type"], event["data"])
        row["fills"] += event["type"] in counted
    row["shares"] = {hand: {"amount": amount} for hand, amount in sorted(row["shares"].items())}
    return {"": row}


def _hear(row: dict[str, Any], type: str, data: Mapping[str, Any]) -> None:
    match type:
        case "Opened":
            row["name"], row["whole"] = data["name"], True
        case "Relabelled":
            row["name"] = data["name"]
        case "Filled" | "Taken":
            amount = data["amount"] if type == "Filled" else -data["amount"]
            row["level"] += amount
            row["hands"] = sorted({*row["hands"], data["hand"]})
            row["shares"][data["hand"]] = row["shares"].get(data["hand"], 0) + amount
        case "Missed":
            row["missed"] += 1
        case "Left":
            row["shares"].pop(data["hand"], None)
        case "Broken":
            row["whole"] = False
        case "Dusted":
            pass
        case _:
            raise AssertionError(f"nobody knows {type}")


def hands(_: Aggregate, events: Iterable[Event], counted: Sequence[str] = NOW) -> Rows:
    """A row for each hand at a jar."""
    rows: Rows = {}
    for event in events:
        type, data = event["type"], event["data"]
        if type in ("Filled", "Taken"):
            row = rows.setdefault(data["hand"], {"amount": 0, "turns": 0})
            row["amount"] += data["amount"] if type == "Filled" else -data["amount"]
            row["turns"] += type in counted
        elif type == "Left":
            rows.pop(data["hand"], None)
    return rows


def cup(_: Aggregate, events: Iterable[Event]) -> Rows:
    """The one row of a cup."""
    row: dict[str, Any] = {"sips": 0, "amount": 0, "last_of": None, "order": []}
    for event in events:
        data = event["data"]
        if event["type"] == "Stirred":
            continue
        row["sips"] += 1
        row["amount"] += data["amount"]
        row["last_of"] = data["source"]
        row["order"] = [data["nth"], *row["order"]][:100]
    return {"": row}


FOLDS: Folds = {"jars.Jar": jar, "jars.Hand": hands, "sips.Cup": cup}
BEFORE: Folds = {
    "jars.Jar": partial(jar, counted=THEN), "jars.Hand": partial(hands, counted=THEN),
}  # fmt: skip


def decided(
    command: str, fields: Mapping[str, Any], by: str, row: Mapping[str, Any], exists: bool
) -> Made:
    """What a command makes happen to a jar that stands so."""
    if not exists and command != "Open":
        return None
    made: Made = [("Dusted", {})]
    match command:
        case "Open":
            made = [] if exists else [("Opened", dict(fields))]
        case "Fill":
            made = [("Filled", {"hand": by, **fields})] if row["whole"] else None
        case "Take" if fields["amount"] > row["level"]:
            made = [("Missed", {"hand": by})]
        case "Take":
            made = [("Taken", {"hand": by, **fields})]
        case "Relabel":
            made = [("Relabelled", dict(fields))] if row["name"] != fields["name"] else []
        case "Leave" if by in row["hands"]:
            made = [("Left", {"hand": by}), ("Filled", {"hand": "somebody", "amount": 0})]
        case "Break" if row["whole"]:
            made = [("Broken", {})]
        case "Leave" | "Break":
            made = []
        case _:
            assert command == "Dust"
    return made
