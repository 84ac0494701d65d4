"""Rebuilding while some wait in the rows that are read, begin to wait there, or are repaired."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from pathlib import Path

import pytest

from domains.tickets import Rename, Submit, Watch
from local import rebuilding
from local.archiving import Archiver
from local.promoting import Promoting
from local.rebuilding import Paused, Rebuilding
from mainstem._refusal import Unfit
from mainstem.discovery import Domain
from mainstem.ports import Generation
from mainstem.protocol import change
from mainstem.protocol.drive import drive
from mainstem.protocol.promoting import Unready
from mainstem.protocol.rebuild import Standing
from mainstem.sink import sinks_of
from tests.local.rebuilds import INTENTS, TICKET, VISITOR, against, by, changed, crashing, of
from tests.protocol.plant import Plant, domains, plant

pytestmark = pytest.mark.slow

LEFT = "class Refunded(Event):", "class Left(Event):\n    page: str\n\n\nclass Refunded(Event):"
MOMENTS = range(9)  # of those that are told of: each step, and each aggregate
ENDS = ("goes on", "killed", "paused")


class Killed(BaseException):
    """The process ended here."""


@pytest.fixture(autouse=True)
def little_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rebuilding, "EVENTS_A_PART", 8)
    monkeypatch.setattr(rebuilding, "AGGREGATES_A_WRITE", 1)


@pytest.fixture
def works(tmp_path: Path) -> Iterator[Plant]:
    with plant(tmp_path / "data", "clicks") as made:
        made.settle()
        yield made


@pytest.fixture
def later(tmp_path: Path) -> Mapping[str, Domain]:
    """Code that knows one event more; its folds are the same."""
    return {"clicks": changed(tmp_path, *LEFT, name="clicks")["clicks"]}


def rebuilt(works: Plant, found: Mapping[str, Domain], sink: str = VISITOR) -> Rebuilding:
    return Rebuilding(works.ports, next(one for one in sinks_of(found) if one.name == sink))


def viewed(works: Plant, *ids: str) -> None:
    works.facts(*((one, "Viewed", {"page": f"/{n}", "ms": n}) for n, one in enumerate(ids)))


def left(works: Plant) -> None:
    """The code at work doesn't know what this is, so v2 waits with all that follows."""
    viewed(works, "v2", "v3")
    works.facts(("v2", "Left", {"page": "/"}))
    viewed(works, "v2", "v0", "v2")
    works.engine.catch_up()
    assert [one.aggregate.id for one in works.parked(VISITOR)] == ["v2"]


def repaired(works: Plant, later: Mapping[str, Domain]) -> None:
    """By whoever knows what it is."""
    with plant(works.ports.folder.path, found=later) as again:
        again.engine.catch_up()
        assert again.parked(VISITOR) == []


def repaired_by_itself(works: Plant) -> None:
    works.engine.catch_up()


def version(works: Plant, generation: Generation, id: str, sink: str = VISITOR) -> int:
    return drive(works.ports.rows.read(generation, works.aggregate(sink, id), ())).version


def built(rebuilding: Rebuilding, moment: int, act: Callable[[], None], ends: str) -> Generation:
    """At this moment something happens, and it goes on, or is ended there and gone on with."""
    left = moment

    def told(_: Standing) -> None:
        nonlocal left
        left -= 1
        if left == -1:
            act()
            if ends == "killed":
                raise Killed
            if ends == "paused":
                rebuilding.pause(rebuilding.building())  # type: ignore[arg-type]

    with suppress(Killed, Paused):
        Rebuilding(rebuilding.ports, rebuilding.sink, told).start()
    assert left < 0
    return rebuilding.start()


def renamed_while_it_waits(works: Plant) -> None:
    """A ticket that waits for what the journal has by then, and nobody has told of yet."""
    works.settle()
    works.ask("tickets", Submit(title="It burns"), "t1")
    works.engine.catch_up()
    drive(works.into(TICKET).wait(works.aggregate(TICKET, "t1"), 2, "late", poison=False))
    works.ask("tickets", Rename(title="Fire"), "t1")


@pytest.mark.parametrize("ends", ENDS)
@pytest.mark.parametrize("moment", MOMENTS)
def test_facts_that_are_repaired_meanwhile_are_there(
    works: Plant, later: Mapping[str, Domain], moment: int, ends: str
) -> None:
    viewed(works, *("v0", "v1", "v2", "v3") * 3)
    left(works)
    rebuilding = rebuilt(works, later)
    new = built(rebuilding, moment, lambda: repaired(works, later), ends)
    assert against(works, new, VISITOR).clean
    assert version(works, new, "v2") == 7
    assert Promoting(rebuilding).promote().new.number == new.number


