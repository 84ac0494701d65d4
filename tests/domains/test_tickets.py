from datetime import timedelta

import pytest
from pydantic import ValidationError

from domains.tickets import (
    WATCHERS_MAX,
    Assign,
    Assigned,
    Close,
    Closed,
    Comment,
    Commented,
    Describe,
    Described,
    Prioritize,
    Prioritized,
    Rename,
    Renamed,
    Reopen,
    Reopened,
    Submit,
    Submitted,
    Ticket,
    Unwatch,
    Unwatched,
    Watch,
    Watched,
    mood_of,
    tell_watchers,
)
from mainstem import Call, Command, Event, Mail
from mainstem._mark import Search
from mainstem.testing import DAWN, Given, given, listed

HOOK = "https://hooks.example.org/fire"

burns = Submitted(title="It burns", author="ann")
out = Closed(reason="out")
burning = given(burns)
extinguished = given(burns, out)
watched = given(burns, Watched(address="bob@example.org"), Watched(address=HOOK))


def test_a_ticket_is_submitted_by_whoever_asks() -> None:
    given().when(Submit(title="It burns"), by="ann").then(burns)
    given().when(Submit(title="It burns"), by="").refused("nobody may not Submit")


def test_a_ticket_is_submitted_once() -> None:
    burning.when(Submit(title="It burns")).then()


@pytest.mark.parametrize("title", ["", "   ", "two\nlines", "t" * 121])
def test_a_title_is_a_line_that_can_be_seen(title: str) -> None:
    with pytest.raises(ValidationError, match="title"):
        Submit(title=title)
    with pytest.raises(ValidationError, match="title"):
        Rename(title=title)


def test_markup_is_kept_as_it_was_written() -> None:
    script = "<script>alert('tea')</script>"
    given().when(Submit(title=script)).then(Submitted(title=script, author="ann"))


@pytest.mark.parametrize(
    "command", [Rename(title="Fire"), Comment(text="Run!"), Close(reason="out"), Reopen()]
)
def test_what_was_never_submitted_is_not_there(command: Command[Ticket]) -> None:
    given().when(command).refused("no such ticket")


def test_a_new_name_is_a_fact_and_the_same_name_is_not() -> None:
    burning.when(Rename(title="Fire")).then(Renamed(title="Fire"))
    burning.when(Rename(title="It burns")).then()


def test_a_new_description_is_a_fact_and_the_same_one_is_not() -> None:
    smoke = Described(description="There is smoke.\nA lot.")
    burning.when(Describe(description="There is smoke.\r\nA lot.")).then(smoke)
    given(burns, smoke).when(Describe(description="There is smoke.\nA lot.")).then()


def test_only_an_open_ticket_can_be_renamed() -> None:
    extinguished.when(Rename(title="Fire")).refused("only an open ticket can be renamed")


def test_only_an_open_ticket_can_be_described() -> None:
    extinguished.when(Describe(description="Ash")).refused("only an open ticket can be described")


def test_only_an_open_ticket_can_be_assigned() -> None:
    extinguished.when(Assign(assignee="bob")).refused("only an open ticket can be assigned")


@pytest.mark.parametrize("command", [Rename(title="Ice"), Describe(description="It is cold.")])
def test_only_its_author_says_what_it_is_about(command: Command[Ticket]) -> None:
    burning.when(command, by="eve").refused("eve may not")


@pytest.mark.parametrize(
    "command", [Close(reason="bored"), Watch(address=HOOK), Unwatch(address=HOOK)]
)
def test_only_its_author_and_its_assignee_may_settle_it(command: Command[Ticket]) -> None:
    burning.when(command, by="eve").refused("eve may not")
    given(burns, Assigned(assignee="eve")).when(command, by="eve").next()
    given(burns, Assigned(assignee=None)).when(command, by="").refused("nobody may not")


def test_anybody_signed_in_may_take_it_and_say_how_urgent_it_is() -> None:
    burning.when(Assign(assignee="bob"), by="bob").then(Assigned(assignee="bob"))
    burning.when(Prioritize(priority="high"), by="bob").then(Prioritized(priority="high"))


def test_it_is_somebodys_until_it_is_nobodys() -> None:
    bobs = given(burns, Assigned(assignee="bob"))
    assert bobs.seen(Ticket).assignee == "bob"
    bobs.when(Assign(assignee="bob")).then()
    bobs.when(Assign(assignee=None)).then(Assigned(assignee=None))
    assert bobs.given(Assigned(assignee=None)).seen(Ticket).assignee is None


def test_its_priority_is_normal_until_somebody_says_otherwise() -> None:
    assert burning.seen(Ticket).priority == "normal"
    burning.when(Prioritize(priority="normal")).then()
    with pytest.raises(ValidationError, match="priority"):
        Prioritize.model_validate({"priority": "at once, or else"})


def test_it_closes_once_and_reopens_once() -> None:
    burning.when(Close(reason="out")).then(out)
    burning.when(Reopen()).then()
    extinguished.when(Close(reason="very out")).then()
    extinguished.when(Reopen()).then(Reopened())


@pytest.mark.parametrize(
    ("then", "status", "is_open"),
    [([], "open", True), ([out], "closed", False), ([out, Reopened()], "reopened", True)],
)
def test_its_status_follows_its_history(then: list[Event], status: str, is_open: bool) -> None:
    ticket = given(burns, *then).seen(Ticket)
    assert (ticket.status, ticket.is_open) == (status, is_open)


