"""What a record on the feed must be before anything of it is believed."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mainstem import Unfit
from mainstem.aggregate import KEY_CHARACTERS_MAX, Aggregate
from mainstem.bundle import (
    BUNDLE_BYTES_MAX,
    BUNDLE_EVENTS_MAX,
    LANES,
    bundled,
    domain_of,
    lane_of,
    opened,
    runs,
)
from mainstem.envelope import Envelope, encode

TICKET = Aggregate("main", "tickets", "7f2")
OTHER = Aggregate("main", "tickets", "8a1")


def line(version: int, of: Aggregate = TICKET) -> bytes:
    return encode(
        Envelope(
            tenant=of.tenant, domain=of.domain, id=of.id, version=version, type="Closed",
            schema=1, at=0, by="ann", data={"reason": "it burnt down"},
        )
    )  # fmt: skip


def test_what_was_bundled_is_opened_as_it_was() -> None:
    lines = [line(1), line(2)]
    found = opened(TICKET.key, bundled(lines))
    assert list(found.lines) == lines
    assert [one.version for one in found.envelopes] == [1, 2]


def test_the_bundle_of_a_lane_says_who_made_it_and_after_which() -> None:
    facts = [line(1), line(1, OTHER)]
    lane = lane_of(TICKET)
    same = [one for one in facts if lane_of(OTHER) == lane] or facts[:1]
    header = opened(lane, bundled(same, "shop-1", 7)).header
    assert (header.producer, header.n) == ("shop-1", 7)


@pytest.mark.parametrize("at", [0, 5, 60, -1])
def test_one_changed_byte_is_noticed(at: int) -> None:
    data = bytearray(bundled([line(1), line(2)]))
    data[at] ^= 1
    with pytest.raises(Unfit):
        opened(TICKET.key, bytes(data))


def test_a_cut_record_is_noticed_wherever_it_was_cut() -> None:
    data = bundled([line(1), line(2)])
    for length in range(len(data)):
        with pytest.raises(Unfit):
            opened(TICKET.key, data[:length])


def test_events_of_two_aggregates_do_not_travel_in_one_bundle() -> None:
    with pytest.raises(Unfit, match="tickets/8a1 travels under"):
        opened(TICKET.key, bundled([line(1), line(1, OTHER)]))


def test_a_bundle_under_a_foreign_key_is_noticed() -> None:
    with pytest.raises(Unfit, match="travels under"):
        opened(OTHER.key, bundled([line(1)]))


def test_a_record_larger_than_any_bundle_is_not_even_read() -> None:
    with pytest.raises(Unfit, match=f"{BUNDLE_BYTES_MAX} at most"):
        opened(TICKET.key, b"x" * (BUNDLE_BYTES_MAX + 1))


def test_a_format_that_is_not_known_here_is_refused() -> None:
    head, _, body = bundled([line(1)]).partition(b"\n")
    newer = msgspec.json.encode({**msgspec.json.decode(head), "bundle": 2})
    with pytest.raises(Unfit, match="format 2"):
        opened(TICKET.key, newer + b"\n" + body)


@given(st.binary(max_size=200))
def test_bytes_from_anywhere_are_refused_in_words(data: bytes) -> None:
    with pytest.raises(Unfit):
        opened(TICKET.key, data)


def test_a_key_names_its_domain_and_fits_whatever_the_id() -> None:
    long = Aggregate("main", "tickets", "x" * 256)
    for one in (TICKET, long):
        assert domain_of(one.key) == domain_of(lane_of(one)) == "tickets"
        assert len(one.key) <= KEY_CHARACTERS_MAX
    assert long.key != Aggregate("main", "tickets", "x" * 255 + "y").key


def test_lanes_are_fixed_for_ever() -> None:
    assert LANES == 512
    assert lane_of(TICKET) == "main/tickets/~200"


@given(st.lists(st.tuples(st.integers(1, 100), st.integers(1, 300_000)), max_size=50))
def test_runs_cover_everything_once_in_order_and_fit(sizes: list[tuple[int, int]]) -> None:
    found = list(runs(sizes))
    assert [n for start, end in found for n in range(start, end)] == list(range(len(sizes)))
    for start, end in found:
        assert sum(count for count, _ in sizes[start:end]) <= BUNDLE_EVENTS_MAX
        assert end - start == 1 or sum(size for _, size in sizes[start:end]) <= BUNDLE_BYTES_MAX
