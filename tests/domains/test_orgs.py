import pytest
from pydantic import ValidationError

from domains.orgs import Create, Created, Org, Update, Updated
from mainstem import Asked, Forbidden, Missing, decided
from mainstem._mark import Search
from mainstem.testing import Given, Outcome, given, listed

ORG = {"org"}

opened = Created(name="Tea & Sons", location="12 Elephant Lane", description="We pour.")
tea_house = given(opened, by="tea", id="tea")
create = Create(name="Tea & Sons", location="12 Elephant Lane", description="We pour.")
moves = Update(name="Tea & Sons", location="1 Harbour Road", description="We pour.")
moved = Updated(name="Tea & Sons", location="1 Harbour Road", description="We pour.")


def asks(before: Given, command: Create | Update) -> Outcome:
    return before.when(command, by="tea", roles=ORG)


def test_an_organisation_creates_its_page() -> None:
    asks(given(), create).then(opened)


def test_its_page_is_its_own_whoever_it_is() -> None:
    tea = Asked(by="tea")
    assert create.asked(tea).which() == moves.asked(tea).which() == "tea"


def test_it_is_created_once() -> None:
    asks(tea_house, create).then()
    another = Create(name="Coffee & Daughters", location="12 Elephant Lane")
    asks(tea_house, another).refused("this organisation exists; update it")


def test_an_update_replaces_all_of_it() -> None:
    asks(tea_house, Update(name="Tea", location="Here")).then(
        Updated(name="Tea", location="Here", description="")
    )


def test_an_update_that_changes_nothing_is_no_fact() -> None:
    same = Update(name="Tea & Sons", location="12 Elephant Lane", description="We pour.")
    asks(tea_house, same).then()
    asks(tea_house.given(moved, by="tea"), moves).then()


def test_what_was_never_created_cannot_be_updated() -> None:
    asks(given(), moves).refused("no such org")
    with pytest.raises(Missing):
        decided(moves, Org(), Asked(by="tea", roles=frozenset(ORG)))


@pytest.mark.parametrize("command", [create, moves])
def test_only_organisations_write(command: Create | Update) -> None:
    worker = Asked(by="somchai", roles=frozenset({"worker"}))
    with pytest.raises(Forbidden):
        decided(command, tea_house.seen(Org), worker)


def test_the_view_is_what_was_said_last() -> None:
    org = tea_house.given(moved, by="tea").seen(Org)
    assert (org.name, org.location, org.description) == ("Tea & Sons", "1 Harbour Road", "We pour.")
    assert (org.id, org.version) == ("tea", 2)


@pytest.mark.parametrize(
    ("by", "roles", "reads"),
    [
        ("somchai", frozenset({"worker"}), True),
        ("tea", frozenset(ORG), True),
        ("coffee", frozenset(ORG), False),
        ("", frozenset[str](), False),
    ],
)
def test_workers_read_it_and_so_does_itself(by: str, roles: frozenset[str], reads: bool) -> None:
    assert bool(tea_house.readable(Org, by=by, roles=roles)) is reads


@pytest.mark.parametrize("command", [Create, Update])
@pytest.mark.parametrize(
    ("field", "most"), [("name", 120), ("location", 150), ("description", 1_200)]
)
def test_texts_have_limits(command: type[Create | Update], field: str, most: int) -> None:
    texts = {"name": "Tea", "location": "Here", "description": ""}
    command.model_validate(texts | {field: "t" * most})
    with pytest.raises(ValidationError, match=field):
        command.model_validate(texts | {field: "t" * (most + 1)})


@pytest.mark.parametrize("field", ["name", "location"])
def test_a_name_and_a_location_are_not_blank(field: str) -> None:
    for blank in ("", " ", "\t"):
        with pytest.raises(ValidationError, match=field):
            Create.model_validate({"name": "Tea", "location": "Here", field: blank})


def test_it_is_found_by_its_words_and_listed_by_its_name() -> None:
    assert Org.__marks__["words"] == Search("words", ("name", "location", "description"))
    coffee = given(Created(name="Coffee & Daughters", location="Here", description=""), id="b")
    names = [org.name for org in listed(Org, "names", tea_house, coffee)]
    assert names == ["Coffee & Daughters", "Tea & Sons"]
