"""The demo is a test: it shows what the language is, and fails if evaluators disagree."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from cli import agreement
from cli.agreement import differences
from cli.paper import WIDTH
from tests.cli.desk import ROOT, SHOP, ask, ask_outside, domains

TICKETS = ROOT / "domains"


def test_one_ticket_is_walked_from_command_to_sql() -> None:
    said = ask("demo", "--domains", TICKETS)
    assert (said.code, said.err) == (0, "")
    for shown in (
        "ann asks    Submit(title='It burns')",
        "decided   Submitted(title='It burns', author='ann')",
        "nothing   asked twice, decided once",
        "refused   bob may not Rename",
        "refused   only an open ticket can be renamed",
        '"type":"Submitted"',
        "comments     count     Commented",
        "COUNT(*) FILTER(WHERE \"type\" = 'Commented')",
        "COUNT(*) FILTER(WHERE `type` = 'Commented')",
        "11 asked: 8 decided, 2 refused, 1 asked twice and decided once · 8 events",
        "4 evaluators agree on every column ✓",
    ):
        assert shown in said.out, shown
    assert max(map(len, said.out.splitlines())) <= WIDTH


def test_it_says_the_same_every_time() -> None:
    assert ask("demo", "--domains", TICKETS) == ask("demo", "--domains", TICKETS)


def test_machines_get_all_of_it() -> None:
    data = ask("demo", "--json", "--domains", TICKETS).data
    assert [step["outcome"] for step in data["steps"]].count("decided") == len(data["events"])
    assert data["sql"].keys() == {"duckdb", "trino", "spark"}
    assert data["agree"] is True
    (first, *others) = data["rows"].values()
    assert all(rows == first for rows in others)


def test_evaluators_that_disagree_are_exit_code_1(monkeypatch: pytest.MonkeyPatch) -> None:
    def lying(*args: Any) -> agreement.Rows:
        return [{**row, "comments": 99} for row in agreement.from_json(*args)]

    monkeypatch.setitem(agreement.EVALUATORS, "from JSON", lying)
    said = ask("demo", "--domains", TICKETS)
    assert said.code == 1
    assert "✗ from JSON and one by one: comments is 99 and 2" in said.out
    assert "the evaluators differ in 1 places ✗" in said.out


@pytest.mark.parametrize(
    ("others", "expected"),
    [
        ([{"id": "a", "n": 1}], []),
        ([{"id": "a", "n": True}], ["sql and python: n is True and 1"]),
        ([{"id": "a"}], ["sql and python: n is None and 1"]),
        ([{"id": "a", "n": 1, "m": 0}], ["sql and python: m is 0 and None"]),
        ([], ["sql and python: 0 rows and 1"]),
    ],
)
def test_a_difference_is_named(others: agreement.Rows, expected: list[str]) -> None:
    assert differences({"python": [{"id": "a", "n": 1}], "sql": others}) == expected


def test_domains_without_tickets_have_no_demo(tmp_path: Path) -> None:
    said = ask("demo", "--domains", domains(tmp_path, shop=SHOP))
    assert said.code == 2
    assert "no domain is called 'tickets'" in said.err


def test_it_runs_as_a_process_of_its_own_and_ends() -> None:
    said = ask_outside("demo", "--quiet", cwd=ROOT)
    assert said.code == 0
    assert said.out.startswith("Mainstem demo")
