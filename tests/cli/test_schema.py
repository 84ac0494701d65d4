"""`mainstem schema`: shown, compared, and accepted on purpose."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.desk import SHOP, ask, domains, recorded

OLD = """\
{
  "domain": "shop",
  "events": {
    "Sold": {
      "schema": 1,
      "fields": {
        "what": {"kind": "text"}
      }
    }
  }
}
"""
NOW = OLD.replace(
    '        "what": {"kind": "text"}',
    '        "cents": {"kind": "whole", "default": 0},\n        "what": {"kind": "text"}',
)
BROKEN = OLD.replace('"what"', '"item"')


def test_a_shape_is_shown_as_the_code_says_it(tmp_path: Path) -> None:
    folder = domains(tmp_path, shop=SHOP)
    said = ask("schema", "show", "shop", "--domains", folder)
    assert said.out == "shop\n  Sold\n    what   text\n    cents  whole = 0\n"
    data = ask("schema", "show", "--json", "--domains", folder).data
    assert data["domains"][0]["events"]["Sold"]["fields"]["cents"] == {
        "kind": "whole",
        "default": 0,
    }


def test_the_same_is_no_difference(tmp_path: Path) -> None:
    folder = domains(tmp_path, shop=SHOP)
    recorded(folder, "shop", NOW)
    said = ask("schema", "diff", "--domains", folder)
    assert (said.code, said.out) == (0, "shop: as recorded\n")


def test_growth_is_a_difference_that_is_accepted(tmp_path: Path) -> None:
    folder = domains(tmp_path, shop=SHOP)
    file = recorded(folder, "shop", OLD)
    said = ask("schema", "diff", "--domains", folder)
    assert said.code == 1
    assert said.out == (
        "shop\n  + Sold.cents was added; where an event says nothing of it, it says 0\n"
    )
    said = ask("schema", "accept", "--domains", folder)
    assert (said.code, said.out) == (0, f"recorded {file}\n")
    assert file.read_text("utf-8") == NOW
    assert ask("schema", "accept", "--domains", folder).out == "as recorded already\n"


def test_a_break_is_a_difference_that_says_what_to_write(tmp_path: Path) -> None:
    folder = domains(tmp_path, shop=SHOP)
    recorded(folder, "shop", BROKEN)
    said = ask("schema", "diff", "shop", "--domains", folder)
    assert said.code == 1
    assert "! Sold.item was removed, but is stored; write\n" in said.out
    assert '\n        what: str = was("item")\n    or\n        item: str\n    or\n' in said.out
    data = ask("schema", "diff", "--json", "--domains", folder).data
    (breaking, _) = data["domains"][0]["changes"]
    assert (breaking["where"], breaking["breaks"]) == ("Sold.item", True)
    assert breaking["cures"][0] == 'what: str = was("item")'


def test_a_break_is_accepted_with_yes_only(tmp_path: Path) -> None:
    folder = domains(tmp_path, shop=SHOP, other=SHOP.replace("Sale", "Other"))
    file = recorded(folder, "shop", BROKEN)
    said = ask("schema", "accept", "--domains", folder)
    assert (said.code, said.out) == (1, "")
    assert "nothing was recorded" in said.err
    assert 'what: str = was("item")' in said.err
    assert "mainstem schema accept shop --yes" in said.err
    assert file.read_text("utf-8") == BROKEN
    assert [one.name for one in file.parent.iterdir()] == ["shop.json"]
    assert ask("schema", "accept", "--json", "--domains", folder).data["domains"]
    said = ask("schema", "accept", "--yes", "--json", "--domains", folder)
    assert [Path(one).name for one in said.data["recorded"]] == ["other.json", "shop.json"]
    assert file.read_text("utf-8") == NOW


def test_a_domain_that_was_never_recorded_differs(tmp_path: Path) -> None:
    folder = domains(tmp_path, shop=SHOP)
    said = ask("schema", "diff", "--domains", folder)
    assert said.code == 1
    assert "`mainstem schema accept shop`" in said.out
    assert ask("schema", "accept", "shop", "--domains", folder).code == 0
    assert ask("schema", "diff", "--domains", folder).code == 0


def test_a_domain_that_is_gone_is_forgotten_with_yes_only(tmp_path: Path) -> None:
    folder = domains(tmp_path, shop=SHOP)
    recorded(folder, "shop", NOW)
    file = recorded(folder, "sweets", NOW.replace("shop", "sweets"))
    assert "sweets: its file is gone" in ask("schema", "diff", "--domains", folder).out
    assert ask("schema", "accept", "sweets", "--domains", folder).code == 1
    said = ask("schema", "accept", "sweets", "--yes", "--domains", folder)
    assert (said.code, said.out) == (0, f"removed {file}\n")
    assert not file.exists()


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("<<<<<<< HEAD\n", "is no snapshot"),
        (NOW.replace("whole", "hole"), "'hole' is no kind of a stored value"),
        (NOW.replace("shop", "shops"), "is the snapshot of shops"),
    ],
)
def test_a_snapshot_that_is_none_is_refused(text: str, why: str, tmp_path: Path) -> None:
    folder = domains(tmp_path, shop=SHOP)
    recorded(folder, "shop", text)
    for action in ("diff", "show", "accept"):
        said = ask("schema", action, "--yes", "--domains", folder)
        assert (said.code, said.out) == (1, "")
        assert why in said.err


def test_the_same_code_is_recorded_as_the_same_bytes(tmp_path: Path) -> None:
    turned = SHOP.replace("    what: str\n    cents: int = 0", "    cents: int = 0\n    what: str")
    folders = [domains(tmp_path, shop=source) for source in (SHOP, turned)]
    for folder in folders:
        ask("schema", "accept", "--domains", folder)
    texts = {(folder / "schemas" / "shop.json").read_bytes() for folder in folders}
    assert texts == {NOW.encode()}
