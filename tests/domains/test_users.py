import pytest
from pydantic import ValidationError

from domains import otp
from domains.users import Person, Register, Registered, SignedIn, SignIn, User, sign_in
from mainstem import Asked, Tell
from mainstem.testing import DAWN, Given, digits, given, listed

ANN, TEA = "0b5e-ann", "ann@tea.example"
ann = Registered(name="Ann of the Tea House")
came = SignedIn(role=otp.Role.ORG)


def account(*events: Registered | SignedIn) -> Given:
    return given(*events, by=ANN, id=ANN)


def test_a_confirmed_sign_up_registers_a_display_name() -> None:
    account(came).when(Register(name="Ann of the Tea House"), by=ANN).then(ann)


def test_registering_twice_is_registering_once() -> None:
    account(ann).when(Register(name="Ann of the Tea House"), by=ANN).then()
    account(ann).when(Register(name="Queen Ann"), by=ANN).refused("registered as Ann of the Tea")


def test_nobody_registers_somebody_else() -> None:
    assert Register(name="Ann").asked(Asked(by="eve")).which() == "eve"
    account(came).when(Register(name="Ann"), by="").refused("nobody may not Register")


def test_a_display_name_has_something_to_see() -> None:
    with pytest.raises(ValidationError, match="a line has"):
        Register(name="\u200b")


def test_a_proved_code_signs_the_account_in_and_not_the_address() -> None:
    asked = otp.Requested(
        to=TEA,
        country="TH",
        role=otp.Role.ORG,
        user=ANN,
        expires_at=DAWN + otp.CODE_AGE_MAX,
        tries_left=otp.TRIES_MAX,
    )
    code = digits(otp.the_code(given(asked).seen(otp.Otp)), of=otp.Otp, id=TEA)
    verify = otp.Verify(to=TEA, code=code)
    given(asked, id=TEA).when(verify, by="").then(otp.Proved(role=otp.Role.ORG)).does(
        Tell(ANN, SignIn(role=otp.Role.ORG)), of=sign_in
    )


def test_only_a_proof_signs_in() -> None:
    sign = SignIn(role=otp.Role.ORG)
    account(ann).when(sign, by=ANN).refused("may not SignIn")
    account(ann).when(sign, by="system").then(came)


def test_the_first_sign_in_makes_a_user_and_every_one_is_counted() -> None:
    first = given(id=ANN).when(SignIn(role=otp.Role.ORG), by="system").then(came)
    again = first.next().when(SignIn(role=otp.Role.WORKER), by="system").seen(User)
    assert (again.sign_ins, again.seen_at, again.role) == (2, DAWN, otp.Role.WORKER)


def test_users_read_their_own_account_and_nobody_elses() -> None:
    assert account(came, ann).readable(User, by=ANN)
    assert not account(came, ann).readable(User, by="eve")
    assert not account(came, ann).readable(User, by="")


def test_everybody_sees_who_has_a_name_and_no_sign_ins() -> None:
    (person,) = account(came, ann).readable(Person, by="")
    assert (person.name, person.since) == ("Ann of the Tea House", DAWN)
    assert person.row().keys() == {"id", "version", "changed_at", "name", "since"}
    assert not account(came).readable(Person, by=ANN)


def test_people_are_listed_by_name() -> None:
    abel = given(Registered(name="Abel"), id="b")
    people = listed(Person, "by_name", account(ann), abel, given(came, id="nameless"))
    assert [person.name for person in people] == ["Abel", "Ann of the Tea House"]
