"""What the sweep changes, and that whatever is explained is among it."""

from __future__ import annotations

import ast

from tests.sim.sweep import MODULES, WHY, explained, swept


def test_every_change_is_another_text_that_can_be_read() -> None:
    changes = [one for module in MODULES for one in swept(module)]
    assert len(changes) > 200
    assert len({one.key for one in changes}) == len(changes)
    assert len({(one.module, ast.dump(ast.parse(one.source))) for one in changes}) > 200


def test_what_is_explained_is_still_there() -> None:
    changes = {one.key for module in MODULES for one in swept(module)}
    assert explained().keys() <= changes
    assert len(explained()) == WHY.read_text("utf-8").count("\n| `")
    assert all(explained().values())
