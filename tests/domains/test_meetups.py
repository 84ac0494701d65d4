import json
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from pydantic import ValidationError

from domains.balances import Credit
from domains.meetups import (
    Accept,
    Answered,
    Cancel,
    Cancelled,
    Claim,
    Claimed,
    Complete,
    Completed,
    Decline,
    Describe,
    Described,
    Draft,
    Drafted,
    Expire,
    Invitation,
    Invite,
    Invited,
    Listing,
    Meetup,
    Paid,
    Pay,
    Poster,
    Publish,
    Published,
    Refund,
    Reported,
    ReportGuests,
    Schedule,
    Scheduled,
    Uninvite,
    Uninvited,
    next_monthly,
)
from mainstem import Command, Link, Mail, Tell
from mainstem._mark import Search
from mainstem.testing import DAWN, Given, given, listed

BOB, EVE, ZOE = "bob@example.org", "eve@example.org", "zoe@example.org"
VISITOR = "visitor:7"
NOON = datetime(2026, 1, 31, 12, tzinfo=UTC)
DAY, HOUR = timedelta(days=1), timedelta(hours=1)

picnic = Drafted(title="Picnic on the Moon", starts_at=NOON, visibility="public")
gala = Drafted(title="Gala", starts_at=NOON, price_cents=500)
secret = Drafted(title="Surprise for Zoe", starts_at=NOON)
monthly = Drafted(title="Full Moon", starts_at=NOON, photo="moon-1", monthly_on=31)
live = Published(contact="ann@example.org")
over, rained_out = Completed(next_at=None), Cancelled(reason="rain")
bob, eve = Invited(email=BOB), Invited(email=EVE)
bob_comes, eve_declines = Answered(email=BOB, coming=True), Answered(email=EVE, coming=False)
ticket = Paid(email=BOB, payment="p-1", cents=500)

publish = Publish(contact="ann@example.org")
rename = Describe(title="Picnic on Mars", description="", category=None, photo="p", video="v")
later = Schedule(starts_at=NOON + DAY, monthly_on=None)
BAD = {"title": " ", "starts_at": "2026-01-31T12:00", "visibility": "VIP", "price_cents": -1}
changes = pytest.mark.parametrize(
    "command", [rename, later, Invite(emails=(BOB,)), Uninvite(email=BOB), publish], ids=repr
)


def draft(starts_at: datetime = NOON) -> Draft:
    return Draft(title="Picnic on the Moon", starts_at=starts_at, visibility="public")


def pay(cents: int = 500, payment: str = "p-1", email: str = BOB) -> Pay:
    return Pay(email=email, payment=payment, cents=cents)


def invitation(email: str, title: str = picnic.title, cents: int = 0) -> Mail:
    links = {"yes": Link(Accept, until=NOON), "no": Link(Decline, until=NOON)}
    data = {"title": title, "starts_at": NOON, "cents": cents}
    return Mail(to=email, template="invitation", data=data, links=links)


def titles(view: type[Poster], index: str, *meetups: Given, **by: object) -> list[str]:
    """The titles that a list of this view shows, in its order."""
    return [row.title for row in listed(view, index, *meetups, **by)]


class TestADraft:
    def test_is_new_private_and_whoevers_asked(self) -> None:
        meetup = given().when(Draft(title=secret.title, starts_at=NOON)).then(secret).seen(Meetup)
        assert (meetup.stage, meetup.visibility, meetup.owner) == ("new", "private", "ann")

    def test_drafted_twice_is_drafted_once(self) -> None:
        given(picnic).when(draft(), at=NOON).then()

    @pytest.mark.parametrize("starts_at", [DAWN, DAWN - DAY, DAWN + 731 * DAY])
    def test_takes_place_in_the_future_within_two_years(self, starts_at: datetime) -> None:
        given().when(draft(starts_at)).refused("in the future, within two years")

    def test_belongs_to_somebody(self) -> None:
        given().when(draft(), by="").refused("nobody may not Draft")

    @pytest.mark.parametrize("field", BAD)
    def test_with_a_bad_field_is_refused_and_the_field_named(self, field: str) -> None:
        body = {"title": "Picnic", "starts_at": "2026-01-31T12:00Z", field: BAD[field]}
        with pytest.raises(ValidationError, match=field):
            Draft.model_validate_json(json.dumps(body))

    def test_is_of_a_meetup_online_so_a_location_is_refused(self) -> None:
        body = '{"title": "Picnic", "starts_at": "2026-01-31T12:00Z", "location": "the Moon"}'
        with pytest.raises(ValidationError, match="location"):
            Draft.model_validate_json(body)


