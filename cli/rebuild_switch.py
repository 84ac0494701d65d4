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
from local.settle import current
from mainstem.ports import Generation
from mainstem.protocol.drive import drive
from mainstem.protocol.loading import waiting
from mainstem.sink import sinks_of
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
    new = at.rebuilding.building() or Promoting(at.rebuilding).again()
    return _switched(at, Promoting(at.rebuilding).promote(_may_wait(at, new, allowed)))


def rolled_back(at: At, allowed: Sequence[str]) -> dict[str, Any]:
    """Back to the one before."""
    kept = at.rebuilding.kept(mine=True)
    done = Promoting(at.rebuilding).rollback(_may_wait(at, kept, allowed))
    if done.old is not None and done.old.number < done.new.number:
        at.here.session.note(f"generation {done.new.number} is the newer of the two again")
    return _switched(at, done)


def dropped(at: At, number: int) -> None:
    """One is gone, if --yes says so of one that can be."""
    promoting = Promoting(at.rebuilding)
    promoting.droppable(number)
    if not at.here.session.yes:
        raise Refusal(f"generation {number} and its rows would be gone; --yes does it")
    promoting.drop(number)


def _may_wait(at: At, new: Generation | None, allowed: Sequence[str]) -> list[str]:
    """These in full. Refuses one that does not wait: it is not who was meant."""
    if new is None:
        return []  # there is nothing to read instead, and that is said
    waits = {str(one.aggregate) for one in drive(waiting(at.here.ports.parks, new))}
    names = {one: {one, f"{at.sink.domain.name}/{one}"} & waits for one in allowed}
    for one, found in names.items():
        if not found:
            text = f"--allow-parked {one}: it does not wait in generation {new.number}"
            raise Refusal(f"{text}; mainstem parked list says who does")
    return [name for found in names.values() for name in found]


def _switched(at: At, done: Switch) -> dict[str, Any]:
    return {
        "view": at.sink.name, "current": done.new.number,
        "kept": None if done.old is None else done.old.number,
        "restart": _shows_another(at, done), "changed": _changed(at), **handed(at, done.new),
    }  # fmt: skip


def _shows_another(at: At, done: Switch) -> bool:
    """Whether `mainstem up` runs code with other folds than those that are read by now."""
    up = holder(at.here.ports.folder.path, UP)
    before = done.new if done.old is None else done.old
    folds = (up or {}).get("folds", {}).get(at.sink.name, before.fingerprint)
    return up is not None and folds != done.new.fingerprint


def _changed(at: At) -> list[str]:
    """Views that are read by other folds than those at hand: nobody has promoted theirs."""
    read = ((one, current(at.here.ports, one)) for one in sinks_of(at.here.domains))
    return [one.name for one, g in read if g is not None and g.fingerprint != one.fingerprint]


def switch_text(at: At, said: Mapping[str, Any]) -> str:
    """For people."""
    text = f"generation {said['current']} of {said['view']} is read"
    if said["kept"] is not None:
        text += f"; generation {said['kept']} is kept: mainstem rebuild rollback {name_of(at.sink)}"
    if said["restart"]:
        text += "\nrestart `mainstem up`: it runs other code, and shows what that has folded"
    elif said["claims_later"]:
        text += "\nits claims change hands with the next command"
    if said["changed"]:
        late = "what is not rebuilt first is folded anew before anybody is answered"
        text += f"\nchanged, too: {', '.join(said['changed'])}; {late}"
    return text
