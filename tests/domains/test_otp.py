import uuid
from datetime import UTC, datetime, timedelta

import pytest
from pydantic import ValidationError

from domains.otp import (
    CODE_AGE_MAX,
    TRIES_MAX,
    Missed,
    Otp,
    Proved,
    Request,
    Requested,
    Role,
    Verify,
    send_the_code,
    the_code,
)
from mainstem import Grant, Mail, Sms, View
from mainstem.testing import DAWN, digits, fresh, given

SOMCHAI, TEA_HOUSE = "+66812345678", "tea@house.example"
NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
ACCOUNT = fresh(Otp, "user", id=SOMCHAI)

asked = Requested(
    to=SOMCHAI,
    country="TH",
    role=Role.WORKER,
    user=ACCOUNT,
    expires_at=DAWN + CODE_AGE_MAX,
    tries_left=TRIES_MAX,
)
proved = Proved(role=Role.WORKER)
ask = Request(to=SOMCHAI, country="TH", role=Role.WORKER)
after_asking = given(asked, by="", id=SOMCHAI)
the_right_code = digits(the_code(after_asking.seen(Otp)), of=Otp, id=SOMCHAI)
the_wrong_code = "4 or 5 goats"


def prove(code: str) -> Verify:
    return Verify(to=SOMCHAI, code=code)


def test_a_worker_is_sent_a_code_by_sms() -> None:
    code = {"code": the_code(after_asking.seen(Otp))}
    sms = Sms(to=SOMCHAI, text="Your code is {code}.", data=code)
    given().when(ask, by="").then(asked).does(sms, of=send_the_code)


def test_an_organisation_is_sent_a_code_by_mail() -> None:
    tea_house_asks = Request(to=TEA_HOUSE, country="TH", role=Role.ORG)
    outcome = given().when(tea_house_asks, by="")
    code = {"code": the_code(outcome.seen(Otp))}
    outcome.does(Mail(to=TEA_HOUSE, template="code", data=code), of=send_the_code)


def test_a_phone_number_is_stored_in_one_spelling_however_it_is_typed() -> None:
    assert Request(to="+66 (0)81-234 5678", country="TH", role=Role.WORKER) == ask
    assert Verify(to="+66 81 234 5678", code="").which() == ask.which() == SOMCHAI


def test_an_email_address_is_stored_in_one_spelling_however_it_is_typed() -> None:
    assert Verify(to="Tea@House.example", code="").which() == TEA_HOUSE


@pytest.mark.parametrize("to", ["", "somchai", "0812345678", "+661", "tea@", "@house.example"])
def test_what_is_neither_a_phone_number_nor_an_email_address_is_refused(to: str) -> None:
    with pytest.raises(ValidationError, match="to"):
        Request(to=to, country="TH", role=Role.WORKER)


def test_a_phone_number_belongs_to_the_country_that_is_named() -> None:
    abroad = Request(to=SOMCHAI, country="SG", role=Role.WORKER)
    given().when(abroad, by="").refused("no such phone number in SG")


def test_codes_go_to_fourteen_countries_of_asia() -> None:
    countries = Request.model_json_schema()["properties"]["country"]["enum"]
    assert len(countries) == 14
    with pytest.raises(ValidationError, match="country"):
        Request.model_validate({"to": "+12025550123", "country": "US", "role": Role.WORKER})


@pytest.mark.parametrize(("to", "role"), [(SOMCHAI, Role.ORG), (TEA_HOUSE, Role.WORKER)])
def test_workers_have_phones_and_organisations_have_mail(to: str, role: Role) -> None:
    mixed_up = Request(to=to, country="TH", role=role)
    given().when(mixed_up, by="").refused("a worker proves a phone number")


def test_the_right_code_is_granted_a_token() -> None:
    granted = Grant(sub=ACCOUNT, role="worker")
    after_asking.when(prove(the_right_code), by="").then(proved).answers(granted)


def test_an_account_never_tells_its_address_and_stays_the_same_over_many_codes() -> None:
    told = given()
    for n in range(1, 6):
        day = DAWN + timedelta(days=n)
        told = told.when(ask, by="", at=day, command_id=uuid.UUID(int=n)).next()
        code = digits(the_code(told.seen(Otp)), of=Otp, id=SOMCHAI)
        verified = told.when(prove(code), by="", at=day)
        verified.answers(
            Grant(sub=fresh(Otp, "user", id=SOMCHAI, command_id=uuid.UUID(int=1)), role="worker")
        )
        told = verified.next()
    assert SOMCHAI not in told.seen(Otp).user


def test_every_address_has_an_account_of_its_own() -> None:
    tea_house_asks = Request(to=TEA_HOUSE, country="TH", role=Role.ORG)
    theirs = given().when(tea_house_asks, by="", command_id=uuid.UUID(int=8)).seen(Otp).user
    assert theirs not in ("", ACCOUNT)


def test_nobody_reads_whose_address_an_account_has() -> None:
    assert not issubclass(Otp, View)


def test_a_code_is_proved_once() -> None:
    used = after_asking.given(proved, by="")
    used.when(prove(the_right_code), by="").refused("ask for a new code")


def test_a_wrong_code_is_refused_and_costs_a_try() -> None:
    missed = Missed(tries_left=TRIES_MAX - 1)
    after_asking.when(prove(the_wrong_code), by="").refused("wrong code", records=missed)


def test_after_the_last_try_even_the_right_code_is_refused() -> None:
    one_left = after_asking.given(Missed(tries_left=1), by="")
    one_left.when(prove(the_right_code), by="").then(proved)
    one_left.when(prove(the_wrong_code), by="").refused("wrong code", records=Missed(tries_left=0))
    none_left = one_left.given(Missed(tries_left=0), by="")
    none_left.when(prove(the_right_code), by="").refused("ask for a new code")


def test_a_code_expires() -> None:
    last_moment = asked.expires_at - timedelta(microseconds=1)
    after_asking.when(prove(the_right_code), by="", at=last_moment).then(proved)
    too_late = after_asking.when(prove(the_right_code), by="", at=asked.expires_at)
    too_late.refused("ask for a new code")


def test_a_new_code_has_all_its_tries_and_the_old_one_is_void() -> None:
    asked_again = after_asking.given(Missed(tries_left=0), asked, by="")
    assert asked_again.seen(Otp).tries_left == TRIES_MAX
    missed = Missed(tries_left=TRIES_MAX - 1)
    asked_again.when(prove(the_right_code), by="").refused("wrong code", records=missed)


def test_a_code_of_one_address_is_worth_nothing_at_another() -> None:
    same_round = given(asked, by="", id="+66898765432")
    of_another = Verify(to="+66898765432", code=the_right_code)
    missed = Missed(tries_left=TRIES_MAX - 1)
    same_round.when(of_another, by="").refused("wrong code", records=missed)


def test_who_never_asked_has_nothing_to_prove() -> None:
    given().when(prove(the_right_code), by="").refused("no such otp")


def test_a_fourth_code_within_the_hour_is_too_soon() -> None:
    three = after_asking.given(asked, by="").given(asked, by="", at=NOON)
    an_hour_on = DAWN + timedelta(hours=1)
    three.when(ask, by="", at=an_hour_on - timedelta(seconds=1)).refused(
        "too many codes", until=an_hour_on
    )
    sent_anyway = three.when(ask, by="", at=an_hour_on).seen(Otp)
    assert sent_anyway.round == 4


def test_no_event_holds_the_code() -> None:
    history = after_asking.when(prove(the_right_code), by="").next().history
    assert the_right_code not in " ".join(repr(happened.event) for happened in history)
