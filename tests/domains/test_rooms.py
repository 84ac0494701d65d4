from datetime import UTC, datetime, timedelta

import pytest
from pydantic import ValidationError

from domains.rooms import (
    INVITEES_MAX,
    SCHEDULES_MAX,
    Create,
    Created,
    Delete,
    Deleted,
    Invite,
    Invited,
    Rename,
    Renamed,
    Room,
    Schedule,
    Scheduled,
    Start,
    Started,
)
from mainstem import Command
from mainstem.testing import DAWN, Given, fresh, given, listed

DAILY = "0 9 * * *"
nine = DAWN + timedelta(hours=9)
day = timedelta(days=1)
botany = Created(name="Botany", description="Ferns first.")
lessons = Scheduled(schedule="s1", cron=DAILY, stop_after=nine + day, next_at=nine, wakes_at=nine)
noons = Scheduled(
    schedule="s2",
    cron="0 12 * * *",
    stop_after=None,
    next_at=nine + timedelta(hours=3),
    wakes_at=nine,
)
fern = Invited(invitee="person/fern", kind="person", who="fern")


def test_a_room_has_a_name_a_description_and_a_host() -> None:
    created = given().when(Create(name="Botany", description="Ferns first.")).then(botany)
    room = created.seen(Room)
    assert (room.name, room.description, room.host) == ("Botany", "Ferns first.", "ann")


def test_a_room_needs_no_description() -> None:
    given().when(Create(name="Botany")).then(Created(name="Botany", description=""))


def test_creating_twice_is_creating_once() -> None:
    given(botany).when(Create(name="Botany", description="Ferns first.")).then()


@pytest.mark.parametrize("name", ["", "   ", "two\nlines"])
def test_a_name_is_a_line_with_something_to_see(name: str) -> None:
    with pytest.raises(ValidationError, match="a line has"):
        Rename(name=name)


def test_a_new_name_is_a_fact_and_the_same_name_is_not() -> None:
    given(botany).when(Rename(name="Mosses")).then(Renamed(name="Mosses"))
    given(botany).when(Rename(name="Botany")).then()


@pytest.mark.parametrize(
    "command",
    [Rename(name="Mosses"), Schedule(cron=DAILY), Invite(kind="person", who=("bob",)), Delete()],
    ids=lambda command: type(command).__name__,
)
class TestEveryOtherCommand:
    def test_is_for_the_host(self, command: Command[Room]) -> None:
        given(botany).when(command, by="bob").refused("bob may not")

    def test_needs_a_room(self, command: Command[Room]) -> None:
        given().when(command).refused("no such room")


@pytest.mark.parametrize(
    "command",
    [Rename(name="Mosses"), Schedule(cron=DAILY), Invite(kind="person", who=("bob",))],
    ids=lambda command: type(command).__name__,
)
def test_nothing_happens_in_a_deleted_room(command: Command[Room]) -> None:
    given(botany, Deleted()).when(command).refused("this room is deleted")


def test_a_deleted_room_is_not_created_again_and_deleted_once() -> None:
    given(botany).when(Delete()).then(Deleted())
    given(botany, Deleted()).when(Delete()).then()
    given(botany, Deleted()).when(Create(name="Botany")).then()


def test_everybody_reads_a_room_until_it_is_deleted() -> None:
    assert given(botany).readable(Room, by="")
    assert not given(botany, Deleted()).readable(Room, by="ann")


def test_rooms_are_listed_by_name_until_they_are_deleted() -> None:
    algebra = Created(name="Algebra", description="")
    rooms = given(botany), given(algebra, id="b"), given(algebra, Deleted(), id="c")
    assert [room.name for room in listed(Room, "by_name", *rooms)] == ["Algebra", "Botany"]


def test_scheduling_answers_with_the_schedules_id() -> None:
    s1 = fresh(Room)
    scheduled = lessons.model_copy(update={"schedule": s1})
    given(botany).when(Schedule(cron=DAILY, stop_after=nine + day)).then(scheduled).answers(s1)


@pytest.mark.parametrize("cron", ["every day", "0 9 * *", "61 9 * * *", "0 0 30 2 *"])
def test_a_cron_that_is_none_or_never_comes_is_refused(cron: str) -> None:
    with pytest.raises(ValidationError, match="a schedule is minute, hour, day"):
        Schedule(cron=cron)


@pytest.mark.parametrize("stop_after", [datetime(2026, 2, 1), datetime(9999, 12, 31, tzinfo=UTC)])  # noqa: DTZ001
def test_stop_after_is_a_moment_that_can_be_stored(stop_after: datetime) -> None:
    with pytest.raises(ValidationError, match="stop_after"):
        Schedule(cron=DAILY, stop_after=stop_after)


def test_a_schedule_without_a_session_is_refused() -> None:
    given(botany).when(Schedule(cron=DAILY, stop_after=DAWN)).refused("no session would start")
    given(botany).when(Schedule(cron=DAILY, stop_after=nine)).answers(fresh(Room))


def test_scheduling_twice_is_scheduling_once() -> None:
    again = Schedule(cron=DAILY, stop_after=nine + day)
    given(botany, lessons).when(again).then().answers("s1")


