"""Answers that say no. In the user's words; answered, never retried."""

from __future__ import annotations

from datetime import datetime

from mainstem._event import Event


class Refused(Exception):
    """The answer is no. Nothing is written, but for what the refusal itself `records`."""

    def __init__(self, reason: str, *, records: Event | None = None) -> None:
        super().__init__(reason)
        self.reason, self.records = reason, records


class Forbidden(Refused):
    """Not you."""


class TooSoon(Refused):
    """Not yet."""

    def __init__(self, reason: str, *, until: datetime, records: Event | None = None) -> None:
        super().__init__(reason, records=records)
        self.until = until


class Missing(Refused):
    """There is no such aggregate, and this command starts none."""
