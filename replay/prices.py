"""Prices: what AWS asks for, in US dollars. A small table with a date; others may be told."""

from __future__ import annotations

import math
from collections.abc import Mapping

OF = "us-east-1, on demand, as published for 2025"
PRICES = {
    "write": 0.625e-6,  # a write unit of DynamoDB: a kilobyte, or a part of one
    "scan": 5e-12,  # a byte that Athena reads
}
UNIT_BYTES = 1024


def write_units(rows: int, bytes_each: float) -> int:
    """What so many rows of about this size take to be written."""
    return rows * max(1, math.ceil(bytes_each / UNIT_BYTES))


def dollars(units: int, bytes_read: int, prices: Mapping[str, float]) -> float:
    """What a rebuild costs there."""
    return units * prices["write"] + bytes_read * prices["scan"]
