"""What one machine serves over HTTP: the same handlers as in Lambda, over this folder's ports."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from local.adapters import Adapters
from local.counter import counter
from local.loops import Loops
from local.secrets import DIGITS, TOKENS
from mainstem.discovery import Domain
from mainstem.protocol.drive import drive
from producers.asking import Asking
from producers.facts import Sends
from queries.reader import Reader

if TYPE_CHECKING:
    from local.asgi import Door


@dataclass(frozen=True)
class Service:
    """The ports of a folder, its domains, and the work that goes on beside answering."""

    ports: Adapters
    domains: Mapping[str, Domain]
    loops: Loops
    version: str
    facts: Sends

    def application(self) -> Door:
        """All routes; whoever commits rings for the consumer."""
        from local.asgi import application

        ports = self.ports
        return application(
            self.domains,
            asking(ports, self.loops),
            self._reader(),
            self.facts,
            key=drive(ports.keys.secret(TOKENS)),
            now=lambda: drive(ports.clock.now()),
            version=self.version,
            health=self._health,
        )

    def _reader(self) -> Reader:
        """Of what this process goes on writing, even where other code has taken its place."""
        ports = self.ports
        parts = (ports.rows, ports.generations, ports.search, ports.journal, ports.clock)
        return Reader(*parts, kept=True)

    def _health(self) -> Sequence[str]:
        """The loops that are in trouble; what it is, they say on stderr."""
        return sorted(self.loops.trouble)


def asking(ports: Adapters, loops: Loops | None = None) -> Asking:
    """Asks commands of this folder; the loops that run beside it hear of what was committed."""
    found = counter(ports, drive(ports.keys.secret(DIGITS)))
    return found if loops is None else replace(found, heard=loops.ring)