class TestAVisitor:
    drafted = given(picnic, by=VISITOR)

    def test_drafts_without_an_account_and_signs_up_to_publish(self) -> None:
        given().when(draft(), by=VISITOR).then(picnic)
        self.drafted.when(publish, by=VISITOR).refused("sign up to publish")

    def test_owns_the_draft_once_signed_up(self) -> None:
        claim = Claim(visitor=VISITOR, account=ZOE)
        claimed = self.drafted.when(claim, by="sign-up", roles={"accounts"})
        claimed.then(Claimed(owner=ZOE))
        claimed.next().when(claim, by="sign-up", roles={"accounts"}).then()
        claimed.next().when(publish, by=ZOE).then(live)
        claimed.next().when(publish, by=VISITOR).refused("may not Publish")

    @pytest.mark.parametrize(("owner", "visitor"), [(VISITOR, "visitor:8"), ("ann", "ann")])
    def test_claims_no_draft_of_others_nor_of_an_account(self, owner: str, visitor: str) -> None:
        claim = Claim(visitor=visitor, account=EVE)
        given(picnic, by=owner).when(claim, by="sign-up", roles={"accounts"}).refused(
            "somebody else's"
        )

    def test_is_known_to_sign_up_only(self) -> None:
        self.drafted.when(Claim(visitor=VISITOR, account=EVE), by=EVE).refused("may not Claim")


class TestTheOrganiser:
    def test_describes_it_in_words_and_pictures_and_the_same_are_no_fact(self) -> None:
        described = Described(**rename.model_dump())
        given(picnic).when(rename).then(described)
        given(picnic, described).when(rename).then()

    def test_schedules_it_and_the_same_date_is_no_fact(self) -> None:
        scheduled = Scheduled(starts_at=NOON + DAY, monthly_on=None)
        given(picnic).when(later).then(scheduled)
        given(picnic, scheduled).when(later).then()
        given(picnic).when(later, at=NOON + 2 * DAY).refused("in the future")

    def test_schedules_no_meetup_that_has_begun(self) -> None:
        given(picnic, live).when(later, at=NOON).refused("it has begun")

    def test_rescues_a_draft_whose_date_has_passed(self) -> None:
        given(picnic).when(publish, at=NOON).refused("it has begun")
        given(picnic).when(later, at=NOON).next().when(publish, at=NOON).then(live)

    def test_publishes_it_once(self) -> None:
        assert given(picnic).when(publish).then(live).seen(Meetup).stage == "live"
        given(picnic, live).when(publish).then().does()

    def test_cancels_it_once_unless_it_took_place(self) -> None:
        cancelled = given(picnic, live).when(Cancel(reason="rain")).then(rained_out)
        assert cancelled.seen(Meetup).stage == "dead"
        cancelled.next().when(Cancel(reason="wind")).then()
        given(picnic, live, over).when(Cancel(reason="it was dull")).refused("it is over")

    @changes
    def test_alone_may(self, command: Command[Meetup]) -> None:
        for stranger in (BOB, "visitor:8", ""):
            given(picnic, bob).when(command, by=stranger).refused(f"{stranger} may not".strip())
        given().when(command).refused("no such meetup")

    @changes
    def test_changes_nothing_once_it_is_over(self, command: Command[Meetup]) -> None:
        for end in (rained_out, over):
            given(picnic, bob, live, end).when(command).refused("it is over")


