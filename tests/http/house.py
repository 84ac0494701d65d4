"""What tests of the entrance share: a folder of its own, served as it is, and its callers."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import uvicorn
from httpx import Client, Response

from edge.caller import Caller
from edge.tokens import mint
from local.adapters import Adapters, adapters
from local.asgi import Door, application
from local.counter import counter
from local.engine import Engine, engine
from mainstem.discovery import Domain, discover
from mainstem.protocol.drive import drive
from producers.ingest import Ingest
from queries.reader import Reader

ROOT = Path(__file__).parents[2]
PATIENCE_S = 60.0  # a slow machine is no reason for another answer
KEY = b"an old oak table, seats for nine"
DOMAINS: Mapping[str, Domain] = discover(ROOT / "domains")


@dataclass
class House:
    """One folder with its entrance. What was decided shows once it is `caught_up`."""

    ports: Adapters
    running: Engine
    client: Client
    address: str
    trouble: list[str]

    def ask(
        self, path: str, body: Any = None, by: str = "ann", *roles: str, **options: Any
    ) -> Response:
        """Posts as somebody; nobody's name is empty."""
        headers = signed(by, *roles) | options.pop("headers", {})
        if body is not None:
            options["json"] = body
        return self.client.post(path, headers=headers, **options)

    def read(self, path: str, by: str = "ann", *roles: str, **options: Any) -> Response:
        """Gets as somebody."""
        headers = signed(by, *roles) | options.pop("headers", {})
        return self.client.get(path, headers=headers, **options)

    def caught_up(self) -> House:
        self.running.catch_up()
        return self


def signed(by: str, *roles: str, tenant: str = "main") -> dict[str, str]:
    """The header that says who this is."""
    if not by:
        return {}
    token = mint(KEY, Caller(by, frozenset(roles), tenant), int(time.time()), 3600)
    return {"Authorization": f"Bearer {token}"}


@contextmanager
def opened(
    path: Path, wait_s_max: float = PATIENCE_S, domains: Mapping[str, Domain] = DOMAINS
) -> Iterator[House]:
    """A house over this folder, until it is left."""
    ports = adapters(path)
    try:
        running = engine(ports, domains)
        trouble: list[str] = []
        asking = counter(ports, KEY)
        reader = Reader(
            ports.rows, ports.generations, ports.search, ports.journal, ports.clock, wait_s_max
        )
        app = application(
            domains, asking, reader, Ingest(ports.feed, ports.clock),
            key=KEY, now=lambda: drive(ports.clock.now()), version="7", health=lambda: trouble,
        )  # fmt: skip
        with served(app) as address, Client(base_url=address, timeout=60) as client:
            yield House(ports, running, client, address, trouble)
    finally:
        ports.close()


@contextmanager
def served(app: Door) -> Iterator[str]:
    """The application on a port of this machine, by the server that users have."""
    config = uvicorn.Config(app, log_config=None, access_log=False, lifespan="off", ws="none")
    server = uvicorn.Server(config)
    # asyncio sends small answers at once only where a socket says that it is TCP.
    ear = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    ear.bind(("127.0.0.1", 0))
    ear.listen()
    thread = threading.Thread(target=server.run, kwargs={"sockets": [ear]})
    thread.start()
    try:
        yield f"http://127.0.0.1:{ear.getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join()
        ear.close()
