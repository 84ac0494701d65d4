"""The shelf: every content that a store ever had, by number, and what each call makes of it."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any, NamedTuple

from mainstem.ports import Trouble
from mainstem.protocol.drive import drive
from mainstem.sim import stores
from mainstem.sim.call import Call
from mainstem.sim.exhaustive.choices import Choices
from mainstem.sim.exhaustive.numbers import Numbers

JOURNAL, FEED, VIEWS, IDLE = range(4)  # IDLE is no store: a consumer waits for a batch
PLACES: Mapping[str, int] = {
    "journal": JOURNAL, "feed": FEED,
    "rows": VIEWS, "parks": VIEWS, "generations": VIEWS, "intents": VIEWS,
}  # fmt: skip
BEFORE_VIEWS: Mapping[str, Any] = {
    "rows": stores.Rows,
    "parks": stores.Parks,
    "generations": stores.Generations,
    "intents": stores.Intents,
}


class Answer(NamedTuple):
    """One way a call may go."""

    cost: int  # weaknesses that had to show themselves
    result: int
    store: int  # as it is afterwards


class Shelf:
    """Stores of one kind are told apart by their keys alone, so each call is made once on each."""

    def __init__(self, weak: Collection[str], faults_max: int) -> None:
        self.choices, self._faults_max = Choices(weak), faults_max
        self.results = Numbers[Any]()
        self.calls = Numbers[Call]()
        self._stores = (Numbers[Any](), Numbers[Any](), Numbers[Any]())
        self._answers: dict[tuple[int, int], tuple[Answer, ...]] = {}

    def store(self, place: int, number: int) -> Any:
        """The store itself, to be read and never changed."""
        return self._stores[place].values[number]

    def put(self, place: int, store: Any) -> int:
        """Its number."""
        return self._stores[place].of(store, store.key())

    def call(self, call: Call) -> int:
        """Its number: calls are the same where they say the same."""
        return self.calls.of(call, (call.name, repr(call.args), repr(call.more)))

    def result(self, result: Any) -> int:
        """Its number. Results are values, and their repr says all there is in them."""
        return self.results.of(result, repr(result))

    def answers(self, call: int, store: int) -> tuple[Answer, ...]:
        """All ways in which the call may go, the usual one first."""
        found = self._answers.get((call, store))
        if found is None:
            ways = self.choices.every(lambda: self._made(self.calls.values[call], store))
            known = {Answer(cost, *way) for cost, way in ways if cost <= self._faults_max}
            found = self._answers[call, store] = tuple(sorted(known))
        return found

    def place(self, call: int) -> int:
        """Of the store that it is about."""
        return PLACES[self.calls.values[call].port]

    def _made(self, call: Call, number: int) -> tuple[int, int]:
        place = PLACES[call.port]
        store = self.store(place, number)
        if call.writes:
            store = store.copy()
        port = store if place != VIEWS else BEFORE_VIEWS[call.port](store)
        try:
            result = drive(getattr(port, call.method)(*call.args, **call.more))
        except Trouble as trouble:
            return self.result(trouble), number
        return self.result(result), self.put(place, store) if call.writes else number
