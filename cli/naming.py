"""Names for new domains: which may be, and what their view is called."""

from __future__ import annotations

import builtins
import keyword
import re

NAME = re.compile(r"[a-z][a-z0-9_]*")
NAME_CHARACTERS_MAX = 30  # longer ones are a sentence; every event and every address carries it
# Names that the template, or the language, gives a meaning of its own.
TAKEN = frozenset("Add Added Change Changed Command Event Iterator Line Refused View".split())
SINGULARS = (
    ("ies", "y"),
    ("sses", "ss"),
    ("ss", "ss"),
    ("us", "us"),
    ("is", "is"),
    ("s", ""),
)


def view_name(name: str) -> str:
    """The view of one of them: the view of `tickets` is Ticket."""
    for ending, one in SINGULARS:
        if name.endswith(ending) and len(name) > len(ending) + 1:
            name = name.removesuffix(ending) + one
            break
    return "".join(part.capitalize() for part in name.split("_"))


def wrong_with(name: str) -> str:
    """Why a domain can't be called so, or "" if it can."""
    if not NAME.fullmatch(name):
        better = re.sub(r"[^a-z0-9]+", "_", snake(name)).strip("_")
        hint = f"; did you mean {better}?" if NAME.fullmatch(better) else ""
        return f"{name!r} is not snake_case{hint}"
    if len(name) > NAME_CHARACTERS_MAX:
        return f"{len(name)} characters; {NAME_CHARACTERS_MAX} at most"
    view = view_name(name)
    if keyword.iskeyword(name) or view in TAKEN or hasattr(builtins, view):
        return f"{name!r} means something else in Python or in a domain; say it otherwise"
    return ""


def snake(name: str) -> str:
    """As SQL and addresses spell the name of a class: `RoomSchedule` is room_schedule."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", name).lower()
