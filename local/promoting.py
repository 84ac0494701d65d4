"""Promoting on one machine: the pointer to what is read, switched and switched back.

It is switched in the transaction in which the new rows come to where the old ones are, so nobody
reads a mix, and nobody reads something older than before.
"""

from __future__ import annotations

from collections.abc import Collection
from contextlib import suppress
from dataclasses import dataclass
from typing import NamedTuple

from local.adapters import Adapters
from local.claims import carried, pending
from local.locks import UP, WORK, held, holder
from local.rebuilding import Rebuilding
from local.settle import Told, claimed, current
from mainstem.aggregate import Aggregate
from mainstem.ports import Contended, Generation, Stage, Unavailable
from mainstem.protocol.audit import AUDITED
from mainstem.protocol.claims import Clash
from mainstem.protocol.drive import drive
from mainstem.protocol.loading import levelled, silent
from mainstem.protocol.promoting import Unready, newly_waiting, refuse_waiting
from mainstem.protocol.rebuild import Step

BEHIND = """SELECT o.tenant, o.id FROM heads o
    LEFT JOIN heads n ON n.generation = ? AND n.tenant = o.tenant AND n.id = o.id
    WHERE o.generation = ? AND coalesce(n.version, 0) < o.version"""


@dataclass(frozen=True)
class Switch:
    """From which generation to which."""

    old: Generation | None
    new: Generation


class Claimed(NamedTuple):
    """Who goes without a claim; or whether claims have yet to change hands."""

    left: tuple[Clash, ...]
    later: bool


