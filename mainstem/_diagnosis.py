"""A file that can't be imported, read one statement at a time: one mistake hides no other."""

from __future__ import annotations
import __future__

import ast
import re
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from types import ModuleType
from typing import Any, TypeVar

F = TypeVar("F")
Tried = Callable[[Path, Callable[[], Any]], Any]


def every(kind: type[F], file: Path, package: str, tried: Tried) -> Iterator[F]:
    """What `tried` finds wrong with each statement that depends on no statement that failed."""
    tree = ast.parse(file.read_bytes())
    lost: set[str] = set()
    with _standing_in(f"{package}.{file.stem}", file) as module:
        for node in tree.body:
            found = tried(file, partial(_run, node, module, file))
            if isinstance(found, kind):
                if not lost & _named(node):
                    yield found
                lost |= _bound(node)


def line_of(file: Path, text: str) -> int:
    """Where `Class.name` of a message stands, for a class is judged as a whole; or 0."""
    named = re.match(r"([A-Z]\w*)\.(\w+)\b", text)
    for top in ast.parse(file.read_bytes()).body if named else ():
        if named and isinstance(top, ast.ClassDef) and top.name == named[1]:
            for node in top.body:
                if named[2] in _bound(node):
                    return node.lineno
    return 0


@contextmanager
def _standing_in(name: str, file: Path) -> Iterator[ModuleType]:
    """A module in place of the one that failed, for as long as its statements run."""
    module = ModuleType(name)
    module.__file__ = str(file)
    before = sys.modules.get(name)
    sys.modules[name] = module
    try:
        yield module
    finally:
        if before is None:
            del sys.modules[name]
        else:
            sys.modules[name] = before


def _run(node: ast.stmt, module: ModuleType, file: Path) -> None:
    flags = __future__.annotations.compiler_flag
    one = ast.Module([node], type_ignores=[])
    exec(compile(one, str(file), "exec", flags, dont_inherit=True), vars(module))  # noqa: S102


def _named(node: ast.stmt) -> set[str]:
    """Every name a statement reads, those in annotations included."""
    return {one.id for one in ast.walk(node) if isinstance(one, ast.Name)}


def _bound(node: ast.stmt) -> set[str]:
    """Every name a statement would have made."""
    if isinstance(node, (ast.ClassDef, ast.FunctionDef)):
        return {node.name}
    if isinstance(node, (ast.Import, ast.ImportFrom)):
        return {(one.asname or one.name).partition(".")[0] for one in node.names}
    return {
        one.id
        for one in ast.walk(node)
        if isinstance(one, ast.Name) and isinstance(one.ctx, ast.Store)
    }
