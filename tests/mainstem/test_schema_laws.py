"""Laws of schemas, over generated pairs of shapes: what is called fine reads as it was read."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from hypothesis import given, note
from hypothesis import strategies as st
from msgspec import UNSET
from msgspec.structs import replace

from mainstem import Unfit
from mainstem._breaks import Break, breaks, reader
from mainstem._kind import Kind, Sort
from mainstem._shape import FieldShape, Shape
from mainstem.schema import Snapshot, StoredEvent, StoredField, diff, read, written

WORDS = ("big", "small", "tiny")
VALUES: dict[str, st.SearchStrategy[Any]] = {
    "text": st.text(max_size=3).filter(lambda text: "\0" not in text),
    "whole": st.integers(-9, 9),
    "real": st.floats(-9, 9),
    "truth": st.booleans(),
    "moment": st.integers(-9, 9),
}
KINDS = [*VALUES, *(f"list of {kind}" for kind in VALUES)]
Draw = Callable[[st.SearchStrategy[Any]], Any]


def value_of(field: StoredField) -> st.SearchStrategy[Any]:
    item = field.kind.removeprefix("list of ")
    one = st.sampled_from(field.choices) if field.choices else VALUES[item]
    return one if item == field.kind else st.lists(one, max_size=2)


@st.composite
def stored_fields(draw: Draw) -> StoredField:
    kind = draw(st.sampled_from(KINDS))
    textual = kind.endswith("text")
    several = st.sets(st.sampled_from(WORDS), min_size=2)  # of one choice, nothing can be lost
    choices = tuple(sorted(draw(several))) if textual and draw(st.booleans()) else ()
    field = StoredField(kind=kind, optional=draw(st.booleans()), choices=choices)
    if draw(st.booleans()):
        field = replace(field, default=None if field.optional else draw(value_of(field)))
    return field


@st.composite
def stored_events(draw: Draw) -> StoredEvent:
    """Up to four fields; up to two of them read former names too."""
    names = draw(st.permutations(["a", "b", "c", "d", "e", "f"]))
    fields = {name: draw(stored_fields()) for name in names[: draw(st.integers(0, 4))]}
    for name, former in zip(list(fields)[:2], names[4:], strict=False):
        if draw(st.booleans()):
            fields[name] = replace(fields[name], was=(former,))
    return StoredEvent(schema=1, fields=fields)


@st.composite
def histories(draw: Draw) -> tuple[StoredEvent, StoredEvent]:
    """An event, and what somebody made of it later: some fields changed, gone, renamed or new."""
    old = draw(stored_events())
    other = draw(stored_events())
    fields = {
        name: draw(st.sampled_from([field, field, draw(changed(field))]))
        for name, field in old.fields.items()
        if draw(st.integers(0, 5))
    }
    for name, field in other.fields.items():
        if draw(st.booleans()):
            fields.setdefault(name, field)
    if fields and draw(st.booleans()):
        renamed = draw(st.sampled_from(sorted(fields)))
        fields["g"] = replace(fields[renamed], was=(renamed, *fields.pop(renamed).was))
    return old, replace(old, fields=_unambiguous(fields))


@st.composite
def changed(draw: Draw, field: StoredField) -> StoredField:
    other: StoredField = draw(stored_fields())
    part = draw(st.sampled_from(["kind", "default", "optional", "was"]))
    if part == "kind":
        return replace(other, was=field.was)
    if part == "was":
        return replace(field, was=())
    if part == "optional":
        return replace(field, optional=not field.optional, default=UNSET)
    return replace(field, default=None if field.optional else draw(value_of(field)))


def _unambiguous(fields: dict[str, StoredField]) -> dict[str, StoredField]:
    """As the language has it: a former name belongs to one field, and is no field's own."""
    taken = set(fields)
    found = {}
    for name, field in fields.items():
        was = tuple(former for former in field.was if former not in taken)
        taken |= set(was)
        found[name] = replace(field, was=was)
    return found


def shape_of(event: StoredEvent) -> Shape:
    """The shape that reads such events."""
    return Shape("Sold", tuple(_shape(*one) for one in event.fields.items()))


def _shape(name: str, field: StoredField) -> FieldShape:
    item = Kind(Sort(field.kind.removeprefix("list of ")), choices=field.choices or None)
    kind = Kind(Sort.LIST, item=item) if field.kind.startswith("list") else item
    default = None if field.default is UNSET else field.default
    required = field.default is UNSET
    return FieldShape(name, kind.maybe(field.optional), required, default, field.was)


@st.composite
def data_of(draw: Draw, event: StoredEvent) -> dict[str, Any]:
    """What may be stored of such an event: under former names, and before a field was there."""
    data = {}
    for name, field in event.fields.items():
        present = st.sampled_from([name, name, *field.was])
        silent = field.optional or field.default is not UNSET
        stored_as = draw(st.none() | present if silent else present)
        if stored_as is not None:
            value = value_of(field)
            data[stored_as] = draw(st.none() | value if field.optional else value)
    return data


@given(histories(), st.data())
def test_what_is_called_fine_reads_as_it_was_read(
    pair: tuple[StoredEvent, StoredEvent], draws: st.DataObject
) -> None:
    old, new = pair
    if list(breaks("Sold", old, new)):
        return
    data = draws.draw(data_of(old))
    before, after = shape_of(old).read(data, 1), shape_of(new).read(data, 1)
    for name, value in before.items():
        now = reader(name, old, new)
        assert now is not None
        assert repr(after[now]) == repr(value)


@given(histories())
@pytest.mark.slow
def test_what_is_called_broken_is_broken(pair: tuple[StoredEvent, StoredEvent]) -> None:
    old, new = pair
    for one in breaks("Sold", old, new):
        note(f"{one.field} {one.what}")
        assert any(_hurts(one, data, old, new) for data in _like(one))


def _like(broken: Break) -> Iterator[dict[str, Any]]:
    """The samples, and others with another value somewhere: one may be a default by chance."""
    for sample in broken.samples:
        yield sample
        for name, value in sample.items():
            others = {str: ("2", *WORDS), list: ([],), bool: (False,)}.get(type(value), (2,))
            yield from ({**sample, name: other} for other in others)


def _hurts(broken: Break, data: dict[str, Any], old: StoredEvent, new: StoredEvent) -> bool:
    """Whether stored data is refused, lost, or read as something else."""
    try:
        before = shape_of(old).read(data, 1)
    except Unfit:
        return False  # it was never stored
    try:
        after = shape_of(new).read(data, 1)
    except Unfit:
        return True
    now = reader(broken.field, old, new)
    if now is None:
        return True
    meaning = (old.fields[broken.field].kind, repr(before[broken.field]))
    return meaning != (new.fields[now].kind, repr(after[now]))


@given(stored_events())
def test_written_and_read_is_the_same_snapshot(event: StoredEvent) -> None:
    snapshot = Snapshot("shop", {"Sold": event})
    assert read(written(snapshot)) == snapshot
    assert not diff(snapshot, snapshot)


@given(histories())
def test_another_text_is_a_change_and_the_same_text_is_none(
    pair: tuple[StoredEvent, StoredEvent],
) -> None:
    old, new = (Snapshot("shop", {"Sold": event}) for event in pair)
    assert bool(diff(old, new)) is (written(old) != written(new))
