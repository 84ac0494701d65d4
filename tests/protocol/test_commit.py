"""COMMIT: decided once, whatever is asked again, lost or unknown."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from domains.channels import Create, Destroy, Join
from domains.otp import Request, Role, Verify
from domains.tickets import Comment, Rename, Submit
from edge.caller import Caller
from mainstem import Missing, Refused
from mainstem.ports import Contended, Unknown
from mainstem.protocol.commit import (
    DECIDE_MAX,
    RECORDS_PER_SNAPSHOT,
    UNPUBLISHED_RECORDS_MAX,
    Busy,
    Different,
    Order,
    Taken,
    commit,
)
from mainstem.protocol.drive import drive
from tests.protocol.faults import AFTER, BEFORE, Faulty, always, once
from tests.protocol.plant import Plant, key, plant


@pytest.fixture
def works(tmp_path: Path) -> Iterator[Plant]:
    with plant(tmp_path / "data", "tickets", "channels", "otp", "users") as made:
        yield made


def order(works: Plant, command: Any, id: str) -> Order:
    return works.asking.order(works.domains["tickets"], command, Caller("ann"), id)


def test_a_command_makes_events_numbered_without_a_hole(works: Plant) -> None:
    first = works.ask("tickets", Submit(title="It burns"))
    assert (first.version, first.happened, first.created) == (1, True, True)
    again = works.ask("tickets", Comment(text="still"), first.aggregate.id)
    assert (again.version, again.created) == (2, False)
    assert [r.first for r in works.records("tickets", first.aggregate.id)] == [1, 2]


def test_nothing_to_do_is_answered_with_the_same_version(works: Plant) -> None:
    id = works.ask("tickets", Submit(title="It burns")).aggregate.id
    done = works.ask("tickets", Rename(title="It burns"), id)
    assert (done.version, done.happened) == (1, False)


def test_asked_twice_with_one_key_it_is_decided_once_and_answered_alike(works: Plant) -> None:
    one = key()
    first = works.ask("tickets", Submit(title="It burns"), key=one)
    works.ask("tickets", Comment(text="still"), first.aggregate.id)
    second = works.ask("tickets", Submit(title="It burns"), key=one)
    assert second == first._replace(again=True)


def test_a_key_of_somebody_else_is_another_key(works: Plant) -> None:
    one = key()
    anns = works.ask("tickets", Submit(title="It burns"), key=one)
    bobs = works.ask("tickets", Submit(title="It burns"), key=one, by="bob")
    assert anns.aggregate != bobs.aggregate


def test_the_same_key_with_another_request_is_refused(works: Plant) -> None:
    one = key()
    works.ask("tickets", Submit(title="It burns"), key=one, digest="a")
    with pytest.raises(Different):
        works.ask("tickets", Submit(title="It floods"), key=one, digest="b")


def test_an_answer_is_kept_beyond_snapshots(works: Plant) -> None:
    one = key()
    id = works.ask("tickets", Submit(title="It burns")).aggregate.id
    first = works.ask("tickets", Comment(text="first"), id, key=one)
    for n in range(3 * RECORDS_PER_SNAPSHOT):
        works.ask("tickets", Comment(text=f"{n}"), id)
    assert works.ask("tickets", Comment(text="first"), id, key=one).version == first.version


def test_a_refusal_that_records_is_recorded_once_and_said_again(works: Plant) -> None:
    works.ask("otp", Request(to="ann@example.com", country="SG", role=Role.ORG), by="")
    one = key()
    for _ in range(2):
        with pytest.raises(Refused, match="wrong code"):
            works.ask("otp", Verify(to="ann@example.com", code="00000"), by="", key=one)
    assert len(works.records("otp", "ann@example.com")) == 2


def test_a_refusal_that_records_nothing_writes_nothing(works: Plant) -> None:
    id = works.ask("tickets", Submit(title="It burns")).aggregate.id
    with pytest.raises(Refused):
        works.ask("tickets", Rename(title="Fire"), id, by="bob")
    with pytest.raises(Missing):
        works.ask("tickets", Rename(title="Fire"), "nowhere")
    assert len(works.records("tickets", id)) == 1


def test_what_is_claimed_is_nobody_elses_until_it_is_let_go(works: Plant) -> None:
    first = works.ask("channels", Create(name="general"))
    with pytest.raises(Taken):
        works.ask("channels", Create(name="general"), by="bob")
    works.ask("channels", Destroy(), first.aggregate.id)
    assert works.ask("channels", Create(name="general"), by="bob").happened


@pytest.mark.parametrize("how", [BEFORE, AFTER])
def test_an_unknown_outcome_is_looked_up_and_decided_once(works: Plant, how: str) -> None:
    journal = Faulty(works.ports.journal, once("commit", how))
    done = drive(commit(journal, works.ports.clock, order(works, Submit(title="It burns"), "t")))
    assert done.version == 1
    assert done.again is (how == AFTER)
    assert len(works.records("tickets", "t")) == 1


def test_one_key_for_two_requests_at_once_answers_the_second_one_never(works: Plant) -> None:
    one = key()

    def rival(name: str) -> None:
        if name == "load" and not works.records("tickets", "t"):
            works.ask("tickets", Submit(title="It burns"), "t", key=one, digest="first")

    asking = replace(works.asking, journal=Faulty(works.ports.journal, rival))
    with pytest.raises(Different):
        asking.ask(
            works.domains["tickets"], Submit(title="It rains"), Caller("ann"), id="t",
            once=(one, "second"),
        )  # fmt: skip
    assert len(works.records("tickets", "t")) == 1


def test_an_outcome_that_stays_unknown_is_said_to_be(works: Plant) -> None:
    journal = Faulty(works.ports.journal, always("commit", BEFORE))
    with pytest.raises(Unknown):
        drive(commit(journal, works.ports.clock, order(works, Submit(title="It burns"), "t")))
    assert journal.calls.count("commit") == DECIDE_MAX


def test_a_lost_race_is_decided_again_on_what_is_there_now(works: Plant) -> None:
    works.ask("tickets", Submit(title="It burns"), "t")

    def rival(name: str) -> None:
        if name == "commit" and len(works.records("tickets", "t")) == 1:
            works.ask("tickets", Comment(text="I was faster"), "t", by="bob")

    journal = Faulty(works.ports.journal, rival)
    done = drive(commit(journal, works.ports.clock, order(works, Comment(text="me too"), "t")))
    assert (done.version, len(works.records("tickets", "t"))) == (3, 3)


def test_who_loses_every_race_is_told(works: Plant) -> None:
    works.ask("tickets", Submit(title="It burns"), "t")

    def rival(name: str) -> None:
        if name == "commit":
            works.ask("tickets", Comment(text="I was faster"), "t", by="bob")

    journal = Faulty(works.ports.journal, rival)
    with pytest.raises(Contended):
        drive(commit(journal, works.ports.clock, order(works, Comment(text="me too"), "t")))
    assert len(works.records("tickets", "t")) == 1 + DECIDE_MAX


def test_who_loses_the_last_race_to_the_same_command_is_answered(works: Plant) -> None:
    works.ask("tickets", Submit(title="It burns"), "t")
    asked, races = order(works, Comment(text="me too"), "t"), 0

    def rival(name: str) -> None:
        nonlocal races
        if name == "commit":
            races += 1
            if races < DECIDE_MAX:
                works.ask("tickets", Comment(text="I was faster"), "t", by="bob")
            else:
                drive(commit(works.ports.journal, works.ports.clock, asked))

    done = drive(commit(Faulty(works.ports.journal, rival), works.ports.clock, asked))
    assert (done.again, done.version) == (True, 1 + DECIDE_MAX)


def test_an_aggregate_whose_events_do_not_leave_takes_no_more(works: Plant) -> None:
    works.ask("tickets", Submit(title="It burns"), "t")
    journal, clock = works.ports.journal, works.ports.clock
    for n in range(UNPUBLISHED_RECORDS_MAX):
        drive(commit(journal, clock, order(works, Comment(text=f"{n}"), "t")))
    with pytest.raises(Busy, match=f"{UNPUBLISHED_RECORDS_MAX} records wait"):
        drive(commit(journal, clock, order(works, Comment(text="more"), "t")))


def test_a_member_who_joins_again_changes_nothing(works: Plant) -> None:
    id = works.ask("channels", Create(name="general")).aggregate.id
    assert works.ask("channels", Join(), id, by="bob").happened
    assert not works.ask("channels", Join(), id, by="bob").happened