class TestGuests:
    def test_are_mailed_once_each_when_it_is_published(self) -> None:
        given(picnic, bob, eve).when(publish).does(invitation(BOB), invitation(EVE))

    def test_of_a_draft_are_not_mailed(self) -> None:
        given(picnic).when(Invite(emails=(BOB,))).then(bob).does()

    def test_are_invited_and_mailed_after_it_is_published_until_it_begins(self) -> None:
        late, mail = given(gala, live, eve), invitation(BOB, "Gala", cents=500)
        late.when(Invite(emails=(BOB,)), at=NOON - HOUR).then(bob).does(mail)
        late.when(Invite(emails=(BOB,)), at=NOON).refused("it has begun")

    def test_invited_twice_are_invited_once_however_they_are_spelled(self) -> None:
        again = Invite(emails=("BOB@Example.org", EVE, EVE))
        given(picnic, live, bob).when(again).then(eve).does(invitation(EVE))

    def test_are_two_hundred_at_most(self) -> None:
        crowd = [Invited(email=f"guest-{n}@example.org") for n in range(200)]
        given(picnic, *crowd).when(Invite(emails=(BOB,))).refused("at most 200 guests")
        given(picnic, *crowd[1:]).when(Invite(emails=(BOB,))).then(bob)

    def test_can_be_uninvited_and_then_have_no_say(self) -> None:
        gone = given(picnic, bob, live).when(Uninvite(email=BOB)).then(Uninvited(email=BOB))
        gone.next().when(Uninvite(email=BOB)).then()
        gone.next().when(Accept(), by=BOB).refused("may not Accept")

    def test_accept_and_decline_and_change_their_minds(self) -> None:
        accepted = given(picnic, bob, live).when(Accept(), by=BOB).then(bob_comes).next()
        accepted.when(Accept(), by=BOB).then()
        declined = accepted.when(Decline(), by=BOB).then(Answered(email=BOB, coming=False)).next()
        declined.when(Decline(), by=BOB).then()
        declined.when(Accept(), by=BOB).then(bob_comes)
        given(picnic, eve, live).when(Decline(), by=EVE).then(eve_declines)

    @pytest.mark.parametrize("answer", [Accept(), Decline()])
    def test_alone_answer_while_it_is_live_and_has_not_begun(
        self, answer: Accept | Decline
    ) -> None:
        given(picnic, bob, live).when(answer, by=EVE).refused("may not")
        given(picnic, bob).when(answer, by=BOB).refused("it is not published")
        given(picnic, bob, live).when(answer, by=BOB, at=NOON).refused("it has begun")
        given(picnic, bob, live, rained_out).when(answer, by=BOB).refused("it is over")


class TestATicket:
    on_sale = given(gala, bob, eve, live)

    def test_comes_before_the_answer(self) -> None:
        self.on_sale.when(Accept(), by=BOB).refused("a ticket comes first")
        self.on_sale.given(ticket).when(Accept(), by=BOB).then(bob_comes)

    def test_is_credited_to_the_organiser_once(self) -> None:
        credit = Tell("ann", Credit(payment="p-1", cents=500))
        self.on_sale.when(pay(), roles={"payments"}).then(ticket).does(credit)
        self.on_sale.given(ticket).when(pay(), roles={"payments"}).then().does()

    def test_is_what_the_payment_provider_says_and_has_one_price(self) -> None:
        self.on_sale.when(pay(), by=BOB).refused("may not Pay")
        self.on_sale.when(pay(cents=499), roles={"payments"}).refused("costs 500 cents")
        given(picnic, bob, live).when(pay(cents=0), roles={"payments"}).refused("costs 0 cents")

    def test_is_for_guests_and_one_is_enough(self) -> None:
        sold, second = self.on_sale.given(ticket), pay(payment="p-2")
        sold.when(second, roles={"payments"}).refused("a guest needs one ticket")
        sold.when(pay(email=EVE), roles={"payments"}).refused("a payment buys one")
        sold.when(pay(email=ZOE), roles={"payments"}).refused("only guests buy tickets")

    def test_is_not_sold_before_it_is_published_nor_once_it_has_begun(self) -> None:
        given(gala, bob).when(pay(), roles={"payments"}).refused("it is not published")
        self.on_sale.when(pay(), roles={"payments"}, at=NOON).refused("it has begun")

    @pytest.mark.parametrize("by", ["ann", BOB])
    def test_is_not_refunded(self, by: str) -> None:
        self.on_sale.given(ticket).when(Refund(), by=by).refused("tickets are not refunded")

    def test_keeps_its_guest_invited(self) -> None:
        self.on_sale.given(ticket).when(Uninvite(email=BOB)).refused("a guest who paid stays")


