"""`mainstem ask`: asked once, decided once, and answered in one line."""

from __future__ import annotations

from pathlib import Path

import pytest

from edge.limits import BODY_BYTES_MAX
from edge.tokens import verify
from local.locks import UP, WORK, held
from local.secrets import DIGITS, TOKENS
from mainstem import Digits
from mainstem.protocol.drive import drive
from tests.cli.desk import DOMAINS, Here, ask_outside, domains, opened, somebody_at_work
from tests.cli.guests import CHANGED, GUESTS

STALL = '''\
"""A stall: one command that takes a value of every kind."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from pydantic import AwareDatetime

from mainstem import Answer, Command, Event, View, last


class Opened(Event):
    name: str
    places: int
    share: float
    covered: bool
    until: datetime
    goods: tuple[str, ...]
    sizes: tuple[int, ...]
    note: str | None


class Stall(View):
    name = last(Opened.name)


class Open(Command[Stall], starts=True, again=True):
    name: str
    places: int = 1
    share: float = 0.5
    covered: bool = False
    until: AwareDatetime
    goods: tuple[str, ...] = ()
    sizes: tuple[int, ...] = ()
    note: str | None = "none"

    def decide(self, stall: Stall) -> Answer[datetime]:
        yield Opened(**self.model_dump())
        return self.until


class Burn(Command[Stall], starts=True):
    def decide(self, stall: Stall) -> Iterator[Event]:
        assert 1 / len(stall.name or "")
        yield from ()
'''
UNTIL = "until=2026-01-31T09:00:00Z"


@pytest.fixture
def stall(tmp_path: Path) -> Here:
    return Here(tmp_path / "data", domains(tmp_path, stalls=STALL))


FRAGILE = """

from mainstem import fold


def broken(total, happened):
    raise {}


class Fragile(View):
    total = fold(0, {{Came: broken}})
"""


def stored(stall: Here, *fields: str) -> dict[str, object]:
    """What an event holds once these fields were asked."""
    stall.after("ask", "stalls/7", "open", "name=Fruit", UNTIL, *fields)
    events = stall("history", "stalls/7", "--json").data["events"]
    data: dict[str, object] = events[-1]["data"]
    return data


def test_what_begins_gets_an_id_and_can_be_shown_at_once(nowhere: Here) -> None:
    said = nowhere("ask", "tickets", "submit", "title=It burns", "--as", "ann")
    assert (said.code, said.err) == (0, "")
    address = said.out.removesuffix(" version 1\n")
    id = address.removeprefix("tickets/")
    assert "author       ann" in nowhere("show", f"ticket/{id}").out


def test_the_same_as_data(here: Here) -> None:
    assert here("ask", "tickets/7f2", "submit", "title=It burns", "--json").data == {
        "domain": "tickets",
        "id": "7f2",
        "version": 1,
        "answer": None,
        "happened": True,
        "again": False,
    }


def test_asked_twice_is_decided_once_and_says_so(here: Here) -> None:
    here.after("ask", "tickets/7f2", "submit", "title=It burns")
    said = here("ask", "tickets/7f2", "submit", "title=It burns")
    assert (said.code, said.out) == (0, "tickets/7f2 version 1 · nothing to do\n")


def test_a_small_answer_stands_below(here: Here) -> None:
    here.after("ask", "channels/4c", "create", "name=News", "--as", "ann")
    here.after("ask", "channels/4c", "join", "--as", "ann")
    said = here("ask", "channels/4c", "send", "text=Hello", "--as", "ann")
    assert said.out == "channels/4c version 3\nann/1\n"


@pytest.mark.parametrize("name", ["Prioritize", "prioritize"])
def test_a_command_is_spelt_as_in_addresses_or_as_in_its_file(name: str, here: Here) -> None:
    here.after("ask", "tickets/7f2", "submit", "title=It burns")
    assert here("ask", "tickets/7f2", name, "priority=high").code == 0


