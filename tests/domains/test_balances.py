import pytest
from pydantic import ValidationError

from domains.balances import Balance, Credit, Credited, PaidOut, PayOut
from mainstem.testing import given

PAYMENTS = {"payments"}

ticket = Credited(payment="moon-1", cents=500)
sent = PaidOut(payout="week-1", cents=300)


def test_a_ticket_is_credited_and_opens_the_balance() -> None:
    given().when(Credit(payment="moon-1", cents=500), by="system").then(ticket)


def test_a_payment_is_credited_once() -> None:
    given(ticket).when(Credit(payment="moon-1", cents=500), by="system").then()


def test_nobody_credits_themselves() -> None:
    given(ticket).when(Credit(payment="free-money", cents=1), by="ann").refused("may not Credit")


def test_a_balance_is_what_was_earned_less_what_was_paid_out() -> None:
    assert given(ticket, Credited(payment="moon-2", cents=500), sent).seen(Balance).cents == 700


def test_an_organiser_is_paid_what_was_earned_and_no_more() -> None:
    earned, pays = given(ticket, by="system"), PayOut(payout="week-1", cents=300)
    earned.when(pays, by="stripe", roles=PAYMENTS).then(sent)
    too_much = PayOut(payout="week-2", cents=201)
    earned.given(sent).when(too_much, by="stripe", roles=PAYMENTS).refused("no more is paid out")


def test_a_payout_is_made_once() -> None:
    pays = PayOut(payout="week-1", cents=300)
    given(ticket, sent).when(pays, by="stripe", roles=PAYMENTS).then()


def test_only_the_payment_provider_pays_out() -> None:
    given(ticket).when(PayOut(payout="week-1", cents=300), by="ann").refused("may not PayOut")


def test_nothing_is_paid_out_of_a_balance_that_never_was() -> None:
    pays = PayOut(payout="week-1", cents=0)
    given().when(pays, by="stripe", roles=PAYMENTS).refused("no such balance")


def test_an_amount_is_never_below_zero() -> None:
    with pytest.raises(ValidationError, match="a whole number of cents"):
        Credit(payment="moon-1", cents=-500)


def test_only_its_organiser_reads_a_balance() -> None:
    anns = given(ticket, id="ann@example.org")
    assert anns.readable(Balance, by="ann@example.org")
    assert not anns.readable(Balance, by="bob@example.org")
    assert not anns.readable(Balance, by="")
