"""The caller: who asks, as far as a token says."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Caller:
    """A name, roles and a tenant. Nobody's name is empty: they did not sign in."""

    by: str = ""
    roles: frozenset[str] = frozenset()
    tenant: str = "main"
