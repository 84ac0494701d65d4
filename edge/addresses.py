"""Addresses: how domains, commands and views are called in them."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from mainstem.discovery import sql_name


def segment(named: type) -> str:
    """`RoomSchedule` is room_schedule in an address, as it is in SQL."""
    any_class: Any = named
    return sql_name(any_class)


def encoded(*parts: str) -> str:
    """An address of these parts; a slash inside one is no slash between two."""
    return "".join(f"/{quote(part, safe='')}" for part in parts)
