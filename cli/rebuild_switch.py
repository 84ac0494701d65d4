"""What `mainstem rebuild` switches: what is read, what is kept, and what is gone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from cli.rebuild_claims import handed, refuse_contested
from cli.rebuild_diff import diff_of, diff_text
from cli.rebuild_told import At, name_of
from cli.session import Refusal
from local.locks import UP, holder
from local.promoting import Promoting, Switch
from replay.declared import columns


def promoted(at: At, allowed: Sequence[str]) -> dict[str, Any]:
    """From one to the other, where all that has to hold does."""
    refuse_contested(at)
    read, session = at.read, at.here.session
    if read is not None and not session.yes and at.rebuilding.building() is not None:
        found, known = diff_of(at), at.changes()
        expected = columns(list(known), at.sink.state)
        if found.beyond(expected):
            text = diff_text(at, found)
            raise Refusal(
                f"rows differ beyond what changed; --yes promotes it all the same\n{text}"
            )
    return _switched(at, Promoting(at.rebuilding).promote(_named(at, allowed)))


def rolled_back(at: At, allowed: Sequence[str]) -> dict[str, Any]:
    """Back to the one before."""
    return _switched(at, Promoting(at.rebuilding).rollback(_named(at, allowed)))


def dropped(at: At, number: int) -> None:
    """One is gone."""
    Promoting(at.rebuilding).drop(number)


def _named(at: At, allowed: Sequence[str]) -> list[str]:
    """With its domain before it, or not."""
    return [*(f"{at.sink.domain.name}/{one}" for one in allowed), *allowed]


def _switched(at: At, done: Switch) -> dict[str, Any]:
    return {
        "view": at.sink.name, "current": done.new.number,
        "kept": None if done.old is None else done.old.number,
        "restart": _shows_another(at, done), **handed(at, done.new),
    }  # fmt: skip


def _shows_another(at: At, done: Switch) -> bool:
    """Whether `mainstem up` runs code with other folds than those that are read by now."""
    up = holder(at.here.ports.folder.path, UP)
    before = done.new if done.old is None else done.old
    folds = (up or {}).get("folds", {}).get(at.sink.name, before.fingerprint)
    return up is not None and folds != done.new.fingerprint


def switch_text(at: At, said: Mapping[str, Any]) -> str:
    """For people."""
    text = f"generation {said['current']} of {said['view']} is read"
    if said["kept"] is not None:
        text += f"; generation {said['kept']} is kept: mainstem rebuild rollback {name_of(at.sink)}"
    if said["restart"]:
        text += "\nrestart `mainstem up`: it runs other code, and shows what that has folded"
    elif said["claims_later"]:
        text += "\nits claims change hands with the next command"
    return text
