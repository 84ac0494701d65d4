"""Sending from a program of one's own: stored or published, in order, blocking or not."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

from domains import clicks, tickets
from domains.clicks import Purchased, Viewed
from local.producing import LOGS, records
from local.sending import async_sender, sender
from mainstem import Event
from mainstem._refusal import Mistake, Unfit
from mainstem.ports import Unavailable
from mainstem.protocol.drive import drive
from mainstem.sim.checks import facts
from producers.forwarding import Forwarder
from producers.log import FileLog
from tests.cli.desk import opened

A_WHILE_S = 30.0


def look(n: int) -> Viewed:
    return Viewed(page=f"/{n}", ms=1)


def arrived(folder: Path) -> dict[str, list[int]]:
    """The pages that each visitor looked at, in the order of the feed."""
    with opened(folder) as ports:
        shards = drive(ports.feed.shards())
        every = [one for shard in shards for one in records(ports.feed, shard.name)]
    found = facts(sorted(every, key=lambda one: one.sequence))
    return {one.id: [int(e["data"]["page"][1:]) for e in these] for one, these in found.items()}


def test_what_is_sent_is_there_in_the_order_in_which_it_was(tmp_path: Path) -> None:
    with sender(tmp_path, clicks, by="shop") as shop:
        for n in range(10):
            shop.send(f"v{n % 2}", look(n))
        shop.send_all((f"v{n % 2}", look(n)) for n in range(10, 30))
        assert shop.flush(A_WHILE_S)
    assert arrived(tmp_path) == {"v0": list(range(0, 30, 2)), "v1": list(range(1, 30, 2))}


def test_what_is_published_is_on_the_feed_when_it_is_said(tmp_path: Path) -> None:
    at = datetime(2026, 6, 1, 16, tzinfo=UTC)
    with sender(tmp_path, clicks, by="shop") as shop:
        shop.send("eve", look(1), at=at, ack="published")
        assert arrived(tmp_path) == {"eve": [1]}
        shop.send_all([("eve", look(2)), ("eve", look(3))], ack="published")
        assert arrived(tmp_path) == {"eve": [1, 2, 3]}


def test_what_was_stored_is_published_by_whoever_sends_next(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Forwarder, "start", lambda _: None)  # as if it ended at once
    with sender(tmp_path, clicks, by="shop") as shop:
        shop.send("eve", look(1))
    monkeypatch.undo()
    assert arrived(tmp_path) == {}
    with sender(tmp_path, clicks, by="shop") as shop:
        shop.send("eve", look(2), ack="published")
    assert arrived(tmp_path) == {"eve": [1, 2]}


class Viewing(Event):
    page: str
    ms: int


@pytest.mark.parametrize(
    ("id", "event", "at", "why"),
    [
        ("", look(1), None, "id: has from 1 to 256 characters"),
        ("a\nb", look(1), None, "id: has from 1 to 256 characters"),
        ("eve", Viewing(page="/", ms=1), None,
         "Viewing is no event of clicks: Viewed, Purchased, Refunded"),
        ("eve", look(1), datetime(2026, 6, 1), "at: a moment says its zone"),  # noqa: DTZ001
        ("eve", Viewed(page="x" * 70_000, ms=1), None, "bytes"),
    ],
)  # fmt: skip
def test_what_can_not_be_a_fact_is_told_and_nothing_is_sent(
    tmp_path: Path, id: str, event: Event, at: datetime | None, why: str
) -> None:
    with sender(tmp_path, clicks, by="shop") as shop:
        with pytest.raises(Unfit, match=why):
            shop.send(id, event, at=at)
        assert shop.flush(A_WHILE_S)
    assert arrived(tmp_path) == {}


def test_facts_are_for_domains_without_commands(tmp_path: Path) -> None:
    with (
        pytest.raises(Mistake, match="tickets has commands, which decide"),
        sender(tmp_path / "data", tickets, by="shop"),
    ):
        pass
    assert not (tmp_path / "data").exists()


def test_many_threads_may_send(tmp_path: Path) -> None:
    with sender(tmp_path, clicks, by="shop") as shop:

        def sends(whose: str) -> None:
            for n in range(20):
                shop.send(whose, look(n))

        threads = [Thread(target=sends, args=(f"v{n}",)) for n in range(8)]
        for one in threads:
            one.start()
        for one in threads:
            one.join()
        assert shop.flush(A_WHILE_S)
    assert arrived(tmp_path) == {f"v{n}": list(range(20)) for n in range(8)}


def kept_frames(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many bundles were kept each time."""
    found: list[int] = []
    keep = FileLog.keep

    async def counted(self: FileLog, *args: Any) -> Any:
        found.append(len(args[0]))
        return await keep(self, *args)

    monkeypatch.setattr(FileLog, "keep", counted)
    return found