class TestAnHourBefore:
    answered = given(picnic, bob, eve, Invited(email=ZOE), live, bob_comes, eve_declines)
    mail = Mail("ann@example.org", "guests", {"title": "Picnic on the Moon", "emails": (BOB,)})

    def test_the_organiser_is_mailed_who_comes_and_only_once(self) -> None:
        reported = self.answered.clock(NOON - HOUR, ReportGuests).does(self.mail)
        reported.then(Reported(starts_at=NOON))
        assert reported.seen(Meetup).report_due_at is None
        reported.next().when(ReportGuests(), by="system", at=NOON).then().does()

    def test_no_list_is_sent_early_or_because_somebody_asks(self) -> None:
        early = NOON - HOUR - timedelta(microseconds=1)
        self.answered.when(ReportGuests(), by="system", at=early).then().does()
        self.answered.when(ReportGuests(), by="ann", at=NOON).refused("may not ReportGuests")

    def test_another_date_needs_another_list(self) -> None:
        reported = self.answered.given(Reported(starts_at=NOON))
        reported.when(later).next().clock(NOON + DAY - HOUR, ReportGuests).does(self.mail)

    def test_only_live_meetups_have_a_list(self) -> None:
        assert given(picnic).seen(Meetup).report_due_at is None
        assert given(picnic, live, rained_out).seen(Meetup).report_due_at is None


class TestTheEnd:
    ends_at = NOON + 3 * HOUR

    def test_comes_after_three_hours_and_once(self) -> None:
        done = given(picnic, live).clock(self.ends_at, Complete).then(over).does()
        assert done.seen(Meetup).stage == "done"
        done.next().when(Complete(), by="system", at=self.ends_at).then()

    def test_comes_neither_early_nor_to_drafts(self) -> None:
        given(picnic, live).when(Complete(), by="system", at=NOON).then()
        given(picnic).when(Complete(), by="system", at=self.ends_at).then()

    @pytest.mark.parametrize("id", ["a", "a@2026-01"])
    def test_of_a_monthly_meetup_drafts_the_next_and_one_a_month(self, id: str) -> None:
        february = NOON.replace(month=2, day=28)
        again = Draft(title="Full Moon", starts_at=february, photo="moon-1", monthly_on=31)
        done = given(monthly, live, id=id).clock(self.ends_at, Complete)
        done.then(Completed(next_at=february)).does(Tell("a@2026-02", again, on_behalf_of="ann"))
        drafted = given(id="a@2026-02").when(again, at=self.ends_at).next()
        drafted.when(again, at=self.ends_at).then()

    def test_of_a_series_comes_when_the_organiser_stops_it(self) -> None:
        stop = Schedule(starts_at=NOON, monthly_on=None)
        stopped = given(monthly).when(stop).then(Scheduled(**stop.model_dump())).next()
        stopped.given(live).clock(self.ends_at, Complete).then(over).does()


def test_the_31st_falls_on_a_short_months_last_day_and_comes_back() -> None:
    days = "2027-12-31 2028-01-31 2028-02-29 2028-03-31 2028-04-30 2028-05-31".split()
    for moment, following in pairwise(datetime.fromisoformat(f"{day}T12Z") for day in days):
        assert next_monthly(moment, 31, after=moment) == following


def test_a_clock_that_was_stopped_for_months_skips_them() -> None:
    assert next_monthly(NOON, 31, after=NOON + 100 * DAY) == datetime(2026, 5, 31, 12, tzinfo=UTC)


