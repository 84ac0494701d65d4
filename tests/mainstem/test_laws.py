"""The laws that every domain gets for nothing: each catches the domain that breaks it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from mainstem._machine import Cells, Machine, Row
from mainstem.discovery import Domain, domain_of
from mainstem.laws import LAWS, broken, laws, obey
from tests.mainstem.written import bakery

HEAD = "import itertools\nimport uuid\n\nfrom mainstem import *\n\n"
JAR = """
class Filled(Event):
    jam: str
    grams: int


class Emptied(Event):
    pass


class Jar(View):
    jam = last(Filled.jam)
    grams = total(Filled.grams)
    full = flag(on=Filled, off=Emptied)


class Fill(Command[Jar], starts=True):
    jam: str

    def decide(self, jar):
        if not jar.full:
            yield Filled(jam=self.jam, grams=300)


class Empty(Command[Jar]):
    def decide(self, jar):
        if not jar.full:
            raise Refused("there is nothing in it")
        yield Emptied()
"""
EXAMPLES = 40


def told(law: str, text: str) -> str:
    """What is said of a file that breaks this law."""
    with bakery(text, world=HEAD) as module:
        return told_of(law, domain_of(module))


def told_of(law: str, domain: Domain) -> str:
    (one,) = [one for one in LAWS if one.words == law]
    with pytest.raises(Exception) as raised:  # noqa: PT011  a law lets pass what a domain raises
        obey(domain, one, EXAMPLES)
    return "\n".join([str(raised.value), *getattr(raised.value, "__notes__", [])])


def changed(before: str, after: str) -> str:
    assert before in JAR
    return JAR.replace(before, after)


@pytest.mark.parametrize("again", ["", ", again=True"])
def test_a_domain_that_keeps_to_them_breaks_none(again: str) -> None:
    """A command that may be repeated isn't asked to be idle."""
    text = changed("starts=True", f"starts=True{again}")
    if again:
        text = text.replace("if not jar.full:\n            yield", "if True:\n            yield")
    with bakery(text, world=HEAD) as module:
        assert dict(broken(domain_of(module), 15)) == {law.words: "" for law in LAWS}


def test_an_event_that_nobody_hears() -> None:
    text = "class Labelled(Event, silent=True): ...\n\n\nclass Dropped(Event): ...\n"
    said = told("every event is heard or said to be silent", JAR + text)
    assert said.startswith(
        "no state or view hears Dropped; fold it, or say class Dropped(Event, silent=True)"
    )


IMPURE = """
SEEN = []


def seen(value: int, happened: Happened) -> int:
    SEEN.append(1)
    return len(SEEN)


class Shelf(View):
    it = fold(0, {Filled: seen})
"""


def test_a_fold_that_remembers_outside_its_cells() -> None:
    said = told("folded in two parts is folded once", JAR + IMPURE)
    assert said.startswith("Shelf in two parts, is\n    {'tenant': 'main', 'id': 'id-1'")
    assert "type='Filled'" in said, "the history that shows it is told too"


def test_an_event_that_no_envelope_carries() -> None:
    with bakery(JAR, world=HEAD) as module:
        domain = domain_of(module)
        shouted = type(domain)(
            "Jars", module, domain.events, domain.states, domain.commands, domain.reactions
        )
        said = told_of("encoded and decoded is the same event", shouted)
    assert said.startswith("domain: 'Jars' is no file name of a domain")


class Counting(Machine):
    """Finishes a row otherwise each time: a broken evaluator."""

    finished = 0

    def finish(self, cells: Cells, **identity: str) -> Row:
        self.finished += 1
        return {**super().finish(cells, **identity), "grams": self.finished}


class Doubling(Machine):
    """Doubles a sum: another broken evaluator."""

    def finish(self, cells: Cells, **identity: str) -> Row:
        row = super().finish(cells, **identity)
        return {**row, "grams": row["grams"] * 2 + 1}


def with_machine(law: str, machine: type[Machine]) -> str:
    with bakery(JAR, world=HEAD) as module:
        module.Jar.__machine__ = machine(module.Jar.__columns__, {}, {})
        return told_of(law, domain_of(module))


def test_a_duplicate_that_changes_something() -> None:
    said = with_machine("a duplicate changes nothing", Counting)
    assert said.startswith("Jar after a duplicate, is\n    {'version': 1")


def test_two_evaluators_that_disagree() -> None:
    said = with_machine("every evaluator agrees", Doubling)
    assert said.startswith("Jar by DuckDB, from columns, is\n    {'tenant': 'main', 'id': 'id-1'")
    assert "and not\n    {'tenant'" in said


def test_a_decision_that_falls_over() -> None:
    text = changed('raise Refused("there is nothing in it")', "raise KeyError(jar.jam)")
    said = told("a decision grants or refuses", text)
    assert said.startswith("Empty() raised KeyError(")
    assert "Fill(jam=" in said, "the commands before it are told too"


def test_a_decision_that_is_no_decision() -> None:
    text = changed("yield Emptied()", "yield 'emptied'")
    said = told("a decision grants or refuses", text)
    assert "Empty yields 'emptied', which is no event" in said


@pytest.mark.parametrize("chance", ["uuid.uuid4().hex", "str(next(NUMBERS))"])
def test_a_decision_by_chance(chance: str) -> None:
    text = "NUMBERS = itertools.count()\n\n" + changed("jam=self.jam", f"jam={chance}")
    said = told("a decision follows from what it is given", text)
    assert said.startswith("the same question, two answers: Fill(jam=")
    assert "time, ids and chance come from self.at and self.fresh()" in said


def test_a_command_that_decides_twice() -> None:
    text = changed("if not jar.full:\n            yield", "if True:\n            yield")
    said = told("asked twice is decided once", text)
    assert said.startswith("asked twice, decided twice: Fill(jam=")
    assert "no change, no event, or say again=True" in said


@pytest.mark.slow
def test_a_decision_that_changes_the_state_it_decides_on() -> None:
    emptied = "        yield Emptied()"
    text = changed(emptied, f"        jar._row['grams'] = 0\n{emptied}")
    said = told("a decision changes no state", text)
    assert said.startswith("Empty() changed the state it decides on")


def test_each_law_is_broken_by_one_of_these() -> None:
    """A new law comes with the domain that breaks it."""
    here = Path(__file__).read_text(encoding="utf-8")
    assert [law.words for law in LAWS if law.words not in here] == []


def test_they_are_one_line_in_a_users_test_file() -> None:
    from domains import rooms, users

    check: Any = laws(rooms, users, examples=1)
    (mark,) = check.pytestmark
    names = [case.id for case in mark.args[1]]
    assert len(names) == 2 * len(LAWS)
    assert f"rooms: {LAWS[0].words}" in names
    for case in mark.args[1]:
        check(*case.values)


def test_a_broken_law_fails_the_test() -> None:
    text = "\n\nclass Dropped(Event): ...\n"
    with (
        bakery(JAR + text, world=HEAD) as module,
        pytest.raises(AssertionError, match="no state or view hears Dropped"),
    ):
        obey(domain_of(module), LAWS[0])