@dataclass(frozen=True)
class Promoting:
    """Of one view."""

    rebuilding: Rebuilding

    def promote(self, allowed: Collection[str] = ()) -> Switch:
        """The one that was built is read from now on. Raises Unready, Busy, Unavailable."""
        with self.rebuilding.alone():
            new = self.rebuilding.building()
            if new is None and (again := self.again()) is not None:
                return self._switch(again, allowed)  # it was gone back from
            if new is None:
                raise Unready(f"{self._name}: nothing is built; `mainstem rebuild start` does")
            at = self.rebuilding.stands(new)
            if at is None or at.step is not Step.READY:
                raise Unready(f"{self._name}: is not ready yet; `mainstem rebuild resume` goes on")
            return self._switch(new, allowed)

    def rollback(self, allowed: Collection[str] = ()) -> Switch:
        """The one before is read again. Raises Unready, Busy, Unavailable."""
        with self.rebuilding.alone():
            newest, mine = self.rebuilding.kept(), self.rebuilding.kept(mine=True)
            if newest is None:
                raise Unready(f"{self._name}: no generation is kept to go back to")
            if mine is None:
                raise Unready(
                    f"{self._name}: generation {newest.number} was folded by other code; put the "
                    "domain file back as it was, and run it again"
                )
            return self._switch(mine, allowed)

    def drop(self, number: int) -> None:
        """Forgets one that is not read, with all its rows. Raises Unready."""
        with self.rebuilding.alone():
            found = self.droppable(number)
            if not drive(self._ports.generations.drop(found)):
                raise Unready(f"{self._name}: somebody else has switched it just now")
            drive(self._ports.search.forget(found))
            self.rebuilding.let_go(found)

    def droppable(self, number: int) -> Generation:
        """One that nobody reads. Raises Unready."""
        found = next((one for one in self.rebuilding.generations() if one.number == number), None)
        if found is None:
            raise Unready(f"{self._name}: there is no generation {number}")
        if found.stage is Stage.CURRENT:
            raise Unready(f"{self._name}: generation {number} is read; it can't be dropped")
        self._refuse_shown(found)
        return found

    def claimed(self, read: Generation, told: Told = lambda _: None) -> Claimed:
        """Claims change hands at once, where nobody is at work whose code makes others.

        Else they do when its code starts, before it decides anything.
        """
        ports, sink = self._ports, self.rebuilding.sink
        if holder(ports.folder.path, UP) is None and pending(ports, sink, read):
            with suppress(Unavailable, Contended), held(ports.folder.path, WORK) as mine:
                if mine is not None:
                    return Claimed(tuple(claimed(ports, sink, read, told)), False)
        return Claimed((), pending(ports, sink, read))

    def again(self) -> Generation | None:
        """What was promoted before, and gone back from."""
        kept, read = self.rebuilding.kept(), current(self._ports, self.rebuilding.sink)
        newer = kept is not None and read is not None and kept.number > read.number
        mine = kept is not None and kept.fingerprint == self.rebuilding.sink.fingerprint
        return kept if newer and mine else None

    @property
    def _ports(self) -> Adapters:
        return self.rebuilding.ports

    @property
    def _name(self) -> str:
        return self.rebuilding.sink.name

    def _switch(self, new: Generation, allowed: Collection[str] = ()) -> Switch:
        ports = self._ports
        self.rebuilding.come_up(new)
        self._level(new)
        with ports.folder.views.together(durable=True):  # nobody else moves on meanwhile
            old = current(ports, self.rebuilding.sink)
            self.rebuilding.come_up(new)
            into = self.rebuilding.into(new)
            refuse_waiting(into, drive(newly_waiting(into, old)), allowed)
            self._refuse_behind(new, old)
            if old is not None:
                audited = drive(ports.generations.noted(old, AUDITED))
                drive(ports.generations.note(new, AUDITED, audited))
            carried(ports, self.rebuilding.sink, old, new)
            if not drive(ports.generations.promote(new, old, drive(ports.clock.now()))):
                raise Unready(f"{self._name}: somebody else has switched it just now")
        self._let_go(old, new)
        return Switch(old, new)

    def _level(self, new: Generation) -> None:
        """What the feed has forgotten since is folded from the journal, as far as what is read."""
        old = current(self._ports, self.rebuilding.sink)
        if old is None or not self.rebuilding.sink.domain.decided:
            return  # facts are never forgotten there
        domain, into = self.rebuilding.sink.domain.name, silent(self.rebuilding.into(new))
        for tenant, id in self._ports.folder.views.rows(BEHIND, new.number, old.number):
            drive(levelled(into, self._ports.journal, old, Aggregate(tenant, domain, id)))

    def _let_go(self, old: Generation | None, new: Generation) -> None:
        """What was kept before `old` goes, unless a running process of other code may show it."""
        somebody = holder(self._ports.folder.path, UP) is not None
        for one in self.rebuilding.generations():
            own = one.fingerprint == self.rebuilding.sink.fingerprint
            before = old is not None and one.number == old.number
            if one.stage is Stage.KEPT and not before and (own or not somebody):
                drive(self._ports.generations.drop(one))
                drive(self._ports.search.forget(one))

    def _refuse_behind(self, new: Generation, old: Generation | None) -> None:
        if old is None:
            return
        there, here = (self._ports.checkpoints.positions(one) for one in (old, new))
        if any(self._left(shard, here.get(shard, 0), at) for shard, at in there.items()):
            raise Unready(f"{self._name}: generation {new.number} does not come up with the feed")

    def _left(self, shard: str, after: int, upto: int) -> bool:
        """Whether the feed still has records between; where it has none, both are as far."""
        found = drive(self._ports.feed.read(shard, after, 1)).records if after < upto else ()
        return any(one.sequence <= upto for one in found)

    def _refuse_shown(self, one: Generation) -> None:
        """A process that runs the code before shows what that has folded."""
        read = current(self._ports, self.rebuilding.sink)
        other = read is not None and read.fingerprint != one.fingerprint
        up = holder(self._ports.folder.path, UP)
        folds = (up or {}).get("folds", {}).get(self._name, one.fingerprint)
        if one.stage is Stage.KEPT and other and up is not None and folds == one.fingerprint:
            raise Unready(f"{self._name}: `mainstem up` may show generation {one.number}; stop it")
