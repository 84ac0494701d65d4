"""What a port may answer instead of an answer."""

from __future__ import annotations


class Trouble(Exception):
    """Something outside went wrong. Whoever asked may ask again."""


class Unknown(Trouble):
    """A write was asked for, and nobody knows whether it happened, happens later or never."""


class Unavailable(Trouble):
    """Nothing was done, in words for whoever has to mend it: a full disk, a folder in use."""


class Contended(Trouble):
    """Others were faster, every time. Nothing was done."""


class Corrupt(Trouble):
    """What is stored is not what was written. Nothing is guessed from it."""
