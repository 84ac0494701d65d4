"""`mainstem ingest`: every fact of a file arrives, once and in order, however often it is run."""

from __future__ import annotations

import csv
import gzip
import json
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from cli import progress
from local.ingesting import FILES
from local.producing import LOGS, records
from mainstem.protocol.drive import drive
from mainstem.sim.checks import facts
from producers import loading
from producers.files import file_at
from producers.forwarding import Forwarder
from producers.log import FileLog
from tests.cli.desk import DOMAINS, Here, Said, ask_outside, command, opened, surroundings

NOON_US = 1_780_329_600_000_000
VISITORS = 7
A_WHILE_S = 30.0
BAD = '{"id": "eve", "type": "Viewed", "data": {"page": "/tea", "ms": "soon"}}'
LOCKS = """
import fcntl, sys
with open(sys.argv[1], "ab") as file:
    fcntl.lockf(file, fcntl.LOCK_EX, 1, int(sys.argv[2]))
    print("locked", flush=True)
    sys.stdin.read()
"""


def look(n: int) -> str:
    """The how-manieth look, of one of a few visitors; its page says which one it is."""
    said = {"id": f"v{n % VISITORS}", "type": "Viewed", "at": NOON_US + n}
    return json.dumps({**said, "data": {"page": f"/{n}", "ms": 1}})


def looks(path: Path, many: int, first: int = 0) -> Path:
    return written(path, [look(n) for n in range(first, first + many)])


def written(path: Path, lines: Sequence[str]) -> Path:
    text = "".join(f"{line}\n" for line in lines).encode()
    path.write_bytes(gzip.compress(text) if path.suffix == ".gz" else text)
    return path


def arrived(here: Here) -> dict[str, list[int]]:
    """The looks of each visitor as the feed has them; a bundle that came twice counts once."""
    with opened(here.folder) as ports:
        shards = drive(ports.feed.shards())
        every = [one for shard in shards for one in records(ports.feed, shard.name)]
    found = facts(sorted(every, key=lambda one: one.sequence))
    return {one.id: [int(e["data"]["page"][1:]) for e in these] for one, these in found.items()}


def all_of(many: int) -> dict[str, list[int]]:
    return {f"v{n}": list(range(n, many, VISITORS)) for n in range(min(many, VISITORS))}


def rejected(said: Said) -> list[dict[str, Any]]:
    return [json.loads(line) for line in Path(said.data["rejects"]).read_text().splitlines()]


