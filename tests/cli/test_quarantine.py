"""`mainstem quarantine`: bytes that nobody could decode, looked at safely."""

from __future__ import annotations

from pathlib import Path

import pytest

from cli.quarantine import BYTES_SHOWN_MAX
from tests.cli.desk import Here, domains, opened
from tests.cli.guests import GUESTS, put

JUNK = b"\x1b[31mnothing of ours\n\xff"


@pytest.fixture
def guests(tmp_path: Path) -> Here:
    here = Here(tmp_path / "data", domains(tmp_path, guests=GUESTS))
    here.after("ask", "guests/1", "come", "name=Ann")
    return here


def quarantined(guests: Here, data: bytes) -> tuple[str, str]:
    """Puts it on the feed, has it read, and says where it is kept."""
    with opened(guests.folder) as ports:
        put(ports, "main/guests/2", data)
    guests.after("list", "guest")
    (one,) = guests("quarantine", "list", "--json").data["quarantined"]
    return one["shard"], str(one["sequence"])


def test_where_nothing_is_kept_it_says_so(guests: Here) -> None:
    assert guests("quarantine", "list").out == "nothing is in quarantine\n"
    assert guests("quarantine", "list", "--json").data == {"quarantined": []}


def test_what_is_kept_is_listed_with_its_reason(guests: Here) -> None:
    shard, sequence = quarantined(guests, JUNK)
    heading, line = guests("quarantine", "list").out.splitlines()
    assert heading.split() == ["SHARD", "SEQUENCE", "AT", "BYTES", "WHY"]
    assert line.startswith(f"{shard}  {sequence}  ")
    assert "bundle: no header: " in line


def test_bytes_are_shown_as_digits_and_harmless_letters(guests: Here) -> None:
    said = guests("quarantine", "show", *quarantined(guests, JUNK))
    assert said.code == 0
    assert "\x1b" not in said.out
    assert "key       main/guests/2\n" in said.out
    assert said.out.endswith(
        "000000  1b 5b 33 31 6d 6e 6f 74 68 69 6e 67 20 6f 66 20  .[31mnothing of \n"
        "000010  6f 75 72 73 0a ff                                ours..\n"
    )


def test_long_ones_are_cut_for_people_and_whole_for_machines(guests: Here) -> None:
    junk = bytes(range(256)) * (BYTES_SHOWN_MAX // 256 + 1)
    place = quarantined(guests, junk)
    assert guests("quarantine", "show", *place).out.endswith("\nand 256 bytes more\n")
    assert guests("quarantine", "show", *place, "--json").data["hex"] == junk.hex()


def test_the_neighbours_went_on(guests: Here) -> None:
    quarantined(guests, JUNK)
    guests.after("ask", "guests/2", "come", "name=Bob")
    assert guests("show", "guest/2", "--json").data["name"] == "Bob"


@pytest.mark.parametrize(
    ("words", "code", "why"),
    [
        (("shard-1", "7"), 1, "shard-1 7 is not in quarantine"),
        (("shard-1", "-7"), 2, "-7"),
        (("shard-1", "x"), 2, "'x' is not a valid integer"),
        (("shard-1",), 2, "Missing argument 'SEQUENCE'"),
    ],
)
def test_what_is_not_there_is_told(
    words: tuple[str, ...], code: int, why: str, guests: Here
) -> None:
    said = guests("quarantine", "show", *words)
    assert (said.code, said.out) == (code, "")
    assert why in said.err


def test_where_nothing_was_begun_nothing_is_kept(tmp_path: Path) -> None:
    for words in (["list"], ["show", "shard-1", "7"]):
        said = Here(tmp_path / "data")("quarantine", *words)
        assert (said.code, said.out) == (1, "")
        assert "nothing is stored there yet" in said.err
