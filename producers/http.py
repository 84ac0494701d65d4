"""POST: commands over HTTP, with routes made from the domain files."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from hashlib import blake2b
from typing import Any, NamedTuple, Protocol

from edge.addresses import encoded, segment
from edge.answers import Answer, tag, told
from edge.caller import Caller
from edge.fields import fitted
from edge.limits import BODY_BYTES_MAX
from edge.parameters import Parameters
from edge.problems import Problem, invalid, pointer, unsigned
from edge.request import NO_ID, Request, can_be_id, identity, refuse_large, refuse_media
from edge.routes import Handler, Names, Route
from mainstem import Grant, anyone, system
from mainstem._command import Command
from mainstem._refusal import Unfit
from mainstem._state import View
from mainstem.discovery import Domain
from mainstem.protocol.commit import Committed

KEY_CHARACTERS_MAX = 255
DIGEST_BYTES = 16
Sign = Callable[[Caller, int], str]  # for whom, and when it was granted, or 0 for now


class Asks(Protocol):
    """Whoever takes a command in and has it decided."""

    def ask(
        self,
        domain: Domain,
        body: Command[Any],
        caller: Caller,
        *,
        id: str | None = None,
        once: tuple[str, str] | None = None,
        correlation: str | None = None,
    ) -> Committed:
        """What came of it. Raises Refused, Contended, Busy, Unavailable or Unknown."""
        ...


class Asked(NamedTuple):
    """One command of one domain, as addresses name it."""

    domain: Domain
    kind: type[Command[Any]]

    @property
    def begins(self) -> bool:
        """Whether it needs no id in its address: it starts something, or says itself of what."""
        return self.kind.__starts__ or "which" in vars(self.kind)


Commands = Mapping[tuple[str, str], Asked]


@dataclass(frozen=True)
class Desk:
    """What commands need: somebody to decide them, and a way to sign what they grant."""

    asking: Asks
    sign: Sign


def command_routes(domains: Mapping[str, Domain], asking: Asks, sign: Sign) -> list[Route]:
    """Everything that is asked."""
    commands, desk = commands_of(domains), Desk(asking, sign)
    rules = {
        "/v1/<domain>/<command>": partial(_beginning, commands, desk),
        "/v1/<domain>/<id>/<command>": partial(_going_on, commands, desk),
    }
    admits = partial(_admits, commands)
    return [Route("POST", rule, find, admits) for rule, find in rules.items()]


def commands_of(domains: Mapping[str, Domain]) -> Commands:
    """Every command that somebody outside may ask; timers' and reactions' own have no address."""
    found: dict[tuple[str, str], Asked] = {}
    for domain in domains.values():
        for kind in domain.commands.values():
            place = (domain.name, segment(kind))
            assert place not in found, f"{domain.name}: two commands are called {place[1]}"
            if kind.__by__ != (system,):
                found[place] = Asked(domain, kind)
    return found


def _beginning(commands: Commands, desk: Desk, names: Names) -> Handler | None:
    asked = commands.get((names["domain"], names["command"]))
    return partial(_ask, desk, asked) if asked is not None and asked.begins else None


def _going_on(commands: Commands, desk: Desk, names: Names) -> Handler | None:
    asked = commands.get((names["domain"], names["command"]))
    return None if asked is None else partial(_ask, desk, asked)


def _admits(commands: Commands, names: Names, caller: Caller) -> int:
    _refuse_nobody(commands[names["domain"], names["command"]], caller)
    return BODY_BYTES_MAX


def _refuse_nobody(asked: Asked, caller: Caller) -> None:
    """Who nobody is may not even ask whether it exists."""
    if not caller.by and anyone not in asked.kind.__by__:
        raise unsigned()


def _ask(desk: Desk, asked: Asked, request: Request) -> Answer:
    _refuse_nobody(asked, request.caller)
    Parameters(request.query).refuse_others()
    if request.body:
        refuse_media(request.headers, "application/json")
    refuse_large(request.body, BODY_BYTES_MAX)
    id = identity(request.names, "id") if "id" in request.names else None
    once = _once(request)
    body = fitted(asked.kind, request.body or b"{}")
    try:
        committed = desk.asking.ask(
            asked.domain, body, request.caller, id=id, once=once, correlation=request.correlation
        )
    except Unfit as no:
        raise _no_id(body, no) or no from None
    return _told(desk, asked, committed, request.caller)


def _no_id(body: Command[Any], no: Unfit) -> Problem | None:
    """An id that can't be, by the field of the body that it came from."""
    if not str(no).startswith("id: "):
        return None
    values = {name: getattr(body, name) for name in type(body).model_fields}
    odd = [n for n, text in values.items() if isinstance(text, str) and not can_be_id(text)]
    return invalid(pointer(*odd) if len(odd) == 1 else "id", NO_ID)


def _once(request: Request) -> tuple[str, str] | None:
    """What makes this request the same one when it is sent again."""
    key = request.headers.get("idempotency-key")
    if key is None:
        return None
    if not key.isascii() or not key.isprintable() or not 0 < len(key) <= KEY_CHARACTERS_MAX:
        raise invalid("Idempotency-Key", f"has 1 to {KEY_CHARACTERS_MAX} characters of ASCII")
    # Hashed, for it may be long, and hold whatever divides it from the caller's name.
    return _digest(key.encode()), _digest(
        request.method.encode(), request.path.encode(), request.body
    )


def _digest(*parts: bytes) -> str:
    whole = blake2b(digest_size=DIGEST_BYTES)
    for part in parts:
        whole.update(len(part).to_bytes(8, "big") + part)
    return whole.hexdigest()


def _told(desk: Desk, asked: Asked, committed: Committed, caller: Caller) -> Answer:
    id, answer = committed.aggregate.id, committed.answer
    if isinstance(answer, Grant):
        granted = Caller(answer.sub, frozenset((answer.role,)), caller.tenant)
        answer = {"token": desk.sign(granted, committed.at)}
    said = {
        "id": id,
        "version": committed.version,
        "answer": answer,
        "happened": committed.happened,
    }
    headers = {"ETag": tag(committed.version)}
    view = shows(asked)
    if committed.created and view is not None:
        headers["Location"] = "/v1" + encoded(segment(view), id)
    return told(said, 201 if committed.created else 200, **headers)


def shows(asked: Asked) -> type[View] | None:
    """The view in which a new aggregate is seen: what the command decides on, or the first."""
    state = asked.kind.__state__
    if issubclass(state, View):
        return state
    return next((view for view in asked.domain.views.values() if not view.__keys__), None)
