"""The repository as its tests see it: its files, its rooms, its Python."""

import ast
import subprocess
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]


@cache
def files() -> tuple[str, ...]:
    """Every file that is tracked or would be: a mistake is found before its commit."""
    git = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"]
    listed = subprocess.run(git, cwd=ROOT, check=True, capture_output=True, text=True).stdout
    return tuple(name for name in sorted(set(listed.split("\0"))) if (ROOT / name).is_file())


def python_files() -> tuple[str, ...]:
    return tuple(name for name in files() if name.endswith(".py"))


@cache
def text(name: str) -> str:
    """A file's text; a file that isn't text has none."""
    try:
        return (ROOT / name).read_text(encoding="utf-8")
    except UnicodeDecodeError:
        return ""


def room(name: str) -> str:
    """The top-level folder a file lives in, or "" for the front door."""
    return name.split("/", 1)[0] if "/" in name else ""


def python(name: str) -> ast.Module:
    return ast.parse(text(name), name)
