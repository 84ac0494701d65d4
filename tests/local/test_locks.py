"""Locks: what is said in one is told as a disk's trouble where it can't be."""

from __future__ import annotations

import resource
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from local.locks import UP, held, holder
from mainstem.ports import Unavailable


@contextmanager
def no_room() -> Iterator[None]:
    """No file of this process may grow, as on a full disk."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_whoever_has_a_lock_says_what_others_read(tmp_path: Path) -> None:
    with held(tmp_path, UP) as mine:
        assert mine is not None
        mine.say(address="here", folds={"shop.Sale": "ä" * 40})
        mine.say(address="there")
        said = holder(tmp_path, UP)
        assert said is not None
        assert {name for name in said if name != "process"} == {"address"}
        assert said["address"] == "there"
    assert holder(tmp_path, UP) is None


def test_where_there_is_no_room_for_it_the_file_is_named(tmp_path: Path) -> None:
    with (
        no_room(),
        pytest.raises(Unavailable, match=r"up\.lock: File too large"),
        held(tmp_path, UP),
    ):
        raise AssertionError
    with held(tmp_path, UP) as mine:  # it was let go
        assert mine is not None
