"""What every adapter of the Clock keeps to."""

from __future__ import annotations

from mainstem.ports import Clock
from mainstem.protocol.drive import drive
from tests.contracts.desk import threads

IN_2020 = 1_577_836_800_000_000
IN_2100 = 4_102_444_800_000_000


class ClockContract:
    """A subclass brings `clock`."""

    def test_it_counts_microseconds_since_1970(self, clock: Clock) -> None:
        assert IN_2020 < drive(clock.now()) < IN_2100

    def test_it_never_goes_back_whoever_asks(self, clock: Clock) -> None:
        def ask(_: int) -> list[int]:
            return [drive(clock.now()) for _ in range(500)]

        for times in threads(4, ask):
            assert times == sorted(times)

    def test_whoever_slept_wakes_later(self, clock: Clock) -> None:
        before = drive(clock.now())
        drive(clock.sleep(0.005))
        assert drive(clock.now()) > before

    def test_no_sleep_is_too_short(self, clock: Clock) -> None:
        drive(clock.sleep(0.0))
