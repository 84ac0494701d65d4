"""What never enters the pure rooms, whatever name it travels under."""

import ast
from collections.abc import Iterator

from tests.house.imports import imported

PURE = ("mainstem", "domains")

DOORS = {
    "a clock": "time sched datetime.date.today datetime.datetime.now datetime.datetime.today "
    "datetime.datetime.utcnow datetime.datetime.utcfromtimestamp",
    "chance": "random secrets uuid.uuid1 uuid.uuid4",
    "concurrency": "asyncio concurrent multiprocessing queue signal subprocess threading",
    "files": "fileinput glob open os pathlib shutil sqlite3 tempfile",
    "a network": "aiohttp boto3 botocore ftplib http httpx requests smtplib socket socketserver "
    "ssl urllib.request urllib3",
}
OUTSIDE = {name: kind for kind, names in DOORS.items() for name in names.split()}


def let_in(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """(line, a name of OUTSIDE) of every use and import of what lies outside."""
    touched = {*imported(tree), *_used(tree)}
    for line, name in sorted(touched):
        yield from (
            (line, outside)
            for outside in OUTSIDE
            if name == outside or name.startswith(f"{outside}.")
        )


def _used(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """(line, dotted name as it would be imported) of what expressions mention."""
    known = {"open": "open", **dict(_bound(tree))}
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute | ast.Name):
            first, dot, rest = _dotted(node).partition(".")
            if first in known:
                yield node.lineno, known[first] + dot + rest


def _bound(tree: ast.Module) -> Iterator[tuple[str, str]]:
    """(name in this file, dotted name it stands for) of everything imported."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for one in node.names:
                first = one.name.split(".", 1)[0]
                yield (one.asname, one.name) if one.asname else (first, first)
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            for one in node.names:
                yield one.asname or one.name, f"{node.module}.{one.name}"


def _dotted(node: ast.expr) -> str:
    """`a.b.c` of a chain of names, or "" where something else starts it."""
    match node:
        case ast.Name(id=name):
            return name
        case ast.Attribute(value=value, attr=name):
            before = _dotted(value)
            return before and f"{before}.{name}"
        case _:
            return ""
