"""What a rebuild claims otherwise: which values several claim, and who goes without."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from cli.session import Refusal
from cli.tables import many
from cli.telling import telling
from local.claims import alike
from local.promoting import Promoting
from mainstem.ports import Generation, Stage
from mainstem.protocol.claims import Clash
from replay.contested import Contested, contested

if TYPE_CHECKING:
    from cli.rebuild_told import At

SHOWN_MAX = 10


def contested_in(at: At, after: Generation | None) -> list[Contested]:
    """Where it claims otherwise than what is read, or was before it."""
    ports = at.here.ports
    before = at.rebuilding.kept() if after is not None and after.stage is Stage.CURRENT else at.read
    other = after is None or after.fingerprint != at.sink.fingerprint
    if after is None or before is None or other or alike(ports, at.sink, before):
        return []
    return contested(at.sink, ports.rows, after)


def compared(at: At) -> list[Contested]:
    """In what was built; after it was promoted, in what is read."""
    return contested_in(at, at.rebuilding.building() or at.read)


def refuse_contested(at: At) -> None:
    """Unless --yes says that the later ones go without."""
    new = at.rebuilding.building() or Promoting(at.rebuilding).again()
    found = [] if at.here.session.yes else contested_in(at, new)
    if found:
        text = "several claim the same; --yes promotes it all the same, and the later go without"
        raise Refusal("\n".join([text, *_lines(found)]), contested=_data(found))


def with_contested(
    found: Sequence[Contested], text: str, data: Mapping[str, Any]
) -> tuple[str, Mapping[str, Any]]:
    """An answer, and who claims the same."""
    said = {**data, "contested": _data(found)}
    if not found:
        return text, said
    title = f"{many(len(found), 'value')} that several claim, and only one can hold"
    return "\n".join([text, title, *_lines(found)]), said


def handed(at: At, read: Generation) -> dict[str, Any]:
    """Claims change hands, if they can just now. Who goes without is told by name."""
    with telling(at.here.session) as told:
        left, later = Promoting(at.rebuilding).claimed(read, told)
    return {"without": [_clash(one) for one in left], "claims_later": later}


def _clash(one: Clash) -> dict[str, Any]:
    mark = one.claim.mark.partition(".")[2]
    return {
        "tenant": one.aggregate.tenant, "id": one.aggregate.id, "mark": mark,
        "values": json.loads(one.claim.values), "holder": one.holder,
    }  # fmt: skip


def _lines(found: Sequence[Contested]) -> Iterable[str]:
    yield from (f"  {one}" for one in found[:SHOWN_MAX])
    if len(found) > SHOWN_MAX:
        yield f"  and {len(found) - SHOWN_MAX:,} more; --json lists them all"


def _data(found: Sequence[Contested]) -> list[dict[str, Any]]:
    return [one._asdict() for one in found]
