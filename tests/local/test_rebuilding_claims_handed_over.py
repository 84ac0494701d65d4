"""Claims change hands while others are at work, and are noted once they are on the disk."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from domains.rooms import Create
from local import claims
from local.claims import forgotten, handed_over, pending
from local.locks import DECIDING, together
from local.store import Store
from mainstem.ports import Loaded
from mainstem.protocol import claims as protocol
from mainstem.protocol.claims import reclaim
from mainstem.protocol.drive import drive
from tests.local.test_rebuilding_claims import (
    BY_FIRST,
    BY_WHAT,
    VIEW,
    Killed,
    assert_made,
    held_by,
    sell,
    switched,
)
from tests.protocol.editions import edition
from tests.protocol.plant import domains, plant

pytestmark = pytest.mark.slow


def test_how_far_they_are_is_noted_once_the_claims_are_on_the_disk(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    old, new = edition(tmp_path, BY_WHAT), edition(tmp_path, BY_FIRST)
    before, waited_for = Store.together, list[bool]()
    with plant(tmp_path / "data", found=old) as works:
        rebuilding, read = switched(works, new)

        @contextmanager
        def lost(store: Store, *, durable: bool = False) -> Iterator[None]:
            with before(store, durable=durable):
                yield
                if store is works.ports.folder.journal:
                    waited_for.append(durable)
                    raise Killed  # its last moment before it is there

        with monkeypatch.context() as patch, pytest.raises(Killed):
            patch.setattr(Store, "together", lost)
            handed_over(works.ports, rebuilding.sink, read)
    assert waited_for == [True]
    with plant(tmp_path / "data", found=new) as works:
        works.settle()
        assert_made(works)


def test_a_command_that_is_just_being_decided_is_waited_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    old, new = edition(tmp_path, BY_WHAT), edition(tmp_path, BY_FIRST)
    with plant(tmp_path / "data", found=old) as works, ExitStack() as deciding:
        rebuilding, read = switched(works, new)
        assert deciding.enter_context(together(works.ports.folder.path, DECIDING))
        until = SimpleNamespace(monotonic=time.monotonic, sleep=lambda _: deciding.close())
        monkeypatch.setattr(claims, "time", until)
        monkeypatch.setattr(protocol, "HEADS_PER_STEP_MAX", 2)
        done = list[int]()
        handed_over(works.ports, rebuilding.sink, read, done.append)
        assert not pending(works.ports, rebuilding.sink, read)
        assert max(done) == 3  # as somebody is told meanwhile


def test_what_is_claimed_in_a_domain_that_is_not_there_stays_so(tmp_path: Path) -> None:
    with plant(tmp_path / "data", found=edition(tmp_path, BY_WHAT)) as works:
        works.settle()
        sell(works, "a", "hat")
        into = works.into(VIEW)
        forgotten(works.ports, domains())
        assert not pending(works.ports, into.sink, into.generation)


def test_code_that_never_claimed_anything_asks_nobody_what_it_claims(tmp_path: Path) -> None:
    more = edition(tmp_path, "cents = total(Sold.cents)")
    with plant(tmp_path / "data", found=edition(tmp_path)) as works:
        rebuilding, read = switched(works, more)
        assert not pending(works.ports, rebuilding.sink, read)
        done = list[int]()
        assert handed_over(works.ports, rebuilding.sink, read, done.append) == []
        assert done == []


def test_what_is_decided_meanwhile_is_what_is_claimed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with plant(tmp_path / "data", found=edition(tmp_path, BY_WHAT)) as works:
        works.settle()
        sell(works, "a", "hat")
        sink, load = works.into(VIEW).sink, works.ports.journal.load

        async def busily(*about: Any) -> Loaded:
            found = await load(*about)
            monkeypatch.undo()  # just once
            sell(works, "a", "cap")
            return found

        monkeypatch.setattr(works.ports.journal, "load", busily)
        assert drive(reclaim(sink, works.ports.journal, works.aggregate(VIEW, "a"))) == []
        assert held_by(works) == {("a", "Sale.only", '["cap"]')}


def test_another_domain_that_names_its_events_alike_claims_nothing_here(tmp_path: Path) -> None:
    with plant(tmp_path / "data", "channels", "rooms") as works:
        works.settle()
        works.ask("rooms", Create(name="general"), "r1")
        sink, journal = works.into("channels.Channel").sink, works.ports.journal
        at, clashes = drive(protocol.handed_on(sink, journal, protocol.Hands()))
        assert (at.done, clashes) == (1, [])
        assert works.ports.folder.journal.rows("SELECT * FROM claims") == []


def test_what_the_second_round_has_told_is_told_again(tmp_path: Path) -> None:
    with plant(tmp_path / "data", found=edition(tmp_path, BY_WHAT)) as works:
        _, read = switched(works, edition(tmp_path, BY_FIRST))
        generations = works.ports.generations
        at = drive(protocol.taken_up(generations, read))
        told = protocol.Hands(again=True, place="somewhere", done=2)
        drive(protocol.turned(generations, read, at, told))
        assert drive(protocol.taken_up(generations, read)) == protocol.Hands(again=True)
