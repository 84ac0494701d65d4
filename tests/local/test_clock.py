"""The clock on the wall keeps the contract, and ends every sleep when it is stopped."""

from __future__ import annotations

from threading import Thread

import pytest

from local.clock import WallClock
from mainstem.protocol.drive import drive
from tests.contracts.clock import ClockContract

FOR_EVER_S = 3_600.0


@pytest.fixture
def clock() -> WallClock:
    return WallClock()


class TestClock(ClockContract):
    pass


def test_whoever_sleeps_wakes_when_it_is_stopped(clock: WallClock) -> None:
    sleeper = Thread(target=lambda: drive(clock.sleep(FOR_EVER_S)), daemon=True)
    sleeper.start()
    clock.stop()
    sleeper.join(60)
    assert not sleeper.is_alive()


def test_nobody_falls_asleep_once_it_is_stopped(clock: WallClock) -> None:
    clock.stop()
    drive(clock.sleep(FOR_EVER_S))


def test_it_stands_still_while_the_machines_clock_is_set_back(
    clock: WallClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = drive(clock.now())
    monkeypatch.setattr("time.time_ns", lambda: 0)
    assert drive(clock.now()) == before
    monkeypatch.undo()
    assert drive(clock.now()) >= before
