"""The demo's proof: the same view by every evaluator, from the same events, compared."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mainstem import View
    from mainstem.discovery import Domain
    from mainstem.envelope import Envelope

Rows = list[dict[str, Any]]
Evaluator = Callable[["type[View]", "Domain", "Sequence[Envelope]"], Rows]


def one_by_one(view: type[View], domain: Domain, envelopes: Sequence[Envelope]) -> Rows:
    """Event by event, as a consumer does."""
    from mainstem.folding import rows_of

    return rows_of(view, domain, envelopes)


def put_away(view: type[View], domain: Domain, envelopes: Sequence[Envelope]) -> Rows:
    """Event by event, the half-made row put away as JSON after each, as a store does."""
    from mainstem.envelope import decode, encode
    from mainstem.folding import Folding

    folding = Folding(view)
    for envelope in envelopes:
        folding.advance(*domain.record(decode(encode(envelope))))
        folding.cells = json.loads(json.dumps(folding.cells))
    return folding.finished(tenant=envelopes[0].tenant, id=envelopes[0].id)


def from_columns(view: type[View], domain: Domain, envelopes: Sequence[Envelope]) -> Rows:
    """SQL in DuckDB, over typed columns, as the archive keeps them."""
    from mainstem.sql.duck import evaluate

    return evaluate(view, domain, envelopes)


def from_json(view: type[View], domain: Domain, envelopes: Sequence[Envelope]) -> Rows:
    """SQL in DuckDB, over the events' own JSON."""
    from mainstem.sql.duck import evaluate

    return evaluate(view, domain, envelopes, raw=True)


EVALUATORS: Mapping[str, Evaluator] = {
    "one by one": one_by_one,
    "put away": put_away,
    "from columns": from_columns,
    "from JSON": from_json,
}


def answers(
    view: type[View],
    domain: Domain,
    envelopes: Sequence[Envelope],
    evaluators: Mapping[str, Evaluator] = EVALUATORS,
) -> dict[str, Rows]:
    """What each evaluator says."""
    return {name: rows(view, domain, envelopes) for name, rows in evaluators.items()}


def differences(found: Mapping[str, Rows]) -> list[str]:
    """Where an evaluator says other than the first; empty when they agree exactly."""
    (first, expected), *others = found.items()
    return [
        line for name, rows in others for line in _differ(f"{name} and {first}", rows, expected)
    ]


def _differ(names: str, rows: Rows, expected: Rows) -> list[str]:
    if len(rows) != len(expected):
        return [f"{names}: {len(rows)} rows and {len(expected)}"]
    return [
        f"{names}: {column} is {row.get(column)!r} and {other.get(column)!r}"
        for row, other in zip(rows, expected, strict=True)
        for column in {**row, **other}
        if repr(row.get(column)) != repr(other.get(column))  # True and 1 are not the same
    ]
