"""`mainstem sql`, and the same from Python: what has happened until now, in any form."""

from __future__ import annotations

import json
from pathlib import Path

import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet as pq
import pytest

import mainstem
from mainstem.ports import Unavailable
from tests.cli.desk import Here

OPEN = "SELECT id, title, people FROM ticket ORDER BY id"


@pytest.fixture
def asked(here: Here) -> Here:
    here.after("ask", "tickets/7f2", "submit", "title=It burns", "--as", "ann")
    here.after("ask", "tickets/8a1", "submit", "title=It floods", "--as", "bob")
    return here


def test_what_was_just_asked_is_in_the_answer(asked: Here) -> None:
    said = asked("sql", OPEN)
    assert said.code == 0, said.err
    assert said.out.splitlines() == [
        "ID   TITLE      PEOPLE", '7f2  It burns   ["ann"]', '8a1  It floods  ["bob"]',
    ]  # fmt: skip
    asked.after("ask", "tickets/7f2", "comment", "text=Help", "--as", "cat")
    assert asked("sql", OPEN, "--json").data[0]["people"] == ["ann", "cat"]


@pytest.mark.slow
def test_it_is_the_same_once_it_is_compacted(asked: Here) -> None:
    before = asked("sql", OPEN).out
    said = asked("archive", "compact")
    assert said.out == "2 events compacted, of 1 raw object\n", said.err
    assert asked("sql", OPEN).out == before
    assert asked("archive", "verify").code == 0
    assert asked("archive", "status", "--json").data["tables"]["tickets_events"]["events"] == 2


def test_what_sql_shows_is_what_is_shown(asked: Here) -> None:
    row = asked("show", "ticket/7f2", "--json").data
    (found,) = asked("sql", "FROM ticket WHERE id = '7f2'", "--json").data
    assert {name: found[name] for name in ("title", "status", "comments", "version")} == {
        name: row[name] for name in ("title", "status", "comments", "version")
    }


def test_without_a_question_it_says_what_there_is(here: Here) -> None:
    said = here("sql").out
    assert "tickets_events: Tickets: somebody asks" in said
    assert "  title: last of Submitted.title" in said
    assert set(here("sql", "--json").data["ticket"]["columns"]) > {"title", "version", "people"}


@pytest.mark.parametrize("suffix", ["parquet", "csv", "arrow"])
def test_an_answer_goes_to_a_file(asked: Here, tmp_path: Path, suffix: str) -> None:
    file = tmp_path / f"answer.{suffix}"
    said = asked("sql", "SELECT id, title FROM ticket ORDER BY id", "--to", file)
    assert said.out == f"2 rows in {file}\n"
    read = {
        "parquet": pq.read_table, "csv": pa.csv.read_csv,
        "arrow": lambda path: pa.ipc.open_file(path).read_all(),
    }  # fmt: skip
    assert read[suffix](file).to_pylist()[1] == {"id": "8a1", "title": "It floods"}
    again = asked("sql", "SELECT 1", "--to", file)
    assert (again.code, "is there already; --yes writes over it" in again.err) == (2, True)
    assert asked("sql", "SELECT 1", "--to", file, "--yes").code == 0
    assert sorted(path.name for path in tmp_path.iterdir() if path.is_file()) == [file.name]


@pytest.mark.parametrize(
    ("words", "code", "why"),
    [
        (["SELEKT 1"], 1, "syntax error"),
        (["DROP VIEW ticket"], 1, "DROP is no question"),
        (["SELECT 1", "--to", "x.txt"], 2, "It ends in .parquet or .csv or .arrow"),
        (["SELECT 1", "--to", "not/there.csv"], 2, "--to not/there.csv: there is no folder not"),
        (["--to", "x.csv"], 2, "say what to ask, too"),
    ],
)
def test_what_can_not_be_asked_is_said(here: Here, words: list[str], code: int, why: str) -> None:
    said = here("sql", *words)
    assert (said.code, said.out) == (code, "")
    assert why in said.err


def test_where_nothing_is_stored_nothing_can_be_asked(nowhere: Here, tmp_path: Path) -> None:
    assert "nothing is stored there yet" in nowhere("sql", "SELECT 1").err
    with pytest.raises(Unavailable, match="no Mainstem folder"):
        mainstem.connect(tmp_path / "nowhere")


def test_the_same_from_python(asked: Here) -> None:
    archive = mainstem.connect(asked.folder, asked.domains)
    assert archive.describe()["ticket"]["title"] == "last of Submitted.title, Renamed.title"
    answer = archive.sql("SELECT title FROM ticket WHERE id = ?", ["7f2"])
    assert repr(answer) == "1 rows: title"
    assert answer.rows() == [*answer] == [{"title": "It burns"}]
    assert answer.arrow().column_names == ["title"]
    asked.after("ask", "tickets/7f2", "rename", "title=Fire", "--as", "ann")
    assert json.dumps(archive.sql("SELECT title FROM ticket ORDER BY id").rows()[0]) == (
        '{"title": "Fire"}'
    )


def test_two_columns_of_one_name_are_two_columns(asked: Here) -> None:
    twice = "SELECT id, title AS id FROM ticket ORDER BY 1"
    assert asked("sql", twice).out.splitlines()[1] == "7f2  It burns"
    said = asked("sql", twice, "--json")
    assert (said.code, "two columns are called id" in said.err) == (2, True)


def test_a_list_is_json_in_a_cell(asked: Here, tmp_path: Path) -> None:
    asked.after("sql", "SELECT id, people FROM ticket ORDER BY id", "--to", str(tmp_path / "a.csv"))
    assert (tmp_path / "a.csv").read_text().splitlines()[1] == '"7f2","[""ann""]"'


def test_whatever_a_value_is_it_is_shown(here: Here) -> None:
    question = """SELECT 'a'::BLOB AS blob, TIME '10:00' AS time, 'nan'::DOUBLE AS nan,
        INTERVAL 1 DAY AS span, DATE '2026-01-31' AS day, 1.50 AS tenth, MAP {'a': 1} AS map"""
    row = here("sql", question, "--json").data[0]
    assert (row["blob"], row["time"], row["nan"]) == ("YQ==", "10:00:00", "nan")
    assert (row["day"], row["tenth"], row["map"]) == ("2026-01-31", 1.5, {"a": 1})
    assert here("sql", question).code == 0


def test_only_the_first_rows_are_shown(here: Here) -> None:
    said = here("sql", "FROM range(3000)")
    assert len(said.out.splitlines()) == 1_001
    assert "only the first 1,000 rows" in said.err
