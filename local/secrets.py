"""The names of the folder's secrets."""

from __future__ import annotations

TOKENS = "tokens"  # signs who somebody is
DIGITS = "digits"  # makes one-time codes
