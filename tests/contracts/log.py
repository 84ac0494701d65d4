"""What every adapter of a log keeps to: kept until it is done, in order, by one process."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from mainstem.ports import Log, Sealed, Source, Unavailable
from mainstem.protocol.drive import drive

Opening = Callable[[], Log]  # each time the same log, as another process would have it
EVERYTHING = 2**31
LANE = "main/clicks/~7"


def bundle(n: int, data: bytes = b"facts") -> Sealed:
    return Sealed(LANE, data, 1, "p", n, 1_000 + n)


def source(rows: int, digest: str = "d1", *, finished: bool = False) -> Source:
    return Source(digest, 100, "shop.ndjson", 5, rows, finished=finished)


def left(log: Log, after: int = 0, bytes_max: int = EVERYTHING) -> list[int]:
    return [one.n for one in drive(log.left(after, bytes_max))]


class LogContract:
    """`log` opens it; a second opening is another process's, once the first has ended."""

    def test_what_is_kept_is_left_in_order_until_it_is_done(self, log: Opening) -> None:
        held = log()
        first = drive(held.keep([bundle(1), bundle(2)]))
        drive(held.keep([bundle(3)]))
        assert left(held) == [1, 2, 3]
        drive(held.done(first[:1]))
        assert left(held) == [2, 3]

    def test_a_place_is_never_given_twice(self, log: Opening) -> None:
        held = log()
        places = [one.place for n in (1, 2) for one in drive(held.keep([bundle(n)]))]
        drive(held.done(drive(held.left(0, EVERYTHING))))
        places += [one.place for one in drive(held.keep([bundle(3)]))]
        assert places == sorted(set(places))
        assert all(places)

    def test_the_next_process_finds_what_the_last_one_left(self, log: Opening) -> None:
        held = log()
        kept = drive(held.keep([bundle(1), bundle(2, b"\x00\xff")], source(7)))
        drive(held.done(kept[:1]))
        after = log()
        assert drive(after.left(0, EVERYTHING)) == kept[1:]
        assert drive(after.sources()) == (source(7),)
        (new,) = drive(after.keep([bundle(3)]))
        assert new.place > kept[1].place

    def test_whoever_had_it_before_has_it_no_more(self, log: Opening) -> None:
        old = log()
        drive(old.keep([bundle(1)]))
        log()
        with pytest.raises(Unavailable):
            drive(old.keep([bundle(2)]))
        assert left(log()) == [1]

    def test_what_is_left_comes_in_pages(self, log: Opening) -> None:
        held = log()
        drive(held.keep([bundle(n, b"x" * 100) for n in range(1, 8)]))
        found, after = list[int](), 0
        while page := drive(held.left(after, 250)):
            assert sum(len(one.data) for one in page) <= 250
            found += [one.n for one in page]
            after = page[-1].place
        assert found == [1, 2, 3, 4, 5, 6, 7]

    def test_a_page_holds_one_however_long_it_is(self, log: Opening) -> None:
        held = log()
        drive(held.keep([bundle(1, b"x" * 100)]))
        assert left(held, bytes_max=1) == [1]

    def test_how_far_a_file_was_read_is_kept_with_its_bundles(self, log: Opening) -> None:
        held = log()
        drive(held.keep([bundle(1)], source(1)))
        drive(held.keep([], source(3, "d2")))
        drive(held.keep([bundle(2)], source(2, finished=True)))
        assert drive(held.sources()) == (source(3, "d2"), source(2, finished=True))

    def test_nothing_is_done_without_harm(self, log: Opening) -> None:
        held = log()
        assert drive(held.keep([])) == ()
        drive(held.done([]))
        assert left(held) == []
