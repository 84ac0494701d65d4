"""What `mainstem rebuild start --only` does: some rows, folded anew where they stand."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from cli.rebuild_told import At, name_of
from cli.session import NotNow, Refusal, WrongUsage
from cli.tables import many
from local.asking import archived
from mainstem._kind import micros
from mainstem._refusal import Unfit
from mainstem.discovery import Domain
from mainstem.protocol.loading import silent
from replay.partial import Mended, mended
from replay.some import Which, of_id, of_type, since


def which_of(domain: Domain, only: str) -> Which:
    """What id=…, type=… or since=… means."""
    kind, _, value = only.partition("=")
    if kind == "id" and value:
        return of_id(value)
    if kind == "type":
        try:
            return of_type(domain, value)
        except Unfit as no:
            raise WrongUsage(f"--only type: {no}") from None
    if kind == "since":
        return since(_moment(value), value)
    raise WrongUsage(f"--only {only}: is id=ID, type=EVENT or since=TIME")


def _moment(text: str) -> int:
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        raise WrongUsage(f"--only since: {text!r} is no time, as in 2026-11-01T12:00") from None
    try:
        return micros(found if found.tzinfo else found.replace(tzinfo=UTC))
    except Unfit as no:
        raise WrongUsage(f"--only since: {text}: {no}") from None


def mended_at(at: At, which: Which, *, write: bool = True) -> Mended:
    """All of these, or what it would be. Refuses where what is read has other folds."""
    read = at.read
    if read is None:
        raise NotNow(f"{at.sink.name} is just being folded; run it again")
    if read.fingerprint != at.sink.fingerprint:
        raise Refusal(f"{at.sink.name}: its rows have other folds; rebuild all of it")
    archived(at.here.ports)
    return mended(at.rebuilding.archive, silent(at.rebuilding.into(read)), which, write=write)


def text_of(name: str, which: Which, found: Mended) -> str:
    """For people."""
    looked = many(found.aggregates, "aggregate")
    lines = [f"{name}, {which.said}: {looked} looked at, {found.mended:,} mended"]
    return "\n".join([*lines, *(f"  left: {one}" for one in found.left)])


def plan_text_of(at: At, only: str, which: Which, found: Mended) -> str:
    """The same of what it would be."""
    lines = [
        f"{at.sink.name}, {which.said}: rows are mended where they stand, and nothing is yet",
        f"reads   {many(found.events, 'event')} of {many(found.aggregates, 'aggregate')}",
        f"writes  the rows of {many(found.mended, 'aggregate')}; nothing follows from it",
        *(f"leaves  {one}" for one in found.left),
        f"then    mainstem rebuild start {name_of(at.sink)} --only {shlex.quote(only)}",
    ]
    return "\n".join(lines)


def data_of(which: Which, found: Mended) -> Mapping[str, Any]:
    """For machines, done or planned."""
    return {"only": which.said, **found._asdict()}
