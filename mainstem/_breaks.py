"""Breaks: what the changes of an event's fields would do to what is stored already.

Each break carries samples of stored data, so that an upcast can be seen to mend it, and the lines
of Python that would.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from msgspec import UNSET

from mainstem import _cure
from mainstem._shape import Data, Upcast
from mainstem._snapshot import StoredEvent, StoredField

SAMPLES: dict[str, Any] = {"text": "1", "whole": 1, "real": 1.5, "truth": True, "moment": 0}
NEVER = object()


@dataclass(frozen=True)
class Break:
    """Stored data that would be lost, refused or read otherwise, unless `mended` once raised."""

    field: str
    what: str
    cures: Callable[[int], tuple[str, ...]]
    samples: tuple[Data, ...]
    mended: Callable[[Data], bool]

    def mended_by(self, upcasts: Sequence[Upcast]) -> bool:
        """Whether these upcasts turn the samples into what reads well."""
        return bool(upcasts) and all(self._mended(upcasts, dict(one)) for one in self.samples)

    def _mended(self, upcasts: Sequence[Upcast], data: Data) -> bool:
        try:
            for upcast in upcasts:
                data = upcast(data)
        except Exception:  # noqa: BLE001 — it looks closer than a sample allows: trust its author
            return True
        return self.mended(data)


@dataclass(frozen=True)
class Pair:
    """One field, then and now, with a sample of an event that holds it."""

    event: str
    name: str
    old: StoredField
    now: str
    new: StoredField
    sample: Data

    def upcast(self, of: int, data: str) -> str:
        return _cure.upcast(self.event, of, data)

    @property
    def kept(self) -> str:
        """The field as it was, for those who would rather keep it."""
        return _cure.declared(self.name, self.old)

    def found(self, data: Data) -> Any:
        """What raised data holds for the field of today."""
        names = (self.now, *self.new.was)
        return next((data[name] for name in names if data.get(name) is not None), None)

    def says(self, data: Data) -> bool:
        """Whether raised data says something that the field of today allows."""
        return fits(self.new, self.found(data))

    def reads(self, data: Data) -> bool:
        """As above, or it may say nothing."""
        silent = self.new.optional or self.new.default is not UNSET
        return self.says(data) or (silent and self.found(data) is None)

    def instead(self, value: Any) -> Data:
        return {**self.sample, self.name: value}

    def absent(self) -> Data:
        """An event from before the field was there."""
        return {n: v for n, v in self.sample.items() if n not in (self.name, *self.old.was)}


def breaks(event: str, old: StoredEvent, new: StoredEvent) -> Iterator[Break]:
    """Everything that an event's fields would lose, field by field."""
    sample = {name: sample_of(field) for name, field in old.fields.items()}
    lost = [name for name in sorted(old.fields) if reader(name, old, new) is None]
    for name, field in sorted(old.fields.items()):
        now = reader(name, old, new)
        if now is None:
            yield _lost(event, name, old, new, sample)
            continue
        pair = Pair(event, name, field, now, new.fields[now], sample)
        for looked in (_retyped, _chosen, _nulled, _defaulted):
            yield from looked(pair)
        yield from _forgotten(pair, new)
    renamed = {heir for name in lost for heir in _heirs(old.fields[name], old, new)}
    for name in sorted(unfounded(old, new) - renamed):
        field = new.fields[name]
        if field.default is UNSET and not field.optional:
            yield _required(Pair(event, name, field, name, field, sample))


def reader(name: str, old: StoredEvent, new: StoredEvent) -> str | None:
    """The field that reads this stored one today. Of two stored fields it reads only the first."""
    for now, field in new.fields.items():
        read = [one for one in (now, *field.was) if one in old.fields]
        if read[:1] == [name]:
            return now
    return None


def unfounded(old: StoredEvent, new: StoredEvent) -> set[str]:
    """The fields of today that stored events can't hold."""
    return {n for n, f in new.fields.items() if not {n, *f.was} & old.fields.keys()}


def sample_of(field: StoredField) -> Any:
    """A value that may be stored."""
    item = field.kind.removeprefix("list of ")
    one = field.choices[0] if field.choices else SAMPLES[item]
    return one if item == field.kind else [one]


def fits(field: StoredField, value: Any) -> bool:
    """Whether a stored value is one of this field's, None apart."""
    item = field.kind.removeprefix("list of ")
    if item != field.kind:
        one = StoredField(kind=item, choices=field.choices)
        return isinstance(value, list) and all(fits(one, it) for it in value)
    if item == "real":
        return type(value) in (int, float)
    return type(value) is type(SAMPLES[item]) and (not field.choices or value in field.choices)


def _heirs(field: StoredField, old: StoredEvent, new: StoredEvent) -> list[str]:
    """The new fields that a lost one may be called now."""
    return [one for one in sorted(unfounded(old, new)) if new.fields[one].kind == field.kind]


