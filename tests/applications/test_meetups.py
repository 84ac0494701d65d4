"""Meetups: drafted in private, published, found by strangers, answered and paid for by guests."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.applications.asked import due, listed, no, seen, wrong, yes
from tests.http.house import House

BOB, EVE = "bob@example.org", "eve@example.org"
CONTACT = {"contact": "ann@example.org"}


def days_on(days: float) -> str:
    """A moment to come, as bodies say it."""
    return (datetime.now(UTC) + timedelta(days=days)).isoformat()


def draft(house: House, title: str, *, by: str = "ann", days: float = 9, **more: Any) -> str:
    """The id of a new meetup that is public, unless it is told otherwise."""
    body = {"title": title, "starts_at": days_on(days), "visibility": "public", **more}
    id: str = yes(house.ask("/v1/meetups/draft", body, by))["id"]
    return id


def live(house: House, title: str, *guests: str, days: float = 9, **more: Any) -> str:
    """One that is published, with guests."""
    id = draft(house, title, days=days, **more)
    if guests:
        change(house, id, "invite", emails=list(guests))
    change(house, id, "publish", **CONTACT)
    return id


def change(house: House, id: str, command: str, by: str = "ann", **body: Any) -> None:
    yes(house.ask(f"/v1/meetups/{id}/{command}", body, by))


class TestTheOrganiser:
    def test_makes_reads_lists_changes_and_cancels_it(self, house: House) -> None:
        id = draft(house, "Picnic on the Moon", by="zoe")
        new = {"title": "Picnic on Mars", "description": "Red.", "category": "outdoors"}
        change(house, id, "describe", "zoe", **new, photo=None, video=None)
        change(house, id, "schedule", "zoe", starts_at=days_on(12), monthly_on=31)
        assert seen(house, f"/v1/meetup/{id}", "zoe").items() >= new.items()
        assert listed(house, "/v1/meetup?index=mine&owner=zoe", "zoe") == [id]
        for _ in range(2):
            change(house, id, "cancel", "zoe", reason="No air.")
        row = seen(house, f"/v1/meetup/{id}", "zoe")
        assert (row["stage"], row["version"]) == ("dead", 4)
        assert listed(house, "/v1/meetup?index=mine&owner=zoe", "zoe") == []

    def test_is_the_only_one_who_may(self, house: House) -> None:
        id = live(house, "Gala")
        for command, body in (("cancel", {"reason": "x"}), ("publish", CONTACT)):
            no(house.ask(f"/v1/meetups/{id}/{command}", body, "bob"), 403)
        house.caught_up()
        no(house.read(f"/v1/meetup/{id}", "bob"), 403)

    def test_publishes_it_once_and_for_a_day_to_come(self, house: House) -> None:
        past = {"title": "Yesterday", "starts_at": days_on(-1)}
        assert "in the future" in no(house.ask("/v1/meetups/draft", past), 422)
        id = live(house, "Tomorrow")
        assert yes(house.ask(f"/v1/meetups/{id}/publish", CONTACT))["happened"] is False

    def test_names_no_place(self, house: House) -> None:
        body = {"title": "Here", "starts_at": days_on(1), "location": "Harbour Lane 4"}
        assert wrong(house.ask("/v1/meetups/draft", body)) == ["/location"]


def test_a_visitor_drafts_without_an_account_and_signs_up_to_publish(house: House) -> None:
    id = draft(house, "First Steps", by="visitor:7")
    assert "sign up" in no(house.ask(f"/v1/meetups/{id}/publish", CONTACT, "visitor:7"), 403)
    claim = {"visitor": "visitor:7", "account": "nia"}
    no(house.ask(f"/v1/meetups/{id}/claim", claim, "nia"), 403)
    yes(house.ask(f"/v1/meetups/{id}/claim", claim, "sign-up", "accounts"))
    change(house, id, "publish", "nia", **CONTACT)


class TestStrangers:
    def test_see_what_is_public_and_live(self, house: House) -> None:
        drafted, public = draft(house, "Soon"), live(house, "Now")
        private = live(house, "Surprise for Zoe", visibility="private")
        shown = listed(house, "/v1/listing?index=newest&limit=100", "")
        assert [id in shown for id in (drafted, public, private)] == [False, True, False]
        assert seen(house, f"/v1/listing/{public}", "")["title"] == "Now"
        for hidden in (drafted, private):
            no(house.read(f"/v1/listing/{hidden}", ""), 401)
            assert listed(house, "/v1/listing?search=surprise", "") == []

    def test_never_see_who_is_invited(self, house: House) -> None:
        id = live(house, "Dinner", BOB)
        answer = house.caught_up().read(f"/v1/listing/{id}", "")
        assert BOB not in answer.text
        no(house.read(f"/v1/invitation/{id}", ""), 401)
        no(house.read(f"/v1/invitation/{id}", EVE), 403)


class TestGuests:
    def test_see_their_invitation_once_it_is_published(self, house: House) -> None:
        id = draft(house, "Premiere")
        change(house, id, "invite", emails=[BOB])
        house.caught_up()
        no(house.read(f"/v1/invitation/{id}", BOB), 403)
        change(house, id, "publish", **CONTACT)
        assert seen(house, f"/v1/invitation/{id}", BOB)["title"] == "Premiere"

    def test_are_each_due_one_mail_those_invited_later_too(self, house: House) -> None:
        id = live(house, "Concert", BOB)
        for emails in ([EVE], [BOB, EVE]):
            change(house, id, "invite", emails=emails)
        mails = due(house, "meetups", id)
        assert [(one["template"], one["to"]) for one in mails] == [
            ("invitation", BOB), ("invitation", EVE),
        ]  # fmt: skip

    def test_accept_and_change_their_minds(self, house: House) -> None:
        id = live(house, "Walk", BOB)
        for answer, going in (("accept", 1), ("decline", 0), ("accept", 1)):
            change(house, id, answer, BOB)
            assert seen(house, f"/v1/listing/{id}", "")["going"] == going
        no(house.ask(f"/v1/meetups/{id}/accept", {}, EVE), 403)

    def test_buy_a_ticket_before_they_accept_and_get_no_money_back(self, house: House) -> None:
        id, pay = live(house, "Opera", BOB, price_cents=500), {"email": BOB, "payment": "p-1"}
        assert "ticket comes first" in no(house.ask(f"/v1/meetups/{id}/accept", {}, BOB), 422)
        no(house.ask(f"/v1/meetups/{id}/pay", {**pay, "cents": 500}, BOB), 403)
        no(house.ask(f"/v1/meetups/{id}/pay", {**pay, "cents": 499}, "bank", "payments"), 422)
        for happened in (True, False):
            said = house.ask(f"/v1/meetups/{id}/pay", {**pay, "cents": 500}, "bank", "payments")
            assert yes(said)["happened"] is happened
        change(house, id, "accept", BOB)
        assert "not refunded" in no(house.ask(f"/v1/meetups/{id}/refund", {}, BOB), 422)
        credits = [one for one in due(house, "meetups", id) if one["effect"] == "Tell"]
        assert [one["command"]["fields"] for one in credits] == [{"payment": "p-1", "cents": 500}]


@pytest.fixture(scope="module")
def fair(house: House) -> list[str]:
    """Three of one category: the last comes soonest, and the one in the middle is popular."""
    ids = [
        live(house, title, BOB, days=days, category="fair", description=words)
        for title, words, days in (
            ("Marmalade", "Jars.", 30),
            ("Jam", "Marmalade, too.", 20),
            ("Honey", "No jars.", 10),
        )
    ]
    change(house, ids[1], "accept", BOB)
    return ids


class TestLists:
    @pytest.mark.parametrize(
        ("query", "order"),
        [
            ("index=soonest", [2, 1, 0]),
            ("index=newest", [2, 1, 0]),
            ("index=popular", [1]),
            ("index=by_category&category=fair", [2, 1, 0]),
        ],
    )
    def test_are_in_their_order(
        self, house: House, fair: list[str], query: str, order: list[int]
    ) -> None:
        shown = [id for id in listed(house, f"/v1/listing?{query}&limit=100", "") if id in fair]
        assert shown[: len(order)] == [fair[n] for n in order]

    def test_put_the_better_match_first(self, house: House, fair: list[str]) -> None:
        assert listed(house, "/v1/listing?search=marmalade", "") == [fair[0], fair[1]]
        assert listed(house, "/v1/listing?search=fair%20honey", "") == [fair[2]]

    def test_follow_what_happens(self, house: House, fair: list[str]) -> None:
        id = live(house, "Chutney", category="short")
        assert listed(house, "/v1/listing?index=by_category&category=short", "") == [id]
        change(house, id, "cancel", reason="Mould.")
        assert listed(house, "/v1/listing?index=by_category&category=short", "") == []
