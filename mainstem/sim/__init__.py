"""The simulator: lives of the protocol, decided by a seed and told again the same."""

from __future__ import annotations

from types import ModuleType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mainstem.discovery import Domain

LIVES = 200


def survives(domain: ModuleType | Domain, lives: int = LIVES) -> None:
    """In a test: so many lives of this domain go well. Raises AssertionError, with the seed."""
    from mainstem.sim import surviving  # with hypothesis and all the protocol

    surviving.survives(domain, lives)