def _lost(event: str, name: str, old: StoredEvent, new: StoredEvent, sample: Data) -> Break:
    """A field that nothing reads: removed, renamed, or hidden behind one that is read first."""
    field, dropped = old.fields[name], _cure.without(name)
    hider = next((now for now, one in new.fields.items() if name in one.was), None)
    added = unfounded(old, new) if hider is None else {hider}

    def cures(of: int) -> tuple[str, ...]:
        if hider is not None:
            joined = f'{{**data, "{hider}": ...}}'
            return tuple(_cure.upcast(event, of, body) for body in (joined, dropped))
        renamed = [_cure.renamed(one, new.fields[one], name) for one in _heirs(field, old, new)]
        return (*renamed, _cure.declared(name, field), _cure.upcast(event, of, dropped))

    def mended(data: Data) -> bool:
        return name not in data or bool(added & data.keys() - sample.keys())

    what = "was removed, but is stored"
    if hider is not None:
        what = f"is stored, but {hider} reads another field before it"
    return Break(name, what, cures, (sample,), mended)


def _retyped(one: Pair) -> Iterator[Break]:
    if one.old.kind == one.new.kind:
        return
    body = _cure.converted(one.name, one.old, one.new)
    what = f"was {one.old.kind} and is {one.new.kind} now"
    samples = (one.sample, *([one.instead(None), one.absent()] if one.old.optional else ()))
    yield Break(one.name, what, lambda of: (one.upcast(of, body), one.kept), samples, one.reads)


def _chosen(one: Pair) -> Iterator[Break]:
    """Choices that are gone, and choices where any text was allowed."""
    if one.old.kind != one.new.kind or not one.new.choices:
        return
    gone = tuple(word for word in one.old.choices if word not in one.new.choices)
    if one.old.choices and not gone:
        return
    body, what = _cure.confined(one.name, one.old, one.new), "was any text and is a choice now"
    samples: tuple[Any, ...] = (one.sample,)
    if gone:
        body = _cure.chosen(one.name, one.old, gone, one.new)
        what = f"may not be {', '.join(gone)} any more"
        listed = one.old.kind.startswith("list")
        samples = tuple(one.instead([word] if listed else word) for word in gone)
    yield Break(one.name, what, lambda of: (one.upcast(of, body), one.kept), samples, one.reads)


def _nulled(one: Pair) -> Iterator[Break]:
    if one.old.kind != one.new.kind or not one.old.optional or one.new.optional:
        return
    body = _cure.never_null(one.name, one.old, one.new)
    yield Break(
        one.name,
        "might be None and may not be any more",
        lambda of: (one.upcast(of, body), one.kept),
        (one.instead(None), one.absent()),
        one.says,
    )


def _defaulted(one: Pair) -> Iterator[Break]:
    """What events say that were stored before the field was there."""
    before, after = _unsaid(one.old), _unsaid(one.new)
    if before is NEVER or before is None or before == after or one.old.kind != one.new.kind:
        return
    what = f"said {_cure.literal(before)} where an event says nothing, and "
    what += "is required now" if after is NEVER else f"says {_cure.literal(after)} now"
    body = _cure.filled(one.name, one.old, before)
    yield Break(
        one.name,
        what,
        lambda of: (one.upcast(of, body), one.kept),
        (one.absent(),),
        lambda data: one.found(data) is not None,
    )


def _unsaid(field: StoredField) -> Any:
    if field.default is not UNSET:
        return field.default
    return None if field.optional else NEVER


def _forgotten(one: Pair, new: StoredEvent) -> Iterator[Break]:
    """Former names that the field doesn't read any more, even where another field does."""
    names = {one.now, *one.new.was}
    return (_unnamed(one, former, new) for former in one.old.was if former not in names)


def _unnamed(one: Pair, former: str, new: StoredEvent) -> Break:
    free = all(former not in (name, *field.was) for name, field in new.fields.items())

    def cures(of: int) -> tuple[str, ...]:
        moved = one.upcast(of, _cure.moved(former, one.now))
        return (_cure.renamed(one.now, one.new, former), moved) if free else (moved,)

    what = f"no longer reads what was stored as {former}"
    sample = {**one.absent(), former: one.sample[one.name]}
    return Break(one.name, what, cures, (sample,), lambda data: one.now in data)


def _required(one: Pair) -> Break:
    value = _cure.empty(one.new)
    line = _cure.declared(one.now, _cure.defaulted(one.new, value))

    def cures(of: int) -> tuple[str, ...]:
        return line, one.upcast(of, _cure.filled(one.now, one.new, value))

    what = "was added and is required, but stored events say nothing of it"
    return Break(one.now, what, cures, (one.sample,), one.says)
