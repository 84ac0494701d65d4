"""Stores of the simulator, served to other processes: so they keep the contracts that files keep.

They are plain objects in memory, and only the simulator calls them, one call after the other. A
contract lets threads and processes call at once; a lock puts those calls in a row.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from multiprocessing.connection import Client, Connection, Listener
from threading import Lock, Thread
from typing import Any

from mainstem.protocol.drive import drive

KEY = b"between the processes of one test"
Address = tuple[str, int]
Ports = Callable[[str], Any]  # a port by its name
Called = tuple[str, str, tuple[Any, ...], dict[str, Any]]


class Servant:
    """Calls the ports it holds, one call at a time."""

    def __init__(self, ports: Mapping[str, Any]) -> None:
        self._ports, self._lock = ports, Lock()

    def call(self, *called: Any) -> Any:
        port, method, args, more = called
        with self._lock:
            return drive(getattr(self._ports[port], method)(*args, **more))


class Line:
    """The same from another process."""

    def __init__(self, address: Address) -> None:
        self._connection, self._lock = Client(address, authkey=KEY), Lock()

    def call(self, *called: Any) -> Any:
        with self._lock:
            self._connection.send(called)
            error, result = self._connection.recv()
        if error is not None:
            raise error
        return result


class Remote:
    """A port whose methods are called elsewhere."""

    def __init__(self, servant: Servant | Line, port: str) -> None:
        self._servant, self._port = servant, port

    def __getattr__(self, method: str) -> Any:
        async def call(*args: Any, **more: Any) -> Any:
            return self._servant.call(self._port, method, args, more)

        return call


HERE: dict[Address, Servant] = {}


@dataclass(frozen=True)
class Served:
    """Opens what is served at an address, from whichever process."""

    address: Address
    made: Callable[[Ports], Any]

    @contextmanager
    def __call__(self) -> Iterator[Any]:
        servant = HERE.get(self.address) or Line(self.address)
        yield self.made(lambda port: Remote(servant, port))


@contextmanager
def served(ports: Mapping[str, Any], made: Callable[[Ports], Any]) -> Iterator[Served]:
    """Serves these ports for a while. `made` opens them: a function of a module, to be pickled."""
    servant = Servant(ports)
    with Listener(("127.0.0.1", 0), backlog=64, authkey=KEY) as listener:
        address = listener.address
        assert isinstance(address, tuple)
        HERE[address] = servant
        Thread(target=_accept, args=(listener, servant), daemon=True).start()
        try:
            yield Served(address, made)
        finally:
            del HERE[address]


def _accept(listener: Listener, servant: Servant) -> None:
    with suppress(OSError):  # it was closed
        while True:
            Thread(target=_serve, args=(listener.accept(), servant), daemon=True).start()


def _serve(connection: Connection, servant: Servant) -> None:
    with suppress(EOFError, OSError), connection:  # they have gone, or were killed
        while True:
            called: Called = connection.recv()
            try:
                connection.send((None, servant.call(*called)))
            except Exception as error:  # noqa: BLE001  it is theirs
                connection.send((error, None))
