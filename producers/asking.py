"""Asking: from a command as it came in to an order, and from an order to its answer."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from edge.caller import Caller
from mainstem._command import Asked, Command, fresh_id
from mainstem._kind import EPOCH
from mainstem._refusal import Unfit
from mainstem._refused import Missing
from mainstem.discovery import Domain
from mainstem.envelope import ID_CHARACTERS_MAX
from mainstem.ports import Clock, Feed, Journal, Once
from mainstem.protocol.commit import Committed, Order, ask
from mainstem.protocol.drive import drive

OURS = uuid.UUID("6f1d1a62-6c1e-5d1c-8d7b-0f5a4e3c2b19")  # names made from idempotency keys


@dataclass(frozen=True)
class Asking:
    """What a process needs to ask commands; `heard` is told when something was committed."""

    journal: Journal
    feed: Feed
    clock: Clock
    key: bytes  # what one-time codes are made with
    heard: Callable[[], None] = lambda: None

    def ask(
        self, domain: Domain, body: Command[Any], caller: Caller, *, id: str | None = None,
        once: tuple[str, str] | None = None, correlation: str | None = None,
    ) -> Committed:  # fmt: skip
        """The answer. Raises Refused where it is no, Unfit for an id that can't be, Trouble."""
        committed = self.decide(self.order(domain, body, caller, id, once, correlation))
        self.heard()
        return committed

    def decide(self, order: Order) -> Committed:
        """COMMIT and PUBLISH: each command for itself."""
        return drive(ask(self.journal, self.feed, self.clock, order))

    def order(
        self, domain: Domain, body: Command[Any], caller: Caller, id: str | None,
        once: tuple[str, str] | None = None, correlation: str | None = None,
    ) -> Order:  # fmt: skip
        """The command with all that a decision may depend on: the time, an id, who asks."""
        command = uuid.uuid4()
        if once is not None:
            command = uuid.uuid5(OURS, "\0".join((caller.tenant, caller.by, once[0])))
        at = EPOCH + timedelta(microseconds=drive(self.clock.now()))
        asked = Asked(at, caller.by, caller.roles, caller.tenant, id or "", command, self.key)
        meant = addressed(domain, body, asked, id)
        if meant != id:
            asked = replace(asked, aggregate=meant)
        known = None if once is None else Once(caller.tenant, f"{caller.by}/{once[0]}", once[1])
        return Order(domain, body, asked, known, correlation)


def addressed(domain: Domain, body: Command[Any], asked: Asked, id: str | None) -> str:
    """The aggregate meant: by the command itself, by the address, or one that begins now."""
    says = type(body).which is not Command.which
    meant = body.asked(asked).which() if says else None
    if meant is None:
        meant = id
    if meant is None:
        if not type(body).__starts__:
            raise Missing(f"say which: {domain.name}/ID")
        return fresh_id(asked.command, asked.tenant, domain.name)
    if not 0 < len(meant) <= ID_CHARACTERS_MAX or not meant.isprintable():
        raise Unfit(f"id: has from 1 to {ID_CHARACTERS_MAX} characters, all of them printable")
    return meant
