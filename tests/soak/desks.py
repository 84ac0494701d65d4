"""Desks: where a wish is asked. On the folder itself, or over HTTP of whoever serves it just now.

An answer is a line for the ledger; None: nobody knows what came of it, so it is to be asked again.
"""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from typing import Any, Protocol

import httpx

from edge.caller import Caller
from edge.tokens import mint
from local.adapters import Adapters
from local.engine import engine
from local.locks import UP, WORK, held
from local.secrets import TOKENS
from local.service import asking
from mainstem import Refused
from mainstem.discovery import Domain
from mainstem.ports import Trouble
from mainstem.protocol.drive import drive
from producers.asking import Asking
from tests.soak.wishes import Wish

Told = Mapping[str, Any]
CODES = b"no command of the load makes codes"
TOKEN_AGE_S = 24 * 3600
PATIENCE_S = 120.0
NO = {"refused", "forbidden", "missing", "taken"}
NOT_NOW = {"contended", "unavailable", "not signed in"}  # the last: a stranger has that port now


class Desk(Protocol):
    """Where commands are asked."""

    def ask(self, wish: Wish) -> Told | None:
        """What was answered, if anything was."""
        ...


def desk_of(name: str, ports: Adapters, domains: Mapping[str, Domain]) -> Desk:
    """By its first letter: `a` as `mainstem ask` does; `p` in two steps, commit and then publish,
    as where journal and feed are not in one file; `h` over HTTP."""
    match name[0]:
        case "a":
            return Direct(ports, domains, asking(ports))
        case "p":
            return Direct(ports, domains, Asking(ports.journal, ports.feed, ports.clock, CODES))
        case _:
            return Entrance(ports)


class Direct:
    """On the folder itself, whether or not anybody is up."""

    def __init__(self, ports: Adapters, domains: Mapping[str, Domain], asking: Asking) -> None:
        self.ports, self.domains, self.asking = ports, domains, asking

    def ask(self, wish: Wish) -> Told | None:
        domain = self.domains[wish.domain]
        body = domain.commands[wish.command](**wish.fields)
        once = (wish.key, json.dumps(asdict(wish)))
        try:
            done = self.asking.ask(domain, body, Caller(wish.by), id=wish.id, once=once)
        except Refused as no:
            return {"refused": no.reason}
        except Trouble:
            return None
        return _told(done.aggregate.id, done.version, done.answer, done.happened)

    def catch_up(self) -> None:
        """The work of whoever is up, done here for a moment while nobody is."""
        with suppress(Trouble), held(self.ports.folder.path, WORK) as mine:
            if mine is not None:
                engine(self.ports, self.domains).catch_up()


class Entrance:
    """Over HTTP, wherever the folder is served just now; a new connection after each kill."""

    def __init__(self, ports: Adapters) -> None:
        self.folder, self.key = ports.folder.path, drive(ports.keys.secret(TOKENS))
        self._client: httpx.Client | None = None

    def ask(self, wish: Wish) -> Told | None:
        path = f"/v1/{wish.domain}/{wish.id}/{segment(wish.command)}"
        headers = self.signed(wish.by) | {"Idempotency-Key": wish.key}
        answer = self.post(path, json.dumps(wish.fields).encode(), headers)
        return None if answer is None else _heard(answer)

    def take(self, facts: list[dict[str, Any]]) -> list[bool] | None:
        """Which of them were acknowledged."""
        body = "".join(json.dumps(one) + "\n" for one in facts).encode()
        headers = self.signed("shop", "producer") | {"Content-Type": "application/x-ndjson"}
        answer = self.post("/v1/clicks", body, headers)
        if answer is None or answer.status_code != 200:
            return None
        return [bool(json.loads(line)["ok"]) for line in answer.text.splitlines()]

    def signed(self, by: str, *roles: str) -> dict[str, str]:
        caller = Caller(by, frozenset(roles))
        token = mint(self.key, caller, int(time.time()), TOKEN_AGE_S)
        return {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}

    def post(self, path: str, body: bytes, headers: Mapping[str, str]) -> httpx.Response | None:
        try:
            return self._connected().post(path, content=body, headers=dict(headers))
        except httpx.HTTPError:
            self._client = None  # killed, or not up yet; somebody else may still be using it
            return None

    def _connected(self) -> httpx.Client:
        if self._client is None:
            address = served_at(self.folder)
            if address is None:
                raise httpx.ConnectError("nobody is up")
            self._client = httpx.Client(base_url=address, timeout=PATIENCE_S)
        return self._client


def served_at(folder: Path) -> str | None:
    """What whoever is up says of itself, or whoever was."""
    try:
        found = json.loads((folder / UP).read_text("utf-8"))
    except (OSError, ValueError):
        return None
    address = found.get("address")
    return str(address) if address else None


def segment(command: str) -> str:
    """As addresses name it; the commands of the load have one word each."""
    return command.lower()


def _heard(answer: httpx.Response) -> Told | None:
    said = answer.json()
    if answer.status_code in (200, 201):
        return _told(said["id"], said["version"], said["answer"], said["happened"])
    if said["title"] in NOT_NOW:
        return None
    if said["title"] in NO:
        return {"refused": said["detail"]}
    return {"failed": f"{answer.status_code} {said['title']}: {said['detail']}"}


def _told(id: str, version: int, answer: Any, happened: bool) -> Told:
    return {"id": id, "version": version, "answer": answer, "happened": happened}
