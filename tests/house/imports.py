"""Which room may import which."""

import ast
from collections.abc import Iterator

# Imports run downhill, from a line to the lines below it; rooms of one line don't know each other.
STOREYS = (
    ("cli", "console"),
    ("local",),
    ("replay", "queries"),
    ("producers", "consumers", "effects", "archive"),
    ("edge", "aws"),
    ("mainstem",),
)
# Only what discovers domains may name one; the rooms between are handed them.
KNOW_DOMAINS = {"cli", "local", "domains"}
# These look at every room, and no room looks at them.
ONLOOKERS = {"tests", "benchmarks"}
# Nothing here is Python.
SHELVES = {".ci", "docs", "locks"}

DEPTH = {room: depth for depth, storey in enumerate(STOREYS) for room in storey}
ROOMS = DEPTH.keys() | {"domains"} | ONLOOKERS


def imported(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """(line, dotted name) of every import, wherever it hides in the file."""
    for node in ast.walk(tree):
        match node:
            case ast.Import(names=names):
                yield from ((node.lineno, one.name) for one in names)
            case ast.ImportFrom(module=str(module), names=names, level=0):
                yield from ((node.lineno, f"{module}.{one.name}") for one in names)
            case ast.Call(func=function, args=[ast.Constant(value=str(name)), *_]):
                if ast.unparse(function).endswith(("import_module", "__import__")):
                    yield node.lineno, name
            case _:
                pass


def uphill(file: str, tree: ast.Module) -> Iterator[str]:
    """The imports of a file that don't run downhill."""
    here = file.split("/", 1)[0]
    for line, target in imported(tree):
        there = target.split(".", 1)[0]
        if there in ROOMS and not may_import(file, here, there):
            yield f"{file}:{line} imports {target}, but {here} may not import {there}"


def may_import(file: str, here: str, there: str) -> bool:
    if here == there or here in ONLOOKERS:
        return True
    if there == "domains":
        return here in KNOW_DOMAINS or file.rsplit("/", 1)[-1].startswith("on_")
    if here == "domains":
        return there == "mainstem"
    return there in DEPTH and DEPTH[here] < DEPTH[there]
