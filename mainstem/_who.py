"""Who may: a column (its value, or one of its members), a role, or one of these."""

from __future__ import annotations

from dataclasses import dataclass

from mainstem._refusal import Mistake


@dataclass(frozen=True)
class Who:
    """A rule about the caller alone. `role` is empty for the three that are not about roles."""

    name: str
    role: str = ""


anyone = Who("anyone")
signed_in = Who("signed in")
system = Who("system")
SYSTEM = "system"  # the caller's name when timers and reactions ask


def role(name: str) -> Who:
    """Callers whose token carries this role."""
    if type(name) is not str or not name:
        raise Mistake(f"role({name!r}): a role has a name")
    return Who(f"role {name}", name)
