"""What a file says and Python drops without a word, told by its text."""

from __future__ import annotations

import ast
from collections.abc import Iterator

Said = tuple[int, str]  # the line, and what is wrong with it


def dropped(source: bytes) -> Iterator[Said]:
    """Names that are given twice, of which the first is forgotten, and values without a name."""
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError):
        return  # importing it reports this
    for line, name in _twice(tree.body, (ast.ClassDef, ast.FunctionDef)):
        yield line, f"{name} is defined twice in this file"
    for one in tree.body:
        if isinstance(one, ast.ClassDef):
            yield from _in_class(one)


def _in_class(body: ast.ClassDef) -> Iterator[Said]:
    for line, name in _twice(body.body, (ast.FunctionDef, ast.Assign, ast.AnnAssign)):
        yield line, f"{body.name}.{name} is defined twice in this class"
    for node in body.body:
        if isinstance(node, ast.Expr) and not isinstance(node.value, ast.Constant):
            yield node.lineno, f"{body.name}: this line has no name, so it is lost"


def _twice(body: list[ast.stmt], kinds: tuple[type[ast.stmt], ...]) -> Iterator[Said]:
    seen: set[str] = set()
    for node in body:
        for name in _bound(node) if isinstance(node, kinds) else []:
            if name in seen:
                yield node.lineno, name
            seen.add(name)


def _bound(node: ast.stmt) -> list[str]:
    match node:
        case ast.ClassDef(name=name) | ast.FunctionDef(name=name):
            return [name]
        case ast.Assign(targets=targets):
            named = targets
        case ast.AnnAssign(target=target):
            named = [target]
        case _:
            return []
    return [one.id for top in named for one in ast.walk(top) if isinstance(one, ast.Name)]
