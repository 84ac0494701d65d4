"""Claims: those of every aggregate, made once more by the code at hand; whose, others hold."""

from __future__ import annotations

from mainstem._mark import Unique, marks
from mainstem.ports import Journal
from mainstem.protocol.consume import Into
from mainstem.protocol.drive import drive
from mainstem.protocol.refold import Conflicts, reclaim

HEADS_A_STEP = 500


def reclaimed(into: Into, journal: Journal) -> Conflicts:
    """Which ones somebody else holds; none where the view claims nothing."""
    found: Conflicts = []
    if not (marks(into.sink.state, Unique) and into.sink.domain.decided):
        return found
    after = ""
    while some := drive(journal.touched(after, HEADS_A_STEP)):
        for one in some:
            if one.aggregate.domain == into.sink.domain.name:
                found += drive(reclaim(into, journal, one.aggregate))
        after = some[-1].place
    return [(one, claim) for one, claim in found if drive(reclaim(into, journal, one))]
