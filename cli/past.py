"""The past of an aggregate: as journalled, or, of facts, as archived and numbered."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from archive.asking import Asking
from cli.history import events_of
from local.adapters import Adapters
from local.archiving import ARCHIVE
from mainstem.aggregate import Aggregate
from mainstem.discovery import Domain
from mainstem.envelope import Envelope


def past(
    ports: Adapters, domains: Mapping[str, Domain], aggregate: Aggregate
) -> Sequence[Envelope]:
    """Its events, in order; of facts, those that are archived."""
    domain = domains[aggregate.domain]
    if domain.decided:
        return list(events_of(ports, aggregate))
    asking = Asking(ports.folder.path / ARCHIVE, domains)
    found = asking.history(domain, aggregate.tenant, aggregate.id)
    return list(_enveloped(domain, found.to_pylist()))


def _enveloped(domain: Domain, rows: Iterable[dict[str, Any]]) -> Iterator[Envelope]:
    for row in rows:
        shape = domain.events[row["type"]].__shape__
        yield Envelope(
            tenant=row["tenant"], domain=domain.name, id=row["id"], version=row["version"],
            type=shape.type, schema=shape.schema, at=row["at"], by=row["by"],
            data={one.name: row[one.name] for one in shape.fields},
            command=row["command"], cause=row["cause"], correlation=row["correlation"],
        )  # fmt: skip