def test_what_comes_together_is_stored_by_one_sync(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    frames = kept_frames(monkeypatch)

    async def sends() -> None:
        async with async_sender(tmp_path, clicks, by="shop") as shop:
            await asyncio.gather(*(shop.send(f"v{n % 3}", look(n)) for n in range(900)))
            await shop.flush()

    asyncio.run(sends())
    assert arrived(tmp_path) == {f"v{n}": list(range(n, 900, 3)) for n in range(3)}
    assert len(frames) < 10


def test_with_asyncio_each_hears_what_was_promised_to_it(tmp_path: Path) -> None:
    async def sends() -> None:
        async with async_sender(tmp_path, clicks, by="shop") as shop:
            await shop.send("eve", look(1), ack="published")
            assert await asyncio.to_thread(arrived, tmp_path) == {"eve": [1]}
            with pytest.raises(Unfit, match="id: has from 1"):
                await shop.send("", look(2))
            gone = asyncio.create_task(shop.send("eve", look(3)))
            await asyncio.sleep(0)
            gone.cancel()
            bought = Purchased(product="pot", cents=1, order="1")
            await asyncio.gather(
                shop.send("ann", look(4), ack="published"), shop.send("bob", bought)
            )

    asyncio.run(sends())
    with opened(tmp_path) as ports:
        shards = drive(ports.feed.shards())
        every = [one for shard in shards for one in records(ports.feed, shard.name)]
    assert {one.id for one in facts(every)} == {"eve", "ann", "bob"}


def test_with_asyncio_whoever_waits_is_told_that_it_was_not_stored(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def full(*_: Any) -> Any:
        raise Unavailable("the disk is full; nothing was written")

    async def sends() -> None:
        async with async_sender(tmp_path, clicks, by="shop") as shop:
            with monkeypatch.context() as patch:
                patch.setattr(FileLog, "keep", full)
                asked = (shop.send("eve", look(n), ack=ack) for n, ack in enumerate(ACKS))
                found = await asyncio.gather(*asked, return_exceptions=True)
            assert [str(one) for one in found] == ["the disk is full; nothing was written"] * 2
            await shop.send("eve", look(7), ack="published")

    asyncio.run(sends())
    assert arrived(tmp_path) == {"eve": [7]}


def test_with_asyncio_whoever_is_cancelled_while_it_ends_leaves_its_log_to_the_next(
    tmp_path: Path,
) -> None:
    async def ends(ending: asyncio.Event) -> None:
        async with async_sender(tmp_path, clicks, by="shop") as shop:
            sent.append(asyncio.create_task(shop.send("eve", look(1))))
            await asyncio.sleep(0)
            ending.set()

    async def cancelled() -> None:
        ending = asyncio.Event()
        ends_soon = asyncio.create_task(ends(ending))
        await ending.wait()
        ends_soon.cancel()
        with pytest.raises(asyncio.CancelledError):
            await ends_soon
        with sender(tmp_path, clicks, by="shop"):
            assert len(list((tmp_path / LOGS).glob("[0-9]*"))) == 1  # nobody had to begin another

    sent = list[asyncio.Task[None]]()
    asyncio.run(cancelled())


ACKS = ("stored", "published")
