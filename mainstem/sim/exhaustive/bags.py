"""Bags: small numbers of which the order says nothing, such as tasks that are alike."""

from __future__ import annotations

from mainstem.sim.exhaustive.histories import AWAY


class Bags:
    """All that were met, by number."""

    def __init__(self) -> None:
        self.bags: list[tuple[int, ...]] = []
        self._numbers: dict[tuple[int, ...], int] = {}
        self._swapped: dict[tuple[int, int, int], int] = {}

    def number(self, bag: tuple[int, ...]) -> int:
        """That of this bag."""
        number = self._numbers.setdefault(bag, len(self.bags))
        if number == len(self.bags):
            self.bags.append(bag)
        return number

    def swapped(self, bag: int, old: int, new: int) -> int:
        """With one in the place of another; AWAY is none."""
        found = self._swapped.get((bag, old, new))
        if found is None:
            held = list(self.bags[bag])
            if old != AWAY:
                held.remove(old)
            if new != AWAY:
                held.append(new)
            found = self._swapped[bag, old, new] = self.number(tuple(sorted(held)))
        return found
