"""The reference holds every name of the language and every option, and shows each at work."""

from __future__ import annotations

import ast
import inspect
import pkgutil
from collections.abc import Iterator
from typing import Any

import pytest

import mainstem
from mainstem import Command, Event, Mistake, State, View
from mainstem._event import ENVELOPE, FEED
from mainstem._fold import UNITS
from mainstem.laws import LAWS, laws
from mainstem.testing import Given, Outcome, digits, given, listed
from tests.docs import running
from tests.docs.pages import blocks, prose, rows

LANGUAGE, TESTING = "docs/language.md", "docs/testing.md"
MODULES = "_event _decide _spec _digits _kind envelope".split()
# A class takes its options where it is defined, not where it is called.
DEFINED: dict[type, Any] = {
    Event: Event.__pydantic_init_subclass__,
    State: State.__init_subclass__,
    View: State.__init_subclass__,
    Command: Command.__pydantic_init_subclass__,
}
SPELLED: dict[str, Any] = {
    "given": given,
    "digits": digits,
    "laws": laws,
    "listed": listed,
    **{name: value for name, value in vars(Given).items() if inspect.isfunction(value)},
    **{name: value for name, value in vars(Outcome).items() if inspect.isfunction(value)},
}
TESTED = {name: value for name, value in SPELLED.items() if not name.startswith("_")}


def options(thing: Any) -> set[str]:
    """What may be said by name: keywords, and whatever has a default."""
    try:
        parameters = inspect.signature(DEFINED.get(thing, thing)).parameters.values()
    except (TypeError, ValueError):
        return set()
    return {
        one.name
        for one in parameters
        if one.kind is one.KEYWORD_ONLY
        or (one.default is not one.empty and one.kind is one.POSITIONAL_OR_KEYWORD)
    }


def inherited(thing: Any) -> set[str]:
    bases = thing.__mro__[1:] if isinstance(thing, type) else ()
    named = [base for base in bases if base.__name__ in mainstem.__all__]
    return {option for base in named for option in options(base)}


def said(page: str) -> Iterator[tuple[str, str]]:
    """(name, keyword) of every call and every class that the page's code says."""
    for block in blocks(page):
        if block.language == "python":
            for node in ast.walk(ast.parse(block.text)):
                yield from _said(node)


def _said(node: ast.AST) -> Iterator[tuple[str, str]]:
    if isinstance(node, ast.Call):
        name = ast.unparse(node.func).rpartition(".")[2].removesuffix("()")
        yield from ((name, one.arg or "") for one in node.keywords)
    elif isinstance(node, ast.ClassDef):
        bases = {ast.unparse(base).partition("[")[0] for base in node.bases}
        bases |= {"State"} if "View" in bases else set()
        yield from ((base, one.arg or "") for base in bases for one in node.keywords)


def unexplained(page: str, things: dict[str, Any]) -> Iterator[str]:
    """Each option that no paragraph says beside its name, or that no code of the page uses."""
    paragraphs, used = prose(page).split("\n\n"), set(said(page))
    for name, thing in things.items():
        mine = [one for one in paragraphs if f"`{name}" in one or f"`.{name}" in one]
        for option in sorted(options(thing) - inherited(thing) - {"self"}):
            if not any(f"{option}=" in one for one in mine):
                yield f"{name}({option}=) is not explained"
            if (name, option) not in used:
                yield f"{name}({option}=) is not shown"


def test_every_name_is_in_a_table_of_the_page() -> None:
    lines = [line for line in prose(LANGUAGE).splitlines() if line.startswith("| `")]
    heads = {line.split("|")[1].strip(" `") for line in lines}
    assert set(mainstem.__all__) - heads == set()


def test_every_name_is_shown_at_work() -> None:
    names = {
        node.id
        for block in blocks(LANGUAGE)
        if block.language == "python"
        for node in ast.walk(ast.parse(block.text))
        if isinstance(node, ast.Name)
    }
    assert set(mainstem.__all__) <= names


def test_every_option_is_explained_and_shown() -> None:
    public = {name: getattr(mainstem, name) for name in mainstem.__all__}
    assert list(unexplained(LANGUAGE, public)) == []


def test_every_option_of_the_testing_tools_is_explained_and_shown() -> None:
    assert list(unexplained(TESTING, TESTED)) == []


def test_every_unit_of_time_and_every_name_that_is_taken_is_said() -> None:
    page = prose(LANGUAGE)
    assert [unit for unit in UNITS if f"`{unit}=`" not in page] == []
    assert [name for name in sorted(ENVELOPE | FEED) if f"`{name}`" not in page] == []


def test_every_module_is_named() -> None:
    names = [one.name for one in pkgutil.iter_modules(mainstem.__path__, "mainstem.")]
    public = [name for name in names if "._" not in name]
    assert [name for name in public if f"`{name}`" not in prose(LANGUAGE)] == []


def test_every_law_is_explained() -> None:
    assert [name for name, _ in rows(TESTING, "Laws")] == [law.words for law in LAWS]


@pytest.mark.parametrize(("limit", "says"), rows(LANGUAGE, "Limits"))
def test_a_limit_is_what_the_page_says(limit: str, says: str) -> None:
    modules = [getattr(mainstem, name) for name in MODULES]
    (value,) = {vars(one)[limit.strip("`")] for one in modules if limit.strip("`") in vars(one)}
    assert str(value) in says


@pytest.mark.parametrize(("written", "why"), rows(LANGUAGE, "What is refused, and why"))
def test_what_the_page_says_is_refused_is_refused(written: str, why: str) -> None:
    code = written.strip("`")
    code = code if code.startswith("class ") else f"class Wrong(View):\n    {code}"
    with pytest.raises(Mistake):
        exec(code, dict(vars(running.module(LANGUAGE))))
    assert why
