"""Intents on SQLite keep the contract; what is done is done once for all."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import pytest

from local.intents import Intents
from mainstem.protocol.drive import drive
from tests.contracts.intents import BURNS, MAIL, IntentsContract
from tests.contracts.shelf import REBUILT, Opening, put
from tests.local import cupboard


@pytest.fixture
def opening(tmp_path: Path) -> Opening:
    return partial(cupboard.shelf, cupboard.views(tmp_path))


class TestIntents(IntentsContract):
    pass


def test_what_is_done_is_never_due_again(tmp_path: Path) -> None:
    with cupboard.store(cupboard.views(tmp_path)) as store:
        shelf, intents = cupboard.on(store), Intents(store)
        second = MAIL._replace(n=1)
        put(shelf, BURNS, {"": b"1"}, intents=(MAIL, second))
        (place, _), rest = drive(intents.waiting(0, 9))
        drive(intents.done(place, 200))
        put(shelf, BURNS, {"": b"2"}, intents=(MAIL,))
        put(shelf, BURNS, {"": b"1"}, REBUILT, intents=(MAIL,))
        assert drive(intents.waiting(0, 9)) == (rest,)


def test_it_is_done_when_it_was_first_done(tmp_path: Path) -> None:
    with cupboard.store(cupboard.views(tmp_path)) as store:
        intents = Intents(store)
        put(cupboard.on(store), BURNS, {"": b"1"}, intents=(MAIL,))
        ((place, _),) = drive(intents.waiting(0, 9))
        drive(intents.done(place, 200))
        drive(intents.done(place, 300))
        assert store.rows("SELECT done_at FROM intents") == [(200,)]
