"""Tokens: only our own, only while they hold, and nobody is `system`."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from typing import Any

import jwt
import pytest

from edge.caller import Caller
from edge.problems import Problem
from edge.tokens import TOKEN_CHARACTERS_MAX, bearer, mint, verify

KEY = b"an old oak table, seats for nine"
NOW = 1_780_000_000
ANN = Caller("ann", frozenset(("payments", "org")), "main")
GOOD = {"iss": "mainstem", "sub": "ann", "roles": ["org"], "tenant": "main", "exp": NOW + 60}
HEAD = {"alg": "HS256", "typ": "JWT"}


def word(part: Any) -> bytes:
    raw = part if isinstance(part, bytes) else json.dumps(part).encode()
    return base64.urlsafe_b64encode(raw).rstrip(b"=")


def signed(claims: Any, head: Any = HEAD, key: bytes = KEY) -> str:
    """A token made by hand, so that it can be wrong in any way."""
    said = word(head) + b"." + word(claims)
    return (said + b"." + word(hmac.new(key, said, hashlib.sha256).digest())).decode()


def refused(token: str, now_s: int = NOW) -> Problem:
    with pytest.raises(Problem) as no:
        verify(token, KEY, now_s)
    assert no.value.status == 401
    assert no.value.headers == {"WWW-Authenticate": "Bearer"}
    return no.value


def test_a_token_says_who_it_was_minted_for() -> None:
    assert verify(mint(KEY, ANN, NOW, 60), KEY, NOW + 59) == ANN


def test_a_token_is_of_its_tenant() -> None:
    bob = Caller("bob", tenant="acme")
    assert verify(mint(KEY, bob, NOW, 60), KEY, NOW) == bob


def test_a_token_ends_even_if_it_was_verified_before() -> None:
    token = mint(KEY, ANN, NOW, 60)
    verify(token, KEY, NOW)
    assert "expired" in refused(token, NOW + 60).detail


def test_a_token_does_not_hold_before_its_time() -> None:
    assert "yet" in refused(signed({**GOOD, "nbf": NOW + 1})).detail


def test_another_key_is_not_ours() -> None:
    refused(signed(GOOD, key=b"another table, with seats for ten"))


def test_a_changed_letter_is_noticed() -> None:
    head, claims, signature = mint(KEY, ANN, NOW, 60).split(".")
    changed = claims[:-1] + ("A" if claims[-1] != "A" else "Q")
    refused(f"{head}.{changed}.{signature}")


def test_a_token_without_a_signature_is_refused() -> None:
    refused(jwt.encode(GOOD, None, algorithm="none"))
    refused(signed(GOOD, {"alg": "none"}))


@pytest.mark.parametrize(
    "head",
    [
        {"alg": "HS512"}, {"alg": "RS256"}, {"alg": "hs256"}, {"alg": 1}, {}, [], "x",
        {"alg": "HS256", "crit": ["x"]}, {"alg": "HS256", "kid": 5}, b"[" * 2_900, b"\xff",
    ],
)  # fmt: skip
def test_another_algorithm_or_an_odd_header_is_refused(head: Any) -> None:
    refused(signed(GOOD, head))


@pytest.mark.parametrize(
    "change",
    [
        {"sub": ""}, {"sub": "system"}, {"sub": 7}, {"sub": None}, {"sub": "a\nb"},
        {"sub": "\ud800"}, {"sub": "a" * 257},
        {"exp": "later"}, {"exp": None}, {"exp": True}, {"exp": float("inf")},
        {"exp": float("nan")}, {"nbf": "x"},
        {"roles": "payments"}, {"roles": [1]}, {"roles": [""]}, {"roles": {"a": 1}},
        {"roles": ["r"] * 65},
        {"tenant": "Main"}, {"tenant": ""}, {"tenant": 5}, {"tenant": "a/b"},
        {"iss": "somebody"}, {"iss": ["mainstem"]}, {"aud": "us"},
    ],
)  # fmt: skip
def test_claims_that_say_nothing_good_are_refused(change: dict[str, Any]) -> None:
    refused(signed({**GOOD, **change}))


@pytest.mark.parametrize("name", ["sub", "exp", "iss"])
def test_a_token_says_whose_and_until_when(name: str) -> None:
    refused(signed({n: v for n, v in GOOD.items() if n != name}))


@pytest.mark.parametrize("token", ["", "a", "a.b", "a.b.c", "....", "A" * TOKEN_CHARACTERS_MAX])
def test_what_is_no_token_is_refused(token: str) -> None:
    refused(token)


def test_a_very_long_token_is_not_looked_at() -> None:
    assert "long" in refused("A" * (TOKEN_CHARACTERS_MAX + 1)).detail


@pytest.mark.parametrize("name", ["", "system"])
def test_nobody_gets_no_token(name: str) -> None:
    with pytest.raises(AssertionError):
        mint(KEY, Caller(name), NOW, 60)


def test_a_header_carries_a_token() -> None:
    assert bearer("Bearer a.b-c_d.e") == "a.b-c_d.e"
    assert bearer("bearer  a.b.c") == "a.b.c"
    assert bearer(None) is None


@pytest.mark.parametrize("header", ["", "Bearer", "Bearer ", "Basic YTpi", "Bearer a,Bearer b"])
def test_a_header_without_a_token_is_refused(header: str) -> None:
    with pytest.raises(Problem, match="401"):
        bearer(header)
