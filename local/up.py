"""One machine, up: the entrance and every loop in one process, until it is told to stop.

Whatever is killed at whatever moment, what was acknowledged is in the journal; the next start finds
what was not published, not consumed and not indexed, and goes on there.
"""

from __future__ import annotations

import signal
import socket
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from local.adapters import Adapters, adapters
from local.archiving import Archiver
from local.compacting import Compacting
from local.engine import Engine, engine
from local.locks import UP, WORK, Held, held, holder
from local.loops import Loop, Loops
from local.producing import LeftBehind, Way
from local.service import Service
from local.settle import Told
from mainstem.discovery import Domain
from mainstem.protocol.drive import drive

HOST = "127.0.0.1"
PORT = 8400
LOOK_S_MAX = 0.3  # whoever only looks whether somebody is up has the lock for a moment
WORK_S_MAX = 30.0
STOP_S_MAX = 5
RETENTION_US = 7 * 24 * 3_600_000_000
AUDIT_AGE_US = 5_000_000  # on one machine an event is shown within moments


class Occupied(Exception):
    """Nobody can listen there now."""


class AlreadyUp(Exception):
    """Somebody serves this folder, and says where."""


@dataclass(frozen=True)
class Address:
    """Where to listen."""

    host: str = HOST
    port: int = PORT

    def listening(self) -> socket.socket:
        """The port, ours from now on. Raises Occupied."""
        family = socket.AF_INET6 if ":" in self.host else socket.AF_INET
        # TCP by name: where it is only the default, answers wait for acknowledgements (Nagle).
        ear = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
        try:
            ear.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            ear.bind((self.host, self.port))
            ear.listen()
        except OSError as error:
            ear.close()
            where = f"{self.host}:{self.port}"
            raise Occupied(f"can't listen on {where}: {error.strerror}") from None
        return ear


def up(
    path: Path,
    domains: Mapping[str, Domain],
    address: Address,
    version: str,
    told: Told,
    ready: Callable[[str], None],
) -> bool:
    """Serves until SIGINT or SIGTERM; whether everything ended in time. Raises AlreadyUp."""
    ports = adapters(path)
    try:
        with _alone(path) as mine, address.listening() as ear:
            running = engine(ports, domains, told)
            compacting = Compacting(path.absolute(), _place(domains))
            loops = Loops(_loops(ports, running, compacting))
            way = Way(ports, loops.ring)
            where = _named(ear)
            mine.say(address=where, folds=running.folds)
            loops.start()
            try:
                _serve(Service(ports, domains, loops, version, way), ear, lambda: ready(where))
            finally:
                compacting.close()
                in_time = loops.stop(STOP_S_MAX)
                way.close()
            return in_time
    finally:
        ports.close()


def _named(ear: socket.socket) -> str:
    host, port = ear.getsockname()[:2]
    return f"http://{f'[{host}]' if ':' in host else host}:{port}"


@contextmanager
def _alone(path: Path) -> Iterator[Held]:
    """Both locks of the folder. A command may have one for a moment; that is waited for."""
    with _patiently(path, UP, LOOK_S_MAX) as mine:
        if mine is None:
            about = holder(path, UP) or {}
            where = about.get("address", "it is just starting")
            raise AlreadyUp(f"{path} is up already: {where} (process {about.get('process', '?')})")
        with _patiently(path, WORK, WORK_S_MAX) as work:
            if work is None:
                raise AlreadyUp(f"{path}: another command has been at work here for too long")
            yield mine


@contextmanager
def _patiently(path: Path, name: str, patience_s: float) -> Iterator[Held | None]:
    """The lock as soon as whoever has it lets go; None where that takes too long."""
    until = time.monotonic() + patience_s
    while True:
        with held(path, name) as mine:
            if mine is not None or time.monotonic() > until:
                yield mine
                return
        time.sleep(0.02)


def _loops(ports: Adapters, running: Engine, compacting: Compacting) -> list[Loop]:
    return [
        Loop("consumer", running.consume, 0.02, rung=True),
        Loop("search", running.index, 0.05),  # what changes within that time is one sync
        Loop("sweeper", running.sweep, 2.0),
        Loop("repair", running.repair, 0.2),
        Loop("auditor", lambda: running.audit(AUDIT_AGE_US), 5.0),
        Loop("producers", LeftBehind(ports).bring, 5.0),
        Loop("archiver", Archiver(ports).due, 5.0),
        *([Loop("compactor", compacting.step, 3600.0)] if running.domains else []),
        Loop("retention", lambda: _forget(ports), 3600.0),
    ]


def _place(domains: Mapping[str, Domain]) -> Path:
    """The folder that their files lie in."""
    files = [one.module.__file__ for one in domains.values()]
    return Path(files[0] or "").parent if files else Path("domains")


def _forget(ports: Adapters) -> int:
    """Bundles that are old and archived. Facts stay: views are folded anew from the feed."""
    before, left = drive(ports.clock.now()) - RETENTION_US, Archiver(ports).oldest()
    ports.feed.forget(before if left is None else min(before, left), keep_facts=True)
    return 0


def _serve(service: Service, ear: socket.socket, ready: Callable[[], None]) -> None:
    """Answers HTTP until it is told to stop."""
    import uvicorn

    config = uvicorn.Config(
        service.application(), log_config=None, access_log=False, lifespan="off", ws="none",
        server_header=False, proxy_headers=False, timeout_graceful_shutdown=STOP_S_MAX,
    )  # fmt: skip

    class Server(uvicorn.Server):
        async def startup(self, sockets: list[socket.socket] | None = None) -> None:
            await super().startup(sockets)
            ready()

    # uvicorn raises the signal again once it has ended; then there is nothing left to interrupt.
    before = {one: signal.signal(one, _heard) for one in (signal.SIGINT, signal.SIGTERM)}
    try:
        Server(config).run(sockets=[ear])
    finally:
        for one, handler in before.items():
            signal.signal(one, handler)


def _heard(*_: Any) -> None:
    """It has ended already."""
