"""What `mainstem rebuild diff` finds, for people and machines, and the page of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from cli.history import line_of
from cli.past import past
from cli.rebuild_page import TITLE, page
from cli.rebuild_told import At
from cli.session import Refusal, Session
from cli.tables import many
from edge.disk import in_words
from local.adapters import Adapters
from local.asking import archived
from mainstem.discovery import Domain
from mainstem.envelope import Envelope
from mainstem.ports import Stage
from mainstem.protocol.drive import drive
from mainstem.protocol.rebuild import Step
from replay.declared import DECLARED, unheard
from replay.diff import Diff, Example, diff

EVENTS_SHOWN_MAX = 24  # behind one example
BEGINS_BYTES = 1_000  # of a page: its title is among them


def diff_of(at: At) -> Diff:
    """What was built against what is read; after it was promoted, against the one before."""
    read = at.read
    built = at.rebuilding.building() or at.rebuilding.kept()
    if read is None or built is None:
        raise Refusal(f"{at.sink.name}: there are no two generations to compare")
    before, after = (read, built) if built.stage is Stage.BUILDING else (built, read)
    if after.stage is Stage.BUILDING:
        standing = at.rebuilding.stands(after)
        if standing is None or standing.step is not Step.READY:
            raise Refusal(f"{at.sink.name}: is not ready yet; `mainstem rebuild resume` goes on")
        with at.rebuilding.alone():
            at.rebuilding.come_up(after)
    noted = drive(at.here.ports.generations.noted(before, DECLARED))
    same = before.fingerprint == after.fingerprint
    return diff(at.sink, at.here.ports.rows, before, after, {} if same else unheard(noted))


def diff_text(at: At, found: Diff) -> str:
    """For people: how many, in what, and examples."""
    counts = f"{many(found.same, 'row')} alike, {found.different:,} different"
    sides = f"{found.only_before:,} only before, {found.only_after:,} only after"
    lines = [f"{at.sink.name}: {counts}, {sides}, {found.on_their_way:,} on their way"]
    lines += [f"  {name}: {many(count, 'row')}" for name, count in found.columns.most_common()]
    lines += [f"  {example_text(one)}" for one in found.examples]
    if found.unshown:
        lines.append(f"  and {many(found.unshown, 'row')} more")
    if found.examples:
        lines.append(f"  why     mainstem history {at.sink.domain.name}/ID")
    return "\n".join(lines)


def example_text(one: Example) -> str:
    """One row, and what it shows otherwise."""
    said = ", ".join(f"{n}: {b!r} → {a!r}" for n, (b, a) in one.columns.items())
    return f"{one.place} (version {one.version}) {said}"


def diff_data(found: Diff) -> Mapping[str, Any]:
    """For machines."""
    said = {n: value for n, value in asdict(found).items() if n != "unheard"}
    said["examples"] = [_example(one) for one in found.examples]
    return {**said, "columns": dict(found.columns), "clean": found.clean}


def _example(one: Example) -> Mapping[str, Any]:
    return {
        "tenant": one.aggregate.tenant, "id": one.aggregate.id, "key": one.key,
        "version": one.version,
        "columns": {n: {"before": b, "after": a} for n, (b, a) in one.columns.items()},
    }  # fmt: skip


def refuse_other(session: Session, path: Path) -> None:
    """A page takes the place of an earlier one, and of nothing else unless --yes says so."""
    if session.yes or not path.is_file():
        return
    with in_words(path):
        begins = path.read_bytes()[:BEGINS_BYTES]
    if begins and TITLE.encode() not in begins:
        raise Refusal(f"--html {path}: is there, and no page of a diff; --yes overwrites it")


def save_page(
    path: Path, view: str, found: Diff, ports: Adapters, domains: Mapping[str, Domain]
) -> None:
    """A page that needs nothing beside it."""
    text = page(view, found, _behind(ports, domains, found))
    with in_words(path):
        path.write_text(text, "utf-8")


def _behind(
    ports: Adapters, domains: Mapping[str, Domain], found: Diff
) -> Mapping[str, Sequence[str]]:
    """The events behind each example: the first and the last of many."""
    every = {one.aggregate for one in found.examples}
    if any(not domains[one.domain].decided for one in every):
        archived(ports)
    return {str(one): _some(past(ports, domains, one)) for one in every}


def _some(events: Sequence[Envelope]) -> list[str]:
    half = EVENTS_SHOWN_MAX // 2
    if len(events) <= EVENTS_SHOWN_MAX:
        return [line_of(one) for one in events]
    between = f"   …  {many(len(events) - 2 * half, 'event')} between them"
    return [*map(line_of, events[:half]), between, *map(line_of, events[-half:])]
