"""The sweep: every condition, comparison and order of two writes of the protocol, changed once.

python -m tests.sim.sweep [--lives N] [--module NAME]    prints what nobody notices or explains, and
what is explained and was noticed all the same
"""

from __future__ import annotations

import argparse
import ast
import re
import sys
from collections import Counter
from collections.abc import Iterator, Mapping
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from typing import NamedTuple

from tests.sim.mutation import ROOT, Noticed, lived_with

MODULES = (
    "commit", "publish", "sweep", "consume", "lanes", "received", "change", "repair", "audit",
    "search", "refold", "standing", "ingest", "answers", "effects", "promoting", "loading",
)  # fmt: skip
WHY = ROOT / "docs" / "why" / "039-what-no-life-notices.md"
EXPLAINED = re.compile(r"^\| `([a-z_.]+)` \| `(.+)` \| (.+) \|$", re.MULTILINE)
SWAPPED: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Lt: ast.LtE, ast.LtE: ast.Lt, ast.Gt: ast.GtE, ast.GtE: ast.Gt, ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq, ast.In: ast.NotIn, ast.NotIn: ast.In, ast.Is: ast.IsNot, ast.IsNot: ast.Is,
}  # fmt: skip


class Swept(NamedTuple):
    """One change, by where it is and what it makes of it."""

    module: str
    line: int
    where: str  # the function
    what: str
    source: str

    @property
    def key(self) -> tuple[str, str]:
        """Wherever the line has moved to."""
        return f"{self.module}.{self.where}", self.what

    def __str__(self) -> str:
        return f"{self.module}.py:{self.line}, {self.where}: {self.what}"


def swept(module: str) -> Iterator[Swept]:
    """Every change of one module."""
    file = ROOT / "mainstem" / "protocol" / f"{module}.py"
    tree = ast.parse(file.read_text("utf-8"))
    owners, many = dict(_owners(tree, "")), Counter[tuple[str, str]]()
    for node in ast.walk(tree):
        where, line = owners[node], getattr(node, "lineno", 0)
        for change in _changes(node):
            source = ast.unparse(ast.fix_missing_locations(tree))
            what = " ".join(change.split())
            many[where, what] += 1
            if many[where, what] > 1:
                what += f" ({many[where, what]})"
            yield Swept(module, line, where, what, source)


def _owners(node: ast.AST, owner: str) -> Iterator[tuple[ast.AST, str]]:
    """Which function each node is in."""
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
        owner = node.name
    yield node, owner
    for child in ast.iter_child_nodes(node):
        yield from _owners(child, owner)


def explained() -> Mapping[tuple[str, str], str]:
    """Changes that nobody has to notice, and why, as the docs have them."""
    rows = EXPLAINED.findall(WHY.read_text("utf-8"))
    return {(where, what.replace(r"\|", "|")): why for where, what, why in rows}


def _changes(node: ast.AST) -> Iterator[str]:
    """Makes one change after the other to this node, each undone before the next."""
    yield from _negated(node)
    yield from _compared(node)
    yield from _ordered(node)


def _negated(node: ast.AST) -> Iterator[str]:
    if isinstance(node, ast.If | ast.IfExp | ast.While):
        test = node.test
        node.test = ast.UnaryOp(ast.Not(), test)
        yield f"not ({ast.unparse(test)})"
        node.test = test
    if isinstance(node, ast.comprehension):
        for place, test in enumerate(node.ifs):
            node.ifs[place] = ast.UnaryOp(ast.Not(), test)
            yield f"not ({ast.unparse(test)})"
            node.ifs[place] = test


def _compared(node: ast.AST) -> Iterator[str]:
    if isinstance(node, ast.Compare):
        for place, operator in enumerate(node.ops):
            before = ast.unparse(node)
            node.ops[place] = SWAPPED[type(operator)]()
            yield f"{before} becomes {ast.unparse(node)}"
            node.ops[place] = operator


def _ordered(node: ast.AST) -> Iterator[str]:
    body = getattr(node, "body", None)
    if not isinstance(body, list):
        return
    for place in range(len(body) - 1):
        one, other = body[place : place + 2]
        if _writes(one) and _writes(other):
            body[place : place + 2] = [other, one]
            yield f"{ast.unparse(other)[:60]} before {ast.unparse(one)[:60]}"
            body[place : place + 2] = [one, other]


def _writes(statement: ast.stmt) -> bool:
    if isinstance(statement, ast.AsyncFunctionDef | ast.FunctionDef | ast.ClassDef):
        return False
    return any(isinstance(one, ast.Await) for one in ast.walk(statement))


def judged(one: Swept, lives: int) -> Noticed:
    """In a process of its own."""
    file = Path("mainstem") / "protocol" / f"{one.module}.py"
    return lived_with(one.module, file, one.source, range(lives))


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--lives", type=int, default=1_000)
    parser.add_argument("--module", choices=MODULES, action="append")
    asked = parser.parse_args()
    every = [one for module in asked.module or MODULES for one in swept(module)]
    known, missed = explained(), 0
    with ProcessPoolExecutor(2, get_context("spawn"), max_tasks_per_child=1) as pool:
        judging = [pool.submit(judged, one, asked.lives) for one in every]
        for one, judgement in zip(every, judging, strict=True):
            missed += not (found := judgement.result()).lives
            if bool(found.lives) is (one.key in known):
                verdict = f"noticed, {found.why}" if found.lives else "not noticed"
                sys.stdout.write(f"{one}: {verdict}\n")
                sys.stdout.flush()
    told = f"{len(every)} changes, {missed} that nobody notices in {asked.lives} lives\n"
    sys.stdout.write(told)


if __name__ == "__main__":
    main()
