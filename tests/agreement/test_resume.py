"""Whatever DuckDB has folded, the incremental evaluator goes on from as if it had folded it."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

import msgspec
import pytest
import sqlglot
from hypothesis import given, settings
from hypothesis import strategies as st

from mainstem import (
    Event,
    State,
    Unsupported,
    View,
    count,
    distinct,
    first,
    highest,
    keyed,
    last,
    latest,
    lowest,
    size,
    total,
)
from mainstem._examples import enveloped, histories
from mainstem.discovery import Domain, discover, domain_of
from mainstem.envelope import Envelope
from mainstem.laws import in_python
from mainstem.sql import cells, cells_of
from mainstem.sql.duck import hold
from tests.agreement import resume
from tests.agreement.compare import connection, example
from tests.mainstem.choir import Choir

EXAMPLES = 500
CHUNK = 100
EXAMPLES_A_DOMAIN = 60
FEW = 20
FOLDER = Path(__file__).parents[2] / "domains"
# Where the tests of folds keep theirs. Others fold numbers that may leave 64 bits.
TESTED = "carried counted inherited rows where".split()


@pytest.mark.slow
@pytest.mark.parametrize("start", range(0, EXAMPLES, CHUNK))
def test_generated_rows_go_on_from_cells(start: int) -> None:
    for seed in range(start, start + CHUNK):
        wrong = resume.checked(seed)
        assert not wrong, wrong


def test_some_generated_rows_go_on_from_cells() -> None:
    for seed in range(EXAMPLES, EXAMPLES + FEW):
        wrong = resume.checked(seed)
        assert not wrong, wrong


def domains() -> Iterator[Any]:
    """Those of the folder, and what the tests of folds fold."""
    for domain in discover(FOLDER).values():
        yield pytest.param(domain, id=domain.name)
    for name in TESTED:
        domain = domain_of(import_module(f"tests.mainstem.test_folds_{name}"))
        yield pytest.param(domain, id=domain.name)


@pytest.mark.slow
@pytest.mark.parametrize("domain", list(domains()))
@settings(max_examples=EXAMPLES_A_DOMAIN)
@given(data=st.data())
def test_every_state_of_a_domain_goes_on_from_cells(domain: Domain, data: st.DataObject) -> None:
    envelopes = data.draw(histories(domain))
    cut = data.draw(st.integers(0, len(envelopes)))
    for state in domain.states.values():
        if not in_python(state):
            for n in (cut, len(envelopes)):
                wrong = resume.differences(state, domain, envelopes, n)
                assert not wrong, "\n".join([state.__name__, *wrong])


class Laid(Event):
    hen: str
    grams: int | None = None
    name: str | None = None


class Brooded(Event):
    hen: str


class Sold(Event):
    hen: str


class Hen(State, key=(Laid.hen, Brooded.hen), gone=Sold.hen):
    lightest = lowest(Laid.grams, default=0)
    _names = distinct(Laid.name)
    known_as = size(_names)


class Coop(View):
    first_name = first(Laid.name, default="Henrietta")
    name = last(Laid.name, default="Henrietta")
    heaviest = highest(Laid.grams, default=0)
    grams = total(Laid.grams)
    eggs = count(Laid)
    last_two = latest(Laid.name, n=2)
    _hens = keyed(Hen)
    busy = size(_hens, where=Hen.known_as > 0)


class Nest(View, key=(Laid.hen, Brooded.hen), gone=Sold.hen):
    names = latest(Laid.name, n=2)


DOMAIN = domain_of(sys.modules[__name__])
ada, bea = Laid(hen="ada"), Laid(hen="bea", grams=60, name="Beatrix")


def history(*events: Event) -> list[Envelope]:
    return [enveloped(DOMAIN, event, "coop", n, n, "ann") for n, event in enumerate(events, 1)]


def found(view: type[State], *events: Event) -> list[dict[str, Any]]:
    hold(connection(), DOMAIN, history(*events))
    rows: list[dict[str, Any]] = connection().sql(cells(view)).to_arrow_table().to_pylist()
    return rows


def cells_after(*events: Event) -> dict[str, Any]:
    (row,) = found(Coop, *events)
    return cells_of(Coop, row)


def test_what_was_never_heard_is_no_cell() -> None:
    hen = {"version": 1, "changed_at": 1}
    coop = {**hen, "name": "Henrietta", "eggs": 0}  # neither says that anything was heard
    assert cells_after(Brooded(hen="ada")) == {**coop, "_hens": {"ada": hen}}


def test_a_none_that_was_carried_is_a_cell_where_a_default_would_hide_it() -> None:
    carried = cells_after(ada)
    assert carried["name"] is None
    assert carried["last_two"] == [None]
    assert not {"first_name", "heaviest", "grams"} & carried.keys()


def test_a_default_is_not_the_first_value_nor_the_lowest() -> None:
    assert not resume.differences(Coop, DOMAIN, history(ada, bea), cut=1)
    (row,) = resume.held(Coop, DOMAIN, history(ada, bea)).values()
    (finished,) = row.finished()
    assert (finished["first_name"], finished["heaviest"]) == ("Beatrix", 60)


def test_cells_are_what_the_incremental_evaluator_keeps() -> None:
    kept: dict[str, Any] = {}
    for envelope in history(bea, ada, bea):
        Coop.__machine__.apply(kept, *DOMAIN.record(envelope))
    assert cells_after(bea, ada, bea) == kept


def test_private_cells_are_there_and_derived_columns_are_not() -> None:
    (row,) = found(Coop, bea)
    assert [*row][:4] == ["tenant", "id", "version", "changed_at"]
    assert "_hens" in row
    assert "busy" not in row
    assert cells_of(Coop, row)["_hens"] == {
        "bea": {"version": 1, "changed_at": 1, "lightest": 60, "_names": ["Beatrix"]}
    }


def test_who_is_gone_has_no_cells() -> None:
    gone = Sold(hen="ada")
    assert [row["key"] for row in found(Nest, ada, bea, gone)] == ["bea"]
    assert found(Nest, ada, gone) == []
    assert cells_after(ada, bea, gone)["_hens"].keys() == {"bea"}
    assert not resume.differences(Nest, DOMAIN, history(ada, gone, ada), cut=2)


def test_rows_inside_a_row_come_in_any_order_and_are_shown_in_that_of_their_keys() -> None:
    (row,) = found(Coop, bea, ada)
    hens = msgspec.json.decode(f"[{row['_hens']}]")
    turned = {**row, "_hens": msgspec.json.encode(hens[::-1]).decode()[1:-1]}
    assert turned != row
    assert cells_of(Coop, turned) == cells_of(Coop, row)
    shown = Coop.__machine__.finish(cells_of(Coop, turned), tenant="main", id="coop")
    assert [*shown["_hens"]] == [*sorted(shown["_hens"])] == ["ada", "bea"]


def test_the_table_may_be_another_and_the_text_is_read_back() -> None:
    for seed in range(FEW):
        text = cells(example(seed).view, source="old_events")
        assert sqlglot.parse_one(text, dialect="duckdb").sql("duckdb", pretty=True) == text
        assert '"old_events"' in text


def test_a_fold_in_python_is_refused_by_name() -> None:
    with pytest.raises(Unsupported, match=r"Choir\.breath is a fold\(\) in Python"):
        cells(Choir)