def test_two_schedules_of_the_same_times_are_refused() -> None:
    given(botany, lessons).when(Schedule(cron=DAILY)).refused("at these times already")


def test_schedules_are_shown_in_their_room() -> None:
    plan = given(botany, lessons).seen(Room).schedules["s1"]
    assert (plan.cron, plan.stop_after, plan.next_at) == (DAILY, nine + day, nine)


def test_a_room_has_a_hundred_schedules_at_most() -> None:
    each = [
        lessons.model_copy(update={"schedule": f"s{n}", "cron": f"{n % 60} {n // 60} * * *"})
        for n in range(SCHEDULES_MAX)
    ]
    given(botany, *each).when(Schedule(cron=DAILY)).refused("at most 100 schedules")
    assert len(_all_due(each)) == SCHEDULES_MAX


def _all_due(each: list[Scheduled]) -> set[str]:
    room = given(botany, *each).clock(nine, Start).seen(Room)
    return {schedule for schedule, plan in room.schedules.items() if plan.sessions == 1}


def test_a_session_starts_when_its_cron_says_so() -> None:
    started = Started(schedule="s1", next_at=nine + day, wakes_at=nine + day)
    given(botany, lessons).clock(nine, Start).then(started)


def test_sessions_start_until_stop_after() -> None:
    first = given(botany, lessons).clock(nine, Start).next()
    last = first.clock(nine + day, Start)
    last.then(Started(schedule="s1", next_at=None, wakes_at=None))
    room = last.seen(Room)
    assert (room.wakes_at, room.schedules["s1"].sessions) == (None, 2)


def test_a_schedule_that_has_stopped_makes_room_for_another() -> None:
    over = Started(schedule="s1", next_at=None, wakes_at=None)
    renewed = given(botany, lessons, over).when(Schedule(cron=DAILY)).seen(Room)
    assert len(renewed.schedules) == 2


def test_a_session_starts_once() -> None:
    started = given(botany, lessons).clock(nine, Start).next()
    started.when(Start(), by="system", at=nine).then()


def test_no_session_starts_early() -> None:
    given(botany, lessons).when(Start(), by="system", at=nine - timedelta(seconds=1)).then()


def test_sessions_missed_while_nobody_watched_start_once() -> None:
    forever = lessons.model_copy(update={"stop_after": None})
    late = nine + 7 * day + timedelta(hours=1)
    coming = nine + 8 * day
    given(botany, forever).clock(late, Start).then(
        Started(schedule="s1", next_at=coming, wakes_at=coming)
    )


def test_a_room_wakes_for_the_soonest_of_its_schedules() -> None:
    both = given(botany, lessons, noons)
    assert both.seen(Room).wakes_at == nine
    noon = nine + timedelta(hours=3)
    both.clock(nine, Start).then(Started(schedule="s1", next_at=nine + day, wakes_at=noon))


def test_another_schedule_wakes_its_room_earlier_but_never_later() -> None:
    early, late = Schedule(cron="0 6 * * *"), Schedule(cron="0 12 * * *")
    assert given(botany, lessons).when(early).seen(Room).wakes_at == nine - timedelta(hours=3)
    assert given(botany, lessons).when(late).seen(Room).wakes_at == nine


def test_schedules_due_together_start_together() -> None:
    together = noons.model_copy(update={"next_at": nine})
    _starts(given(botany, lessons, together), "s1", "s2")


def _starts(rooms: Given, *schedules: str) -> None:
    plans = rooms.clock(nine, Start).seen(Room).schedules
    assert tuple(name for name, plan in plans.items() if plan.sessions) == schedules


def test_a_deleted_room_wakes_no_more() -> None:
    deleted = given(botany, lessons, Deleted())
    assert deleted.seen(Room).wakes_at is None
    deleted.when(Start(), by="system", at=nine).refused("this room is deleted")


def test_only_the_clock_starts_sessions() -> None:
    given(botany, lessons).when(Start(), at=nine).refused("ann may not Start")


def test_people_and_groups_are_invited() -> None:
    given(botany).when(Invite(kind="person", who=("fern", "moss"))).then(
        fern, Invited(invitee="person/moss", kind="person", who="moss")
    )


def test_invited_twice_is_invited_once() -> None:
    given(botany, fern).when(Invite(kind="person", who=("fern",))).then()
    given(botany).when(Invite(kind="person", who=("fern", "fern"))).then(fern)


def test_invitees_are_told_apart_by_kind_and_name() -> None:
    room = given(botany, fern).when(Invite(kind="group", who=("fern",))).seen(Room)
    assert [(i.kind, i.who) for i in room.invitees.values()] == [
        ("group", "fern"),
        ("person", "fern"),
    ]


def test_a_room_has_only_so_many_invitees() -> None:
    crowd = [
        Invited(invitee=f"person/{n}", kind="person", who=f"{n}") for n in range(INVITEES_MAX - 1)
    ]
    full = given(botany, *crowd)
    full.when(Invite(kind="person", who=("fern", "0"))).then(fern)
    full.when(Invite(kind="person", who=("fern", "moss"))).refused("at most 200 invitees")


def test_an_invitation_to_nobody_is_refused() -> None:
    with pytest.raises(ValidationError, match="at least 1 item"):
        Invite(kind="person", who=())
