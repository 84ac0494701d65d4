"""Files and functions stay small: the numbers in limits.toml are the largest there are."""

import ast
import tomllib
from collections.abc import Iterator
from fnmatch import fnmatch

import pytest

from tests.house import tree

LIMITS: dict[str, int] = tomllib.loads(tree.text("tests/house/limits.toml"))
CAPS = {"largest_file": 400, "longest_function": 40}
# Prose has a reader of its own; what a tool writes has none.
NOT_CODE = ("*.md", "LICENSE", "locks/*", "*/snapshots/*")

Measured = tuple[int, str]


def file_lengths() -> Iterator[Measured]:
    for name in tree.files():
        if not any(fnmatch(name, pattern) for pattern in NOT_CODE):
            yield len(tree.text(name).splitlines()), name


def function_lengths(name: str, module: ast.Module) -> Iterator[Measured]:
    for node in ast.walk(module):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            assert node.end_lineno is not None
            yield node.end_lineno - node.lineno + 1, f"{name}:{node.lineno} {node.name}"


def largest(kind: str) -> Measured:
    if kind == "largest_file":
        return max(file_lengths())
    names = tree.python_files()
    return max(found for name in names for found in function_lengths(name, tree.python(name)))


def verdict(kind: str, limit: int, actual: Measured) -> str:
    lines, where = actual
    if lines > limit:
        return f"{where}: {lines} lines, {kind} is {limit}: split it"
    if lines < limit:
        return f"well done; lower the number to {lines}: {kind} in tests/house/limits.toml"
    return ""


@pytest.mark.parametrize("kind", CAPS)
def test_what_is_largest_only_shrinks(kind: str) -> None:
    complaint = verdict(kind, LIMITS[kind], largest(kind))
    assert not complaint, complaint


def test_no_number_is_above_its_cap() -> None:
    assert LIMITS.keys() == CAPS.keys()
    assert all(LIMITS[kind] <= cap for kind, cap in CAPS.items())


def test_growing_and_shrinking_are_both_noticed() -> None:
    assert "split it" in verdict("largest_file", 10, (11, "x.py"))
    assert "lower the number to 9" in verdict("largest_file", 10, (9, "x.py"))
    assert not verdict("largest_file", 10, (10, "x.py"))


def test_a_function_is_measured_from_def_to_its_last_line() -> None:
    module = ast.parse(
        "class A:\n    @property\n    def f(self):\n        x = 1\n        return x\n"
    )
    assert list(function_lengths("x.py", module)) == [(3, "x.py:3 f")]
