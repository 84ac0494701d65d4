"""What an entrance takes, at most."""

from __future__ import annotations

BODY_BYTES_MAX = 256 * 1024
FACTS_BYTES_MAX = 5 * 1024 * 1024  # many facts come in one request
FACTS_LINES_MAX = 10_000
PAGE_ROWS = 50
PAGE_ROWS_MAX = 100
