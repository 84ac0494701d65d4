"""Keys in a folder keep the contract, and are for their owner's eyes."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import pytest

from local.keys import Keys
from mainstem.ports import Corrupt, Unavailable
from mainstem.protocol.drive import drive
from tests.contracts.keys import KeysContract, Opening


@contextmanager
def keys(folder: Path) -> Iterator[Keys]:
    yield Keys(folder)


@pytest.fixture
def opening(tmp_path: Path) -> Opening:
    return partial(keys, tmp_path / "keys")


class TestKeys(KeysContract):
    pass


def test_only_the_owner_may_read_a_secret(tmp_path: Path) -> None:
    drive(Keys(tmp_path / "keys").secret("codes"))
    assert (tmp_path / "keys").stat().st_mode & 0o777 == 0o700
    assert (tmp_path / "keys" / "codes").stat().st_mode & 0o777 == 0o600


def test_nothing_but_secrets_lies_there(tmp_path: Path) -> None:
    for name in ("codes", "tokens", "codes"):
        drive(Keys(tmp_path / "keys").secret(name))
    assert sorted(one.name for one in (tmp_path / "keys").iterdir()) == ["codes", "tokens"]


def test_a_secret_that_somebody_put_there_is_used(tmp_path: Path) -> None:
    (tmp_path / "codes").write_bytes(b"a secret of our own, long enough for anything")
    assert drive(Keys(tmp_path).secret("codes")).startswith(b"a secret of our own")


@pytest.mark.parametrize("left", [b"", b"half a secret"])
def test_half_a_secret_is_damaged_and_stays_as_it_is(tmp_path: Path, left: bytes) -> None:
    (tmp_path / "codes").write_bytes(left)
    with pytest.raises(Corrupt, match=f"codes: has {len(left)} bytes, not 32"):
        drive(Keys(tmp_path).secret("codes"))
    assert (tmp_path / "codes").read_bytes() == left


def test_a_folder_that_can_not_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(Unavailable, match="file"):
        drive(Keys(tmp_path / "file" / "keys").secret("codes"))
