"""How a rebuild stands: which parts are left, in whichever order they end, and how much is done."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mainstem.protocol.loading import Loaded
from mainstem.protocol.rebuild import Part, Standing, Step

MANY = 12  # more than a set of small numbers keeps in order by itself
PARTS = tuple(Part(("main", f"{n}"), ("main", f"{n + 1}"), n, 1) for n in range(MANY))
EVENTS = sum(one.events for one in PARTS)


@given(st.permutations(range(MANY)))
def test_parts_end_in_any_order_and_each_is_left_until_then(order: Sequence[int]) -> None:
    at = Standing(parts=PARTS, events=EVENTS)
    for nth, part in enumerate(order, 1):
        at = at.ended(part, Loaded(events=part, aggregates=1), float(nth))
        assert at.left == tuple(sorted(order[nth:]))
        assert at.ahead == tuple(sorted(one for one in order[:nth] if one > at.part))
        assert at.part == min(order[nth:], default=MANY)
        assert at.done == Loaded(events=sum(order[:nth]), aggregates=nth)
        assert at.seconds == nth
    assert at.share == 1.0


@pytest.mark.parametrize(
    ("step", "events", "done", "share"),
    [
        (Step.PINNING, 0, 0, 0.0),
        (Step.FOLDING, 8, 2, 0.25),
        (Step.CATCHING_UP, 8, 2, 1.0),
        (Step.CATCHING_UP, 0, 0, 1.0),
        (Step.READY, 0, 0, 1.0),
    ],
)
def test_how_much_is_done(step: Step, events: int, done: int, share: float) -> None:
    assert Standing(step=step, events=events, done=Loaded(events=done)).share == share
