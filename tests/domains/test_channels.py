from datetime import timedelta

import pytest
from pydantic import ValidationError

from domains.channels import (
    MEMBERS_MAX,
    Channel,
    ChannelSummary,
    Create,
    Created,
    Describe,
    Described,
    Destroy,
    Destroyed,
    Edit,
    Edited,
    Join,
    Joined,
    Leave,
    Left,
    Message,
    Send,
    Sent,
)
from mainstem import Command
from mainstem._mark import Search, Unique
from mainstem.testing import DAWN, given, listed

tea = Created(name="tea", description="Oolong mostly")
ann, bob = Joined(user="ann"), Joined(user="bob")
hi = Sent(message="ann/1", place=1, text="hi")
ho = Sent(message="ann/2", place=2, text="ho")
talk = [
    Describe(description="Matcha"),
    Join(),
    Leave(),
    Send(text="hi"),
    Edit(message="ann/1", text="ho"),
]
named = pytest.mark.parametrize("command", talk, ids=lambda command: type(command).__name__)


def test_a_channel_starts_with_a_name_and_without_members() -> None:
    made = given().when(Create(name="tea", description="Oolong mostly")).then(tea).seen(Channel)
    assert (made.name, made.description, made.founder) == ("tea", "Oolong mostly", "ann")
    assert not made.members


def test_creating_twice_is_creating_once() -> None:
    given(tea).when(Create(name="tea")).then()


@pytest.mark.parametrize("name", ["", "  ", "x" * 81])
def test_a_name_is_a_line_of_at_most_eighty_characters(name: str) -> None:
    with pytest.raises(ValidationError, match="name"):
        Create(name=name)


def test_a_name_is_claimed_until_its_channel_is_destroyed() -> None:
    assert Channel.__marks__["one_name"] == Unique("one_name", ("_claim",))
    assert given(tea).seen(Channel)._claim == "tea"
    assert given(tea, Destroyed()).seen(Channel)._claim is None


def test_members_describe_their_channel() -> None:
    given(tea, bob).when(Describe(description="Matcha"), by="bob").then(
        Described(description="Matcha")
    )
    given(tea, ann).when(Describe(description="Oolong mostly")).then()
    given(tea, ann, Described(description="")).when(Describe(description="")).then()


def test_joining_twice_is_joining_once() -> None:
    given(tea).when(Join()).then(ann)
    given(tea, ann).when(Join()).then()


def test_who_has_left_may_join_again() -> None:
    given(tea, ann, Left(user="ann")).when(Join()).then(ann)


def test_only_who_has_joined_can_leave() -> None:
    given(tea, ann).when(Leave()).then(Left(user="ann"))
    given(tea, bob).when(Leave()).refused("ann may not Leave")
    given(tea, ann, Left(user="ann")).when(Leave()).refused("ann may not Leave")


def test_only_who_is_signed_in_joins() -> None:
    given(tea).when(Join(), by="").refused("nobody may not Join")


def test_a_channel_must_exist_to_be_joined() -> None:
    given().when(Join()).refused("no such channel")


def test_sending_answers_with_the_messages_id() -> None:
    given(tea, ann).when(Send(text="hi")).then(hi).answers("ann/1")
    given(tea, ann, hi).when(Send(text="ho")).then(ho).answers("ann/2")


def test_the_same_may_be_said_twice() -> None:
    twice = hi.model_copy(update={"message": "ann/2", "place": 2})
    given(tea, ann, hi).when(Send(text="hi")).then(twice)


def test_only_members_send() -> None:
    given(tea, bob).when(Send(text="hi")).refused("ann may not Send")
    given(tea, ann, Left(user="ann")).when(Send(text="hi")).refused("ann may not Send")


@pytest.mark.parametrize("text", ["", "x" * 4_001])
def test_a_message_has_one_to_four_thousand_characters(text: str) -> None:
    with pytest.raises(ValidationError, match="text"):
        Send(text=text)


def test_authors_edit_their_own_messages() -> None:
    edited = Edited(message="ann/1", text="ho")
    there = given(tea, ann, bob, hi)
    there.when(Edit(message="ann/1", text="ho")).then(edited)
    there.when(Edit(message="ann/1", text="ho"), by="bob").refused("only its author edits")


def test_nobody_edits_what_was_never_said() -> None:
    given(tea, ann, hi).when(Edit(message="ann/2", text="ho")).refused("no such message")


@pytest.mark.parametrize("message", ["ann", "/1", "ann/0", "ann/01", "ann/-1", "ann/1\n", "ann/1١"])
def test_one_message_has_one_spelling(message: str) -> None:
    with pytest.raises(ValidationError, match="message"):
        Edit(message=message, text="ho")


