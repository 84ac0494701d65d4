"""What was raised and what is answered."""

from __future__ import annotations

import logging
from datetime import UTC, datetime

import pytest

from edge.caller import Caller
from edge.problems import Flaw, Problem, invalid, named, pointer
from edge.refusals import problem_of
from edge.request import NO_ID
from mainstem import Forbidden, Missing, Refused, TooSoon
from mainstem._refusal import Unfit
from mainstem.ports import Contended, Unavailable, Unknown
from mainstem.protocol.commit import Busy, Different, Taken

ANN = Caller("ann")
FOUR = datetime(2026, 6, 1, 16, tzinfo=UTC)
FOUR_US = int(FOUR.timestamp()) * 1_000_000


@pytest.mark.parametrize(
    ("error", "status", "title"),
    [
        (Refused("the kettle is cold"), 422, "refused"),
        (Missing("no such ticket"), 404, "missing"),
        (Forbidden("ann may not Rename"), 403, "forbidden"),
        (Taken("somebody else has this already"), 409, "taken"),
        (Different("another request"), 422, "different"),
        (Contended("others were faster"), 409, "contended"),
        (Busy("it waits"), 503, "unavailable"),
        (Unavailable("the disk is full"), 503, "unavailable"),
        (Unknown("nobody knows"), 503, "unavailable"),
        (Unfit("id: 'x' has characters that can't be printed"), 400, "invalid"),
        (Unfit("envelope: 65537 bytes; an event has 65536 at most"), 422, "refused"),
        (Unfit("guests: no event is called Mused"), 503, "unavailable"),
        (Problem(418, "teapot", "short and stout"), 418, "teapot"),
    ],
)
def test_each_no_has_its_status(error: Exception, status: int, title: str) -> None:
    problem = problem_of(error, ANN, FOUR_US)
    assert (problem.status, problem.title) == (status, title)


def test_who_did_not_sign_in_is_told_to() -> None:
    problem = problem_of(Forbidden("nobody may not Rename"), Caller(), FOUR_US)
    assert (problem.status, problem.headers) == (401, {"WWW-Authenticate": "Bearer"})


@pytest.mark.parametrize(("now_us", "wait"), [(FOUR_US - 90_500_000, "91"), (FOUR_US + 5, "1")])
def test_too_soon_says_when(now_us: int, wait: str) -> None:
    problem = problem_of(TooSoon("wait a little", until=FOUR), ANN, now_us)
    assert (problem.status, problem.headers) == (429, {"Retry-After": wait})


@pytest.mark.parametrize(
    "error", [Contended("x"), Busy("x"), Unavailable("x"), Unknown("x")], ids=type
)
def test_what_may_be_asked_again_says_when(error: Exception) -> None:
    assert int(problem_of(error, ANN, FOUR_US).headers["Retry-After"]) >= 1


def test_an_unknown_outcome_says_that_asking_again_with_the_key_is_safe() -> None:
    assert "Idempotency-Key" in problem_of(Unknown("x"), ANN, FOUR_US).detail


def test_a_trouble_keeps_its_words_for_the_log(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING, "mainstem.edge"):
        problem = problem_of(Unavailable("the cellar: the disk is full"), ANN, FOUR_US)
    assert "cellar" not in problem.detail
    assert "the cellar: the disk is full" in caplog.text


def test_what_can_not_be_an_id_is_not_repeated() -> None:
    problem = problem_of(Unfit("id: 'hunter2' has characters that can't be printed"), ANN, FOUR_US)
    assert problem.flaws == (Flaw("id", NO_ID),)


def test_our_mistakes_are_logged_in_full_and_told_in_one_word(
    caplog: pytest.LogCaptureFixture,
) -> None:
    try:
        raise ZeroDivisionError("the secret is 12345")
    except ZeroDivisionError as error:
        problem = problem_of(error, ANN, FOUR_US)
    assert problem.status == 500
    assert "12345" not in str(problem.body("abc"))
    assert "12345" in caplog.text
    assert "Traceback" in caplog.text


def test_a_problem_is_told_as_rfc_9457_says() -> None:
    flaw = Flaw("version", "is not there yet")
    problem = Problem(409, "far behind", "not yet", flaws=[flaw], version=7)
    assert problem.body("abc") == {
        "type": "urn:mainstem:far-behind",
        "title": "far behind",
        "status": 409,
        "detail": "not yet",
        "correlation": "abc",
        "errors": [{"at": "version", "detail": "is not there yet"}],
        "version": 7,
    }


def test_the_words_of_one_flaw_can_be_read_alone() -> None:
    assert invalid("limit", "is a whole number").detail == "limit is a whole number"
    assert invalid("", "is no JSON").detail == "the body is no JSON"


def test_a_pointer_escapes_what_means_something_in_it() -> None:
    assert pointer("a/b", "c~d", 0) == "/a~1b/c~0d/0"
    assert pointer() == ""


def test_a_name_is_fit_to_be_answered() -> None:
    assert named("\ud800tea") == "?tea"
    assert len(named("a" * 1_000)) < 100
