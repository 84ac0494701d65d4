"""Verdicts: is a domain safe to release? Its laws, its stored shapes, its limits."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cli.limits import FILE_LINES_MAX, FUNCTION_LINES_MAX, Measured, measured
from cli.snapshots import Standing, told

if TYPE_CHECKING:
    from mainstem.discovery import Domain


@dataclass(frozen=True)
class Verdict:
    """What was found out about one domain."""

    domain: Domain
    examples: int
    laws: tuple[tuple[str, str], ...]  # each with its failure, empty where it holds
    schema: Standing
    limits: Measured

    @property
    def broken(self) -> list[str]:
        """Which of the three fail."""
        failed = {
            "laws": any(failure for _, failure in self.laws),
            "schema": self.schema.recorded and not self.schema.same,
            "limits": bool(self.limits.broken()),
        }
        return [name for name, fails in failed.items() if fails]

    def data(self) -> dict[str, Any]:
        """The same for machines."""
        laws = [{"law": law, "failure": failure or None} for law, failure in self.laws]
        return {
            "domain": self.domain.name,
            "safe": not self.broken,
            "laws": laws,
            "schema": self.schema.data(),
            "limits": self.limits.broken(),
        }

    def told(self) -> str:
        """The same for people."""
        domain = self.domain
        counts = [
            _many(len(domain.events), "event"),
            _many(len(domain.views), "view"),
            _many(len(domain.commands), "command"),
        ]
        lines = [f"{domain.name}: {', '.join(counts)}"]
        parts = {"laws": self._laws(), "schema": self._schema(), "limits": self._limits()}
        for name, (first, *rest) in parts.items():
            lines.append(f"  {self._mark(name)} {name:6}  {first}")
            lines += [f"      {line}" for line in rest]
        return "\n".join(lines)

    def _mark(self, name: str) -> str:
        if name == "schema" and not self.schema.recorded:
            return "·"  # nothing is promised yet, so nothing can be broken
        return "✗" if name in self.broken else "✓"

    def _laws(self) -> Iterator[str]:
        failures = [(law, failure) for law, failure in self.laws if failure]
        if not failures:
            yield f"{len(self.laws)} hold, {_many(self.examples, 'example')} each"
            return
        yield f"{len(failures)} of {len(self.laws)} broken"
        for law, failure in failures:
            yield law
            yield from (f"    {line}" for line in failure.strip().splitlines())

    def _schema(self) -> Iterator[str]:
        title, *changes = told(self.schema)
        if not changes:
            yield title.removeprefix(f"{self.domain.name}: ")
            return
        breaking = len(self.schema.breaks)
        accept = f"`mainstem schema accept {self.domain.name}` records the change"
        broken = "1 change breaks" if breaking == 1 else f"{breaking} changes break"
        yield f"{broken} what is stored" if breaking else accept
        yield from (line.removeprefix("  ") for line in changes)

    def _limits(self) -> list[str]:
        found = self.limits
        fine = (
            f"{found.file_lines} of {FILE_LINES_MAX} lines; "
            f"longest function {found.function_lines} of {FUNCTION_LINES_MAX}"
        )
        return ["too long", *found.broken()] if found.broken() else [fine]


def examined(domain: Domain, standing: Standing, examples: int) -> Verdict:
    """Tries every law on so many examples, and looks at the rest."""
    from mainstem.laws import broken

    file = Path(str(domain.module.__file__))
    with redirect_stdout(sys.stderr):  # what a domain prints is no part of our answer
        laws = tuple(broken(domain, examples=examples))
    return Verdict(domain, examples, laws, standing, measured(file))


def _many(n: int, thing: str) -> str:
    return f"{n} {thing}" if n == 1 else f"{n} {thing}s"
