"""The reference says what the code says."""

from __future__ import annotations

from cli.reference import reference
from tests.cli.desk import ROOT


def test_the_reference_is_what_the_code_says() -> None:
    written = (ROOT / "docs" / "cli.md").read_text("utf-8")
    assert written == reference(), "write it anew: python -m cli.reference > docs/cli.md"


def test_every_command_has_examples() -> None:
    sections = reference().split("\n## ")[1:]
    for section in sections:
        name = section.splitlines()[0]
        group = "Commands:" in section
        assert group or f"Examples:\n    {name}" in section or "completion" in name, name
