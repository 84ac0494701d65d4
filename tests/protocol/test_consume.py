"""CONSUME, REPAIR, AUDIT: each version once and in order; who can't go on waits alone."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from domains.channels import Create, Join, Leave, Send
from domains.otp import Request, Role
from domains.tickets import Assign, Close, Comment, Rename, Submit
from mainstem.aggregate import Aggregate
from mainstem.bundle import bundled
from mainstem.envelope import Envelope, decode, encode
from mainstem.ports import Bundle
from mainstem.protocol.audit import AUDITED
from mainstem.protocol.consume import Into, Stale
from mainstem.protocol.drive import drive
from tests.protocol.plant import Plant, plant

VIEW = "tickets.Ticket"
EARLIER_US = -60_000_000  # an audit with this age looks at what is still to come


@pytest.fixture
def works(tmp_path: Path) -> Iterator[Plant]:
    with plant(tmp_path / "data", "tickets", "channels", "otp", "users") as made:
        made.settle()
        yield made


def ticket(works: Plant, id: str, comments: int = 0) -> Aggregate:
    works.ask("tickets", Submit(title="It burns"), id)
    for n in range(comments):
        works.ask("tickets", Comment(text=f"{n}"), id)
    return works.aggregate(VIEW, id)


def lines(works: Plant, id: str) -> list[bytes]:
    return [line for record in works.records("tickets", id) for line in record.events]


def unseen(works: Plant, id: str, comments: int) -> list[bytes]:
    """A ticket's events, journalled and marked as published, and never put on the feed."""
    object.__setattr__(works.asking, "feed", _Nowhere())
    aggregate = ticket(works, id, comments)
    firsts = tuple(record.first for record in works.records("tickets", id))
    drive(works.ports.journal.mark(aggregate, firsts))
    object.__setattr__(works.asking, "feed", works.ports.feed)
    return lines(works, id)


class _Nowhere:
    async def put(self, bundles: list[Bundle]) -> tuple[bool, ...]:
        return tuple(False for _ in bundles)


def test_rows_are_what_the_journal_amounts_to(works: Plant) -> None:
    ticket(works, "a", comments=3)
    works.ask("tickets", Rename(title="Fire"), "a")
    works.ask("tickets", Assign(assignee="bob"), "a")
    channel = works.ask("channels", Create(name="general")).aggregate.id
    for user in ("ann", "bob", "cid"):
        works.ask("channels", Join(), channel, by=user)
        works.ask("channels", Send(text=f"I am {user}"), channel, by=user)
    works.ask("channels", Leave(), channel, by="bob")
    works.engine.catch_up()
    for view in (VIEW, "channels.Channel", "channels.ChannelSummary", "channels.Message"):
        assert works.shown(view) == works.expected(view) != []


def test_a_duplicate_changes_nothing(works: Plant) -> None:
    aggregate = ticket(works, "a", comments=3)
    works.engine.catch_up()
    before = works.shown(VIEW)
    works.put(aggregate, bundled(lines(works, "a")))
    works.put(aggregate, bundled(lines(works, "a")[1:3]))
    works.engine.catch_up()
    assert (works.shown(VIEW), works.parked(VIEW)) == (before, [])


def test_behind_a_gap_one_aggregate_waits_and_the_others_go_on(works: Plant) -> None:
    events = unseen(works, "a", comments=3)
    aggregate = works.aggregate(VIEW, "a")
    works.put(aggregate, bundled(events[:1]))
    works.put(aggregate, bundled(events[2:3]))
    ticket(works, "b", comments=2)
    while works.engine.consume():
        pass
    assert (works.version(VIEW, "a"), works.version(VIEW, "b")) == (1, 3)
    (parked,) = works.parked(VIEW)
    assert (parked.aggregate, parked.high, parked.poison) == (aggregate, 3, False)
    assert parked.why == "version 2 is missing before 3"


