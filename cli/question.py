"""A question: the command that was typed, checked before anything is opened or made."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from typing import Any

from cli.addresses import parted
from cli.body import body_of
from cli.domains import must_be_one_of
from cli.naming import snake
from cli.session import WrongUsage
from edge.caller import Caller
from edge.fields import fitted
from edge.limits import BODY_BYTES_MAX
from local.adapters import Adapters
from local.service import asking
from mainstem import Command
from mainstem.discovery import Domain
from mainstem.protocol.commit import Committed

KEY_CHARACTERS_MAX = 255
DIGEST_BYTES = 16


@dataclass(frozen=True)
class Question:
    """A command with its body, and whom it is about; None: it says itself, or begins something."""

    domain: Domain
    body: Command[Any]
    id: str | None
    key: str | None

    def asked(self, ports: Adapters, caller: Caller) -> Committed:
        """What came of it. Raises Refused or Trouble."""
        once = None if self.key is None else (self.key, self._digest())
        return asking(ports).ask(self.domain, self.body, caller, id=self.id, once=once)

    def _digest(self) -> str:
        """What a key stands for: the same key with another request is refused."""
        parts = (self.domain.name, self.id or "", type(self.body).__name__)
        said = "\0".join((*parts, self.body.model_dump_json()))
        return blake2b(said.encode(), digest_size=DIGEST_BYTES).hexdigest()


def question_of(
    domains: Mapping[str, Domain],
    where: str,
    name: str,
    words: Sequence[str],
    body: str | None,
    key: str | None,
) -> Question:
    """What was typed, as a command of a domain. Wrong usage where there is no such thing."""
    if key is not None and not (key.isprintable() and 0 < len(key) <= KEY_CHARACTERS_MAX):
        raise WrongUsage(f"--key has from 1 to {KEY_CHARACTERS_MAX} characters, all printable")
    place, id = parted(where)
    must_be_one_of(place, domains)
    domain = domains[place]
    kind = _kind(domain, name)
    raw = body_of(kind, words, body)
    if len(raw) > BODY_BYTES_MAX:
        raise WrongUsage(f"the body has more than {BODY_BYTES_MAX} bytes")
    return Question(domain, fitted(kind, raw), id or None, key)


def _kind(domain: Domain, name: str) -> type[Command[Any]]:
    """The command of this name, spelt as in addresses or as in its file."""
    if not domain.decided:
        raise WrongUsage(f"{domain.name} is ingested: facts come in, and no command decides")
    kinds = {snake(one): kind for one, kind in domain.commands.items()}
    must_be_one_of(snake(name), kinds, f"command of {domain.name}")
    return kinds[snake(name)]
