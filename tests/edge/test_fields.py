"""Bodies as models: what is wrong is named by its path, in words, and never repeated."""

from __future__ import annotations

from typing import Annotated, Literal

import pytest
from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field

from domains import meetups, otp, tickets
from edge.fields import MOMENT, fitted
from edge.problems import Problem


def no_tea(text: str) -> str:
    raise ValueError(f"{text} is no tea")


class Pot(BaseModel):
    model_config = ConfigDict(strict=True, extra="forbid")
    cups: Annotated[int, Field(ge=1, le=9)] = 1
    kind: Literal["green", "black"] = "green"
    at: AwareDatetime | None = None
    guests: tuple[str, ...] = ()
    hot: bool = True
    litres: float = 1.0
    secret: Annotated[str, AfterValidator(no_tea)] = ""


def told(kind: type[BaseModel], raw: bytes) -> dict[str, str]:
    """What is wrong, by path."""
    with pytest.raises(Problem) as no:
        fitted(kind, raw)
    assert no.value.status == 400
    return {flaw.at: flaw.detail for flaw in no.value.flaws}


@pytest.mark.parametrize(
    ("raw", "at", "rule"),
    [
        (b"[]", "", "is an object"),
        (b'"tea"', "", "is an object"),
        (b'{"milk": 1}', "/milk", "is no field here"),
        (b'{"a/b~c": 1}', "/a~1b~0c", "is no field here"),
        (b'{"cups": "3"}', "/cups", "is a whole number"),
        (b'{"cups": 3.5}', "/cups", "is a whole number"),
        (b'{"cups": true}', "/cups", "is a whole number"),
        (b'{"cups": 0}', "/cups", "is 1 or more"),
        (b'{"cups": 10}', "/cups", "is 9 or less"),
        (b'{"kind": "coffee"}', "/kind", "is 'green' or 'black'"),
        (b'{"at": "four"}', "/at", MOMENT),
        (b'{"at": "2026-01-31T09:00:00"}', "/at", MOMENT),
        (b'{"guests": "ann"}', "/guests", "is a list"),
        (b'{"guests": ["ann", 7]}', "/guests/1", "is text"),
        (b'{"hot": "yes"}', "/hot", "is true or false"),
        (b'{"litres": "1"}', "/litres", "is a number"),
    ],
)
def test_a_field_that_does_not_fit_is_named_with_its_rule(raw: bytes, at: str, rule: str) -> None:
    assert told(Pot, raw) == {at: rule}


def test_every_field_that_is_wrong_is_named_at_once() -> None:
    assert told(Pot, b'{"cups": 0, "kind": 1, "milk": 2}').keys() == {"/cups", "/kind", "/milk"}


def test_a_missing_field_is_named_by_its_own_path() -> None:
    assert told(tickets.Submit, b"{}") == {"/title": "is missing"}


def test_what_was_sent_is_never_repeated() -> None:
    assert told(Pot, b'{"secret": "12345"}') == {"/secret": "is not allowed"}


def test_either_of_two_rules_is_told_at_the_field_and_not_inside_the_union() -> None:
    (at,) = said = told(tickets.Watch, b'{"address": "nowhere"}')
    assert at == "/address"
    assert "an email address looks like" in said[at]
    assert "a web address starts with" in said[at]


def test_a_rule_of_the_language_names_its_field() -> None:
    late = b'{"title": "Tea", "starts_at": "2999-01-01T00:00:00Z"}'
    assert "before 2255" in told(meetups.Draft, late)["/starts_at"]


def test_a_choice_says_what_there_is_to_choose() -> None:
    said = told(otp.Request, b'{"to": "ann@example.org", "country": "TH", "role": "queen"}')
    assert said == {"/role": "is 'worker' or 'org'"}


def test_many_flaws_are_not_all_told() -> None:
    many = b'{"guests": [%s]}' % b",".join([b"1"] * 1_000)
    assert len(told(Pot, many)) == 20


def test_json_is_strict_before_it_is_fitted() -> None:
    assert told(Pot, b'{"cups": 1, "cups": 2}') == {"/cups": "stands twice in one object"}


def test_a_body_that_fits_becomes_the_model() -> None:
    assert fitted(Pot, b'{"cups": 3, "guests": ["ann"]}') == Pot.model_construct(
        cups=3, guests=("ann",)
    )
