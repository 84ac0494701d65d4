"""Surviving: a domain of yours, lived so many times, as one line of a test."""

from __future__ import annotations

import shlex
from types import ModuleType

from mainstem.discovery import Domain, domain_of
from mainstem.sim.lived import Failure, lived
from mainstem.sim.own import Own
from mainstem.sim.world import Tally


def survives(domain: ModuleType | Domain, lives: int) -> None:
    """Raises AssertionError with the first seed that doesn't, and the command that shows it."""
    if lives < 1:
        raise ValueError(f"lives: {lives} show nothing; 1 or more do")
    known = domain if isinstance(domain, Domain) else domain_of(domain)
    plan, tally = Own(known), Tally()
    for seed in range(lives):
        failure = lived(plan, seed, tally)
        assert failure is None, _told(known, failure)


def _told(domain: Domain, failure: Failure) -> str:
    folder = (getattr(domain.module, "__file__", None) or "").rpartition("/")[0]
    where = ["--domains", folder] if folder else []
    words = ["mainstem", "sim", "--domain", domain.name, *where, "--seed", str(failure.seed)]
    shown = shlex.join([*words, "--trace"])
    return f"{domain.name}, seed {failure.seed}: {failure.why}\n  {shown}"
