"""Sums end at 64 bits: there every evaluator stops, and none wraps or rounds."""

from __future__ import annotations

import sys
from collections.abc import Callable

import duckdb
import pytest

from mainstem import Event, Unfit, View, last, total
from mainstem.discovery import domain_of
from mainstem.envelope import Envelope
from mainstem.folding import rows_of
from mainstem.sql.duck import evaluate
from tests.mainstem.evaluated import row

WHOLE_MAX = 2**53 - 1
BIGINT_MAX = 2**63 - 1


class Paid(Event):
    cents: int


class Account(View):
    cents = total(Paid.cents)


class Squared(View):
    paid = last(Paid.cents, default=0)
    square = paid * paid


class Added(View):
    paid = last(Paid.cents, default=0)
    much = paid * 1_024
    more = much + 1_023
    most = more + 1


class Subtracted(View):
    paid = last(Paid.cents, default=0)
    much = paid * 1_024
    less = much - 1_023
    least = less - 2


class Multiplied(View):
    cents = total(Paid.cents * 1_000)


def test_sums_are_exact_beyond_what_a_double_holds() -> None:
    assert row(Account, Paid(cents=WHOLE_MAX), Paid(cents=WHOLE_MAX))["cents"] == 2 * WHOLE_MAX
    most = row(Multiplied, Paid(cents=WHOLE_MAX))["cents"]
    assert most == WHOLE_MAX * 1_000 < BIGINT_MAX


@pytest.mark.parametrize(
    ("view", "cents", "times"),
    [
        (Squared, WHOLE_MAX, 1),
        (Squared, -WHOLE_MAX, 1),
        (Added, WHOLE_MAX, 1),
        (Subtracted, -WHOLE_MAX, 1),
        (Multiplied, WHOLE_MAX, 2),
        (Multiplied, -WHOLE_MAX, 2),
        (Account, WHOLE_MAX, 1_025),
        (Account, -WHOLE_MAX, 1_025),
    ],
)
def test_beyond_64_bits_every_evaluator_stops(view: type[View], cents: int, times: int) -> None:
    domain = domain_of(sys.modules[__name__])
    envelopes = [_paid(domain.name, n, cents) for n in range(1, times + 1)]
    _stops(Unfit, lambda: rows_of(view, domain, envelopes))
    for raw in (False, True):
        _stops(duckdb.Error, lambda raw=raw: evaluate(view, domain, envelopes, raw=raw))  # type: ignore[misc]


def _paid(domain: str, version: int, cents: int) -> Envelope:
    return Envelope(
        tenant="main",
        domain=domain,
        id="a",
        version=version,
        type="Paid",
        schema=1,
        at=version,
        by="ann",
        data={"cents": cents},
    )


def _stops(error: type[Exception], evaluated: Callable[[], object]) -> None:
    with pytest.raises(error, match=r"64 bits|Overflow|Could not convert|out of range"):
        evaluated()
