"""A scope: who there is and what may go wrong, small enough for every order of events to be met."""

from __future__ import annotations

from typing import Any, NamedTuple

from mainstem._command import Command


class Wish(NamedTuple):
    """A command, asked so many times, also while it is being decided."""

    number: int  # wishes with one number are one command
    domain: str
    id: str
    body: Command[Any]
    tries: int = 1
    key: str = ""  # an Idempotency-Key, if any,
    digest: str = ""  # and the request that came with it

    @property
    def name(self) -> str:
        """As stories call it."""
        return f"command {self.number} {self.digest}".rstrip()


class Sending(NamedTuple):
    """Facts of one producer, each in a bundle of its own, numbered from 1."""

    producer: str
    facts: tuple[tuple[int, str], ...]  # its host's how-manieth, and of whom


class Process(NamedTuple):
    """What a host does from a start on; it ends whatever process of its host was there before."""

    host: str
    sendings: tuple[Sending, ...]
    replaces: int = -1  # which process: it starts only once that one has begun


class Scope(NamedTuple):
    """How many of each are at work at once; whoever has ended begins again."""

    name: str
    sink: str  # what is shown, and of which domain
    wishes: tuple[Wish, ...] = ()
    history: tuple[Wish, ...] = ()  # asked before it begins, published
    shown: bool = True  # and shown
    processes: tuple[Process, ...] = ()
    sweepers: int = 0
    bundles: int = 99  # states with more of them on the feed aren't looked at
    consumers: int = 0
    again: int = 0  # faults that it takes to have a batch that is done with once more
    repairers: int = 0
    auditors: int = 0
    thrown: int = 0  # batches that are given up on, as an event source does after many tries
    committing: bool = True  # step by step; or load and commit are one step, without a fault
    faults: int = 0  # and weaknesses, together
    weak: frozenset[str] = frozenset()  # what stores may do beside
