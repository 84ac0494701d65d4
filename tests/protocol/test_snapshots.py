"""Snapshots: those that commands decide on are what the records fold to, and there beforehand."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from domains.channels import Create
from domains.tickets import Submit
from edge.caller import Caller
from local import snapshotting
from local.snapshotting import Done, Needed, Snapshotting
from mainstem.aggregate import Aggregate
from mainstem.discovery import Domain
from mainstem.fingerprint import printed
from mainstem.ports import Corrupt, Loaded, Snapshot
from mainstem.protocol.claims import reclaim
from mainstem.protocol.commit import RECORDS_PER_SNAPSHOT
from mainstem.protocol.drive import drive
from mainstem.protocol.snapshots import Looked, decided_on, looked, renewed
from mainstem.sink import sinks_of
from tests.protocol.editions import edition
from tests.protocol.plant import Plant, plant

A, B, C = (Aggregate("main", "shop", id) for id in "abc")
LONG = 40
TOTAL = "cents = total(Sold.cents)"
SQUARES = "cents = total(Sold.cents * Sold.cents)"
TILL = "class Till(State):\n    cents = total(Sold.cents)\n    only = unique(cents)\n"


def sell(works: Plant, id: str, *cents: int) -> None:
    kind: Any = works.domains["shop"].commands["Sell"]
    for n in cents:
        works.asking.ask(works.domains["shop"], kind(what="hat", cents=n), Caller("ann"), id=id)


def kept(works: Plant, one: Aggregate) -> Mapping[str, Snapshot]:
    """Those by the code at hand."""
    states = {s.__name__: printed(s) for s in decided_on(works.domains["shop"])}
    return drive(works.ports.journal.load(one, "", states)).snapshots


def of(works: Plant, only: Aggregate | None = None) -> Snapshotting:
    return Snapshotting(works.ports, works.domains["shop"], only)


def run(works: Plant, only: Aggregate | None = None) -> Done:
    return of(works, only).run(lambda _: None)


def spoil(works: Plant, one: Aggregate, name: str, **about: Any) -> Snapshot:
    """Something else stands there than what was kept."""
    right = kept(works, one)[name]
    wrong = right._replace(**about)
    drive(works.ports.journal.forget(one, name, right))
    drive(works.ports.journal.keep(one, name, wrong))
    return wrong


@pytest.fixture
def works(tmp_path: Path) -> Iterator[Plant]:
    """a and b are long, c is short; and the folds have changed since."""
    with plant(tmp_path / "data", found=edition(tmp_path)) as before:
        sell(before, "a", *range(LONG))
        sell(before, "b", *range(RECORDS_PER_SNAPSHOT))
        sell(before, "c", *range(RECORDS_PER_SNAPSHOT - 1))
    with plant(tmp_path / "data", found=edition(tmp_path, TOTAL)) as after:
        yield after


def busily(works: Plant, monkeypatch: pytest.MonkeyPatch) -> None:
    """Somebody sells while the next one is looked at, just once."""
    load = works.ports.journal.load

    async def loaded(*about: Any) -> Loaded:
        found = await load(*about)
        monkeypatch.setattr(works.ports.journal, "load", load)
        sell(works, "a", *range(RECORDS_PER_SNAPSHOT + 1))
        return found

    monkeypatch.setattr(works.ports.journal, "load", loaded)


def test_a_plan_says_what_is_lacking_and_writes_nothing(works: Plant) -> None:
    found = of(works).plan()
    assert (found.aggregates, found.enough, found.lacking) == (3, 2, 2)
    assert found.events == LONG + RECORDS_PER_SNAPSHOT
    assert found.seconds > 0
    assert kept(works, A) == {}


@pytest.mark.parametrize(
    ("tried", "seconds"), [(1, 2.0 * (LONG + RECORDS_PER_SNAPSHOT) / LONG), (20_000, 2.0)]
)
def test_a_few_are_tried_and_others_take_as_long_for_an_event(
    works: Plant, monkeypatch: pytest.MonkeyPatch, tried: int, seconds: float
) -> None:
    now = iter((10.0, 12.0))
    monkeypatch.setattr(snapshotting, "time", SimpleNamespace(monotonic=lambda: next(now)))
    monkeypatch.setattr(snapshotting, "EVENTS_TRIED", tried)
    assert of(works).plan().seconds == seconds


def test_where_nothing_is_lacking_it_takes_no_time(works: Plant) -> None:
    assert of(works, C).plan() == Needed(aggregates=1)


def test_what_is_lacking_is_made_once(works: Plant) -> None:
    done = run(works)
    assert (done.made, done.right, done.wrong, done.failed) == (2, 0, [], [])
    assert done.events == LONG + RECORDS_PER_SNAPSHOT
    assert {one: [s.version for s in kept(works, one).values()] for one in (A, B, C)} == {
        A: [LONG], B: [RECORDS_PER_SNAPSHOT], C: [],
    }  # fmt: skip
    again = run(works)
    assert (again.made, again.right, again.wrong) == (0, 2, [])
    assert of(works).plan().lacking == 0


def test_the_next_command_reads_what_came_after_it(works: Plant) -> None:
    run(works, A)
    (state,) = decided_on(works.domains["shop"])
    loaded = drive(works.ports.journal.load(A, "", {state.__name__: printed(state)}))
    assert loaded.tail == ()
    sell(works, "a", 7)
    works.engine.catch_up()
    (row,) = (one for one in works.shown("shop.Sale") if one["id"] == "a")
    assert row["cents"] == sum(range(LONG)) + 7
    assert kept(works, B) == {}  # that was another one


def test_every_state_that_a_commit_needs_is_kept(tmp_path: Path) -> None:
    with plant(tmp_path / "data", found=edition(tmp_path, more=TILL)) as works:
        sell(works, "a", *range(1, RECORDS_PER_SNAPSHOT + 1))
        assert run(works).made == 1
        assert set(kept(works, A)) == {"Sale", "Till"}


@pytest.mark.parametrize(
    "about",
    [
        {"cells": b'{"what": "cap"}'},
        {"cells": b"never so"},
        {"version": LONG + 9},
        {"version": LONG - 1},
    ],
)
def test_one_that_says_what_the_records_do_not_is_told_and_replaced(
    works: Plant, about: Mapping[str, Any]
) -> None:
    run(works)
    right = kept(works, A)["Sale"]
    spoil(works, A, "Sale", **about)
    done = run(works)
    assert (done.wrong, done.made, done.right) == ([(A, "Sale")], 1, 1)
    assert kept(works, A)["Sale"] == right
    assert run(works).wrong == []


def test_one_that_says_the_same_in_other_bytes_is_right(works: Plant) -> None:
    run(works)
    other = spoil(works, A, "Sale", cells=kept(works, A)["Sale"].cells.replace(b",", b", "))
    done = run(works)
    assert (done.wrong, done.right) == ([], 2)
    assert kept(works, A)["Sale"] == other


def test_one_that_can_not_be_read_is_told_and_made_anew(works: Plant) -> None:
    run(works)
    spoil(works, A, "Sale", cells=b"{")
    with pytest.raises(Corrupt, match="shop/a: its snapshot of Sale is damaged; `mainstem rebuild"):
        sell(works, "a", 1)
    assert drive(reclaim(sinks_of(works.domains)[0], works.ports.journal, A)) == []
    assert run(works).wrong == [(A, "Sale")]
    sell(works, "a", 1)


def test_an_older_one_is_right_as_of_its_version(works: Plant) -> None:
    run(works)
    before = kept(works, A)
    sell(works, "a", *range(RECORDS_PER_SNAPSHOT - 1))
    assert run(works).made == 0
    assert kept(works, A) == before
    sell(works, "a", 5)
    assert drive(looked(works.ports.journal, works.domains["shop"], A)).lacks
    assert run(works).made == 1
    assert kept(works, A)["Sale"].version == LONG + RECORDS_PER_SNAPSHOT


def test_what_somebody_kept_meanwhile_stays(works: Plant, monkeypatch: pytest.MonkeyPatch) -> None:
    keep = works.ports.journal.keep

    async def late(one: Aggregate, state: str, snapshot: Snapshot) -> None:
        monkeypatch.undo()
        sell(works, "a", *range(RECORDS_PER_SNAPSHOT + 1))  # whose commits keep one of their own
        await keep(one, state, snapshot)

    monkeypatch.setattr(works.ports.journal, "keep", late)
    run(works, A)
    assert kept(works, A)["Sale"].version > LONG


def test_what_is_committed_while_they_are_compared_makes_none_wrong(
    works: Plant, monkeypatch: pytest.MonkeyPatch
) -> None:
    run(works)
    busily(works, monkeypatch)
    assert drive(renewed(works.ports.journal, works.domains["shop"], A)).wrong == ()
    assert kept(works, A)["Sale"].version > LONG


def test_who_is_committed_meanwhile_is_counted_once(
    works: Plant, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(snapshotting, "HEADS_A_PAGE", 1)
    busily(works, monkeypatch)
    assert of(works).plan().aggregates == 3


def test_those_that_are_lacking_come_first(works: Plant) -> None:
    run(works, A)
    told = list[tuple[int, int]]()
    of(works).run(lambda done: told.append((done.made, done.right)))
    assert told == [(1, 0), (1, 1)]


def test_another_domain_has_its_own(tmp_path: Path) -> None:
    with plant(tmp_path / "data", "tickets", "channels") as works:
        works.ask("channels", Create(name="general"), "c1")
        works.ask("tickets", Submit(title="It burns"), "t1")
        assert Snapshotting(works.ports, works.domains["tickets"]).plan().aggregates == 1


def test_one_that_can_not_be_folded_is_told_and_others_are_made(tmp_path: Path) -> None:
    with plant(tmp_path / "data", found=edition(tmp_path)) as before:
        sell(before, "a", *[2**53 - 1] * RECORDS_PER_SNAPSHOT)
        sell(before, "b", *range(RECORDS_PER_SNAPSHOT))
    with plant(tmp_path / "data", found=edition(tmp_path, SQUARES)) as works:
        assert of(works).plan().lacking == 2
        done = run(works)
        (why,) = done.failed
        assert why.startswith("shop/a version 1, Sold: ")
        assert done.made == 1
        assert drive(reclaim(sinks_of(works.domains)[0], works.ports.journal, A)) == []


def test_an_aggregate_with_a_hole_is_told_and_left_as_it_is(works: Plant) -> None:
    works.ports.folder.journal.write(
        lambda db: db.execute("DELETE FROM records WHERE id = 'a' AND first = 5")
    )
    done = run(works)
    assert done.failed == ["shop/a: has a hole, version 4 is followed by 6"]
    assert (kept(works, A), done.made) == ({}, 1)


@pytest.mark.parametrize("there", [True, False])
def test_a_record_that_is_damaged_is_told(works: Plant, there: bool) -> None:
    if there:
        run(works)
    works.ports.folder.journal.write(
        lambda db: db.execute("UPDATE records SET checksum = 1 WHERE id = 'a' AND first = 5")
    )
    assert of(works).plan().damaged == (not there)
    done = run(works)
    (why,) = done.failed
    assert why.startswith("shop/a: version 5 is damaged")
    assert (done.made, done.right) == ((0, 1) if there else (1, 0))


def test_killed_at_any_moment_the_next_goes_on(works: Plant) -> None:
    class Killed(BaseException):
        """Here it ends."""

    def dies(_: Done) -> None:
        raise Killed

    with pytest.raises(Killed):
        of(works).run(dies)
    assert of(works).plan().lacking == 1
    done = run(works)
    assert (done.made, done.right) == (1, 1)


def test_one_aggregate_is_looked_at_by_itself(works: Plant) -> None:
    domain: Domain = works.domains["shop"]
    assert drive(looked(works.ports.journal, domain, C)) == Looked(False, False, 15)
    assert drive(renewed(works.ports.journal, domain, C)).made == ()
