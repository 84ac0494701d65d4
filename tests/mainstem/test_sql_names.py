"""Names that a domain gives never meet those that a statement gives for itself."""

from __future__ import annotations

from mainstem import Event, State, View, count, keyed, last, size, was
from tests.mainstem.evaluated import row


class Noted(Event):
    rows: str = was("old_rows")
    fields: str = "fields"
    events: str = "events"
    raw: str = "raw"
    parsed: str = "parsed"
    size: str = "size"
    size_0: str = "size_0"
    was_0: str = "was_0"
    note_rows: str = "note_rows"
    note_rows_key: str = "note_rows_key"
    note_rows_gone: str = "note_rows_gone"
    note_folded: str = "note_folded"


class Torn(Event):
    rows: str
    events: str = "events"


class Line(State, key=Noted.rows, gone=Torn.rows):
    key_ = last(Noted.note_rows_key)
    gone_ = last(Noted.note_rows_gone)
    note_rows_key = count(Noted)
    _note_rows_key = count(Noted)


class Inner(State, key=(Noted.events, Torn.events)):
    b = keyed(Line)


class Note(View):
    rows = keyed(Line)
    folded = keyed(Line)
    heard = keyed(Line)
    marked = keyed(Line)
    alive = keyed(Line)
    a = keyed(Inner)
    a_b = keyed(Line)
    a_ = keyed(Inner)
    _b = keyed(Line)
    size_0 = size(rows, where=Line.note_rows_key > 1)
    size_1 = size(folded, where=Line.note_rows_key > 0)
    was_0 = last(Noted.was_0)
    raw = last(Noted.raw)
    events = last(Noted.events)
    fields = last(Noted.fields)
    parsed = last(Noted.parsed)
    type = last(Noted.size)
    at = last(Noted.size_0)
    by = last(Noted.rows)
    data = last(Noted.note_rows)


class Events(View, key=(Noted.rows, Torn.rows)):
    rows = keyed(Line)
    heard = last(Noted.note_folded)


class Raw(View):
    raw = count(Noted)


def test_whatever_a_domain_calls_its_columns_the_evaluators_agree() -> None:
    noted = Noted(rows="x")
    found = row(Note, noted, noted, Torn(rows="x"), noted)
    assert found["rows"] == found["a_b"] == found["a"]["events"]["b"]
    assert found["rows"]["x"]["note_rows_key"] == 1
    assert (found["size_0"], found["size_1"], found["was_0"]) == (0, 1, "was_0")
    assert (found["type"], found["at"], found["by"]) == ("size", "size_0", "x")
    assert row(Raw, noted) == {"raw": 1}
    assert row(Events, noted)["heard"] == "note_folded"
