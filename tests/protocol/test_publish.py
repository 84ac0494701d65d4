"""PUBLISH and SWEEP: everything, in order, marked once it is there (R1, R2)."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from domains.tickets import Comment, Submit
from mainstem.aggregate import Aggregate
from mainstem.bundle import opened
from mainstem.ports import Unknown
from mainstem.protocol.commit import commit
from mainstem.protocol.drive import drive
from mainstem.protocol.publish import publish
from mainstem.protocol.sweep import HINT_AGE_US, sweep
from tests.protocol.faults import AFTER, BEFORE, Faulty, always, once
from tests.protocol.plant import Plant, plant

TICKET = Aggregate("main", "tickets", "t")


@pytest.fixture
def works(tmp_path: Path) -> Iterator[Plant]:
    with plant(tmp_path / "data", "tickets") as made:
        yield made


def committed(works: Plant, *commands: Any) -> None:
    """Committed, and not published."""
    from edge.caller import Caller

    for command in commands:
        order = works.asking.order(works.domains["tickets"], command, Caller("ann"), "t")
        drive(commit(works.ports.journal, works.ports.clock, order))


def versions(works: Plant) -> list[list[int]]:
    """Those of each bundle on the feed, in order."""
    return [[one.version for one in opened(TICKET.key, data).envelopes] for data in works.fed()]


def unpublished(works: Plant) -> list[int]:
    return [one.first for one in drive(works.ports.journal.unpublished(TICKET))]


def test_a_bundle_holds_all_that_is_unpublished_in_order(works: Plant) -> None:
    committed(works, Submit(title="It burns"), Comment(text="a"), Comment(text="b"))
    assert drive(publish(works.ports.journal, works.ports.feed, TICKET))
    assert versions(works) == [[1, 2, 3]]
    assert unpublished(works) == []


def test_what_is_too_long_goes_in_several_bundles_one_after_the_other(works: Plant) -> None:
    long = [Comment(text="x" * 4_000) for _ in range(150)]
    committed(works, Submit(title="It burns"), *long)
    assert drive(publish(works.ports.journal, works.ports.feed, TICKET))
    found = versions(works)
    assert len(found) > 1
    assert [version for bundle in found for version in bundle] == list(range(1, 152))


@pytest.mark.parametrize("how", [BEFORE, AFTER])
def test_an_unknown_put_marks_nothing(works: Plant, how: str) -> None:
    committed(works, Submit(title="It burns"))
    feed = Faulty(works.ports.feed, once("put", how))
    with pytest.raises(Unknown):
        drive(publish(works.ports.journal, feed, TICKET))
    assert unpublished(works) == [1]


def test_a_put_that_was_not_acknowledged_marks_nothing_and_sends_nothing_after_it(
    works: Plant,
) -> None:
    committed(works, Submit(title="It burns"), *[Comment(text="x" * 4_000) for _ in range(150)])

    class Full:
        async def put(self, bundles: Any) -> tuple[bool, ...]:
            return tuple(False for _ in bundles)

    assert not drive(publish(works.ports.journal, Full(), TICKET))  # type: ignore[arg-type]
    assert len(unpublished(works)) == 151
    assert versions(works) == []


def test_an_answer_does_not_wait_for_the_feed_and_the_sweeper_makes_up_for_it(
    works: Plant,
) -> None:
    object.__setattr__(works.asking, "feed", Faulty(works.ports.feed, always("put", BEFORE)))
    done = works.ask("tickets", Submit(title="It burns"), "t")
    assert (done.version, unpublished(works)) == (1, [1])
    now = drive(works.ports.clock.now()) + HINT_AGE_US + 1
    assert drive(sweep(works.ports.journal, works.ports.feed, now)) == 1
    assert (unpublished(works), versions(works)) == ([], [[1]])


def test_the_sweeper_leaves_alone_what_is_being_published_just_now(works: Plant) -> None:
    committed(works, Submit(title="It burns"))
    now = drive(works.ports.clock.now())
    assert drive(sweep(works.ports.journal, works.ports.feed, now)) == 0
    assert unpublished(works) == [1]


def test_an_aggregate_that_fails_does_not_keep_the_others_waiting(works: Plant) -> None:
    for id in ("a", "b", "c"):
        object.__setattr__(works.asking, "feed", Faulty(works.ports.feed, always("put", BEFORE)))
        works.ask("tickets", Submit(title="It burns"), id)
    now = drive(works.ports.clock.now()) + HINT_AGE_US + 1
    feed = Faulty(works.ports.feed, once("put", BEFORE))
    assert drive(sweep(works.ports.journal, feed, now)) == 2
    assert drive(sweep(works.ports.journal, feed, now)) == 1


def test_a_hinted_record_below_a_published_one_is_only_marked(works: Plant) -> None:
    committed(works, Submit(title="It burns"), Comment(text="a"))
    journal = works.ports.journal
    drive(publish(journal, works.ports.feed, TICKET))
    works.ports.folder.journal.write(
        lambda db: db.execute("UPDATE records SET published = 0 WHERE first = 1")
    )
    assert drive(publish(journal, works.ports.feed, TICKET, hinted=[1]))
    assert versions(works) == [[1, 2]]
    now = drive(works.ports.clock.now()) + HINT_AGE_US + 1
    assert drive(sweep(journal, works.ports.feed, now)) == 0
