"""A command is data; its circumstances arrive with it and are no part of what is asked."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from pydantic import ValidationError

from mainstem import Asked, Command, Digits, Event, View, anyone, count

NOW = datetime(2026, 1, 1, tzinfo=UTC)


class Planted(Event):
    tree: str


class Garden(View):
    trees = count(Planted)


class Plant(Command[Garden], starts=True, by=anyone, again=True):
    tree: str
    many: int = 1

    def decide(self, garden: Garden) -> Iterator[Planted]:
        for n in range(self.many):
            yield Planted(tree=self.fresh(f"{self.tree} {n}"))


def planted(command: uuid.UUID, by: str = "ann") -> list[str]:
    asked = Asked(at=NOW, by=by, command=command)
    return [event.tree for event in Plant(tree="oak", many=2).asked(asked).decide(Garden())]


def test_ids_follow_from_the_command_and_the_purpose_alone() -> None:
    one, other = uuid.UUID(int=1), uuid.UUID(int=2)
    assert planted(one) == planted(one) == planted(one, by="eve")
    assert len({*planted(one), *planted(other)}) == 4


def test_a_command_is_data_and_circumstances_are_no_part_of_it() -> None:
    plant = Plant(tree="oak")
    there = plant.asked(Asked(at=NOW, by="ann"))
    assert (there.at, there.by, plant.by) == (NOW, "ann", "")
    assert there.model_dump() == plant.model_dump() == {"tree": "oak", "many": 1}
    assert there.asked(Asked(by="eve")).by == "eve"
    assert there.by == "ann"


@pytest.mark.parametrize(
    "body",
    [
        {"tree": "oak", "at": NOW},
        {"tree": "oak", "by": "eve"},
        {"tree": "oak", "_asked": 1},
        {"tree": "oak", "more": 1},
        {"tree": 3},
        {"tree": "oak", "many": "2"},
        {"tree": "oak", "many": 2.0},
        {"tree": "oak", "many": True},
        {"tree": "oak", "many": 2**53},
        {"tree": "a\0b"},
        {"tree": "\ud800"},
        {},
    ],
)
def test_a_body_that_says_too_much_or_otherwise_is_refused(body: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        Plant.model_validate(body)


def test_a_command_can_not_be_changed() -> None:
    plant = Plant(tree="oak")
    with pytest.raises(ValidationError, match="frozen"):
        plant.tree = "elm"  # type: ignore[misc]
    with pytest.raises(ValidationError, match="frozen"):
        plant.by = "eve"  # type: ignore[misc]


def test_digits_are_proved_under_the_key_tenant_domain_and_aggregate() -> None:
    recipe, key = Digits(6, of=1), b"a key of 16 bytes"
    code = recipe.made(key, "main", "test_command", "a")
    circumstances = {"key": key, "tenant": "main", "aggregate": "a"}

    def proves(given_: str, **changes: Any) -> bool:
        return Plant(tree="oak").asked(Asked(**{**circumstances, **changes})).proves(recipe, given_)

    assert proves(code)
    assert not proves(code[:-1])
    assert not proves("")
    assert not proves("\ud800")
    assert not any(
        proves(code, **c)
        for c in ({"key": b"another, as long"}, {"tenant": "t"}, {"aggregate": "b"})
    )
