"""What must hold of a decided domain: journal, feed and rows, each beside the other."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from mainstem.aggregate import Aggregate
from mainstem.ports import Contended, Once, Record
from mainstem.protocol.commit import DECIDE_MAX, Committed
from mainstem.protocol.drive import drive
from mainstem.sim.exhaustive import cast
from mainstem.sim.exhaustive.rules import EVERY, Wrong, check_row, check_unparked, lines
from mainstem.sim.exhaustive.scope import Wish
from mainstem.sim.exhaustive.setting import Setting
from mainstem.sim.exhaustive.shelf import JOURNAL, VIEWS

History = Mapping[Aggregate, tuple[Record, ...]]
READ_MAX = 100_000


class Decided:
    """The rules of commands."""

    def __init__(self, setting: Setting) -> None:
        self.setting, self.scope = setting, setting.scope
        self.history = lru_cache(READ_MAX)(self._history)
        self.fed = lru_cache(READ_MAX)(self._fed)

    def always(self, journal: int, feed: int, views: int, checkpoint: int, thrown: int) -> None:
        """Whatever has happened, and whatever is under way."""
        history, fed = self.history(journal), self.fed(feed)
        for aggregate, records in history.items():
            end = fed.get(aggregate.key, 0)
            marked = [one.last for one in records if one.published]
            if marked and marked[-1] > end:
                raise Wrong(f"{aggregate}: {marked[-1]} is marked, the feed ends at {end}")
        check_unparked(self.setting, views)
        if self.scope.consumers:
            self._rows(history, views)
            self._shown_or_parked(feed, views, checkpoint, thrown)

    def at_rest(self, journal: int, feed: int, views: int) -> None:
        """Everything is on the feed and marked; everything is shown, and nothing waits."""
        store, fed = self.setting.shelf.store(VIEWS, views), self.fed(feed)
        heads, parked = store.heads(self.setting.into.generation), store.parks
        for aggregate, records in self.history(journal).items():
            newest = records[-1].last
            if fed.get(aggregate.key, 0) != newest or not all(one.published for one in records):
                raise Wrong(f"{aggregate}: {newest} is not on the feed and marked, at rest")
            if self.scope.consumers and heads.get(aggregate, 0) != newest:
                raise Wrong(f"{aggregate}: {heads.get(aggregate, 0)} of {newest} shown, at rest")
        if parked:
            raise Wrong(f"{next(iter(parked.values())).aggregate} is parked, at rest")

    def heard(self, name: str, end: Any, journal: int, feed: int) -> None:
        """An answer's version is that of a record of this command, or of one with its key."""
        wish = next(one for one in self.scope.wishes if name == one.name)
        records = self.history(journal).get(cast.aggregate_of(wish), ())
        others = len(records) - len(self.scope.history)
        if isinstance(end, Contended) and others < DECIDE_MAX:
            raise Wrong(f"{name} hears that others were faster, and there are {others}")
        if isinstance(end, Committed):
            self._answered(wish, end, journal, records)

    def _answered(
        self, wish: Wish, end: Committed, journal: int, records: tuple[Record, ...]
    ) -> None:
        name, versions = wish.name, [one.last for one in records if one.command == _command(wish)]
        if not end.happened:
            newest = records[-1].last if records else 0
            if end.version > newest:
                raise Wrong(f"{name} is told of version {end.version}, there are {newest}")
            return
        if wish.key:
            store = self.setting.shelf.store(JOURNAL, journal)
            kept = drive(store.kept(Once(cast.TENANT, wish.key, wish.digest)))
            versions = [kept.record.last] if kept and kept.digest == wish.digest else []
        if end.version not in versions:
            raise Wrong(f"{name} is told it is version {end.version}, which is something else")

    def _history(self, journal: int) -> History:
        """Dense, each command decided once, and each key used once; no name is held twice."""
        store = self.setting.shelf.store(JOURNAL, journal)
        found = {one: drive(store.records(one, 0, EVERY)) for one in self.setting.aggregates}
        history = {one: records for one, records in found.items() if records}
        names: Counter[str] = Counter()
        for aggregate, records in history.items():
            _check_dense(aggregate, records)
            names[_name(records)] += 1
        self._check_once([one.command for records in history.values() for one in records])
        if twice := [name for name, many in names.items() if name and many > 1]:
            raise Wrong(f"two are called {twice[0]!r}")
        return history

    def _check_once(self, commands: list[str]) -> None:
        keys = {_command(one): one.key for one in self.scope.wishes}
        requests = Counter(keys.get(one) or one for one in commands)
        if twice := [one for one, many in requests.items() if many > 1]:
            raise Wrong(f"command or key {twice[0]} is decided twice")

    def _fed(self, feed: int) -> Mapping[str, int]:
        """How far each came, first occurrences in order."""
        ends: dict[str, int] = {}
        for arrived in self.setting.records(feed):
            for line in lines(arrived.data):
                version, end = json.loads(line)["version"], ends.get(arrived.key, 0)
                if version > end + 1:
                    raise Wrong(f"{arrived.key}: {version} is on the feed after {end}")
                ends[arrived.key] = max(end, version)
        return ends

    def _rows(self, history: History, views: int) -> None:
        """Rows are folds of what is journalled, from its first event to some event."""
        store, into = self.setting.shelf.store(VIEWS, views), self.setting.into
        for aggregate, version in store.heads(into.generation).items():
            events = [json.loads(one) for record in history[aggregate] for one in record.events]
            if version > len(events):
                raise Wrong(f"{aggregate}: {version} is shown, {len(events)} are there")
            cells = store.cells(into.generation, aggregate)
            machine = into.sink.state.__machine__
            check_row(into.sink.name, machine, aggregate, cells, events[:version])

    def _shown_or_parked(self, feed: int, views: int, checkpoint: int, thrown: int) -> None:
        """What is done with is shown, or waits where repair looks."""
        store, generation = self.setting.shelf.store(VIEWS, views), self.setting.into.generation
        heads = {one.key: version for one, version in store.heads(generation).items()}
        high = {one.key: parked.high for one, parked in store.parked(generation).items()}
        for arrived in self.setting.records(feed)[:checkpoint]:
            if thrown >> arrived.sequence & 1:
                continue
            last = json.loads([*lines(arrived.data)][-1])["version"]
            if max(heads.get(arrived.key, 0), high.get(arrived.key, 0)) < last:
                raise Wrong(f"{arrived.key}: {last} is done with, neither shown nor parked")


def _check_dense(aggregate: Aggregate, records: tuple[Record, ...]) -> None:
    version = 0
    for record in records:
        versions = [json.loads(one)["version"] for one in record.events]
        if versions != list(range(version + 1, version + 1 + len(versions))):
            raise Wrong(f"{aggregate}: {versions} follow {version} in the journal")
        version = record.last


def _name(records: tuple[Record, ...]) -> str:
    """What it claims, if it has a name."""
    events = [json.loads(one) for record in records for one in record.events]
    names = [one["data"]["name"] for one in events if "name" in one["data"]]
    return names[-1] if names else ""


def _command(wish: Wish) -> str:
    return str(cast.number_of(wish))
