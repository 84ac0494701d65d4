"""Sending into a folder: a producer's face on one machine, blocking and with asyncio.

from domains import clicks
from local.sending import sender

with sender("data", clicks, by="shop") as shop:
    shop.send("eve", clicks.Viewed(page="/tea", ms=900))
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from types import ModuleType

from local.adapters import adapters
from local.producing import producing
from mainstem._refusal import Mistake
from mainstem.discovery import domain_of
from producers.sending import Sender
from producers.sending_async import AsyncSender
from producers.taking import Taker

TENANT = "main"


@contextmanager
def sender(folder: str | Path, domain: ModuleType, *, by: str) -> Iterator[Sender]:
    """Facts of a domain's file, sent by somebody. The folder is made if need be.

    What is stored and not published when the block ends is published by whoever sends next, or by
    `mainstem up`.
    """
    found = domain_of(domain)
    if found.decided:
        raise Mistake(f"{found.name} has commands, which decide what happens to it")
    ports = adapters(Path(folder))
    try:
        with producing(ports) as forwarder:
            yield Sender(Taker(found, TENANT, by), forwarder, ports.clock)
    finally:
        ports.close()


@asynccontextmanager
async def async_sender(
    folder: str | Path, domain: ModuleType, *, by: str
) -> AsyncIterator[AsyncSender]:
    """The same for asyncio."""
    block = sender(folder, domain, by=by)
    sending = AsyncSender(await asyncio.to_thread(block.__enter__))
    try:
        yield sending
    finally:
        try:
            await sending.close()
        finally:  # whoever cancels it now still lets go of the log
            await asyncio.to_thread(block.__exit__, None, None, None)
