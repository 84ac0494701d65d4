"""A view is rebuilt while `mainstem up` serves the folder, by its own code and by other code."""

from __future__ import annotations

import json
import signal
import subprocess
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.cli.desk import Here, command, surroundings
from tests.cli.teas import FIRST, later, stocked

pytestmark = pytest.mark.slow


@contextmanager
def up(here: Here) -> Iterator[str]:
    """Where it answers."""
    words = ("up", "--port", "0", "--folder", here.folder, "--domains", here.domains)
    process = subprocess.Popen(
        command(*words), env=surroundings(), encoding="utf-8",
        stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip
    with process:
        assert process.stdout is not None
        said = process.stdout.readline()
        assert said.startswith("up: http://127.0.0.1:")
        try:
            yield said.split()[1]
        finally:
            process.send_signal(signal.SIGINT)
            ended = process.wait()
        assert ended == 0


def served(here: Here, address: str) -> Any:
    token = here.after("token", "--as", "ann").out.strip()
    asked = urllib.request.Request(address, headers={"Authorization": f"Bearer {token}"})
    with urllib.request.urlopen(asked) as answer:
        return json.load(answer)


@pytest.fixture
def shop(tmp_path: Path) -> Here:
    return stocked(tmp_path)


def test_what_is_promoted_is_served_at_once_where_its_folds_are_the_same(shop: Here) -> None:
    with up(shop):
        shop.after("rebuild", "start", "sale")
        assert shop("rebuild", "promote", "sale", "--json").data["restart"] is False
        for n in range(5):
            shop.after("ask", "shop/b", "sell", f"what=pie {n}", "--as", "ann")
            assert shop("show", "sale/b", "--json").data["what"] == f"pie {n}"
        shop.after("rebuild", "rollback", "sale")
        assert shop("show", "sale/b", "--json").data["version"] == 6
        shop.after("ask", "shop/c", "sell", "what=jam", "--as", "ann")
        assert shop("show", "sale/c", "--json").data["what"] == "jam"


def test_other_folds_are_served_once_it_is_restarted(shop: Here) -> None:
    other = later(shop, FIRST)
    with up(shop) as address:
        other.after("rebuild", "start", "sale")
        said = other("rebuild", "promote", "sale")
        assert "restart `mainstem up`: it runs other code" in said.out
        found = other("doctor", "--json").data["checks"]
        (folds,) = (one for one in found if one["name"] == "folds")
        assert folds["said"] == "changed since mainstem up started: shop.Sale"
        for words in (("ask", "shop/a", "sell", "what=pie"), ("show", "sale/a")):
            said = other(*words)  # nobody moves its rows on until then
            assert (said.code, said.out) == (3, "")
            assert said.err == "mainstem: Sale changed since `mainstem up` started; restart it\n"
        shop.after("ask", "shop/a", "sell", "what=pie", "--as", "ann")
        assert shop("show", "sale/a", "--json").data["what"] == "pie"
        assert served(shop, f"{address}/v1/sale/a?version=3")["what"] == "pie"  # as it folds
        assert shop("rebuild", "rollback", "sale", "--json").data["restart"] is False  # its own
        assert other("rebuild", "promote", "sale", "--json").data["restart"] is True
        said = other("rebuild", "drop", "sale", "1", "--yes")
        assert "`mainstem up` may show generation 1; stop it" in said.err
    with up(other):
        assert other("show", "sale/a", "--json").data["what"] == "tea"
        assert other("show", "sale/a", "--json").data["version"] == 3
        stages = [one["stage"] for one in other("rebuild", "list", "--json").data["generations"]]
        assert stages == ["kept", "current"]  # nothing was folded once more
        other.after("rebuild", "drop", "sale", "1", "--yes")  # which this one does not show
