"""What `mainstem rebuild check` finds: a sample of the archive, folded by the code at hand."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from cli.addresses import sink_at
from cli.domains import must_be_one_of
from cli.engaged import Engaged, engaged
from cli.rebuild_diff import example_text
from cli.session import Session, WrongUsage
from cli.tables import many
from local.archiving import ARCHIVE
from local.asking import archived
from local.settle import current
from mainstem.protocol.drive import drive
from mainstem.sink import Sink, sinks_of
from replay.declared import DECLARED, unheard
from replay.diff import Diff
from replay.sample import sampled
from replay.some import of_share


@dataclass(frozen=True)
class Checked:
    """One view, and which rows of the sample would change."""

    sink: Sink
    aggregates: int
    found: Diff


def share_of(text: str) -> float:
    """1% and 0.01 are the same."""
    try:
        share = float(text.removesuffix("%")) / (100 if text.endswith("%") else 1)
    except ValueError:
        share = 0.0
    if not 0 < share <= 1:
        raise WrongUsage(f"--sample {text}: more than 0% and at most 100%")
    return share


def checked(
    session: Session, view: str | None, share: float, expected: Collection[str]
) -> Iterator[Checked]:
    """Each view that has rows, or one."""
    with engaged(session) as here:
        archived(here.ports)
        sinks = sinks_of(here.domains) if view is None else (sink_at(here.domains, view),)
        _refuse_unknown(sinks, expected)
        for sink in sinks:
            yield from _checked(here, sink, share)


def _refuse_unknown(sinks: Sequence[Sink], expected: Collection[str]) -> None:
    known = {name for sink in sinks for name in sink.state.__columns__}
    for name in expected:
        must_be_one_of(name, known, "column")


def _checked(here: Engaged, sink: Sink, share: float) -> Iterator[Checked]:
    read = current(here.ports, sink)
    if read is not None:
        told = {"view": sink.name, "sample": share}
        here.session.progress(f"{sink.name}: folding {share:.2%} of it", told)
        archive = here.ports.folder.path / ARCHIVE
        noted = drive(here.ports.generations.noted(read, DECLARED))
        before = {} if read.fingerprint == sink.fingerprint else unheard(noted)
        found = sampled(archive, sink, here.ports.rows, read, of_share(share), before)
        yield Checked(sink, found.aggregates, found.diff)


def text_of(one: Checked, expected: set[str]) -> str:
    """A line for each view, and for each column that would change."""
    found = one.found
    if not one.aggregates:
        return f"{one.sink.name}: nothing of it is in the sample"
    text = f"{one.sink.name}: {many(one.aggregates, 'aggregate')}, {many(found.same, 'row')} alike"
    for name, count in found.columns.most_common():
        meant = ", as expected" if name in expected else ""
        text += f"\n  {name} changes in {many(count, 'row')}{meant}"
    for what, count in (("gone", found.only_before), ("new", found.only_after)):
        text += f"\n  {many(count, 'row')} {what}" if count else ""
    for example in found.examples[:3]:
        text += f"\n    {example_text(example)}"
    return text


def data_of(one: Checked) -> Mapping[str, Any]:
    """For machines."""
    found = one.found
    return {
        "view": one.sink.name, "aggregates": one.aggregates, "same": found.same,
        "different": found.different, "only_before": found.only_before,
        "only_after": found.only_after, "columns": dict(found.columns),
    }  # fmt: skip
