"""What can't be stored is the caller's to mend, and told by its field; what is stored is not."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.http.house import House, opened
from tests.http.test_bad_input import problem
from tests.http.things import things


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    with opened(tmp_path_factory.mktemp("things") / "folder", domains=things()) as one:
        yield one


@pytest.mark.parametrize("name", ["", "a" * 300, "a\nb"])
def test_an_id_that_can_not_be_is_told_by_its_field(house: House, name: str) -> None:
    said = problem(house.ask("/v1/things/name", {"name": name}, ""), 400)
    assert [flaw["at"] for flaw in said["errors"]] == ["/name"]


def test_where_it_could_be_either_field_neither_is_blamed(house: House) -> None:
    said = problem(house.ask("/v1/things/name", {"name": "", "text": ""}, ""), 400)
    assert [flaw["at"] for flaw in said["errors"]] == ["id"]


@pytest.mark.parametrize("text", ['"' * 40_000, "\\" * 40_000, "\x01" * 20_000, "é" * 40_000])
def test_an_event_that_is_too_large_as_it_is_stored_is_refused(house: House, text: str) -> None:
    problem(house.ask("/v1/things/make", {"text": text}, ""), 422)


def test_what_is_stored_and_not_known_here_is_not_now(house: House) -> None:
    house.ask("/v1/things/7/make", {"text": "tea"}, "")
    renamed = "UPDATE records SET events = CAST(replace(events, 'Made', 'Mace') AS BLOB)"
    house.ports.folder.journal.write(lambda db: db.execute(renamed))
    problem(house.ask("/v1/things/7/make", {"text": "tea"}, ""), 503)