def test_a_name_inside_another_name_edits_nothing_of_it() -> None:
    there = given(tea, Joined(user="ann/x")).given(hi.model_copy(), by="ann/x").given(ann)
    there.when(Edit(message="ann/x/1", text="ho")).refused("only its author edits")


def test_an_edit_changes_the_text_and_neither_author_nor_place() -> None:
    later = DAWN + timedelta(hours=1)
    talked = given(tea, ann, hi, ho).given(Edited(message="ann/1", text="hey"), at=later)
    first, second = talked.rows(Message).values()
    assert (first.author, first.place, first.sent_at) == ("ann", 1, DAWN)
    assert (first.text, first.edited, first.changed_at) == ("hey", True, later)
    assert (second.text, second.edited) == ("ho", False)


def test_messages_are_listed_newest_first_in_their_channel() -> None:
    here, there = given(tea, ann, hi, ho), given(tea, ann, hi, id="b")
    assert [one.text for one in listed(Message, "newest", here, there, id="a")] == ["ho", "hi"]


def test_messages_are_found_by_their_words() -> None:
    assert Message.__marks__["words"] == Search("words", ("text",))


def test_messages_of_who_has_left_stay() -> None:
    assert list(given(tea, ann, hi, Left(user="ann")).rows(Message)) == ["ann/1"]


def test_who_comes_back_goes_on_counting_and_edits_old_messages() -> None:
    back = given(tea, ann, hi, Left(user="ann"), ann)
    back.when(Send(text="ho")).answers("ann/2")
    back.when(Edit(message="ann/1", text="hey")).then(Edited(message="ann/1", text="hey"))


def test_a_message_is_said_in_one_channel() -> None:
    here, there = given(tea, ann, hi, id="here"), given(tea, ann, hi, id="there")
    ids = [message.id for one in (here, there) for message in one.rows(Message).values()]
    assert ids == ["here", "there"]


def test_the_list_of_channels_counts_who_the_channel_names() -> None:
    talked = given(tea, ann, bob, Joined(user="eve"), Left(user="bob"), hi)
    channel, line = talked.seen(Channel), talked.seen(ChannelSummary)
    assert list(channel.members) == ["ann", "eve"]
    assert line.people == len(channel.members)
    assert (line.name, line.description) == (channel.name, channel.description)
    assert channel.messages == 1


def test_a_hundred_who_join_are_a_hundred() -> None:
    crowd = [Joined(user=f"guest {n}") for n in range(100)]
    assert given(tea, *crowd).seen(ChannelSummary).people == 100


def test_the_list_of_channels_names_nobody() -> None:
    row = given(tea, ann).seen(ChannelSummary).row()
    assert "_members" not in ChannelSummary.__machine__.public(row)


def test_a_channel_has_only_so_many_members() -> None:
    crowd = [Joined(user=f"guest {n}") for n in range(MEMBERS_MAX)]
    given(tea, *crowd[1:]).when(Join()).then(ann)
    given(tea, *crowd).when(Join()).refused("at most 2000 members")
    given(tea, *crowd).when(Join(), by="guest 0").then()


def test_channels_are_listed_by_name_until_they_are_destroyed() -> None:
    cake = Created(name="cake", description="")
    channels = given(tea), given(cake, id="b"), given(cake, Destroyed(), id="c")
    names = [one.name for one in listed(ChannelSummary, "by_name", *channels)]
    assert names == ["cake", "tea"]


def test_everybody_reads_channels_and_messages() -> None:
    talked = given(tea, ann, hi)
    for view in (Channel, ChannelSummary, Message):
        assert talked.readable(view, by="")


def test_only_its_founder_destroys_a_channel_and_only_once() -> None:
    given(tea, bob).when(Destroy(), by="bob").refused("bob may not Destroy")
    given(tea).when(Destroy()).then(Destroyed())
    given(tea, Destroyed()).when(Destroy()).then()


@named
def test_nothing_happens_in_a_destroyed_channel(command: Command[Channel]) -> None:
    given(tea, ann, hi, Destroyed()).when(command).refused("this channel was destroyed")


def test_a_destroyed_channel_is_shown_to_nobody() -> None:
    gone = given(tea, ann, hi, Destroyed())
    assert not gone.readable(Channel, by="ann")
    assert not gone.readable(ChannelSummary, by="ann")


def test_what_was_said_in_a_destroyed_channel_stays() -> None:
    assert given(tea, ann, hi, Destroyed()).readable(Message, by="")
