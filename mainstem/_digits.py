"""Digits: a one-time code as a recipe, so that no store, log or event ever holds the code."""

from __future__ import annotations

import hmac
from dataclasses import dataclass

from mainstem._refusal import Mistake

DIGITS_MAX = 12
KEY_BYTES_MIN = 16


@dataclass(frozen=True)
class Digits:
    """`n` digits made from the application's key, the aggregate and `of`, such as a round."""

    n: int
    of: str | int

    def __post_init__(self) -> None:
        if type(self.n) is not int or not 1 <= self.n <= DIGITS_MAX:
            raise Mistake(f"Digits(n={self.n!r}): from 1 to {DIGITS_MAX} digits")
        if type(self.of) not in (str, int):
            raise Mistake("Digits(of=…): text or a whole number, so that the recipe can be stored")

    def made(self, key: bytes, tenant: str, domain: str, aggregate: str) -> str:
        """The digits themselves: for the sender and the check, and for nobody else."""
        if len(key) < KEY_BYTES_MIN:
            raise Mistake(f"Digits: a key of {len(key)} bytes is guessed; {KEY_BYTES_MIN} at least")
        import json  # takes long to import, and few domains make codes

        recipe = json.dumps([tenant, domain, aggregate, self.n, self.of]).encode()
        whole = int.from_bytes(hmac.digest(key, recipe, "sha256"), "big")
        return str(whole % 10**self.n).zfill(self.n)

    def match(self, given: str, key: bytes, tenant: str, domain: str, aggregate: str) -> bool:
        """Compared in constant time: how long it takes says nothing about the digits."""
        made = self.made(key, tenant, domain, aggregate)
        return hmac.compare_digest(made.encode(), given.encode("utf-8", "replace"))
