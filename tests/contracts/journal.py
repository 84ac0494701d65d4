"""What every adapter of the Journal keeps to. Its rules stand in files of their own."""

from __future__ import annotations

from tests.contracts.journal_answers import AnswersContract
from tests.contracts.journal_claims import ClaimsContract
from tests.contracts.journal_commits import CommitsContract
from tests.contracts.journal_crowds import CrowdsContract
from tests.contracts.journal_hints import HintsContract
from tests.contracts.journal_snapshots import SnapshotsContract


class JournalContract(
    CommitsContract,
    AnswersContract,
    ClaimsContract,
    HintsContract,
    SnapshotsContract,
    CrowdsContract,
):
    """A subclass brings `opening`."""
