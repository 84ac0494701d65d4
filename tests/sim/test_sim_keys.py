"""Keys of a simulated life keep the contract, and follow from its seed."""

from __future__ import annotations

from collections.abc import Iterator
from typing import cast

import pytest

from mainstem.ports import Keys as Port
from mainstem.protocol.drive import drive
from mainstem.sim.stores.keys import Keys
from tests.contracts.keys import KeysContract
from tests.sim.served import Ports, Served, served


def opened(port: Ports) -> Port:
    return cast("Port", port("keys"))


@pytest.fixture
def opening() -> Iterator[Served]:
    with served({"keys": Keys()}, opened) as opening:
        yield opening


class TestKeys(KeysContract):
    pass


def test_a_seed_has_the_same_secrets_in_every_life_and_no_other_seed_has_them() -> None:
    secrets = [drive(Keys(seed).secret("codes")) for seed in (1, 1, 2)]
    assert secrets[0] == secrets[1] != secrets[2]


def test_a_copy_has_the_same_secrets_and_key() -> None:
    keys = Keys(7)
    copy = keys.copy()
    assert copy is not keys
    assert copy.key() == keys.key() != Keys(8).key()
    assert drive(copy.secret("codes")) == drive(keys.secret("codes"))