def test_what_waits_is_repaired_from_the_journal_and_goes_on(works: Plant) -> None:
    events = unseen(works, "a", comments=3)
    aggregate = works.aggregate(VIEW, "a")
    works.put(aggregate, bundled(events[2:3]))
    while works.engine.consume():
        pass
    assert works.engine.repair() == 1
    assert (works.version(VIEW, "a"), works.parked(VIEW)) == (4, [])
    assert works.shown(VIEW) == works.expected(VIEW)


def test_what_comes_to_a_parked_aggregate_waits_with_it(works: Plant) -> None:
    events = unseen(works, "a", comments=3)
    aggregate = works.aggregate(VIEW, "a")
    for some in (events[2:3], events[3:4], events[:1]):
        works.put(aggregate, bundled(some))
        works.engine.consume()
    assert [one.high for one in works.parked(VIEW)] == [4]
    assert works.version(VIEW, "a") == 0
    works.engine.repair()
    assert works.shown(VIEW) == works.expected(VIEW)


def test_the_auditor_notices_that_the_last_event_never_came(works: Plant) -> None:
    events = unseen(works, "a", comments=3)
    works.put(works.aggregate(VIEW, "a"), bundled(events[:3]))
    works.engine.catch_up()
    assert works.version(VIEW, "a") == 3
    assert works.engine.audit(age_us=EARLIER_US) == 1
    assert works.parked(VIEW)[0].why == "versions 4 to 4 were committed and never came"
    works.engine.repair()
    assert (works.version(VIEW, "a"), works.parked(VIEW)) == (4, [])


def test_an_audit_costs_what_was_touched_since_the_last(works: Plant) -> None:
    for n in range(5):
        ticket(works, f"{n}")
    works.engine.catch_up()
    works.engine.audit(age_us=EARLIER_US)
    generation = works.into(VIEW).generation
    place = drive(works.ports.generations.noted(generation, AUDITED))
    assert drive(works.ports.journal.touched(place, 100)) == ()
    ticket(works, "5")
    assert len(drive(works.ports.journal.touched(place, 100))) == 1


def test_the_auditor_leaves_alone_what_is_on_its_way(works: Plant) -> None:
    ticket(works, "a")
    assert works.engine.audit() == 0
    assert works.parked(VIEW) == []


def changed(line: bytes, **fields: object) -> bytes:
    """The same event, saying something else."""
    envelope = decode(line)
    told = {name: getattr(envelope, name) for name in Envelope.__struct_fields__}
    return encode(Envelope(**{**told, **fields}))


def test_an_event_that_nobody_knows_yet_waits_for_the_code_that_does(works: Plant) -> None:
    events = unseen(works, "a", comments=1)
    works.put(works.aggregate(VIEW, "a"), bundled([events[0], changed(events[1], type="Sung")]))
    while works.engine.consume():
        pass
    (parked,) = works.parked(VIEW)
    assert (parked.poison, works.version(VIEW, "a")) == (True, 1)
    assert parked.why == "version 2: tickets: no event is called Sung"


def test_an_event_of_a_newer_schema_waits_too(works: Plant) -> None:
    events = unseen(works, "a", comments=1)
    works.put(works.aggregate(VIEW, "a"), bundled([events[0], changed(events[1], schema=9)]))
    while works.engine.consume():
        pass
    assert "schema 9 is newer" in works.parked(VIEW)[0].why


def test_an_event_the_view_has_no_word_for_moves_its_version_on(works: Plant) -> None:
    id = works.ask("channels", Create(name="general")).aggregate.id
    works.ask("channels", Join(), id)
    works.engine.catch_up()
    assert works.version("channels.Message", id) == 2
    assert works.row("channels.Message", id) is None


def test_bytes_that_nobody_can_decode_are_kept_and_their_neighbours_go_on(works: Plant) -> None:
    aggregate = ticket(works, "a")
    works.put(aggregate, b"not a bundle at all")
    ticket(works, "b")
    works.engine.catch_up()
    (one,) = drive(works.ports.parks.quarantined(0, 10))
    assert (one.data, one.key) == (b"not a bundle at all", aggregate.key)
    assert (works.version(VIEW, "a"), works.version(VIEW, "b")) == (1, 1)


