"""Edges: exactly as large as may be, exactly as old, exactly as far; and what is said there."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from domains.tickets import Comment, Submit
from local.timers import Timers
from mainstem import Forbidden, Missing, Refused
from mainstem._kind import EPOCH
from mainstem._refused import TooSoon
from mainstem.aggregate import Aggregate
from mainstem.bundle import bundled, lane_of
from mainstem.envelope import Envelope, encode
from mainstem.fingerprint import printed
from mainstem.ports import Loaded, Record, Snapshot
from mainstem.protocol import audit, change, commit, ingest
from mainstem.protocol.answers import heard, refused
from mainstem.protocol.audit import AUDITED_AT
from mainstem.protocol.drive import drive
from mainstem.protocol.ingest import Producer, send
from mainstem.protocol.standing import Standing
from tests.protocol.editions import edition
from tests.protocol.faults import Faulty
from tests.protocol.plant import Plant, plant
from tests.protocol.test_lanes import line
from tests.protocol.test_troubled import parked, sell

VIEW = "tickets.Ticket"
SALE = "shop.Sale"
EARLIER_US = -60_000_000  # an audit with this age looks at what is still to come
FIRST, SECOND, THIRD = range(1, 4)


@pytest.fixture
def works(tmp_path: Path) -> Iterator[Plant]:
    with plant(tmp_path / "data", "tickets", "clicks") as made:
        made.settle()
        yield made


def test_a_commit_may_be_as_large_as_may_be(works: Plant, monkeypatch: pytest.MonkeyPatch) -> None:
    works.ask("tickets", Submit(title="It burns"), "a")
    (record,) = works.records("tickets", "a")
    size = len(record.events[0])
    monkeypatch.setattr(commit, "COMMIT_BYTES_MAX", size)
    assert works.ask("tickets", Submit(title="It burns"), "b").happened
    monkeypatch.setattr(commit, "COMMIT_BYTES_MAX", size - 1)
    with pytest.raises(Refused, match="too much at once"):
        works.ask("tickets", Submit(title="It burns"), "c")


def test_a_row_may_be_as_large_as_may_be(works: Plant, monkeypatch: pytest.MonkeyPatch) -> None:
    for id in "ab":
        works.ask("tickets", Submit(title="It burns"), id)
        works.ask("tickets", Comment(text="still"), id)
    works.engine.catch_up()
    into = works.into(VIEW)
    head = drive(into.rows.read(into.generation, works.aggregate(VIEW, "a"), ("",)))
    for id, less in (("c", 0), ("d", 1)):
        monkeypatch.setattr(change, "ROW_BYTES_MAX", len(head.rows[""] or b"") - less)
        works.ask("tickets", Submit(title="It burns"), id)
        works.ask("tickets", Comment(text="still"), id)
        works.engine.catch_up()
    assert [one.aggregate.id for one in works.parked(VIEW)] == ["d"]


def test_a_call_may_be_as_large_as_may_be(works: Plant, monkeypatch: pytest.MonkeyPatch) -> None:
    whose = [Aggregate("main", "clicks", id) for id in ("v1", "v3")]
    facts = [ingest.Fact(one, line(one.id, "/")) for one in whose]
    one, other = (len(bundled([fact.line], "p", 1)) for fact in facts)
    size = one + len(lane_of(whose[0])) + other
    found = []
    for less in (0, 1):
        feed = Faulty(works.ports.feed, lambda _: None)
        monkeypatch.setattr(ingest, "PUT_BYTES_MAX", size - less)
        assert all(drive(send(feed, works.ports.clock, Producer(f"{less}"), facts)))
        found.append(feed.calls.count("put"))
    assert found == [1, 2]


def test_a_timer_is_set_by_the_row_that_says_when(tmp_path: Path) -> None:
    remind = """
class Remind(Command[Sale], at=Sale.due):
    def decide(self, sale: Sale) -> Iterator[Event]:
        yield Sold(what="again")
"""
    found = edition(tmp_path, "due = last(at(Sold))", remind)
    with plant(tmp_path / "data", found=found) as works:
        sell(works, "a")
        works.engine.catch_up()
        timers, generation = Timers(works.ports.folder.views), works.into(SALE).generation
        now = drive(works.ports.clock.now())
        (due,) = drive(timers.due(generation, now, None, 9))
        assert (due.aggregate.id, due.command) == ("a", "Remind")


def test_a_park_that_is_tried_says_whether_it_waits_or_is_poison(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with plant(tmp_path / "data", found=edition(tmp_path)) as works:
        sell(works, "poisoned")
        monkeypatch.setattr(change, "ROW_BYTES_MAX", 1)
        parked(works, "gap", "a gap", poison=False)
        parked(works, "poisoned", "a gap", poison=False)
        works.engine.repair()
        assert {one.aggregate.id: one.poison for one in works.parked(SALE)} == {
            "gap": False, "poisoned": True,
        }  # fmt: skip


def test_an_audit_says_when_only_once_it_has_seen_everything(
    works: Plant, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(audit, "HEADS_PER_STEP_MAX", 2)
    for id in "abcde":
        works.ask("tickets", Submit(title="It burns"), id)
    works.engine.catch_up()
    into, said = works.into(VIEW), list[str]()
    for _ in range(3):
        step = audit.audit(into, works.ports.generations, works.ports.journal, EARLIER_US)
        assert drive(step).compared in (1, 2)
        said.append(drive(works.ports.generations.noted(into.generation, AUDITED_AT)))
    assert [bool(one) for one in said] == [False, False, True]


def test_of_two_snapshots_each_state_hears_what_came_after_its_own(tmp_path: Path) -> None:
    more = "\n\nclass Tally(State):\n    times = count(Sold)\n    name = unique(times)\n"
    found = edition(tmp_path, more=more)["shop"]
    sale, tally = found.states["Sale"], found.states["Tally"]
    standing = Standing(found, (sale, tally), Aggregate("main", "shop", "a"))
    snapshots = {
        "Sale": Snapshot(FIRST, printed(sale), b'{"what":"hat","sales":1}'),
        "Tally": Snapshot(SECOND, printed(tally), b'{"times":2}'),
    }
    tail = tuple(_record(version) for version in (SECOND, THIRD))
    standing.take(Loaded(snapshots, tail, None, 0))
    assert (standing.state(sale).row()["sales"], standing.state(tally).row()["times"]) == (3, 3)
    assert standing.version == THIRD


def _record(version: int) -> Record:
    told = Envelope(
        tenant="main", domain="shop", id="a", version=version, type="Sold", schema=1, at=0,
        by="ann", data={"what": "hat", "cents": 1},
    )  # fmt: skip
    return Record(Aggregate("main", "shop", "a"), version, (encode(told),), "", 0, b"")


@pytest.mark.parametrize(
    "no", [Refused("no"), Forbidden("no"), Missing("no"), TooSoon("no", until=EPOCH)]
)
def test_a_no_that_is_recorded_is_the_same_no_when_it_is_heard_again(no: Refused) -> None:
    with pytest.raises(type(no)) as again:
        heard(refused(no))
    assert type(again.value) is type(no)
    assert again.value.reason == "no"
