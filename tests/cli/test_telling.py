"""What takes long before anybody is answered is told as it goes on."""

from __future__ import annotations

import pytest

from cli import telling
from cli.session import Session
from local.settle import Progress


def test_where_there_is_no_terminal_a_line_says_now_and_then_how_far_it_is(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    with telling.telling(Session()) as told:
        told(Progress("shop.Sale", "changed", 300, 9_000))
        told(Progress("shop.Sale", "changed", 600, 9_000))
        monkeypatch.setattr(telling, "TOLD_EVERY_S", -1.0)
        told(Progress("shop.Sale", "changed", 4_500, 9_000))
    assert capsys.readouterr().err.splitlines() == [
        "shop.Sale changed: folding it anew, 9,000 to do",
        "shop.Sale changed: folding it anew, 9,000 to do, 4,500 done",
    ]
