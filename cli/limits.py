"""Limits of a domain file: past them it is two domains, or a rule that wants a name of its own."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from pathlib import Path

FILE_LINES_MAX = 400
FUNCTION_LINES_MAX = 40


@dataclass(frozen=True)
class Measured:
    """How long a file is, and its longest function."""

    file_lines: int
    function_lines: int
    function: str
    line: int

    def broken(self) -> list[str]:
        """What is too long, in words."""
        found = []
        if self.file_lines > FILE_LINES_MAX:
            found.append(f"{self.file_lines} lines; a file has {FILE_LINES_MAX} at most: split it")
        if self.function_lines > FUNCTION_LINES_MAX:
            found.append(
                f"line {self.line}: {self.function} has {self.function_lines} lines; "
                f"a function has {FUNCTION_LINES_MAX} at most: name its parts"
            )
        return found


def measured(file: Path) -> Measured:
    """The measures of one file."""
    source = file.read_text("utf-8")
    functions = [
        ((node.end_lineno or node.lineno) - node.lineno + 1, node.lineno, node.name)
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    ]
    lines, line, name = max(functions, default=(0, 0, ""))
    return Measured(len(source.splitlines()), lines, name, line)
