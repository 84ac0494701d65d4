"""The checker notices each kind of damage, and names it; in a good folder it finds nothing."""

from __future__ import annotations

import ast
import shutil
from inspect import isfunction, signature
from pathlib import Path

import pytest

from tests.soak import check_feed, check_journal, check_views, checker, damage, own_channels
from tests.soak.checker import figures, findings
from tests.soak.damage import done
from tests.soak.found import Event, Record
from tests.soak.good import made

MIDDLE = "place = (SELECT place FROM records WHERE domain = 'tickets' AND first = 2 LIMIT 1)"
NEWEST = "place = (SELECT max(place) FROM records WHERE domain = 'channels')"
OTHER = "CAST(replace(CAST({} AS TEXT), '{}', '{}') AS BLOB)"
LAST = "sequence = (SELECT max(sequence) FROM bundles WHERE key GLOB '{}')"
OF_TICKET, OF_FACTS = LAST.format("main/tickets/*"), LAST.format("*~*")
IN = "generation = (SELECT number FROM generations WHERE sink = '{}')"
TICKET, MESSAGE = IN.format("tickets.Ticket"), IN.format("channels.Message")
PARKED = "INSERT INTO parked VALUES (1, 'main', 't1', 2, 'why', 0, 0, 0)"
BAD = "INSERT INTO quarantined VALUES (1, 'shard-1', 'k', x'00', 'why', 0)"
TITLED = "UPDATE heads SET cells = json_set(cells, '$.title', 'Fog') WHERE "
SAYS_MORE = f"UPDATE records SET events = {OTHER.format('events', 'Submitted', 'Renamed')}"
BY_ANOTHER = OTHER.format("data", '"by":"u', '"by":"v')
SIGNED_OTHERWISE = f"UPDATE bundles SET data = {BY_ANOTHER} WHERE {OF_TICKET}"
FIRST_WORDS = "rowid = (SELECT min(rowid) FROM words)"
# What is done to which file, and which rules it breaks.
DAMAGE = {
    "a record in the middle is gone": (
        "journal", f"DELETE FROM records WHERE {MIDDLE}", "dense acknowledged",
    ),
    "the newest record is gone": (
        "journal", f"DELETE FROM records WHERE {NEWEST}", "acknowledged remembered fed shown",
    ),
    "a record was never published": (
        "journal", f"UPDATE records SET published = 0 WHERE {MIDDLE}", "published",
    ),
    "records say something else": ("journal", SAYS_MORE, "acknowledged fed shown"),
    "a name is nobody's": ("journal", "DELETE FROM claims", "claimed"),
    "a name is another's": ("journal", "UPDATE claims SET id = 'eve'", "claimed"),
    "a key remembers nothing": ("journal", "DELETE FROM once", "remembered"),
    "a bundle is not on the feed": ("journal", f"DELETE FROM bundles WHERE {OF_TICKET}", "fed"),
    "a bundle was changed on the way": ("journal", SIGNED_OTHERWISE, "whole"),
    "a bundle of facts is gone": (
        "journal", f"DELETE FROM bundles WHERE {OF_FACTS}", "taken lanes shown",
    ),
    "a row says something else": ("views", TITLED + TICKET, "shown"),
    "a row is gone": ("views", f"DELETE FROM heads WHERE {TICKET}", "shown"),
    "a row with a key is gone": ("views", f"DELETE FROM rows WHERE {MESSAGE}", "shown"),
    "a version is too low": ("views", f"UPDATE heads SET version = 1 WHERE {TICKET}", "shown"),
    "a row left its lists": ("views", f"DELETE FROM entries WHERE {TICKET}", "listed"),
    "strangers are listed": ("views", "UPDATE entries SET id = id || 'x'", "listed"),
    "an effect is gone": ("views", "DELETE FROM intents WHERE place = 1", "intended"),
    "effects are others": (
        "views", "UPDATE intents SET effect = json_set(effect, '$.to', 'eve')", "intended",
    ),
    "something is parked": ("views", PARKED, "drained"),
    "something is quarantined": ("views", BAD, "drained"),
    "a sink did not read on": ("views", "UPDATE positions SET sequence = 1", "drained"),
    "a lane counted wrongly": ("views", "UPDATE lanes SET bundles = bundles + 1", "lanes"),
    "a document is gone": ("search", "DELETE FROM documents WHERE key = ''", "searched"),
    "a document's words are gone": ("search", f"DELETE FROM words WHERE {FIRST_WORDS}", "searched"),
    "a document's words are others": (
        "search", f"UPDATE words SET text = 'fog' WHERE {FIRST_WORDS}", "searched",
    ),
}  # fmt: skip


