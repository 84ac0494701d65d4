"""The checker: whether a folder holds what was acknowledged, read and folded by itself.

It shares nothing with what it checks: it reads three files with SQL and JSON, and folds by hand.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path

from tests.soak import check_feed, check_journal, check_views
from tests.soak.finding import Finding
from tests.soak.found import Found
from tests.soak.heard import Heard, heard_in
from tests.soak.ledger import lines
from tests.soak.reading import found_in

Check = Callable[[Found, Heard], Iterable[Finding]]
CHECKS: tuple[Check, ...] = (
    check_journal.dense,
    check_journal.published,
    check_journal.claimed,
    check_journal.answered,
    check_journal.acknowledged,
    check_journal.decided_once,
    check_journal.remembered,
    check_feed.whole,
    check_feed.fed,
    check_feed.taken,
    check_feed.ordered,
    check_views.shown,
    check_views.listed,
    check_views.searched,
    check_views.intended,
    check_views.drained,
    check_views.in_lanes,
)


def findings(folder: Path, ledgers: Path) -> list[Finding]:
    """All that is wrong; of a folder on which nobody is at work any more."""
    heard = heard_in(lines(file) for file in sorted(ledgers.glob("*.jsonl")))
    with found_in(folder) as found:
        return list(_findings(found, heard))


def _findings(found: Found, heard: Heard) -> Iterator[Finding]:
    for check in CHECKS:
        yield from check(found, heard)


def figures(folder: Path, ledgers: Path) -> Mapping[str, int]:
    """How much there was to check."""
    heard = heard_in(lines(file) for file in sorted(ledgers.glob("*.jsonl")))
    with found_in(folder) as found:
        answers = [one for told in heard.told.values() for one in told]
        return {
            "commands asked": len(heard.asked),
            "answers, retries included": len(answers),
            "times nobody answered": heard.unanswered,
            "commands that happened": sum(heard.happened(key) is not None for key in heard.asked),
            "facts sent": sum(heard.sent.values()),
            "facts acknowledged": sum(heard.taken.values()),
            "records": len(found.records),
            "aggregates": len({(one.domain, one.id) for one in found.records}),
            "bundles": len(found.bundles),
            "events put more than once": check_feed.put_again(found),
            "rows": sum(len(check_views.rows_of(sink)) for sink in found.sinks.values()),
            "list entries": sum(len(sink.entries) for sink in found.sinks.values()),
            "documents": sum(len(sink.documents) for sink in found.sinks.values()),
            "intents": len(found.intents),
        }
