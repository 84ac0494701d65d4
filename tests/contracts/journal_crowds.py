"""Crowds: threads and processes that commit at once, and a process that dies while it does."""

from __future__ import annotations

import os
from functools import partial
from multiprocessing import get_context
from multiprocessing.connection import Connection
from threading import Lock

import pytest

from mainstem.aggregate import Aggregate
from mainstem.ports import Claim, Claims, Journal, Once, Verdict
from mainstem.protocol.drive import drive
from tests.contracts.desk import (
    BURNS,
    NO_CLAIMS,
    Desk,
    Opening,
    claimed,
    commit,
    firsts,
    hinted,
    loaded,
    meet,
    record,
    threads,
    tried,
)
from tests.contracts.shelf import crowd

PROCESSES = 3
VERSIONS = 30
ANN = Claim("names", '["ann"]')
MARKED = [1, 2]
DYING = [Aggregate("main", "dying", str(number)) for number in range(4)]


class CrowdsContract(Desk):
    """A subclass brings `opening`."""

    def test_of_50_at_one_version_one_wins(self, journal: Journal) -> None:
        for version in (1, 2, 3):
            rivals = [record(version, command=f"{version}-{n}") for n in range(50)]
            verdicts = threads(50, lambda n: tried(journal, rivals[n]))  # noqa: B023  done in here
            assert verdicts.count(Verdict.COMMITTED) == 1
            assert verdicts.count(Verdict.LOST) == 49
            winner = rivals[verdicts.index(Verdict.COMMITTED)]
            assert loaded(journal).tail[-1] == winner

    def test_of_50_that_use_one_key_one_wins(self, journal: Journal) -> None:
        once = Once("main", "retry-me", "digest")
        rivals = [record(1, of=BURNS._replace(id=f"t{n}")) for n in range(50)]
        verdicts = threads(50, lambda n: tried(journal, rivals[n], NO_CLAIMS, once))
        assert verdicts.count(Verdict.COMMITTED) == 1
        kept = drive(journal.kept(once))
        assert kept is not None
        assert kept.record == rivals[verdicts.index(Verdict.COMMITTED)]

    def test_of_50_that_claim_one_name_one_wins(self, journal: Journal) -> None:
        rivals = [record(1, of=BURNS._replace(id=f"t{n}")) for n in range(50)]
        claims = Claims(frozenset({ANN}))
        verdicts = threads(50, lambda n: tried(journal, rivals[n], claims))
        assert sorted(verdict.name for verdict in verdicts) == ["COMMITTED"] + ["TAKEN"] * 49

    @pytest.mark.slow
    def test_of_several_processes_one_wins_each_version_key_and_claim(
        self, journal: Journal, opening: Opening
    ) -> None:
        won = crowd(contend, opening, processes=PROCESSES)
        tail = loaded(journal).tail
        assert sorted(first for each in won for first in each["version"]) == firsts(tail)
        assert firsts(tail) == list(range(1, VERSIONS + 1))
        for number, each in enumerate(won):
            mine = [one.first for one in tail if one.command.startswith(f"{number}-")]
            assert mine == each["version"]
        for prize in ("key", "claim"):
            assert sorted(n for each in won for n in each[prize]) == list(range(VERSIONS))

    def test_what_one_commits_another_process_marks(
        self, journal: Journal, opening: Opening
    ) -> None:
        commit(journal, *(record(first) for first in MARKED))
        crowd(mark_one, opening, processes=len(MARKED))
        assert hinted(journal) == set()
        assert drive(journal.unpublished(BURNS)) == ()

    def test_whoever_dies_leaves_whole_commits_and_all_that_were_answered(
        self, journal: Journal, opening: Opening
    ) -> None:
        answered = dict.fromkeys(DYING, 0)
        for number, first in until_killed(opening, answers=120):
            answered[DYING[number]] = first
        for number, aggregate in enumerate(DYING):
            there = firsts(loaded(journal, aggregate).tail)
            assert there == list(range(1, len(there) + 1))
            assert len(there) - answered[aggregate] in {0, 1}  # one may have gone unheard
            for first in range(1, len(there) + 3):
                once, claim = _paid(number, first)
                stranger = BURNS._replace(domain="dying")
                taken = claimed(journal, stranger, claim) == {claim}
                assert (first in there) == taken == (drive(journal.kept(once)) is not None)
            assert {first for one, first in hinted(journal) if one == aggregate} == set(there)


def contend(opening: Opening, number: int) -> dict[str, list[int]]:
    """Tries for each version, key and claim; those that were won."""
    won: dict[str, list[int]] = {"version": [], "key": [], "claim": []}
    with opening() as journal:
        meet(journal, number, PROCESSES)
        for n in range(VERSIONS):
            if tried(journal, record(n + 1, command=f"{number}-{n}")) is Verdict.COMMITTED:
                won["version"].append(n + 1)
            key, claim = Once("main", f"key-{n}", ""), Claims(frozenset({Claim("n", str(n))}))
            for prize, asked in (("key", (NO_CLAIMS, key)), ("claim", (claim, None))):
                own = BURNS._replace(id=f"{prize}-{n}-{number}")
                if tried(journal, record(1, of=own), *asked) is Verdict.COMMITTED:
                    won[prize].append(n)
            while loaded(journal).version <= n:
                pass  # somebody else is just committing it
    return won


def mark_one(opening: Opening, number: int) -> None:
    with opening() as journal:
        assert loaded(journal).unpublished > 0
        drive(journal.mark(BURNS, (MARKED[number],)))


def until_killed(opening: Opening, answers: int) -> list[tuple[int, int]]:
    """The answers that a process gave before it was killed, in the middle of its work."""
    context = get_context("spawn")
    ours, theirs = context.Pipe(duplex=False)
    process = context.Process(target=commit_for_ever, args=(opening, theirs))
    process.start()
    theirs.close()
    heard = [ours.recv() for _ in range(answers)]
    process.kill()
    process.join()
    with ours:
        while ours.poll():  # what was answered before the end counts as well
            try:
                heard.append(ours.recv())
            except (EOFError, OSError):  # the last word may be cut short
                break
    process.close()
    return heard


def commit_for_ever(opening: Opening, answers: Connection) -> None:
    """Several threads, each saying which version it has just committed."""
    with opening() as journal:
        threads(len(DYING), partial(_commit_for_ever, journal, answers, Lock()))


def _commit_for_ever(journal: Journal, answers: Connection, mouth: Lock, number: int) -> None:
    first = 0
    while os.getppid() > 1:  # nobody is left behind by a test that failed
        first += 1
        once, claim = _paid(number, first)
        one = record(first, of=DYING[number])
        verdict = drive(journal.commit(one, Claims(frozenset({claim})), once))
        assert verdict is Verdict.COMMITTED
        with mouth:
            answers.send((number, first))


def _paid(number: int, first: int) -> tuple[Once, Claim]:
    return Once("main", f"{number}-{first}", ""), Claim("paid", f"{number}-{first}")
