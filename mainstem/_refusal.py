"""The errors of the language: a mistake in a domain file, and data that does not fit it."""

from __future__ import annotations


class Mistake(TypeError):
    """A domain file says something that would fail silently later: refused where it is written."""


class Unfit(ValueError):
    """Stored or received data that the domain does not allow: refused, never guessed at."""


class Unsupported(ValueError):
    """An evaluator can't do this exactly, so it says so instead of approximating."""
