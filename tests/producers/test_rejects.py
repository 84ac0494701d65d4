"""Rejects: every row that was refused is found with its number, its reason and its text."""

from __future__ import annotations

import json
from pathlib import Path

from edge.problems import Flaw
from producers.rejects import Rejects

FLAW = Flaw("/data/ms", "is a whole number")


def test_nothing_is_made_where_nothing_was_rejected(tmp_path: Path) -> None:
    rejects = Rejects(tmp_path / "rejected" / "a.ndjson", 0)
    rejects.save()
    assert not (tmp_path / "rejected").exists()


def test_each_has_its_row_the_rule_and_what_stood_there(tmp_path: Path) -> None:
    path = tmp_path / "rejected" / "a.ndjson"
    rejects = Rejects(path, 0)
    rejects.add(7, FLAW, '{"é": 1}'.encode())
    rejects.add(9, FLAW, b"\xff\0")
    rejects.save()
    first, second = map(json.loads, path.read_text("utf-8").splitlines())
    assert first == {
        "row": 7, "at": "/data/ms", "detail": "is a whole number", "line": '{"é": 1}',
    }  # fmt: skip
    assert second["base64"] == "/wA="


def test_what_an_ended_run_wrote_beyond_what_is_known_is_cut(tmp_path: Path) -> None:
    path = tmp_path / "a.ndjson"
    path.write_bytes(b"one\ntwo\nthree\nhal")
    rejects = Rejects(path, 2)
    rejects.add(7, FLAW, b"x")
    rejects.save()
    assert path.read_bytes().startswith(b'one\ntwo\n{"row":7')
    assert rejects.many == 3


def test_half_a_line_is_cut_where_less_is_there_than_known(tmp_path: Path) -> None:
    path = tmp_path / "a.ndjson"
    path.write_bytes(b"one\nhal")
    Rejects(path, 5)
    assert path.read_bytes() == b"one\n"
