"""Asks the type checkers about one file, and reads what the file expects them to say.

A wrong line says so itself: `# expect: mypy=attr-defined pyright=reportAttributeAccessIssue`. A
comment that stands alone speaks of the line below it. `mypy=arg-type,misc` expects two errors.
"""

import json
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from tests.house.tree import ROOT

EXPECT = re.compile(r"#\s*expect:\s*(?P<claims>.*)$")
CLAIM = re.compile(r"(?P<checker>mypy|pyright)=(?P<rules>[\w-]+(,[\w-]+)*)")
ECHO = "reportUnknown"


@dataclass(frozen=True, order=True)
class Error:
    """One complaint: where, and under which rule. What exactly it says is the checker's affair."""

    line: int
    rule: str

    def __str__(self) -> str:
        return f"line {self.line}: {self.rule}"


def expected(checker: str, source: str) -> Iterator[Error]:
    for number, line in enumerate(source.splitlines(), start=1):
        if comment := EXPECT.search(line):
            alone = line.lstrip().startswith("#")
            for claim in comment["claims"].split():
                said = CLAIM.fullmatch(claim)
                assert said, f"line {number}: {claim!r} is no checker=rule"
                if said["checker"] == checker:
                    rules = said["rules"].split(",")
                    yield from (Error(number + alone, rule) for rule in rules)


def compare(expectation: list[Error], found: list[Error]) -> list[str]:
    """What vanished and what is new; an error that is expected twice must come twice."""
    wanted, got = Counter(expectation), Counter(found)
    vanished = [f"{error} (expected, not found)" for error in (wanted - got).elements()]
    new = [f"{error} (found, not expected)" for error in (got - wanted).elements()]
    return sorted(vanished + new)


def without_echoes(found: list[Error]) -> list[Error]:
    """Pyright also calls unknown whatever it has just complained about, on the same line."""
    wrong = {error.line for error in found if not error.rule.startswith(ECHO)}
    return [e for e in found if e.line not in wrong or not e.rule.startswith(ECHO)]


def asked_mypy(file: str) -> list[Error]:
    # A cache of its own: another mypy may be running beside this one.
    cache = "--cache-dir=.mypy_cache/typing"
    said = [json.loads(line) for line in _output("mypy", cache, "--output=json", file).splitlines()]
    # An error elsewhere is for the check of that file.
    here = [one for one in said if one["severity"] == "error" and one["file"] == file]
    return [Error(one["line"], one["code"]) for one in here]


def asked_pyright(file: str) -> list[Error]:
    said = json.loads(_output("basedpyright", "--outputjson", file))["generalDiagnostics"]
    errors = [one for one in said if one["severity"] == "error"]
    return without_echoes(
        [Error(one["range"]["start"]["line"] + 1, one.get("rule", "syntax")) for one in errors]
    )


def _output(module: str, *arguments: str) -> str:
    command = [sys.executable, "-m", module, *arguments]
    run = subprocess.run(command, cwd=ROOT, check=False, capture_output=True, text=True)
    assert run.returncode in {0, 1}, run.stderr or run.stdout
    return run.stdout


CHECKERS = {"mypy": asked_mypy, "pyright": asked_pyright}
