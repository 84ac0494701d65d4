"""The folder: made once, completed when half made, and never taken for something it is not."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from local.folder import FILES, FORMAT, Folder, opened
from local.trouble import Foreign
from mainstem.ports import Corrupt, Unavailable
from tests.contracts.shelf import crowd


def tables(folder: Folder) -> dict[str, int]:
    """How many each file has, which shows that each can be read."""
    count = "SELECT count(*) FROM sqlite_schema WHERE type = 'table'"
    stores = {"journal": folder.journal, "views": folder.views, "search": folder.search}
    return {name: store.row(count)[0] for name, store in stores.items()}


def looked_into(path: Path, *, create: bool = True) -> dict[str, int]:
    folder = opened(path, create=create)
    try:
        return tables(folder)
    finally:
        folder.close()


def test_a_folder_is_made_and_opened_again(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "shop"
    made = looked_into(path)
    assert made.keys() == FILES.keys()
    assert all(made.values())
    assert looked_into(path, create=False) == made
    assert json.loads((path / "mainstem.json").read_text()) == {"format": FORMAT}


def test_only_its_owner_may_look_into_it(tmp_path: Path) -> None:
    looked_into(tmp_path / "shop")
    assert (tmp_path / "shop").stat().st_mode & 0o777 == 0o700
    for name in FILES:
        assert (tmp_path / "shop" / f"{name}.db").stat().st_mode & 0o777 == 0o600


def test_where_none_is_none_is_made_unasked(tmp_path: Path) -> None:
    with pytest.raises(Unavailable, match="no Mainstem folder"):
        opened(tmp_path / "shop", create=False)
    assert not (tmp_path / "shop").exists()


def test_an_empty_folder_becomes_one(tmp_path: Path) -> None:
    assert all(looked_into(tmp_path).values())


@pytest.mark.parametrize("create", [True, False])
def test_a_folder_with_other_things_is_left_alone(tmp_path: Path, create: bool) -> None:
    (tmp_path / "thesis.txt").write_text("Years of work.")
    with pytest.raises(Foreign, match="holds other things"):
        opened(tmp_path, create=create)
    assert [one.name for one in tmp_path.iterdir()] == ["thesis.txt"]


@pytest.mark.parametrize("format", [0, 2, "1", None])
def test_another_format_is_named_and_left_alone(tmp_path: Path, format: object) -> None:
    looked_into(tmp_path)
    (tmp_path / "mainstem.json").write_text(json.dumps({"format": format}))
    with pytest.raises(Foreign, match=f"is of format {format}; this Mainstem reads format 1"):
        opened(tmp_path)


@pytest.mark.parametrize("text", ["", "{", "[]", "{}", "7", "\x00" * 20])
def test_a_damaged_label_is_told(tmp_path: Path, text: str) -> None:
    looked_into(tmp_path)
    (tmp_path / "mainstem.json").write_text(text)
    with pytest.raises(Corrupt, match=r"mainstem\.json: is damaged"):
        opened(tmp_path)


@pytest.mark.parametrize("left", ["nothing", "journal", "journal views"])
def test_a_folder_that_is_half_made_is_completed(tmp_path: Path, left: str) -> None:
    whole = looked_into(tmp_path / "whole")
    half = tmp_path / "half"
    looked_into(half)
    (half / "mainstem.json").unlink()
    for name in FILES.keys() - set(left.split()):
        (half / f"{name}.db").unlink()
    (half / "mainstem.new").touch()
    assert looked_into(half) == whole
    assert not (half / "mainstem.new").exists()


def test_completing_a_folder_keeps_what_is_in_it(tmp_path: Path) -> None:
    folder = opened(tmp_path)
    folder.journal.write(lambda db: db.execute("UPDATE numbers SET reserved = 7"))
    folder.close()
    (tmp_path / "mainstem.json").unlink()
    (tmp_path / "mainstem.new").touch()
    folder = opened(tmp_path)
    assert folder.journal.row("SELECT reserved FROM numbers") == (7,)
    assert folder.journal.row("SELECT count(*) FROM shards") == (4,)
    folder.close()


@pytest.mark.slow
def test_processes_that_make_one_at_once_share_it(tmp_path: Path) -> None:
    first, *others = crowd(make_many, tmp_path, processes=3)
    assert all(all(one.values()) for one in first)
    assert others == [first, first]


def make_many(place: Path, number: int) -> list[dict[str, int]]:
    (place / f"here-{number}").touch()
    while len(list(place.glob("here-*"))) < 3:
        pass  # the last one is just starting
    return [looked_into(place / f"shop{n}") for n in range(20)]


def test_a_file_in_its_way_is_named(tmp_path: Path) -> None:
    (tmp_path / "shop").touch()
    with pytest.raises(Unavailable, match="shop"):
        opened(tmp_path / "shop")


def test_a_file_that_is_gone_is_named(tmp_path: Path) -> None:
    looked_into(tmp_path)
    (tmp_path / "views.db").unlink()
    with pytest.raises(Unavailable, match=r"views\.db: can't be opened"):
        looked_into(tmp_path)
