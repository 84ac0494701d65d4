"""The comparison of many: what it is made of, and that it sees what it is there to see."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from random import Random
from typing import Any

import pytest

from mainstem._kind import WHOLE_MAX
from mainstem.discovery import Domain
from mainstem.laws import in_python
from tests.agreement.hashed import Row, difference, put
from tests.agreement.lively import TENANTS, lively
from tests.agreement.million import agreed
from tests.agreement.parts import GENERATED, parts

EVENTS = 6_000
SEED = 7
ROW: Row = {"tenant": "acme", "id": "é", "version": 3, "names": ["a"], "real": 1.0}


@pytest.mark.slow
def test_thousands_of_events_are_the_same_rows(tmp_path: Path) -> None:
    found = agreed(tmp_path, EVENTS, SEED, [])
    assert not found.wrong, "\n\n".join(found.wrong)
    assert found.events >= EVENTS
    assert "Sessions         has a fold(), which is folded in Python only" in found.text


def test_every_domain_and_view_takes_part() -> None:
    found = parts()
    assert {"tickets", "channels", "clicks", "orders", "facts"} <= found.keys()
    assert len(found["facts"].views) == GENERATED
    for part in found.values():
        left = {n for n, one in part.domain.states.items() if in_python(one)}
        assert {*part.only_python} == left
        assert {*part.domain.states} <= {*part.views} | left


@pytest.mark.parametrize("domain", [one.domain for one in parts().values()], ids=lambda d: d.name)
def test_generated_events_are_lively(domain: Domain) -> None:
    found = [*lively(domain, SEED, EVENTS)]
    ids = Counter((one.tenant, one.id) for one in found)
    assert {tenant for tenant, _ in ids} == {*TENANTS}
    assert max(ids.values()) > 200 > min(ids.values())
    assert {one.type for one in found} >= {*domain.events}
    for one in Random(SEED).sample(found, 100):
        domain.record(one)  # it can be read
    assert [*lively(domain, SEED, EVENTS)] == found


def test_generated_values_are_at_their_limits() -> None:
    seen = [one for event in lively(parts()["facts"].domain, SEED, EVENTS) for one in flat(event)]
    assert {WHOLE_MAX, -WHOLE_MAX, None, "", "\uffff", "😀", 5e-324} <= {*seen}


def flat(event: Any) -> list[Any]:
    listed = [one if isinstance(one, list) else [one] for one in event.data.values()]
    return [one for some in listed for one in some]


@pytest.mark.parametrize(
    ("other", "column"),
    [
        (ROW | {"real": 1}, "real"),
        (ROW | {"version": True}, "version"),
        (ROW | {"names": []}, "names"),
        (ROW | {"real": None}, "real"),
        ({"id": ROW["id"], **ROW}, "the order of its columns"),
    ],
)
def test_whatever_differs_is_told(other: Row, column: str, tmp_path: Path) -> None:
    told = difference(files(tmp_path, python=[ROW, ROW], sql=[ROW, other]))
    assert told.splitlines()[:2] == ["tenant='acme' id='é'", f"  {column}"]


@pytest.mark.parametrize(("rows", "name"), [([ROW], "none"), ([ROW, ROW | {"id": "f"}], "id='f'")])
def test_a_row_that_is_missing_is_told(rows: list[Row], name: str, tmp_path: Path) -> None:
    told = difference(files(tmp_path, python=[ROW, ROW], sql=rows)).splitlines()
    assert told[:2] == ["not the same row:", "  python: tenant='acme' id='é'"]
    assert told[2].endswith(name)


def test_the_same_rows_are_the_same(tmp_path: Path) -> None:
    assert difference(files(tmp_path, python=[ROW], sql=[dict(ROW)], other=[ROW])) == ""


def files(folder: Path, **said: list[Row]) -> dict[str, Path]:
    for who, rows in said.items():
        assert put(folder / who, rows) == len(rows)
    return {who: folder / who for who in said}
