"""Addresses of views: one thing each."""

from __future__ import annotations

import pytest

from mainstem import Mistake
from queries.http import views_of
from tests.queries.shelf import Brew, Limits, Pot, Pots, domain


def test_a_keyed_view_called_like_its_domain_would_hide_the_events() -> None:
    with pytest.raises(Mistake, match="its events are in the way"):
        views_of({"pots": domain(Pots, Brew)})
    assert views_of({"pots": domain(Pots)}).histories == {}  # facts have no such address


def test_a_list_by_what_pages_a_list_is_refused() -> None:
    with pytest.raises(Mistake, match="limit= means something in a list"):
        views_of({"pots": domain(Limits)})


def test_views_and_histories_are_found_by_their_names() -> None:
    views = views_of({"pots": domain(Pot, Brew)})
    assert ([*views.sinks], [*views.histories]) == (["pot"], ["pots"])