def test_values_are_read_as_their_kinds(stall: Here) -> None:
    data = stored(stall, "places=-3", "share=0.25", "covered=true", "note=a=b")
    assert data["places"] == -3
    assert data["share"] == 0.25
    assert data["covered"] is True
    assert data["note"] == "a=b"
    assert data["until"] == 1_769_850_000_000_000


@pytest.mark.parametrize(
    ("words", "goods", "sizes"),
    [
        ((), [], []),
        (("goods=figs", "goods=dates", "sizes=1", "sizes=2"), ["figs", "dates"], [1, 2]),
        (('goods=["figs", "dates"]', "sizes=[1,2]"), ["figs", "dates"], [1, 2]),
        (("goods=[figs",), ["[figs"], []),
        (("goods=",), [], []),
    ],
)
def test_a_list_is_said_word_by_word_or_as_json(
    words: tuple[str, ...], goods: list[str], sizes: list[int], stall: Here
) -> None:
    data = stored(stall, *words)
    assert (data["goods"], data["sizes"]) == (goods, sizes)


def test_nothing_after_the_equals_sign_is_null_where_that_may_be(stall: Here) -> None:
    assert stored(stall, "note=")["note"] is None
    stall.after("ask", "stalls/8", "open", "name=", UNTIL)
    (event,) = stall("history", "stalls/8", "--json").data["events"]
    assert event["data"]["name"] == ""


def test_an_answer_that_is_a_moment_is_told_as_one(stall: Here) -> None:
    said = stall("ask", "stalls/7", "open", "name=Fruit", UNTIL)
    assert said.out.splitlines()[1] == "2026-01-31T09:00:00.000000Z"


def test_a_whole_body_is_taken_as_json(here: Here) -> None:
    said = here("ask", "tickets/7f2", "submit", "--body", '{"title": "It burns"}')
    assert said.out == "tickets/7f2 version 1\n"


def test_a_whole_body_is_read_from_stdin(tmp_path: Path) -> None:
    words = ("ask", "tickets/7f2", "submit", "--body", "-", "--domains", DOMAINS)
    said = ask_outside(*words, cwd=tmp_path, stdin='{"title": "It burns"}')
    assert (said.code, said.out) == (0, "tickets/7f2 version 1\n")
    assert (tmp_path / "data" / "mainstem.json").is_file()
    said = ask_outside(*words, cwd=tmp_path, stdin=" " * (BODY_BYTES_MAX + 1))
    assert (said.code, said.out) == (2, "")
    assert "more than 262144 bytes" in said.err


def test_a_key_makes_it_the_same_request(here: Here) -> None:
    here.after("ask", "tickets/7f2", "submit", "title=It burns")
    words = ("ask", "tickets/7f2", "comment", "text=Still?", "--key", "5d1c")
    here.after(*words)
    said = here(*words)
    assert (said.code, said.out) == (0, "tickets/7f2 version 2 · decided before\n")
    other = here("ask", "tickets/7f2", "comment", "text=Other", "--key", "5d1c")
    assert (other.code, other.out) == (1, "")
    assert "came with another request before" in other.err


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (("tickets/7f2", "rename", "title=Fire", "--as", "bob"), "bob may not Rename"),
        (("tickets/none", "rename", "title=Fire"), "no such ticket"),
        (("tickets", "rename", "title=Fire"), "say which: tickets/ID"),
        (("users", "sign_in", "role=worker"), "may not SignIn"),
    ],
)
def test_no_is_one_line_and_exit_code_1(words: tuple[str, ...], why: str, here: Here) -> None:
    here.after("ask", "tickets/7f2", "submit", "title=It burns", "--as", "ann")
    said = here("ask", *words)
    assert (said.code, said.out) == (1, "")
    (line,) = said.err.splitlines()
    assert why in line
    data = here("ask", *words, "--json").data
    assert why in data["error"]
    assert data["refused"] in ("forbidden", "missing")