def test_progress_is_a_line_of_json_where_that_is_asked(
    nowhere: Here, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(progress, "TOLD_EVERY_S", -1.0)
    said = nowhere("ingest", "clicks", looks(tmp_path / "looks.ndjson", 50), "--json")
    last = json.loads(said.err.splitlines()[-1])
    assert last == {"source": "looks.ndjson", "facts": 50, "row": 50, "share": 1.0}


def test_a_file_is_published_in_order_and_shown(nowhere: Here, tmp_path: Path) -> None:
    said = nowhere("ingest", "clicks", looks(tmp_path / "a.ndjson", 100), "--as", "shop")
    assert said.code == 0, said.err
    assert said.out.startswith("clicks: 100 facts from a.ndjson published in ")
    assert arrived(nowhere) == all_of(100)
    row = nowhere("show", "visitor/v1", "--json").data
    assert (row["version"], row["latest_pages"][0]) == (15, "/99")


def test_run_again_it_sends_nothing_twice(nowhere: Here, tmp_path: Path) -> None:
    file = looks(tmp_path / "a.ndjson.gz", 20)
    nowhere.after("ingest", "clicks", str(file))
    again = nowhere("ingest", "clicks", file.rename(tmp_path / "b.ndjson.gz"))
    assert again.code == 0
    assert again.out == (
        "b.ndjson.gz was read before: 20 rows, 0 of them rejected; "
        "nothing to send (--again sends it once more)\n"
    )
    assert arrived(nowhere) == all_of(20)


def test_again_sends_all_of_it_once_more(nowhere: Here, tmp_path: Path) -> None:
    file = looks(tmp_path / "a.ndjson", 2)
    nowhere.after("ingest", "clicks", str(file))
    nowhere.after("ingest", "clicks", str(file), "--again")
    assert arrived(nowhere) == {"v0": [0, 0], "v1": [1, 1]}
    assert nowhere("ingest", "clicks", file, "--json").data["facts"] == 0


def test_what_was_added_at_its_end_is_sent(nowhere: Here, tmp_path: Path) -> None:
    file = looks(tmp_path / "a.ndjson", 20)
    nowhere.after("ingest", "clicks", str(file))
    looks(file, 30)
    said = nowhere("ingest", "clicks", file, "--json")
    assert (said.data["facts"], said.data["row"]) == (10, 30)
    assert "a.ndjson: going on behind row 20" in said.err
    assert arrived(nowhere) == all_of(30)


def test_rows_that_break_a_rule_are_told_and_keep_none_of_the_others(
    nowhere: Here, tmp_path: Path
) -> None:
    lines = [look(0), BAD, "", "{", look(1), '{"id": "eve", "type": "Flown", "data": {}}']
    said = nowhere("ingest", "clicks", written(tmp_path / "a.ndjson", lines), "--json")
    assert said.code == 1
    assert (said.data["facts"], said.data["rejected"]) == (2, 3)
    assert [(one["row"], one["at"]) for one in rejected(said)] == [
        (2, "/data/ms"), (4, ""), (6, "/type"),
    ]  # fmt: skip
    assert rejected(said)[0]["detail"] == "is a whole number"
    assert rejected(said)[0]["line"] == BAD
    assert arrived(nowhere) == all_of(2)


def test_what_was_rejected_can_be_mended_and_sent(nowhere: Here, tmp_path: Path) -> None:
    said = nowhere("ingest", "clicks", written(tmp_path / "a.ndjson", [BAD]), "--json")
    (line,) = [one["line"] for one in rejected(said)]
    mended = written(tmp_path / "mended.ndjson", [line.replace('"soon"', "5").replace("tea", "9")])
    nowhere.after("ingest", "clicks", str(mended))
    assert arrived(nowhere) == {"eve": [9]}


def test_cells_are_read_by_their_fields(nowhere: Here, tmp_path: Path) -> None:
    with (tmp_path / "a.txt").open("w", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(["id", "type", "at", "page", "ms"])
        rows.writerow(["v0", "Viewed", "2026-06-01T16:00:00Z", "/0", "5"])
        rows.writerow(["v1", "Viewed", "", "/1", "soon"])
    said = nowhere("ingest", "clicks", tmp_path / "a.txt")
    assert (said.code, said.out) == (2, "")
    assert "what is it? Say --format ndjson|csv|parquet" in said.err
    said = nowhere("ingest", "clicks", tmp_path / "a.txt", "--format", "csv", "--json")
    assert [(one["row"], one["at"]) for one in rejected(said)] == [(3, "/data/ms")]
    assert arrived(nowhere) == {"v0": [0]}


@pytest.mark.slow
def test_what_was_read_before_a_file_breaks_off_is_kept(nowhere: Here, tmp_path: Path) -> None:
    whole = looks(tmp_path / "whole.ndjson.gz", 50_000).read_bytes()
    (tmp_path / "a.ndjson.gz").write_bytes(whole[: len(whole) // 2])
    said = nowhere("ingest", "clicks", tmp_path / "a.ndjson.gz")
    assert said.code == 1
    assert "mainstem: a.ndjson.gz: can't be decompressed" in said.err
    found = arrived(nowhere)
    some = sum(map(len, found.values()))
    assert 100 < some < 50_000
    assert found == all_of(some)


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (["clics", "a.ndjson"], "no domain is called 'clics'; did you mean clicks?"),
        (["tickets", "a.ndjson"], "tickets has commands, which decide what happens"),
        (["clicks", "a.ndjson"], "a.ndjson: there is no such file"),
        (["clicks", "-", "--format", "parquet"], "can't come on stdin"),
        (["clicks", "-", "--again"], "--again: stdin is never known again"),
        (["clicks", "."], "is a directory"),
        (["clicks", "/dev/null", "--format", "csv"], "is no file that can be read twice; pipe it"),
    ],
)
def test_what_can_not_be_sent_is_wrong_usage(nowhere: Here, words: list[str], why: str) -> None:
    said = nowhere("ingest", *words)
    assert (said.code, said.out) == (2, "")
    assert why in said.err
    assert not nowhere.folder.exists()


def test_what_comes_on_stdin_is_kept_before_more_is_waited_for(nowhere: Here) -> None:
    words = ("ingest", "clicks", "-", "--folder", nowhere.folder, "--domains", DOMAINS)
    run = subprocess.Popen(
        command(*words), stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=surroundings()
    )
    with run:
        assert run.stdin is not None
        for many in (3, 6):
            for n in range(many - 3, many):
                run.stdin.write(f"{look(n)}\n".encode())
            run.stdin.flush()
            until = time.monotonic() + A_WHILE_S
            while not nowhere.folder.exists() or arrived(nowhere) != all_of(many):
                assert time.monotonic() < until, "they never came"
                time.sleep(0.05)
        said, _ = run.communicate()
    assert run.returncode == 0
    assert said.startswith(b"clicks: 6 facts from stdin published in ")


def test_what_is_stored_is_published_by_whoever_is_next(
    nowhere: Here, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Forwarder, "start", lambda _: None)  # as if killed at once
    said = nowhere("ingest", "clicks", looks(tmp_path / "a.ndjson", 20), "--ack", "stored")
    assert said.out.startswith("clicks: 20 facts from a.ndjson stored in ")
    assert arrived(nowhere) == {}
    monkeypatch.undo()
    nowhere.after("ingest", "clicks", str(looks(tmp_path / "b.ndjson", 10, first=20)))
    assert arrived(nowhere) == all_of(30)


def test_two_at_once_do_not_send_one_file_twice(nowhere: Here, tmp_path: Path) -> None:
    file = looks(tmp_path / "a.ndjson", 20)
    nowhere.after("ingest", "clicks", str(looks(tmp_path / "other.ndjson", 0)))
    place = file_at(file, "ndjson").place
    words = [sys.executable, "-c", LOCKS, str(nowhere.folder / LOGS / FILES), str(place)]
    other = subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    with other:
        assert other.stdout is not None
        assert other.stdout.readline() == b"locked\n"
        said = nowhere("ingest", "clicks", file)
        assert said.code == 3
        assert "a.ndjson: another process is just reading it" in said.err
        other.communicate()
    nowhere.after("ingest", "clicks", str(file))
    assert arrived(nowhere) == all_of(20)


def test_a_step_that_was_not_stored_is_not_known_either(
    nowhere: Here, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Rejects are written first: those of a step that was lost are cut, and told once."""
    monkeypatch.setattr(loading, "ROWS_A_KEEP", 4)
    file = written(tmp_path / "a.ndjson", [*(look(n) for n in range(7)), BAD, look(7)])
    kept, calls = loading.Loading._kept, 0

    def cut_off(self: loading.Loading, *args: Any) -> None:
        nonlocal calls
        calls += 1
        if calls == 2:
            raise KeyboardInterrupt
        kept(self, *args)

    monkeypatch.setattr(loading.Loading, "_kept", cut_off)
    said = nowhere("ingest", "clicks", file)
    assert said.code == 3
    assert "interrupted at row 4; run it again and it goes on from there" in said.err
    said = nowhere("ingest", "clicks", file, "--json")
    assert [one["row"] for one in rejected(said)] == [8]
    assert arrived(nowhere) == all_of(8)


@pytest.mark.parametrize("more", [0, 5], ids=["whole", "grown"])
@pytest.mark.parametrize("busy", [False, True], ids=["its own log", "another log"])
def test_what_an_earlier_run_has_stored_is_on_the_feed_when_it_is_run_again(
    nowhere: Here, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, busy: bool, more: int
) -> None:
    file = looks(tmp_path / "a.ndjson", 40)
    nowhere.after("ingest", "clicks", str(looks(tmp_path / "other.ndjson", 0)))  # makes the folder
    first = FileLog(nowhere.folder / LOGS / "0") if busy else None
    with monkeypatch.context() as patch:
        patch.setattr(Forwarder, "start", lambda _: None)  # as if killed once all was stored
        nowhere.after("ingest", "clicks", str(file), "--ack", "stored")
    assert arrived(nowhere) == {}
    if first is not None:
        first.close()
    looks(file, 40 + more)
    nowhere.after("ingest", "clicks", str(file))
    assert arrived(nowhere) == all_of(40 + more)


@pytest.mark.slow
def test_killed_again_and_again_each_fact_arrives_once(nowhere: Here, tmp_path: Path) -> None:
    lines = [BAD if n % 1_000 == 999 else look(n) for n in range(200_000)]
    file = written(tmp_path / "a.ndjson", lines)
    words = ("ingest", "clicks", file, "--folder", nowhere.folder, "--domains", DOMAINS)
    killed = 0
    for patience_s in (0.6, 0.9, 1.2, 1.5, 2.0, 2.5):
        run = subprocess.Popen(command(*words), env=surroundings(), stdout=subprocess.DEVNULL)
        with run:
            try:
                run.wait(patience_s)
            except subprocess.TimeoutExpired:
                run.send_signal(signal.SIGKILL)
                killed += 1
    said = ask_outside(*words, "--json", cwd=tmp_path)
    wanted: dict[str, list[int]] = {}
    for n in range(200_000):
        if n % 1_000 != 999:
            wanted.setdefault(f"v{n % VISITORS}", []).append(n)
    assert killed
    assert arrived(nowhere) == wanted
    assert [one["row"] for one in rejected(said)] == list(range(1_000, 200_001, 1_000))
