"""`mainstem token`: signed with the folder's own key, for one person, for a while."""

from __future__ import annotations

from pathlib import Path

import pytest

from edge.caller import Caller
from edge.problems import Problem
from edge.tokens import verify
from local.secrets import TOKENS
from mainstem.protocol.drive import drive
from tests.cli.desk import Here, opened

HOUR_S = 3_600


def key_and_now(here: Here) -> tuple[bytes, int]:
    with opened(here.folder) as ports:
        return drive(ports.keys.secret(TOKENS)), drive(ports.clock.now()) // 1_000_000


def test_the_api_takes_its_bearer_for_the_one_who_was_named(here: Here) -> None:
    said = here("token", "--as", "ann", "--role", "payments", "--role", "analyst")
    assert (said.code, said.err) == (0, "")
    key, now_s = key_and_now(here)
    found = verify(said.out.strip(), key, now_s)
    assert found == Caller("ann", frozenset(("payments", "analyst")), "main")


def test_it_ends_when_it_says_so(here: Here) -> None:
    data = here("token", "--as", "ann", "--hours", "2", "--json").data
    assert (data["as"], data["roles"]) == ("ann", [])
    key, now_s = key_and_now(here)
    assert verify(data["token"], key, now_s + HOUR_S).by == "ann"
    with pytest.raises(Problem, match="expired"):
        verify(data["token"], key, now_s + 3 * HOUR_S)


def test_another_folder_takes_it_for_nobody_s(here: Here, tmp_path: Path) -> None:
    text = here("token", "--as", "ann").out.strip()
    other = Here(tmp_path / "other")
    other.after("ask", "tickets/7f2", "submit", "title=It burns")
    with pytest.raises(Problem, match="not good"):
        verify(text, *key_and_now(other))


@pytest.mark.parametrize(
    ("words", "why"),
    [
        ((), "Missing option '--as'"),
        (("--as", "system"), "nobody else does"),
        (("--as", ""), "'' is no name"),
        (("--as", "a\nb"), "is no name"),
        (("--as", "a" * 300), "the token is nobody's"),
        (("--as", "ann", "--hours", "0"), "0 is not in the range"),
        (("--as", "ann", "--hours", "9000"), "9000 is not in the range"),
        (("--as", "ann", *(f"--role={n:0200}" for n in range(30))), "the token is too long"),
    ],
)
def test_a_token_that_nobody_would_take_is_not_made(
    words: tuple[str, ...], why: str, here: Here
) -> None:
    said = here("token", *words)
    assert (said.code, said.out) == (2, "")
    assert why in said.err


def test_where_nothing_was_begun_there_is_no_key(nowhere: Here) -> None:
    said = nowhere("token", "--as", "ann")
    assert (said.code, said.out) == (1, "")
    assert "nothing is stored there yet" in said.err
    assert not nowhere.folder.exists()
