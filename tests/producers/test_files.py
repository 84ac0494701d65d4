"""Files: known by what they hold, however they are called, and read on from where they grew."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from mainstem._refusal import Unfit
from mainstem.ports import Corrupt, Source
from producers.files import File, file_at

WHOSE = "main/clicks\0"
NOW = 1_800_000_000_000_000


def read(path: Path, rows: int, known: tuple[Source, ...] = (), format: str = "ndjson") -> Source:
    """As it stands once so many rows were read."""
    begun = file_at(path, format).begun(WHOSE, known, NOW)
    return begun._replace(rows=rows, finished=True)


def test_a_file_is_known_by_its_bytes_whatever_it_is_called(tmp_path: Path) -> None:
    (tmp_path / "a.ndjson").write_bytes(b"one\ntwo\n")
    (tmp_path / "b.ndjson").write_bytes(b"one\ntwo\n")
    before = read(tmp_path / "a.ndjson", 2)
    found = file_at(tmp_path / "b.ndjson", "ndjson").begun(WHOSE, [before], NOW)
    assert (found.rows, found.finished, found.name) == (2, True, "b.ndjson")


def test_the_same_bytes_are_another_file_for_another_domain(tmp_path: Path) -> None:
    (tmp_path / "a.ndjson").write_bytes(b"one\n")
    before = read(tmp_path / "a.ndjson", 1)
    found = file_at(tmp_path / "a.ndjson", "ndjson").begun("main/sips\0", [before], NOW)
    assert (found.rows, found.finished) == (0, False)


@pytest.mark.parametrize("changed", [b"one\ntwO\n", b"one\n", b"one\ntwo\n\n", b""])
def test_what_holds_something_else_is_another_file(tmp_path: Path, changed: bytes) -> None:
    path = tmp_path / "a.ndjson"
    path.write_bytes(b"one\ntwo\n" if changed != b"one\ntwo\n\n" else b"oNe\n")
    before = read(path, 2)
    path.write_bytes(changed)
    assert file_at(path, "ndjson").begun(WHOSE, [before], NOW).rows == 0


def test_what_has_grown_is_read_from_where_it_ended(tmp_path: Path) -> None:
    path = tmp_path / "a.ndjson"
    path.write_bytes(b"one\n")
    first = read(path, 1)
    path.write_bytes(b"one\ntwo\n")
    second = read(path, 2, (first,))
    path.write_bytes(b"one\ntwo\nthree\n")
    third = file_at(path, "ndjson").begun(WHOSE, [second, first], NOW)
    assert (third.rows, third.finished, third.rejected) == (2, False, 0)


@pytest.mark.parametrize(("name", "ended"), [("a.ndjson", False), ("a.ndjson.gz", True)])
def test_whether_the_last_row_has_grown_has_to_be_seen(
    tmp_path: Path, name: str, ended: bool
) -> None:
    path, text = tmp_path / name, b"one\n" if ended else b"on"
    path.write_bytes(gzip.compress(text) if name.endswith("gz") else text)
    before = read(path, 1)
    with path.open("ab") as file:
        file.write(gzip.compress(b"two\n") if name.endswith("gz") else b"e\n")
    with pytest.raises(Corrupt, match="whether more was added to that row can't be told"):
        file_at(path, "ndjson").begun(WHOSE, [before], NOW)


def test_what_grows_while_it_is_read_is_read_as_it_was(tmp_path: Path) -> None:
    path = tmp_path / "a.ndjson"
    path.write_bytes(b"one\n")
    file = file_at(path, "ndjson")
    with path.open("ab") as more:
        more.write(b"tw")
    with file.opened() as opened:
        assert opened.read() == b"one\n"
    assert file.read_bytes == file.size == 4


def test_what_becomes_shorter_while_it_is_read_is_named(tmp_path: Path) -> None:
    path = tmp_path / "a.ndjson"
    path.write_bytes(b"one\n")
    file = File(path, "ndjson", 9, 0)
    with pytest.raises(Corrupt, match="became shorter while it was read"):
        file.begun(WHOSE, [], NOW)


@pytest.mark.parametrize("more", [b"\n", b"\ntwo\n"])
def test_an_end_that_came_later_is_one(tmp_path: Path, more: bytes) -> None:
    path = tmp_path / "a.ndjson"
    path.write_bytes(b"one")
    before = read(path, 1)
    with path.open("ab") as file:
        file.write(more)
    assert file_at(path, "ndjson").begun(WHOSE, [before], NOW).rows == 1


def test_again_asks_nothing_of_what_was_read_before(tmp_path: Path) -> None:
    path = tmp_path / "a.ndjson"
    path.write_bytes(b"on")
    before = read(path, 1)
    path.write_bytes(b"one\n")
    begun = file_at(path, "ndjson").begun(WHOSE, [before], NOW, again=True)
    assert (begun.rows, begun.finished) == (0, False)


def test_what_is_no_file_is_not_read_as_an_empty_one(tmp_path: Path) -> None:
    with pytest.raises(Unfit, match="is no file that can be read twice; pipe it to -"):
        file_at(Path("/dev/null"), "ndjson")
