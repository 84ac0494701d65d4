"""When something happens again: cron expressions, read in UTC."""

from __future__ import annotations

import re
from datetime import UTC, datetime

CRON_CHARACTERS_MAX = 200  # all sixty minutes written out take 169

_TYPED_CRON = r"[0-9A-Za-z*/,#-]+(?:[ \t]+[0-9A-Za-z*/,#-]+){4}"
_ANY_DAY = datetime(2000, 1, 1, tzinfo=UTC)


def cron(text: str) -> str:
    """The expression in capitals with single spaces, if a time that it names ever comes."""
    if len(text) > CRON_CHARACTERS_MAX or not re.fullmatch(_TYPED_CRON, text):
        raise ValueError("not five fields")
    stored = " ".join(text.upper().split())
    next_fire(stored, _ANY_DAY)
    return stored


def next_fire(cron: str, after: datetime) -> datetime:
    """The first time after `after`, never `after` itself, that the expression names; in UTC.

    A day and a weekday that are both given mean either of them, as in every cron. An expression
    that isn't a `Cron`, and one with no such time within fifty years, is a ValueError.
    """
    from cronsim import CronSim, CronSimError

    if after.utcoffset() is None:
        raise ValueError("next_fire needs to know the time zone of `after`")
    try:
        return next(CronSim(cron, after.astimezone(UTC)))
    except (CronSimError, ValueError, OverflowError, StopIteration):
        raise ValueError("the schedule names no time that comes") from None
