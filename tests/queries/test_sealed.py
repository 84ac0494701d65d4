"""Sealing: only who has the key makes, changes or reads such bytes."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from queries.sealed import Broken, opened, sealed

KEY, OTHER = b"an old oak table, seats for nine", b"another table, with seats for ten"


@given(st.binary(max_size=300))
def test_what_was_sealed_comes_back(plain: bytes) -> None:
    assert opened(KEY, sealed(KEY, plain)) == plain


def test_the_same_text_makes_the_same_bytes_and_another_text_no_similar_ones() -> None:
    tea, tee = sealed(KEY, b"a cup of tea" * 9), sealed(KEY, b"a cup of tee" * 9)
    assert tea == sealed(KEY, b"a cup of tea" * 9)
    assert sum(a == b for a, b in zip(tea, tee, strict=True)) < len(tea) // 4


@given(st.binary(min_size=9, max_size=99))
def test_nothing_of_the_text_can_be_read(plain: bytes) -> None:
    assert plain not in sealed(KEY, plain)


@given(st.binary(max_size=99), st.data())
def test_whatever_was_changed_is_broken(plain: bytes, data: st.DataObject) -> None:
    whole = bytearray(sealed(KEY, plain))
    whole[data.draw(st.integers(0, len(whole) - 1))] ^= data.draw(st.integers(1, 255))
    with pytest.raises(Broken):
        opened(KEY, bytes(whole))


@given(st.binary(max_size=99))
def test_what_nobody_sealed_is_broken(some: bytes) -> None:
    with pytest.raises(Broken):
        opened(KEY, some)


def test_another_key_opens_nothing() -> None:
    with pytest.raises(Broken):
        opened(OTHER, sealed(KEY, b"a cup of tea"))