@pytest.fixture(scope="module")
def good(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return made(tmp_path_factory.mktemp("good") / "place")


@pytest.fixture
def place(good: Path, tmp_path: Path) -> Path:
    """A copy, to be damaged."""
    return Path(shutil.copytree(good, tmp_path / "place"))


def rules(place: Path) -> set[str]:
    return {one.rule for one in findings(place / "data", place / "ledgers")}


def test_a_good_folder_is_good_and_there_is_something_in_it(good: Path) -> None:
    assert findings(good / "data", good / "ledgers") == []
    counted = figures(good / "data", good / "ledgers")
    none = {name for name, n in counted.items() if n == 0}
    assert none == {"times nobody answered", "events put more than once"}


@pytest.mark.parametrize("what", DAMAGE)
def test_damage_is_noticed_and_named(place: Path, what: str) -> None:
    file, sql, broken = DAMAGE[what]
    done(place, file, sql)
    assert set(broken.split()) <= rules(place)


def test_a_command_that_was_decided_twice_is_noticed(place: Path) -> None:
    token = damage.doubled(place)
    found = findings(place / "data", place / "ledgers")
    assert [one.about for one in found if one.rule == "once"] == [token]


def test_bundles_in_another_order_are_noticed(place: Path) -> None:
    key = damage.swapped(place, "main/tickets/*")
    found = findings(place / "data", place / "ledgers")
    assert [f"main/{one.about}" for one in found if one.rule == "fed"] == [key]


def test_facts_in_another_order_are_noticed(place: Path) -> None:
    damage.swapped(place, "main/clicks/*")
    assert {"ordered", "shown"} <= rules(place)


def test_a_request_that_nobody_answered_is_noticed(place: Path) -> None:
    told = damage.happened(place)
    wish = {"domain": "tickets", "id": "t1", "command": "Close", "fields": {}, "by": "u1"}
    damage.written(place, asked="a0x999", wish=wish)
    found = findings(place / "data", place / "ledgers")
    assert [(one.rule, one.about) for one in found] == [("answered", "a0x999")]
    assert told["told"] != "a0x999"


def test_a_failure_is_noticed_whatever_was_answered_later(place: Path) -> None:
    damage.written(place, failed="a0x1", why="500 failed: that was our mistake")
    assert rules(place) == {"answered"}


def test_a_retry_that_was_answered_otherwise_is_noticed(place: Path) -> None:
    told = damage.happened(place)
    damage.written(place, **told | {"version": told["version"] + 1})
    assert rules(place) == {"alike"}


def test_a_no_after_a_yes_is_noticed(place: Path) -> None:
    damage.written(place, told=damage.happened(place)["told"], twin=False, refused="no")
    assert rules(place) == {"alike"}


def test_an_event_that_nobody_asked_for_is_noticed(place: Path) -> None:
    told = damage.happened(place)
    damage.forgotten(place, told["told"])
    assert "asked" in rules(place)


def test_a_fact_that_was_acknowledged_and_is_not_there_is_noticed(place: Path) -> None:
    fact = {"id": "f0v99", "type": "Viewed", "at": 1, "data": {"page": "/fog/f0x99x1", "ms": 1}}
    damage.written(place, sent=[fact], n=99)
    assert rules(place) == set()  # it may be there or not
    damage.written(place, taken=[True], n=99)
    assert rules(place) == {"taken"}


def test_a_name_that_two_hold_at_once_is_noticed() -> None:
    def created(place: int, id: str) -> Record:
        event = Event("channels", id, 1, "Created", 0, "ann", {"name": "tea"}, b"")
        return Record(place, "channels", id, 1, 1, True, "", (event,))

    clashes: list[str] = []
    own_channels.claims([created(1, "c1"), created(2, "c2")], clashes)
    assert clashes == ['c2 and c1 are both called ["tea"]']


def test_the_checker_shares_nothing_with_what_it_checks() -> None:
    ours = {"mainstem", "local", "producers", "consumers", "queries", "edge", "cli", "domains"}
    here = Path(checker.__file__).parent
    reached, next = set[str](), {"checker"}
    while next:
        name = next.pop()
        reached.add(name)
        tree = ast.parse((here / f"{name}.py").read_text("utf-8"))
        modules = {one.module or "" for one in ast.walk(tree) if isinstance(one, ast.ImportFrom)}
        names = {n.name for one in ast.walk(tree) if isinstance(one, ast.Import) for n in one.names}
        assert not {one.partition(".")[0] for one in modules | names} & ours, name
        siblings = {one.rpartition(".")[2] for one in modules if one.startswith("tests.soak.")}
        if "tests.soak" in modules:
            siblings |= {"check_feed", "check_journal", "check_views", "own_channels"}
        next |= siblings - reached
    assert {"reading", "own_tickets", "own_clicks", "ledger"} <= reached


def test_every_rule_of_the_checker_is_checked() -> None:
    kinds = (check_feed, check_journal, check_views)
    here = {f for kind in kinds for f in vars(kind).values() if _is_check(f, kind.__name__)}
    assert here == set(checker.CHECKS)


def _is_check(value: object, module: str) -> bool:
    if not isfunction(value) or value.__module__ != module:
        return False
    return [one.annotation for one in signature(value).parameters.values()] == ["Found", "Heard"]