class TestAForgottenDraft:
    expires_at = DAWN + 60 * DAY

    def test_expires_unless_it_is_published(self) -> None:
        assert given(picnic, live).seen(Meetup).stale_at is None
        forgotten = Cancelled(reason="nobody published it")
        expired = given(picnic).clock(self.expires_at, Expire).then(forgotten)
        expired.next().when(Expire(), by="system", at=self.expires_at + DAY).then()

    def test_is_not_forgotten_while_it_is_changed(self) -> None:
        touched = given(picnic).given(bob, at=DAWN + DAY)
        touched.when(Expire(), by="system", at=self.expires_at).then()
        touched.clock(self.expires_at + DAY, Expire)


class TestReaders:
    def test_strangers_find_what_is_public_and_live(self) -> None:
        assert given(picnic, live).readable(Listing, by="")
        assert not given(picnic).readable(Listing, by="")
        assert not given(secret, live).readable(Listing, by="")
        assert not given(picnic, live, rained_out).readable(Listing, by="")
        assert not given(picnic, live, over).readable(Listing, by="")

    def test_guests_see_their_invitation_once_it_is_published(self) -> None:
        assert not given(secret, bob).readable(Invitation, by=BOB)
        assert given(secret, bob, live).readable(Invitation, by=BOB)
        assert given(secret, bob, live, rained_out).readable(Invitation, by=BOB)
        assert not given(secret, bob, live).readable(Invitation, by=EVE)
        assert not given(secret, bob, live, Uninvited(email=BOB)).readable(Invitation, by=BOB)

    def test_only_the_organiser_sees_who_is_invited(self) -> None:
        party = given(picnic, bob, live)
        assert party.readable(Meetup, by="ann")
        assert not party.readable(Meetup, by=BOB)
        for view in (Listing, Invitation):
            assert BOB in str(party.seen(view).row())
            assert BOB not in str(party.seen(view).shown())


class TestLists:
    tea = given(Drafted(title="Tea", starts_at=NOON + DAY, visibility="public", category="food"))
    published = (
        tea.given(live, bob, eve, bob_comes, Answered(email=EVE, coming=True), at=DAWN + DAY),
        given(picnic, bob, live, bob_comes, at=DAWN + 2 * DAY),
        given(secret, bob, eve, live),
        given(picnic, live, rained_out),
        tea,
    )

    def test_show_the_soonest_the_newest_and_the_most_popular(self) -> None:
        moon = "Picnic on the Moon"
        assert titles(Listing, "soonest", *self.published) == [moon, "Tea"]
        assert titles(Listing, "newest", *self.published) == [moon, "Tea"]
        assert titles(Listing, "popular", *self.published) == ["Tea", moon]
        assert titles(Listing, "by_category", *self.published, category="food") == ["Tea"]

    def test_follow_events(self) -> None:
        party = given(picnic, bob, eve, live, bob_comes, eve_declines)
        assert party.seen(Listing).going == 1
        assert party.when(Decline(), by=BOB).seen(Listing).going == 0
        assert titles(Listing, "soonest", party) == ["Picnic on the Moon"]
        assert not titles(Listing, "soonest", party.when(Cancel(reason="rain")).next())

    def test_can_be_searched_by_title_description_and_category(self) -> None:
        assert Listing.__marks__["words"] == Search("words", ("title", "description", "category"))

    def test_show_organisers_theirs_but_for_the_cancelled(self) -> None:
        hers = titles(Meetup, "mine", *self.published, owner="ann")
        assert hers == ["Picnic on the Moon", "Surprise for Zoe", "Tea", "Tea"]
        assert not titles(Meetup, "mine", *self.published, owner="eve")

    def test_show_guests_what_they_are_invited_to(self) -> None:
        parties = given(secret, bob, live), given(picnic, bob)
        assert titles(Invitation, "invited_to", *parties, _guests=BOB) == ["Surprise for Zoe"]
        assert not titles(Invitation, "invited_to", *parties, _guests=EVE)
