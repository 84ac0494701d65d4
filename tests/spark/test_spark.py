"""Spark says what the others say, to the value and its type: of every view, and of generated ones.

All statements run in one process, since most of what each costs alone is Java's start.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.spark.engine import answers
from tests.spark.tried import differs, everything, from_json

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("spark")]


def test_every_view_has_the_rows_that_it_has_elsewhere(tmp_path: Path) -> None:
    tried = everything(tmp_path)
    tried += [*from_json(tmp_path, tried)]
    found = answers(tmp_path, [one.asked for one in tried])
    wrong = [no for one, got in zip(tried, found, strict=True) if (no := differs(one, got))]
    assert not wrong, "\n\n".join(wrong)
