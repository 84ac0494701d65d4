"""What every adapter of Keys keeps to: a secret is made once, and everybody has the same."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager

import pytest

from mainstem.ports import Keys
from mainstem.protocol.drive import drive
from tests.contracts.desk import threads
from tests.contracts.shelf import crowd

Opening = Callable[[], AbstractContextManager[Keys]]  # picklable; each time the same keys

SECRET_BYTES_MIN = 32


class KeysContract:
    """A subclass brings `opening`."""

    def test_a_secret_is_the_same_ever_after(self, opening: Opening) -> None:
        with opening() as keys:
            secret = drive(keys.secret("codes"))
            assert drive(keys.secret("codes")) == secret
        with opening() as again:
            assert drive(again.secret("codes")) == secret

    def test_a_secret_is_long_and_like_no_other(self, opening: Opening) -> None:
        with opening() as keys:
            secrets = {drive(keys.secret(f"key-{n}")) for n in range(20)}
        assert len(secrets) == 20
        assert all(len(secret) >= SECRET_BYTES_MIN for secret in secrets)
        assert all(len(set(secret)) > 10 for secret in secrets)  # no key of zeros

    def test_threads_that_ask_first_at_once_agree(self, opening: Opening) -> None:
        with opening() as keys:
            assert len(set(threads(16, lambda _: drive(keys.secret("codes"))))) == 1

    @pytest.mark.slow
    def test_processes_that_ask_first_at_once_agree(self, opening: Opening) -> None:
        for many in zip(*crowd(ask_for_many, opening, processes=3), strict=True):
            assert len(set(many)) == 1

    @pytest.mark.parametrize("name", ["", ".", "..", "../codes", "a/b", "A", "ключ", "x" * 65])
    def test_a_name_is_short_and_plain(self, opening: Opening, name: str) -> None:
        with opening() as keys, pytest.raises(AssertionError, match="short and plain"):
            drive(keys.secret(name))


def ask_for_many(opening: Opening, _: int) -> list[bytes]:
    with opening() as keys:
        return [drive(keys.secret(f"key-{n}")) for n in range(60)]
