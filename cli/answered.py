"""What came of a command, for people and for machines."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from cli.tables import printable, words
from cli.token import HOURS, SECOND_US, signed
from edge.caller import Caller
from local.adapters import Adapters
from mainstem import Grant
from mainstem._kind import micros
from mainstem.protocol.commit import Committed
from mainstem.protocol.drive import drive
from queries.shown import moment


def answered(ports: Adapters, committed: Committed, caller: Caller) -> tuple[str, dict[str, Any]]:
    """The answer as text, and as data."""
    answer = _shown(ports, committed, caller.tenant)
    text = f"{committed.aggregate} version {committed.version}{_how(committed)}"
    if answer is not None:
        said = answer["token"] if isinstance(answer, dict) else words(answer)
        text += f"\n{printable(said)}"
    return text, {
        "domain": committed.aggregate.domain,
        "id": committed.aggregate.id,
        "version": committed.version,
        "answer": answer,
        "happened": committed.happened,
        "again": committed.again,
    }


def _how(committed: Committed) -> str:
    if committed.again:
        return " · decided before"
    return "" if committed.happened else " · nothing to do"


def _shown(ports: Adapters, committed: Committed, tenant: str) -> Any:
    match committed.answer:
        case Grant(sub=sub, role=role):
            bearer = Caller(sub, frozenset((role,)), tenant)
            return {"token": _signed(ports, bearer, committed.at), "as": sub, "role": role}
        case datetime() as at:
            return moment(micros(at))
        case answer:
            return answer


def _signed(ports: Adapters, bearer: Caller, at: int) -> str:
    """A token as the API would give it: from when it was granted on, or from now."""
    at = at or drive(ports.clock.now())
    return signed(ports, bearer, at // SECOND_US, HOURS)