def test_a_row_too_large_waits_and_says_how_large(works: Plant) -> None:
    aggregate = ticket(works, "a")
    first, long = lines(works, "a")[0], "x" * 4_000
    many = [
        changed(first, version=n, type="Commented", data={"author": f"{n}{long}", "text": ""})
        for n in range(2, 102)
    ]  # fmt: skip
    for start in range(0, 100, 25):
        works.put(aggregate, bundled(many[start : start + 25]))
    while works.engine.consume():
        pass
    (parked,) = works.parked(VIEW)
    assert "its row would have" in parked.why
    assert 60 < works.version(VIEW, "a") < 102


def test_rows_are_never_written_by_code_with_other_folds(works: Plant) -> None:
    into = works.into(VIEW)
    other = into.generation._replace(fingerprint="another")
    with pytest.raises(Stale):
        Into(into.sink, other, into.rows, into.parks, into.clock)


def test_lists_follow_their_rows(works: Plant) -> None:
    from mainstem.protocol.change import canonical

    def listed(index: str, *values: object) -> list[str]:
        generation = works.into(VIEW).generation
        found = works.ports.rows.list(
            generation, "main", index, canonical(values), None, 10, newest_first=True
        )
        return [one.aggregate.id for one in drive(found)]

    for id in ("a", "b"):
        ticket(works, id)
    works.ask("tickets", Assign(assignee="bob"), "a")
    works.engine.catch_up()
    assert (listed("by_assignee", "bob"), listed("by_assignee", None)) == (["a"], ["b"])
    works.ask("tickets", Assign(assignee="cid"), "a")
    works.engine.catch_up()
    assert (listed("by_assignee", "bob"), listed("by_assignee", "cid")) == ([], ["a"])
    assert listed("newest") == ["b", "a"]


def test_words_are_found_once_the_index_has_followed(works: Plant) -> None:
    ticket(works, "a")
    works.engine.catch_up()
    generation, search = works.into(VIEW).generation, works.ports.search

    def found(words: str) -> list[str]:
        return [hit.id for hit in drive(search.find(generation, "main", "words", words, "", 10))]

    assert (found("burns"), found("fire")) == (["a"], [])
    works.ask("tickets", Rename(title="Fire"), "a")
    works.engine.catch_up()
    assert (found("burns"), found("fire")) == ([], ["a"])


def test_a_reaction_leaves_its_intents_with_the_row_once(works: Plant) -> None:
    works.ask("otp", Request(to="ann@example.com", country="SG", role=Role.ORG), by="")
    works.engine.catch_up()
    aggregate = Aggregate("main", "otp", "ann@example.com")
    for record in works.records("otp", aggregate.id):
        works.put(aggregate, bundled(record.events))
    works.engine.catch_up()
    ((_, intent),) = drive(works.ports.intents.waiting(0, 10))
    assert (intent.aggregate, intent.version, intent.reaction) == (
        aggregate,
        1,
        "otp.send_the_code",
    )
    assert b'"digits":5' in intent.effect  # a recipe: the code itself is nowhere


def test_a_closed_ticket_tells_its_watchers_and_a_timer_knows_when(works: Plant) -> None:
    from domains.tickets import Watch

    ticket(works, "a")
    works.ask("tickets", Watch(address="bob@example.com"), "a")
    works.ask("tickets", Close(reason="out"), "a")
    works.engine.catch_up()
    ((_, intent),) = drive(works.ports.intents.waiting(0, 10))
    assert (intent.version, intent.n) == (3, 0)
    assert b"bob@example.com" in intent.effect


def test_a_restart_goes_on_where_it_was(works: Plant, tmp_path: Path) -> None:
    ticket(works, "a", comments=2)
    works.engine.catch_up()
    works.ask("tickets", Comment(text="more"), "a")
    with plant(tmp_path / "data", "tickets") as again:
        assert again.engine.consume() == 1
        assert again.shown(VIEW) == again.expected(VIEW)
