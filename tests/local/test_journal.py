"""The journal on SQLite keeps the contract, and does not believe a record that was changed."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from functools import partial
from pathlib import Path

import pytest

from mainstem.ports import Corrupt
from tests.contracts.desk import BURNS, SMOKES, Opening, commit, loaded, record, tried
from tests.contracts.journal import JournalContract
from tests.local import ledger


@pytest.fixture
def opening(tmp_path: Path) -> Opening:
    return partial(ledger.journal, ledger.truth(tmp_path))


class TestJournal(JournalContract):
    pass


@pytest.mark.parametrize("column", ["events", "answer"])
def test_a_record_that_was_changed_is_not_believed(tmp_path: Path, column: str) -> None:
    file = ledger.truth(tmp_path)
    with ledger.journal(file) as journal:
        commit(journal, record(1, b'{"cents":100}'), record(1, of=SMOKES))
        with closing(sqlite3.connect(file)) as intruder, intruder:
            other = f"CAST(replace({column}, '\"', ' ') AS BLOB)"
            intruder.execute(f"UPDATE records SET {column} = {other} WHERE place = 1")
        with pytest.raises(Corrupt, match="tickets/it-burns: version 1 is damaged"):
            loaded(journal)
        assert loaded(journal, SMOKES).version == 1


def test_aggregates_of_a_domain_are_counted_over_all_tenants(tmp_path: Path) -> None:
    with ledger.journal(ledger.truth(tmp_path)) as journal:
        assert journal.aggregates("tickets") == 0
        commit(journal, record(1), record(2), record(1, of=SMOKES))
        commit(journal, record(1, of=BURNS._replace(tenant="other")))
        commit(journal, record(1, of=BURNS._replace(domain="rooms")))
        assert journal.aggregates("tickets") == 3


def test_an_event_that_is_two_lines_is_refused(tmp_path: Path) -> None:
    with ledger.journal(ledger.truth(tmp_path)) as journal:
        with pytest.raises(AssertionError, match="one line"):
            tried(journal, record(1, b"{}\n{}"))
        assert loaded(journal).version == 0
