"""Promoting on one machine: the pointer to what is read, switched and switched back.

It is switched in the transaction in which the new rows come to where the old ones are, so nobody
reads a mix, and nobody reads something older than before.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass

from local.adapters import Adapters
from local.rebuilding import Rebuilding
from local.settle import current
from mainstem.ports import Generation, Parked, Unavailable
from mainstem.protocol.audit import AUDITED
from mainstem.protocol.drive import drive
from replay.standing import Step

PARKED_A_PAGE = 500


class Unready(Unavailable):
    """What has to hold before it is read does not."""


@dataclass(frozen=True)
class Switch:
    """From which generation to which."""

    old: Generation | None
    new: Generation


@dataclass(frozen=True)
class Promoting:
    """Of one view."""

    rebuilding: Rebuilding

    def promote(self, allowed: Collection[str] = ()) -> Switch:
        """The one that was built is read from now on. Raises Unready, Busy, Unavailable."""
        with self.rebuilding.alone():
            new = self.rebuilding.building()
            if new is None and (again := self._again()) is not None:
                return self._switch(again)  # it was gone back from
            if new is None:
                raise Unready(f"{self._name}: nothing is built; `mainstem rebuild start` does")
            at = self.rebuilding.stands(new)
            if at is None or at.step is not Step.READY:
                raise Unready(f"{self._name}: is not ready yet; `mainstem rebuild resume` goes on")
            if at.conflicts:
                raise Unready(f"{self._name}: others hold {', '.join(at.conflicts)}")
            self._refuse_parked(new, allowed)
            return self._switch(new)

    def rollback(self) -> Switch:
        """The one before is read again. Raises Unready, Busy, Unavailable."""
        with self.rebuilding.alone():
            newest = self.rebuilding.kept()
            if newest is None:
                raise Unready(f"{self._name}: no generation is kept to go back to")
            if newest.fingerprint != self.rebuilding.sink.fingerprint:
                raise Unready(
                    f"{self._name}: generation {newest.number} was folded by other code; put the "
                    "domain file back as it was, and run it again"
                )
            return self._switch(newest)

    def drop(self, number: int) -> None:
        """Forgets one that is not read, with all its rows. Raises Unready."""
        with self.rebuilding.alone():
            found = {one.number: one for one in drive(self._ports.generations.of(self._name))}
            if number not in found:
                raise Unready(f"{self._name}: there is no generation {number}")
            if not drive(self._ports.generations.drop(found[number])):
                raise Unready(f"{self._name}: generation {number} is read; it can't be dropped")
            drive(self._ports.search.forget(found[number]))
            self.rebuilding.let_go(found[number])

    def _again(self) -> Generation | None:
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

    def _switch(self, new: Generation) -> Switch:
        ports = self._ports
        self.rebuilding.come_up(new)
        with ports.folder.views.together(durable=True):  # nobody else moves on meanwhile
            old = current(ports, self.rebuilding.sink)
            self.rebuilding.come_up(new)
            self._refuse_behind(new, old)
            if old is not None:
                audited = drive(ports.generations.noted(old, AUDITED))
                drive(ports.generations.note(new, AUDITED, audited))
            if not drive(ports.generations.promote(new, old, drive(ports.clock.now()))):
                raise Unready(f"{self._name}: somebody else has switched it just now")
        return Switch(old, new)

    def _refuse_behind(self, new: Generation, old: Generation | None) -> None:
        if old is None:
            return
        there, here = (self._ports.checkpoints.positions(one) for one in (old, new))
        behind = [shard for shard, at in there.items() if here.get(shard, 0) < at]
        if behind:
            raise Unready(f"{self._name}: generation {new.number} does not come up with the feed")

    def _refuse_parked(self, new: Generation, allowed: Collection[str]) -> None:
        """Those that wait in what is read as well are no worse than before."""
        old = current(self._ports, self.rebuilding.sink)
        before = set() if old is None else {str(one.aggregate) for one in self._parked(old)}
        known = before | set(allowed)
        new_ones = [one for one in self._parked(new) if str(one.aggregate) not in known]
        if new_ones:
            some = ", ".join(f"{one.aggregate} ({one.why})" for one in new_ones[:3])
            raise Unready(
                f"{self._name}: {len(new_ones)} wait: {some}; `--allow-parked` names those that may"
            )

    def _parked(self, generation: Generation) -> Iterator[Parked]:
        after = ""
        while page := drive(self._ports.parks.waiting(generation, after, PARKED_A_PAGE)):
            yield from page
            after = f"{page[-1].aggregate.tenant}/{page[-1].aggregate.id}"
