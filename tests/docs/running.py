"""The Python of a page, run: all of it but files is one module, from top to bottom."""

from __future__ import annotations
import __future__

import sys
from collections.abc import Callable, Iterator
from contextlib import redirect_stdout
from functools import cache, partial
from io import StringIO
from pathlib import Path
from types import ModuleType
from typing import Any

from tests.docs.pages import ROOT, Block, blocks, unkept

AS_FILES_DO = __future__.annotations.compiler_flag


@cache
def module(page: str) -> ModuleType:
    """What the page defines, once what it prints is what it promises."""
    made = ModuleType(f"pages.{Path(page).stem.replace('-', '_').lower()}")
    sys.modules[made.__name__] = made
    printed = ""
    for block in blocks(page):
        if block.language == "python" and not block.file:
            printed = run(block, page, vars(made))
        elif block.language == "text" and printed:
            flaws = list(unkept(block.text, printed))
            assert not flaws, f"{page}:{block.line}: {flaws[0]}"
        else:
            printed = ""
    return made


def run(block: Block, page: str, names: dict[str, Any]) -> str:
    """Runs one block, and tells what it prints. A traceback names the page's own line."""
    lines = "\n" * (block.line - 1) + block.text
    with redirect_stdout(StringIO()) as printed:
        exec(compile(lines, ROOT / page, "exec", AS_FILES_DO, dont_inherit=True), names)
    return printed.getvalue()


def tests(page: str) -> Iterator[Callable[[], object]]:
    """The tests that the page shows, parametrized ones case by case."""
    for name, test in list(vars(module(page)).items()):
        if name.startswith("test_"):
            yield from (partial(test, *case) for case in _cases(test))


def _cases(test: Any) -> list[tuple[Any, ...]]:
    marks = [mark for mark in getattr(test, "pytestmark", []) if mark.name == "parametrize"]
    return [one.values for mark in marks for one in mark.args[1]] if marks else [()]
