"""From what was raised to what is answered: each refusal and each trouble has its status."""

from __future__ import annotations

import logging

from edge.caller import Caller
from edge.problems import Problem, flawed, invalid, missing, unavailable, unsigned
from edge.request import NO_ID
from mainstem import Forbidden, Missing, Refused, TooSoon
from mainstem._kind import micros
from mainstem._refusal import Unfit
from mainstem.ports import Contended, Trouble, Unknown
from mainstem.protocol.commit import Busy, Different, Taken

SECOND_US = 1_000_000
log = logging.getLogger("mainstem.edge")


def problem_of(error: Exception, caller: Caller, now_us: int) -> Problem:
    """How it is answered. What nobody expected is logged in full, and told in one word."""
    match error:
        case Problem():
            return error
        case Refused():
            return _refusal(error, caller, now_us)
        case Trouble():
            return _trouble(error)
        case Unfit():
            return _unfit(error)
        case _:
            log.error("a request failed", exc_info=error)
            return Problem(500, "failed", "that was our mistake; the correlation id finds it")


def _refusal(no: Refused, caller: Caller, now_us: int) -> Problem:
    match no:
        case Missing():
            return missing(no.reason)
        case Forbidden():
            return Problem(403, "forbidden", no.reason) if caller.by else unsigned()
        case TooSoon():
            wait_s = max(1, -((now_us - micros(no.until)) // SECOND_US))
            return Problem(429, "too soon", no.reason, headers={"Retry-After": str(wait_s)})
        case Taken():
            return Problem(409, "taken", no.reason)
        case Different():
            return flawed(422, "different", "Idempotency-Key", "came with another request before")
        case _:
            return Problem(422, "refused", no.reason)


def _unfit(error: Unfit) -> Problem:
    """What came and can't be stored is the caller's to mend; what was stored is not."""
    place, _, rule = str(error).partition(": ")
    if place == "id":
        return invalid("id", NO_ID)  # in our own words: those of the error repeat what was sent
    if place == "envelope":
        return Problem(422, "refused", f"it can't be stored: {rule}")
    log.warning("what is stored does not fit this code: %s", error)
    return unavailable("the code here can't read what is stored; nothing was done")


def _trouble(error: Trouble) -> Problem:
    """The words of a trouble are for whoever mends it; a stranger is told what to do."""
    match error:
        case Contended():
            again = {"Retry-After": "1"}
            return Problem(409, "contended", "others were faster; ask again", headers=again)
        case Busy():
            return unavailable("too much of it waits to be published; ask again later", 5)
        case Unknown():
            log.warning("an outcome is unknown: %s", error)
            return unavailable(
                "nobody knows whether it was written; asking again with the same Idempotency-Key "
                "is safe"
            )
        case _:
            log.warning("not available: %s", error)
            return unavailable("not now; nothing was done; ask again")
