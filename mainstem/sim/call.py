"""Calls: what the protocol asks of a port, held until the scheduler lets it happen."""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping
from typing import Any

from mainstem.protocol.drive import drive

READS = frozenset(
    "journal.load journal.kept journal.records journal.unpublished journal.hints journal.touched "
    "feed.shards feed.read rows.read rows.list rows.all rows.changes rows.lane parks.waits "
    "parks.parked parks.waiting parks.quarantined generations.of generations.noted intents.waiting "
    "search.find log.left log.sources".split()
)


class Call:
    """One call of one port. Awaited, it is handed to whoever drives the coroutine."""

    __slots__ = ("args", "method", "more", "name", "port")

    def __init__(
        self, port: str, method: str, name: str, args: tuple[Any, ...], more: dict[str, Any]
    ) -> None:
        self.port, self.method, self.name, self.args, self.more = port, method, name, args, more

    def __await__(self) -> Generator[Call, Any, Any]:
        return (yield self)

    @property
    def writes(self) -> bool:
        """Whether it changes something, so that it may take effect without anybody knowing."""
        return self.name not in READS

    @property
    def repeatable(self) -> bool:
        """Whether somebody between here and there may ask again: not for a file of one's own."""
        return self.writes and not self.name.startswith("log.")


class Watched:
    """A port of which every call is one step of the scheduler's."""

    def __init__(self, port: str, called: str = "") -> None:
        self._port, self._called = port, called or port

    def __getattr__(self, method: str) -> Callable[..., Call]:
        port, name = self._port, f"{self._called}.{method}"

        def call(*args: Any, **more: Any) -> Call:
            return Call(port, method, name, args, more)

        setattr(self, method, call)
        return call


class Ports:
    """The stores behind watched ports, whichever they are: the simulator's or SQLite's."""

    def __init__(self, stores: Mapping[str, Any]) -> None:
        self.stores = dict(stores)
        self.heard: dict[str, Callable[[Call, Any], None]] = {}  # who is told of which calls

    def perform(self, call: Call) -> Any:
        """What the store answers."""
        method = getattr(self.stores[call.port], call.method)
        result = drive(method(*call.args, **call.more) if call.more else method(*call.args))
        if call.name in self.heard:
            self.heard[call.name](call, result)
        return result
