"""The journal in memory: each aggregate's records, in the order of the latest commits."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Hashable, Iterator, Mapping
from itertools import islice, takewhile
from operator import attrgetter
from typing import NamedTuple, Self

from mainstem.aggregate import Aggregate
from mainstem.ports import (
    Claim,
    Claims,
    Hint,
    Kept,
    Loaded,
    Once,
    Record,
    Snapshot,
    Touched,
    Verdict,
)
from mainstem.ports.journal import SLOTS, slot_of
from mainstem.sim.chance import CALM, Chance

DAY_US = 86_400_000_000
STALE_RECORDS_MAX = 3  # of an aggregate: an index is late with what was marked lately
LATE_AGGREGATES_MAX = 3

Held = tuple[str, str, Claim]  # tenant, domain and what one of its aggregates holds
Hinted = tuple[int, Aggregate, int]  # time first: sorted, it is the order of hints
_first = attrgetter("first")


class History(NamedTuple):
    """What was committed of an aggregate. Nothing in it changes, so copies share it."""

    place: int = 0  # of its latest commit among all commits
    version: int = 0
    waiting: int = 0  # how many of its records are unpublished
    records: tuple[Record, ...] = ()

    def after(self, version: int, limit: int | None = None) -> tuple[Record, ...]:
        """From the record that holds the version after this one."""
        if version >= self.version:
            return ()
        start = max(bisect_right(self.records, version + 1, key=_first) - 1, 0)
        return self.records[start : None if limit is None else start + limit]

    def unpublished(self, before: int) -> Iterator[Record]:
        """What is rightly hinted at, the newest first."""
        waiting = (one for one in reversed(self.records) if not one.published)
        return (one for one in islice(waiting, self.waiting) if _due(one, before))

    def marked(self, before: int) -> Iterator[Record]:
        """What was hinted at once, the newest first and only so many."""
        marked = (one for one in reversed(self.records) if one.published and _due(one, before))
        return islice(marked, STALE_RECORDS_MAX)


class Used(NamedTuple):
    """What the key of a request was used for: a digest, and which record of whom answers it."""

    digest: str
    aggregate: Aggregate
    number: int


NOTHING = History()


class Journal:
    """The Journal port. Its two indexes, hints and touched, are only as good as chance has it."""

    def __init__(self, chance: Chance = CALM) -> None:
        self._chance = chance
        self._histories: dict[Aggregate, History] = {}  # whoever commits goes to the end
        self._decided: dict[tuple[Aggregate, str], int] = {}  # which record a command wrote
        self._slots: dict[int, tuple[Aggregate, ...]] = {}
        self._snapshots: dict[tuple[Aggregate, str], Snapshot] = {}
        self._holders: dict[Held, str] = {}
        self._used: dict[tuple[str, str], Used] = {}
        self._end = 0

    def copy(self) -> Self:
        """Another that goes on from here by itself; only chance is shared."""
        twin = type(self)(self._chance)
        twin._histories = self._histories.copy()
        twin._decided = self._decided.copy()
        twin._slots = self._slots.copy()
        twin._snapshots = self._snapshots.copy()
        twin._holders = self._holders.copy()
        twin._used = self._used.copy()
        twin._end = self._end
        return twin

    def key(self) -> Hashable:
        """What every answer follows from. Who decided and where hints are follow from records."""
        return (
            tuple(self._histories.items()),
            frozenset(self._snapshots.items()),
            frozenset(self._holders.items()),
            frozenset(self._used.items()),
        )

    async def load(self, aggregate: Aggregate, command: str, states: Mapping[str, str]) -> Loaded:
        """Snapshots of these fingerprints, what came after them, and the command's own record."""
        history = self._histories.get(aggregate, NOTHING)
        snapshots: dict[str, Snapshot] = {}
        for state, fingerprint in states.items():
            known = self._snapshots.get((aggregate, state))
            if known is not None and known.fingerprint == fingerprint:
                snapshots[state] = known
        complete = snapshots and len(snapshots) == len(states)
        oldest = min([one.version for one in snapshots.values()]) if complete else 0
        number = self._decided.get((aggregate, command))
        answered = None if number is None else history.records[number]
        return Loaded(snapshots, history.after(oldest), answered, history.waiting)

    async def kept(self, once: Once) -> Kept | None:
        """What was answered to the request with this key."""
        used = self._used.get((once.tenant, once.key))
        if used is None:
            return None
        return Kept(used.digest, self._histories[used.aggregate].records[used.number])

    async def commit(self, record: Record, claims: Claims, once: Once | None) -> Verdict:
        """Write it IF its first version is the one that follows. Looks first, writes after."""
        aggregate = record.aggregate
        history = self._histories.get(aggregate, NOTHING)
        if record.first != history.version + 1:
            return Verdict.LOST
        if once is not None and (once.tenant, once.key) in self._used:
            return Verdict.LOST
        if claims.taken and self._refused(aggregate, claims.taken):
            return Verdict.TAKEN
        if (aggregate, record.command) in self._decided:
            return Verdict.LOST
        self._add(history, record)
        if once is not None:
            used = Used(once.digest, aggregate, len(history.records))
            self._used[once.tenant, once.key] = used
        if claims.released:
            self._release(aggregate, claims.released)
        if claims.taken:
            self._take(aggregate, claims.taken)
        return Verdict.COMMITTED

    async def keep(self, aggregate: Aggregate, state: str, snapshot: Snapshot) -> None:
        """The newest snapshot of a state stays; at the same version that of other code comes in."""
        known = self._snapshots.get((aggregate, state))
        if known is not None and snapshot.version <= known.version:
            older = snapshot.version < known.version
            if older or snapshot.fingerprint == known.fingerprint:
                return
        self._snapshots[aggregate, state] = snapshot

    async def forget(self, aggregate: Aggregate, state: str, snapshot: Snapshot) -> None:
        """Exactly this one is gone; another one stays."""
        if self._snapshots.get((aggregate, state)) == snapshot:
            del self._snapshots[aggregate, state]

    async def records(self, aggregate: Aggregate, after: int, limit: int) -> tuple[Record, ...]:
        """Its records from the one that follows version `after`, in order."""
        assert limit > 0
        return self._histories.get(aggregate, NOTHING).after(after, limit)

    async def unpublished(self, aggregate: Aggregate) -> tuple[Record, ...]:
        """Its newest records back to the last published one, in order."""
        records = self._histories.get(aggregate, NOTHING).records
        start = len(records)
        while start and not records[start - 1].published:
            start -= 1
        return records[start:]

    async def mark(self, aggregate: Aggregate, firsts: tuple[int, ...]) -> None:
        """Exactly these records are published, as far as they are there."""
        if len(firsts) > 1 and self._chance.happens("marked in part"):
            firsts = firsts[-1:]
        history = self._histories.get(aggregate, NOTHING)
        records, waiting = list(history.records), history.waiting
        for first in firsts:
            number = bisect_left(records, first, key=_first)
            one = records[number] if number < len(records) else None
            if one is not None and one.first == first and not one.published:
                records[number] = Record(*one[:-1], published=True)
                waiting -= 1
        if waiting < history.waiting:
            marked = history._replace(waiting=waiting, records=tuple(records))
            self._histories[aggregate] = marked

    async def hints(self, slot: int, before: int, limit: int) -> tuple[Hint, ...]:
        """Unpublished records of this slot, oldest first; an index may miss some, or know late."""
        assert 0 <= slot < SLOTS
        assert limit > 0
        if slot not in self._slots:
            return ()
        due, happens = self._hinted(slot, before, History.unpublished), self._chance.happens
        shown = list(islice((one for one in due if not happens("hint missed")), limit))
        marked = self._hinted(slot, before, History.marked)
        if marked and happens("hint stale"):
            shown = sorted([*shown, self._chance.pick(marked)])[:limit]
        return tuple([Hint(aggregate, first) for _, aggregate, first in shown])

    async def touched(self, after: str, limit: int) -> tuple[Touched, ...]:
        """Aggregates whose latest commits came after this place; an index may lag behind."""
        assert limit > 0
        place = int(after or 0)
        newest = takewhile(lambda one: one[1].place > place, reversed(self._histories.items()))
        found = list(newest)[::-1]
        shown = self._seen(len(found), limit)
        return tuple([_touched(*one) for one in found[:shown]])

    async def claim(
        self, aggregate: Aggregate, version: int, state: str, claims: frozenset[Claim]
    ) -> Mapping[Claim, str] | None:
        """Those that are not granted, and who holds them."""
        if self._histories.get(aggregate, NOTHING).version != version:
            return None
        under = f"{state}."
        mine = [claim for *_, claim in self._holders if claim.mark.startswith(under)]
        self._release(aggregate, frozenset(mine) - claims)
        refused = self._refused(aggregate, claims)
        self._take(aggregate, claims - refused.keys())
        return refused

    def _add(self, history: History, record: Record) -> None:
        aggregate, number = record.aggregate, len(history.records)
        assert record.events, "a record without events"
        assert b"\n" not in b"".join(record.events), "an event is one line"
        if record.published:
            record = record._replace(published=False)
        if number == 0:
            slot = slot_of(aggregate)
            self._slots[slot] = (*self._slots.get(slot, ()), aggregate)
        else:
            del self._histories[aggregate]
        self._end += 1
        self._histories[aggregate] = History(
            self._end, record.last, history.waiting + 1, (*history.records, record)
        )
        self._decided[aggregate, record.command] = number

    def _hinted(
        self, slot: int, before: int, some: Callable[[History, int], Iterator[Record]]
    ) -> list[Hinted]:
        return sorted(
            (one.at, aggregate, one.first)
            for aggregate in self._slots[slot]
            for one in some(self._histories[aggregate], before)
        )

    def _seen(self, found: int, limit: int) -> int:
        """How many of those found are shown: an index that is late has no hole, it ends early."""
        ends = range(max(0, found - LATE_AGGREGATES_MAX), min(found, limit))
        if ends and self._chance.happens("touched late"):
            return self._chance.pick(ends)
        return limit

    def _refused(self, aggregate: Aggregate, claims: frozenset[Claim]) -> Mapping[Claim, str]:
        tenant, domain, id = aggregate
        holder = self._holders.get
        found = {claim: holder((tenant, domain, claim), id) for claim in claims}
        return {claim: one for claim, one in found.items() if one != id}

    def _release(self, aggregate: Aggregate, claims: frozenset[Claim]) -> None:
        tenant, domain, id = aggregate
        for claim in claims:
            held = (tenant, domain, claim)
            if self._holders.get(held) == id:
                del self._holders[held]

    def _take(self, aggregate: Aggregate, claims: frozenset[Claim]) -> None:
        tenant, domain, id = aggregate
        for claim in claims:
            self._holders[tenant, domain, claim] = id


def _due(record: Record, before: int) -> bool:
    return record.at < before or record.at > before + DAY_US


def _touched(aggregate: Aggregate, history: History) -> Touched:
    place = history.place
    return Touched(aggregate, history.version, history.records[-1].at, str(place), str(place - 1))
