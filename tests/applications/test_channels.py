"""Chat: people sign up, join, talk and leave, and everybody may read along."""

from __future__ import annotations

from urllib.parse import quote

from tests.applications.asked import listed, no, seen, yes
from tests.http.house import House


def channel(house: House, name: str, *members: str) -> str:
    """The id of a new channel that these have joined."""
    id: str = yes(house.ask("/v1/channels/create", {"name": name}))["id"]
    for member in members:
        yes(house.ask(f"/v1/channels/{id}/join", {}, member))
    return id


def say(house: House, id: str, by: str, text: str) -> str:
    """The name of a new message."""
    said: str = yes(house.ask(f"/v1/channels/{id}/send", {"text": text}, by))["answer"]
    return said


def test_who_signs_up_has_a_name_that_everybody_sees(house: House) -> None:
    for _ in range(2):
        assert yes(house.ask("/v1/users/register", {"name": "Ida"}, "user-1"))["version"] == 1
    assert no(house.ask("/v1/users/register", {"name": "Eva"}, "user-1"), 422)
    no(house.ask("/v1/users/register", {"name": "Nobody"}, ""), 401)
    assert seen(house, "/v1/person/user-1", "")["name"] == "Ida"
    no(house.read("/v1/user/user-1", "user-2"), 403)


def test_members_and_their_number_agree_in_both_views(house: House) -> None:
    id = channel(house, "tea", "ann", "bob", "bob", "cid")
    yes(house.ask(f"/v1/channels/{id}/leave", {}, "ann"))
    assert sorted(seen(house, f"/v1/channel/{id}", "")["members"]) == ["bob", "cid"]
    assert seen(house, f"/v1/channel_summary/{id}", "")["people"] == 2
    no(house.ask(f"/v1/channels/{id}/leave", {}, "ann"), 403)


def test_messages_are_shown_newest_first_in_their_channel_alone(house: House) -> None:
    here, there = channel(house, "milk", "ann", "bob"), channel(house, "sugar", "ann")
    said = [say(house, here, by, f"I am {by}") for by in ("ann", "bob", "ann")]
    say(house, there, "ann", "elsewhere")
    rows = seen(house, f"/v1/message?index=newest&id={here}", "")["rows"]
    assert [row["key"] for row in rows] == said[::-1] == ["ann/2", "bob/1", "ann/1"]
    assert {row["id"] for row in rows} == {here}


def test_a_message_is_edited_by_its_author_alone(house: House) -> None:
    id = channel(house, "typos", "ann", "bob")
    said = say(house, id, "ann", "Teh kettle")
    correct = {"message": said, "text": "The kettle"}
    assert "only its author" in no(house.ask(f"/v1/channels/{id}/edit", correct, "bob"), 403)
    yes(house.ask(f"/v1/channels/{id}/edit", correct, "ann"))
    row = seen(house, f"/v1/message/{id}/{quote(said, safe='')}", "")
    assert (row["text"], row["author"], row["edited"]) == ("The kettle", "ann", True)


def test_words_of_messages_are_found(house: House) -> None:
    id = channel(house, "menu", "ann")
    for text in ("Who has scones?", "And who has clotted cream?"):
        say(house, id, "ann", text)
    rows = seen(house, "/v1/message?search=clotted", "")["rows"]
    assert [row["key"] for row in rows] == ["ann/2"]


def test_who_has_no_token_reads_and_asks_for_nothing(house: House) -> None:
    id = channel(house, "open", "ann")
    for command, body in (("join", {}), ("send", {"text": "Hi"}), ("destroy", {})):
        no(house.ask(f"/v1/channels/{id}/{command}", body, ""), 401)
    assert seen(house, f"/v1/channel/{id}", "")["name"] == "open"


def test_a_destroyed_channel_gives_its_name_back_and_is_not_listed(house: House) -> None:
    id = channel(house, "crumpets", "ann")
    no(house.ask("/v1/channels/create", {"name": "crumpets"}, "bob"), 409)
    yes(house.ask(f"/v1/channels/{id}/destroy"))
    again = yes(house.ask("/v1/channels/create", {"name": "crumpets"}, "bob"))["id"]
    shown = listed(house, "/v1/channel_summary?index=by_name&limit=100", "")
    assert (id in shown, again in shown) == (False, True)
