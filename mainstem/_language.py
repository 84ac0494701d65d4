"""Every name of the language, in one place."""

from mainstem._command import Answer, Asked, Command
from mainstem._decide import Decision, decided, may, may_read
from mainstem._digits import Digits
from mainstem._effect import Call, Effect, Grant, Link, Mail, Sms, Tell
from mainstem._event import Event, Happened, upcast, was
from mainstem._fold import (
    at,
    before,
    by,
    case,
    coalesce,
    count,
    distinct,
    first,
    flag,
    fold,
    highest,
    keyed,
    last,
    later,
    latest,
    lowest,
    not_,
    says,
    size,
    total,
)
from mainstem._mark import index, readers, search, unique
from mainstem._reaction import Reaction, on
from mainstem._refusal import Mistake, Unfit, Unsupported
from mainstem._refused import Forbidden, Missing, Refused, TooSoon
from mainstem._state import State, View
from mainstem._who import anyone, role, signed_in, system
from mainstem.discovery import discover

__all__ = [
    "Answer",
    "Asked",
    "Call",
    "Command",
    "Decision",
    "Digits",
    "Effect",
    "Event",
    "Forbidden",
    "Grant",
    "Happened",
    "Link",
    "Mail",
    "Missing",
    "Mistake",
    "Reaction",
    "Refused",
    "Sms",
    "State",
    "Tell",
    "TooSoon",
    "Unfit",
    "Unsupported",
    "View",
    "anyone",
    "at",
    "before",
    "by",
    "case",
    "coalesce",
    "count",
    "decided",
    "discover",
    "distinct",
    "first",
    "flag",
    "fold",
    "highest",
    "index",
    "keyed",
    "last",
    "later",
    "latest",
    "lowest",
    "may",
    "may_read",
    "not_",
    "on",
    "readers",
    "role",
    "says",
    "search",
    "signed_in",
    "size",
    "system",
    "total",
    "unique",
    "upcast",
    "was",
]