def test_too_soon_says_until_when(here: Here) -> None:
    words = ("ask", "otp", "request", "to=ann@example.com", "country=IN", "role=org")
    for _ in range(3):
        here.after(*words)
    said = here(*words, "--json")
    assert said.code == 1
    assert said.data["refused"] == "too_soon"
    assert said.data["until"] in said.err


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (("ticket", "submit"), "no domain is called 'ticket'; did you mean tickets?"),
        (("tickets", "sumbit"), "no command of tickets is called 'sumbit'; did you mean submit?"),
        (("tickets", "submit", "titel=x"), "no field of Submit is called 'titel'; did you mean"),
        (("tickets/1", "reopen", "why=x"), "no field of Reopen is called 'why'; there is none"),
        (("tickets", "submit", "x"), "'x': say field=value"),
        (("tickets", "submit"), "title is missing"),
        (("tickets", "submit", "title=\n"), "title "),
        (("tickets", "submit", "title=a\udcffb"), "title holds half a character"),
        (("tickets", "submit", "title=a", "title=b"), "title stands twice; it is one value"),
        (("tickets", "submit", "--body", "{"), "the body is no JSON"),
        (("tickets", "submit", "--body", "[]"), "is an object"),
        (("tickets", "submit", "--body", '{"title":"a","title":"b"}'), "title stands twice in one"),
        (("tickets", "submit", "title=a", "--body", "{}"), "--body is all of the body"),
        (("tickets/1", "prioritize", "priority=highest"), "priority is 'low', 'normal' or 'high'"),
        (("tickets/", "submit", "title=a"), "ID has from 1 to 256 characters"),
        (("tickets/a\nb", "submit", "title=a"), "ID has from 1 to 256 characters"),
        (("tickets", "submit", "title=a", "--key", ""), "--key has from 1 to 255 characters"),
        (("tickets", "submit", "title=a", "--as", ""), "'' is no name"),
        (("tickets", "submit", "title=a", "--as", "system"), "nobody else does"),
        (("tickets", "submit", "title=a", "--role", "a\tb"), "is no name"),
        (("clicks", "view"), "clicks is ingested: facts come in, and no command decides"),
    ],
)
def test_what_can_not_be_meant_is_one_line_and_nothing_is_made(
    words: tuple[str, ...], why: str, nowhere: Here
) -> None:
    said = nowhere("ask", *words)
    assert (said.code, said.out) == (2, "")
    (line,) = said.err.splitlines()
    assert line.startswith("mainstem: ")
    assert why in line
    assert not nowhere.folder.exists()


def test_every_field_that_is_wrong_is_named_at_once(stall: Here) -> None:
    said = stall("ask", "stalls", "open", "places=many", "covered=yes", "until=noon", "name=x")
    assert said.code == 2
    assert said.err == (
        "mainstem: places is a whole number; covered is true or false; "
        "until is a moment with a time zone, like 2026-01-31T09:00:00Z\n"
    )


def test_a_mistake_of_the_domain_s_own_code_is_told_by_its_line(stall: Here) -> None:
    said = stall("ask", "stalls", "burn")
    assert (said.code, said.out) == (1, "")
    line = STALL.splitlines().index('        assert 1 / len(stall.name or "")') + 1
    assert said.err.endswith(f"stalls.py:{line}: ZeroDivisionError: division by zero\n")
    assert "a bug in Mainstem" not in said.err


def test_domains_that_do_not_load_make_no_folder(tmp_path: Path) -> None:
    here = Here(tmp_path / "data", domains(tmp_path, broken="class"))
    assert here("ask", "broken", "begin").code == 1
    assert not here.folder.exists()


def test_a_folder_of_other_things_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").touch()
    said = Here(tmp_path)("ask", "tickets", "submit", "title=It burns")
    assert (said.code, said.out) == (2, "")
    assert "holds other things; name a folder of its own" in said.err
    assert [one.name for one in tmp_path.iterdir()] == ["thesis.txt"]


