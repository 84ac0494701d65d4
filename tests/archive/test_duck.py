"""What DuckDB says, whoever passes it on, is told as what it is."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from archive.duck import connection
from mainstem.ports import Unavailable


@pytest.mark.parametrize(
    ("said", "kind"),
    [
        ("IO Error: Could not write: No space left on device", Unavailable),
        ("Out of Memory Error: could not allocate", Unavailable),
        ("Out of Range Error: Overflow in addition", duckdb.OutOfRangeException),
        ("Conversion Error: Type INT128 with value 2", duckdb.ConversionException),
        ("INTERRUPT Error: Interrupted!", duckdb.Error),
        ("[Errno 2] No such file or directory: 'x'", OSError),
    ],
)
def test_what_arrow_passes_on_is_what_duckdb_said(
    tmp_path: Path, said: str, kind: type[Exception]
) -> None:
    with pytest.raises(kind) as raised, connection(tmp_path, "said"):
        raise OSError(said)
    assert raised.type is kind
    assert said in str(raised.value)
