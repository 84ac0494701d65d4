"""Rows in the making: Spark folds what came first, and the incremental evaluator goes on there.

What it leaves behind is what DuckDB does, and the rows in the end are those of the whole history.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from mainstem._same import same
from tests.agreement.resume import Foldings, held, nothing, rows_in, taken_up, went_on
from tests.spark.engine import Row, answers, archived
from tests.spark.tried import Tried, everything

pytestmark = [pytest.mark.slow, pytest.mark.long, pytest.mark.usefixtures("spark")]

FIRST = 3  # so many events of each aggregate are folded by Spark


def begun(folder: Path, tried: Tried) -> Tried:
    """The same view, over what came first, as rows in the making."""
    domain = tried.asked.domain
    events = [one for one in tried.events if one.version <= FIRST]
    files = archived(folder / f"first-{domain.name}", domain, events)
    return tried._replace(asked=tried.asked._replace(files=files, making=True))


def differs(tried: Tried, got: list[Row] | str) -> str:
    """What is wrong with an answer, or ""."""
    if isinstance(got, str):
        return f"{tried.text}\n{got}"
    view, domain, *_ = tried.asked
    first, later = ([e for e in tried.events if (e.version > FIRST) == so] for so in (False, True))
    by_duckdb, alone = held(view, domain, first), went_on(nothing(view), domain, first)
    by_spark = taken_up(view, got)
    if not same(kept(by_spark), kept(by_duckdb)):
        return f"{tried.text}\nSpark:  {kept(by_spark)}\nDuckDB: {kept(by_duckdb)}"
    if not same(rows_in(by_spark), rows_in(alone)):
        return f"{tried.text}\nSpark:       {rows_in(by_spark)}\nincremental: {rows_in(alone)}"
    got, expected = (rows_in(went_on(one, domain, later)) for one in (by_spark, alone))
    return "" if same(got, expected) else f"{tried.text}\nin parts: {got}\nat once:  {expected}"


def kept(found: Foldings) -> list[object]:
    return [(whose, one.rows or one.cells) for whose, one in sorted(found.items())]


def test_what_spark_begins_is_gone_on_with(tmp_path: Path) -> None:
    tried = [begun(tmp_path, one) for one in everything(tmp_path)]
    found = answers(tmp_path, [one.asked for one in tried])
    wrong = [no for one, got in zip(tried, found, strict=True) if (no := differs(one, got))]
    assert not wrong, "\n\n".join(wrong)
