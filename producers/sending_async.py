"""Sending with asyncio: what comes while the disk is busy is stored together, by one sync."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

from mainstem._event import Event
from mainstem.protocol.ingest import Fact
from producers.ingest import Ack
from producers.sending import FACTS_A_KEEP, Said, Sender

Heard = asyncio.Future[None]


class Waiting(NamedTuple):
    """A fact that is on its way, and who waits for what to be promised of it."""

    fact: Fact
    ack: Ack
    heard: Heard


@dataclass
class AsyncSender:
    """One process's facts of one domain, from any number of tasks of one loop."""

    sender: Sender
    _gathered: list[Waiting] = field(default_factory=list)
    _stored: list[tuple[Sequence[int], Sequence[Heard]]] = field(default_factory=list)
    _keeping: asyncio.Task[None] | None = None
    _following: asyncio.Task[None] | None = None

    async def send(
        self, id: str, event: Event, *, at: datetime | None = None, ack: Ack | str = Ack.STORED
    ) -> None:
        """Returns once it is stored, or published. Raises Unfit, or Unavailable: it is neither.

        Cancelled, it may be either.
        """
        heard = asyncio.get_running_loop().create_future()
        self._gathered.append(Waiting(self.sender.fact(Said(id, event, at)), Ack(ack), heard))
        if self._keeping is None:
            self._keeping = asyncio.create_task(self._keep())
        await heard

    async def flush(self) -> None:
        """Until all that was stored is published."""
        while self._keeping is not None:
            await asyncio.wait([self._keeping])
        await asyncio.to_thread(self.sender.flush)

    async def close(self) -> None:
        """Once nobody waits any more."""
        while tasks := [one for one in (self._keeping, self._following) if one is not None]:
            await asyncio.wait(tasks)

    async def _keep(self) -> None:
        try:
            while self._gathered:
                some = self._gathered[:FACTS_A_KEEP]
                del self._gathered[: len(some)]
                await self._kept(some)
        finally:
            self._keeping = None

    async def _kept(self, some: Sequence[Waiting]) -> None:
        try:
            places = await asyncio.to_thread(self.sender.keep, [one.fact for one in some])
        except Exception as no:  # noqa: BLE001  each of them is told
            _tell([one.heard for one in some], no)
            return
        _tell([one.heard for one in some if one.ack is Ack.STORED])
        wait = [one.heard for one in some if one.ack is Ack.PUBLISHED]
        if wait:
            self._stored.append((places, wait))
            self._following = self._following or asyncio.create_task(self._follow())

    async def _follow(self) -> None:
        try:
            while self._stored:
                places, wait = self._stored.pop(0)
                try:
                    await asyncio.to_thread(self.sender.wait, places)
                except Exception as no:  # noqa: BLE001
                    _tell(wait, no)
                else:
                    _tell(wait)
        finally:
            self._following = None


def _tell(some: Sequence[Heard], no: Exception | None = None) -> None:
    for one in some:
        with suppress(asyncio.InvalidStateError):  # whoever waited has been cancelled
            if no is None:
                one.set_result(None)
            else:
                one.set_exception(no)
