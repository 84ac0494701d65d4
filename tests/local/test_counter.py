"""The counter: those who ask at once are decided in turn, and each is answered for itself."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from domains.tickets import Comment, Rename, Submit
from edge.caller import Caller
from local.counter import Counter, counter
from mainstem import Command, Refused
from mainstem.ports import Unknown
from mainstem.protocol.commit import Committed
from tests.protocol.plant import KEY, Plant, plant

ANN = Caller("ann")


@pytest.fixture
def works(tmp_path: Path) -> Iterator[Plant]:
    with plant(tmp_path / "data", "tickets") as made:
        yield made


@pytest.fixture
def desk(works: Plant) -> Counter:
    return counter(works.ports, KEY)


def asked(works: Plant, desk: Counter, command: Command[Any], by: Caller = ANN) -> Committed:
    return desk.ask(works.domains["tickets"], command, by, id="t")


def test_many_who_ask_at_once_about_one_lose_no_race(works: Plant, desk: Counter) -> None:
    asked(works, desk, Submit(title="It burns"))
    with ThreadPoolExecutor(32) as crowd:
        said = list(crowd.map(lambda n: asked(works, desk, Comment(text=f"{n}")), range(200)))
    assert sorted(one.version for one in said) == list(range(2, 202))


def test_a_refusal_among_them_takes_nothing_from_the_others(works: Plant, desk: Counter) -> None:
    asked(works, desk, Submit(title="It burns"))

    def one(n: int) -> bool:
        try:
            command = Rename(title=f"{n}") if n % 3 == 0 else Comment(text=f"{n}")
            asked(works, desk, command, Caller("bob"))
        except Refused:
            return False
        return True

    with ThreadPoolExecutor(16) as crowd:
        granted = sum(crowd.map(one, range(90)))
    assert granted == 60
    assert len(works.records("tickets", "t")) == 61


def test_what_is_committed_is_on_the_feed_and_marked_with_it(works: Plant, desk: Counter) -> None:
    asked(works, desk, Submit(title="It burns"))  # the first of a process has no number yet
    asked(works, desk, Comment(text="still"))
    assert [one.published for one in works.records("tickets", "t")] == [True, True]
    assert len(works.fed()) == 2


def test_behind_what_waits_to_be_published_nothing_overtakes(works: Plant, desk: Counter) -> None:
    from mainstem.bundle import opened

    asked(works, desk, Submit(title="It burns"))
    works.ports.folder.journal.write(lambda db: db.execute("UPDATE records SET published = 0"))
    works.ports.folder.journal.write(lambda db: db.execute("DELETE FROM bundles"))
    asked(works, desk, Comment(text="still"))
    key = works.aggregate("tickets.Ticket", "t").key
    found = [[one.version for one in opened(key, data).envelopes] for data in works.fed()]
    assert found == [[1, 2]]


@pytest.mark.parametrize("happened", [True, False])
def test_an_unknown_end_of_the_commit_is_looked_up(
    works: Plant, desk: Counter, monkeypatch: pytest.MonkeyPatch, happened: bool
) -> None:
    asked(works, desk, Submit(title="It burns"))
    left = ["once"]

    def write(job: Any, *, durable: bool = True, write: Any = desk.store.write) -> Any:
        if not left:
            return write(job, durable=durable)
        left.pop()
        if happened:
            write(job, durable=durable)
        raise Unknown("the disk failed while it was written")

    monkeypatch.setattr(desk.store, "write", write)
    assert asked(works, desk, Comment(text="still")).version == 2
    assert len(works.records("tickets", "t")) == 2