def test_everybody_may_comment_and_say_the_same_again() -> None:
    run = Commented(author="bob", text="Run!")
    burning.when(Comment(text="Run!"), by="bob").then(run)
    given(burns, run).when(Comment(text="Run!"), by="bob").then(run)
    extinguished.when(Comment(text="Run!"), by="bob").then(run)


@pytest.mark.parametrize("text", ["", "t" * 4_001])
def test_a_comment_says_something_and_ends(text: str) -> None:
    with pytest.raises(ValidationError, match="text"):
        Comment(text=text)


def test_comments_and_the_people_in_it_are_counted() -> None:
    later = DAWN + timedelta(hours=1)
    run = Commented(author="bob", text="Run!")
    ticket = burning.given(run, run, Renamed(title="Fire"), at=later).seen(Ticket)
    assert (ticket.title, ticket.author, ticket.comments) == ("Fire", "ann", 2)
    assert ticket.people == {"ann", "bob"}
    assert (ticket.opened_at, ticket.changed_at) == (DAWN, later)


@pytest.mark.parametrize(
    ("text", "mood"),
    [
        ("Thanks, that WORKS!", 2),
        ("Slow. Awful. Slow.", -3),
        ("Great, broken again", 0),
        ("It burns", 0),
        ("Goodness, a badger", 0),
        ("お茶", 0),
    ],
)
def test_a_comments_mood_is_told_by_its_words(text: str, mood: int) -> None:
    assert mood_of(text) == mood
    burning.when(Comment(text=text), by="bob").then(Commented(author="bob", text=text, mood=mood))


def test_a_tickets_mood_is_that_of_its_comments() -> None:
    sulk, thanks = (Commented(author="ann", text="…", mood=mood) for mood in (-3, 1))
    assert given(burns, sulk, thanks).seen(Ticket).mood == -2


def test_watchers_are_told_of_comments_closing_and_reopening() -> None:
    def told_by(before: Given, command: Command[Ticket], event: str) -> None:
        news = {"ticket": "a", "title": "It burns", "event": event}
        mail = Mail("bob@example.org", template="ticket", data=news)
        before.when(command).does(mail, Call(HOOK, data=news), of=tell_watchers)

    told_by(watched, Comment(text="Run!"), "Commented")
    told_by(watched, Close(reason="out"), "Closed")
    told_by(watched.given(out), Reopen(), "Reopened")
    watched.when(Prioritize(priority="high")).does()


def test_who_watches_no_longer_is_told_nothing() -> None:
    gone = watched.given(Unwatched(address=HOOK), Unwatched(address="bob@example.org"))
    gone.when(Close(reason="out")).does()


def test_an_address_watches_once_and_leaves_once() -> None:
    burning.when(Watch(address=HOOK)).then(Watched(address=HOOK))
    watched.when(Watch(address=HOOK)).then()
    watched.when(Unwatch(address=HOOK)).then(Unwatched(address=HOOK))
    burning.when(Unwatch(address=HOOK)).then()


def test_a_ticket_has_only_so_many_watchers() -> None:
    crowd = [Watched(address=f"fan{n}@example.org") for n in range(WATCHERS_MAX)]
    given(burns, *crowd).when(Watch(address=HOOK)).refused("at most 10 watchers")
    given(burns, *crowd).when(Watch(address="fan0@example.org")).then()


@pytest.mark.parametrize("address", ["http://hooks.example.org", "https://localhost/x", "bob", ""])
def test_watchers_are_mail_addresses_or_https_addresses(address: str) -> None:
    with pytest.raises(ValidationError, match="address"):
        Watch(address=address)


def test_where_watchers_are_reached_is_not_shown() -> None:
    shown = Ticket.__machine__.public(watched.seen(Ticket).row())
    assert "hooks.example.org" not in repr(shown)


def test_who_is_signed_in_reads_every_ticket() -> None:
    assert burning.readable(Ticket, by="eve")
    assert not burning.readable(Ticket, by="")


@pytest.mark.parametrize(
    ("index", "by"),
    [
        ("newest", {}),
        ("by_status", {"status": "open"}),
        ("by_priority", {"priority": "normal"}),
        ("by_assignee", {"assignee": "bob"}),
    ],
)
def test_tickets_are_listed_newest_first(index: str, by: dict[str, str]) -> None:
    bobs = Assigned(assignee="bob")
    old, new = given(burns, bobs), given(burns, bobs, at=DAWN + timedelta(hours=1), id="b")
    assert [ticket.id for ticket in listed(Ticket, index, old, new, **by)] == ["b", "a"]


def test_tickets_are_listed_by_status_priority_and_assignee() -> None:
    bobs = Assigned(assignee="bob"), Prioritized(priority="high")
    tickets = given(burns, *bobs), given(burns, out, id="b")
    assert [one.id for one in listed(Ticket, "by_status", *tickets, status="closed")] == ["b"]
    assert [one.id for one in listed(Ticket, "by_priority", *tickets, priority="high")] == ["a"]
    assert [one.id for one in listed(Ticket, "by_assignee", *tickets, assignee="bob")] == ["a"]


def test_the_crossest_open_ticket_comes_first() -> None:
    sulk = Commented(author="ann", text="Awful.", mood=-1)
    tickets = given(burns), given(burns, sulk, id="b"), given(burns, sulk, out, id="c")
    assert [ticket.id for ticket in listed(Ticket, "crossest", *tickets)] == ["b", "a"]


def test_titles_and_descriptions_are_searched() -> None:
    assert Ticket.__marks__["words"] == Search("words", ("title", "description"))
