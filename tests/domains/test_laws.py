"""Every law for every domain in the folder, those included that are added tomorrow."""

from pathlib import Path

import pytest

from mainstem.discovery import discover
from mainstem.laws import laws

DOMAINS = Path(__file__).parents[2] / "domains"

test_laws = pytest.mark.slow(laws(*discover(DOMAINS).values()))
