"""What was said to whoever asked, as bytes beside the record, so that a retry hears the same."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

import msgspec

from mainstem._effect import Grant
from mainstem._kind import EPOCH, MICROSECOND, micros
from mainstem._refused import Forbidden, Missing, Refused, TooSoon

REFUSALS: dict[str, Any] = {kind.__name__: kind for kind in (Refused, Forbidden, Missing, TooSoon)}


def granted(answer: Any) -> bytes:
    """A decision's answer. A Grant stays a grant: no token is ever stored."""
    match answer:
        case Grant():
            said: dict[str, Any] = {"grant": [answer.sub, answer.role]}
        case datetime():
            said = {"moment": micros(answer)}
        case _:
            said = {"granted": answer}
    return msgspec.json.encode(said)


def refused(no: Refused) -> bytes:
    """A refusal that recorded something."""
    kind = type(no).__name__ if type(no).__name__ in REFUSALS else "Refused"
    said: dict[str, Any] = {"refused": no.reason, "as": kind}
    if isinstance(no, TooSoon):
        said |= {"until": micros(no.until)}
    return msgspec.json.encode(said)


def heard(answer: bytes) -> Any:
    """The answer again, or its refusal raised again."""
    said = msgspec.json.decode(answer)
    if "refused" in said:
        raise _refusal(said)
    if "grant" in said:
        sub, role = said["grant"]
        return Grant(sub, role)
    return EPOCH + said["moment"] * MICROSECOND if "moment" in said else said["granted"]


def _refusal(said: dict[str, Any]) -> Refused:
    if said["as"] == "TooSoon":
        return TooSoon(said["refused"], until=EPOCH + said["until"] * MICROSECOND)
    kind: Callable[[str], Refused] = REFUSALS[said["as"]]
    return kind(said["refused"])
