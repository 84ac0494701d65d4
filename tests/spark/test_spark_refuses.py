"""Where the others stop, Spark does too; and no job writes over what is there."""

from __future__ import annotations

from pathlib import Path

import pytest
from msgspec.structs import replace

from mainstem.discovery import domain_of
from mainstem.envelope import Envelope
from mainstem.ports import Unavailable
from replay.spark import Job, Unfoldable, run
from tests.mainstem import test_folds_overflow as sums
from tests.spark.engine import Asked, answers, archived, by

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("spark")]

DOMAIN = domain_of(sums)


def paid(times: int) -> list[Envelope]:
    first = Envelope(
        tenant="main", domain=DOMAIN.name, id="a", version=1, type="Paid", schema=1, at=0, by="ann",
        data={"cents": sums.WHOLE_MAX},
    )  # fmt: skip
    return [replace(first, version=n) for n in range(1, times + 1)]


def test_beyond_64_bits_spark_stops_too(tmp_path: Path) -> None:
    files = archived(tmp_path / "events", DOMAIN, paid(1_025))
    views = (sums.Account, sums.Squared, sums.Added, sums.Multiplied)
    for found in answers(tmp_path, [Asked(view, DOMAIN, files) for view in views]):
        assert isinstance(found, str)
        assert "ARITHMETIC_OVERFLOW" in found


def test_a_rebuild_is_told_that_some_value_is_beyond_it(tmp_path: Path) -> None:
    files = archived(tmp_path / "events", DOMAIN, paid(1_025))
    with pytest.raises(Unfoldable, match=r"Account by Spark: .*ARITHMETIC_OVERFLOW"):
        run(Job(sums.Account, DOMAIN, files, tmp_path / "job", making=True), by())


def test_a_folder_that_is_there_is_left_as_it_is(tmp_path: Path) -> None:
    files = archived(tmp_path / "events", DOMAIN, paid(1))
    (rows := tmp_path / "rows").mkdir()
    (rows / "mine").write_text("of value")
    with pytest.raises(Unavailable, match=r"Account by Spark: .*PATH_ALREADY_EXISTS"):
        run(Job(sums.Account, DOMAIN, files, tmp_path), by())
    assert [one.name for one in rows.iterdir()] == ["mine"]