def test_what_proves_somebody_is_answered_with_a_token(here: Here) -> None:
    here.after("ask", "otp", "request", "to=ann@example.com", "country=IN", "role=org")
    with opened(here.folder) as ports:
        codes, tokens = (drive(ports.keys.secret(name)) for name in (DIGITS, TOKENS))
        now_s = drive(ports.clock.now()) // 1_000_000
    code = Digits(5, of=1).made(codes, "main", "otp", "ann@example.com")
    said = here("ask", "otp", "verify", "to=ann@example.com", f"code={code}", "--json")
    answer = said.data["answer"]
    assert verify(answer["token"], tokens, now_s).by == answer["as"]
    assert answer["role"] == "org"


def test_the_very_first_command_causes_its_effects(nowhere: Here) -> None:
    nowhere.after("ask", "otp", "request", "to=ann@example.com", "country=IN", "role=org")
    assert nowhere("status", "--json").data["intents"] == 1


def test_it_is_asked_beside_whoever_is_at_work(here: Here) -> None:
    with somebody_at_work(here):
        here.after("ask", "tickets/7f2", "submit", "title=It burns")
        assert "It burns" in here("show", "ticket/7f2").out


def test_a_grant_that_is_asked_for_again_lasts_no_longer(here: Here) -> None:
    here.after("ask", "otp", "request", "to=ann@example.com", "country=IN", "role=org")
    with opened(here.folder) as ports:
        codes = drive(ports.keys.secret(DIGITS))
    code = Digits(5, of=1).made(codes, "main", "otp", "ann@example.com")
    words = ("ask", "otp", "verify", "to=ann@example.com", f"code={code}", "--key", "1", "--json")
    first, again = here.after(*words), here.after(*words)
    assert (first.data["again"], again.data["again"]) == (False, True)
    assert first.data["answer"] == again.data["answer"]


@pytest.mark.parametrize("raised", ["SystemExit('late')", "KeyboardInterrupt()"])
def test_trouble_with_views_is_no_answer_to_what_was_committed(tmp_path: Path, raised: str) -> None:
    here = Here(tmp_path / "data", domains(tmp_path, guests=GUESTS + FRAGILE.format(raised)))
    said = here("ask", "guests/1", "come", "name=Ann")
    assert (said.code, said.out) == (0, "guests/1 version 1\n")
    assert said.err.startswith("mainstem: committed; views ")
    assert len(here("history", "guests/1", "--json").data["events"]) == 1


def test_a_damaged_index_is_no_answer_to_what_was_committed(here: Here) -> None:
    with opened(here.folder) as ports:
        ports.folder.search.write(lambda db: db.execute("DROP TABLE words"))
    said = here("ask", "tickets/7f2", "submit", "title=It burns")
    assert (said.code, said.out) == (0, "tickets/7f2 version 1\n")
    assert said.err.startswith("mainstem: committed; views are not moved on: Corrupt")


def test_code_that_folds_otherwise_than_who_is_up_asks_nothing(tmp_path: Path) -> None:
    here = Here(tmp_path / "data", domains(tmp_path, guests=GUESTS))
    here.after("ask", "guests/1", "come", "name=Ann")
    later = Here(here.folder, domains(tmp_path, guests=CHANGED))
    with held(here.folder, UP) as up, held(here.folder, WORK):
        assert up is not None
        up.say(address="http://127.0.0.1:8400")
        said = later("ask", "guests/1", "come", "name=Bob")
    assert (said.code, said.out) == (3, "")
    assert said.err == "mainstem: Guest changed since `mainstem up` started; restart it\n"
    assert len(here("history", "guests/1", "--json").data["events"]) == 1


def test_the_folder_is_named_by_a_variable_too(tmp_path: Path) -> None:
    said = ask_outside(
        "ask", "tickets/1", "submit", "title=a", "--domains", DOMAINS, cwd=tmp_path,
        env={"MAINSTEM_FOLDER": "elsewhere"},
    )  # fmt: skip
    assert said.code == 0, said.err
    assert (tmp_path / "elsewhere" / "mainstem.json").is_file()
