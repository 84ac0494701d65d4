"""Trino, and so Athena, says what the others say: of every view, and of generated ones."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.mainstem import test_folds_overflow as sums
from tests.spark.engine import Asked, archived
from tests.spark.test_spark_refuses import DOMAIN, paid
from tests.spark.tried import differs, everything, from_json
from tests.trino.engine import No, Server, said

pytestmark = pytest.mark.slow


def test_every_view_has_the_rows_that_it_has_elsewhere(trino: Server, tmp_path: Path) -> None:
    tried = everything(tmp_path)
    tried += [*from_json(tmp_path, tried)]
    wrong = [no for one in tried if (no := differs(one, said(trino, one.asked)))]
    assert not wrong, "\n\n".join(wrong)


@pytest.mark.parametrize("view", [sums.Account, sums.Squared, sums.Added, sums.Multiplied])
def test_beyond_64_bits_trino_stops_too(view: type, trino: Server, tmp_path: Path) -> None:
    files = archived(tmp_path / "events", DOMAIN, paid(1_025))
    with pytest.raises(No, match="NUMERIC_VALUE_OUT_OF_RANGE"):
        trino.rows(Asked(view, DOMAIN, files))
