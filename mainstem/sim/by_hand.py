"""Jars and cups folded by hand, without the language, so that nothing is wrong twice."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from typing import Any, NamedTuple

from mainstem.aggregate import Aggregate

Event = Mapping[str, Any]  # an envelope as JSON has it
Rows = dict[str, dict[str, Any]]
Folds = Mapping[str, Callable[[Aggregate, Iterable[Event]], Rows]]
Made = list[tuple[str, dict[str, Any]]]
NOW = ("Filled",)  # what counts as a fill, and as a turn
THEN = ("Filled", "Taken")  # and what did in the release before


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
            if data["hand"] not in row["hands"]:
                row["hands"] = sorted([*row["hands"], data["hand"]])
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


class Decided(NamedTuple):
    """What a command comes to: events by their names, an answer, or a no in these words."""

    made: Made
    answer: Any = None
    no: str = ""


def decided(
    command: str, fields: Mapping[str, Any], by: str, row: Mapping[str, Any], exists: bool
) -> Decided:
    """What a command makes happen to a jar that stands so, and what it is told."""
    if not exists and command != "Open":
        return Decided([], no="no such jar")
    match command:
        case "Open":
            return Decided([] if exists else [("Opened", dict(fields))])
        case "Fill" if not row["whole"]:
            return Decided([], no="it is broken")
        case "Fill":
            return Decided([("Filled", {"hand": by, **fields})], row["level"] + fields["amount"])
        case "Take" if fields["amount"] > row["level"]:
            return Decided([("Missed", {"hand": by})], no="it holds less")
        case "Take":
            return Decided([("Taken", {"hand": by, **fields})])
        case "Relabel":
            same = row["name"] == fields["name"]
            return Decided([] if same else [("Relabelled", dict(fields))])
        case "Leave":
            left: Made = [("Left", {"hand": by}), ("Filled", {"hand": "somebody", "amount": 0})]
            return Decided(left if by in row["hands"] else [])
        case "Break":
            return Decided([("Broken", {})] if row["whole"] else [])
        case _:
            assert command == "Dust"
            return Decided([("Dusted", {})], row["fills"])


def intent(aggregate: Aggregate, events: Sequence[Event]) -> Mapping[str, Any]:
    """What the last of these, a break, asks for."""
    name = jar(aggregate, events)[""]["name"]
    return {"effect": "Call", "url": "https://example.org/broom", "data": {"name": name or ""}}
