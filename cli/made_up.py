"""Examples are made up by hypothesis, which whoever runs a release may not have."""

from __future__ import annotations

from importlib.util import find_spec

from cli.session import NotNow

MISSING = "hypothesis makes up what this tries, and is not installed: pip install hypothesis"


def must_be_possible() -> None:
    """Says what is missing, before anything is tried."""
    if find_spec("hypothesis") is None:
        raise NotNow(MISSING)