@pytest.mark.parametrize("ends", ENDS)
@pytest.mark.parametrize("moment", MOMENTS)
def test_facts_that_wait_from_then_on_are_repaired_by_whoever_is_read(
    works: Plant, later: Mapping[str, Domain], moment: int, ends: str
) -> None:
    viewed(works, *("v0", "v1", "v2", "v3") * 3)
    works.engine.catch_up()
    rebuilding = rebuilt(works, later)
    new = built(rebuilding, moment, lambda: left(works), ends)
    Promoting(rebuilding).promote()
    assert version(works, new, "v2") == 4  # as far as what was read before
    repaired(works, later)
    assert version(works, new, "v2") == 7
    assert against(works, new, VISITOR).clean


def test_what_waits_by_the_time_it_is_promoted_shows_as_much_as_before(tmp_path: Path) -> None:
    with plant(tmp_path / "data", "tickets", found=crashing(tmp_path)) as works:
        works.settle()
        works.ask("tickets", Submit(title="It burns"), "t1")
        works.engine.catch_up()
        rebuilding = rebuilt(works, domains(), TICKET)
        rebuilding.start()
        works.ask("tickets", Watch(address="https://example.org/hook"), "t1")
        works.ask("tickets", Rename(title="Fire"), "t1")  # which the code at work can't fold
        works.engine.catch_up()
        assert works.version(TICKET, "t1") == 2
        new = Promoting(rebuilding).promote().new
        assert version(works, new, "t1", TICKET) == 2


def test_what_was_repaired_since_it_was_built_does_not_wait_any_more(tmp_path: Path) -> None:
    with plant(tmp_path / "data", "tickets") as works:
        renamed_while_it_waits(works)
        new = of(works).start()
        assert version(works, new, "t1", TICKET) == 1
        works.engine.catch_up()
        caused = works.ports.folder.views.row(INTENTS)
        Promoting(of(works)).promote()
        assert version(works, new, "t1", TICKET) == 2
        assert works.ports.folder.views.row(INTENTS) == caused


@pytest.mark.parametrize("moment", range(5))  # until it comes up with the feed
def test_what_is_repaired_meanwhile_goes_on_in_what_is_built(tmp_path: Path, moment: int) -> None:
    """The feed has passed it: who is not known to wait would stay where it was."""
    with plant(tmp_path / "data", "tickets") as works:
        renamed_while_it_waits(works)
        works.engine.consume()
        assert works.version(TICKET, "t1") == 1
        new = built(of(works), moment, lambda: repaired_by_itself(works), "goes on")
        assert version(works, new, "t1", TICKET) == works.version(TICKET, "t1") == 2
        assert drive(works.ports.parks.count(new)) == 0


def test_what_the_feed_has_forgotten_and_no_code_folds_keeps_it_from_being_read(
    tmp_path: Path,
) -> None:
    with plant(tmp_path / "data", "tickets") as works:
        works.settle()
        works.ask("tickets", Submit(title="It burns"), "t1")
        works.engine.catch_up()
        worse = by(works, crashing(tmp_path))
        worse.start()
        works.ask("tickets", Rename(title="Fire"), "t1")
        works.engine.catch_up()
        Archiver(works.ports).catch_up()
        works.ports.feed.forget(2**62, keep_facts=True)
        with pytest.raises(Unready, match=r"1 wait: tickets/t1 \(version 2: worse"):
            Promoting(worse).promote()


def test_what_waits_in_both_and_shows_less_keeps_it_from_being_read(tmp_path: Path) -> None:
    with plant(tmp_path / "data", "tickets") as works:
        works.settle()
        works.ask("tickets", Submit(title="It burns"), "t1")
        works.ask("tickets", Rename(title="Fire"), "t1")
        works.engine.catch_up()
        drive(works.into(TICKET).wait(works.aggregate(TICKET, "t1"), 3, "late", poison=False))
        worse = by(works, crashing(tmp_path))
        worse.start()
        with pytest.raises(Unready, match="1 wait: tickets/t1"):
            Promoting(worse).promote()


def test_facts_of_a_row_that_would_be_too_large_stop_it(
    works: Plant, monkeypatch: pytest.MonkeyPatch
) -> None:
    viewed(works, *["v1"] * 30)
    works.engine.catch_up()
    monkeypatch.setattr(change, "ROW_BYTES_MAX", 300)
    with pytest.raises(Unfit, match=r"clicks/v1: its row would have .*; mend its fold"):
        of(works, VISITOR).start()
