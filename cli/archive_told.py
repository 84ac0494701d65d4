"""What `mainstem archive` answers, and how far it is on the way there."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from archive.commit import Compacted
from archive.compact import Compactor
from archive.places import ERRORS, RAW, day_of, raw_names
from archive.relations import finished_ones
from archive.rest import consumed
from archive.rows import Finished
from archive.table import Catalog, files_of, path_of
from archive.verify import Verified, unconsumed
from cli.session import Session
from cli.tables import many, table
from local.adapters import Adapters
from local.archiving import ARCHIVE, Archiver, checked
from mainstem.discovery import Domain
from mainstem.protocol.drive import drive
from queries.shown import moment


def standing(ports: Adapters, domains: Mapping[str, Domain]) -> Mapping[str, Any]:
    """How the archive stands."""
    archive = ports.folder.path / ARCHIVE
    catalog, oldest, names = Catalog(archive), Archiver(ports).oldest(), raw_names(archive)
    try:
        tables = {
            f"{name}_events": _table(archive, domain, catalog) for name, domain in domains.items()
        }
        rows = {
            one.name: _rows(one.rows)
            for one in finished_ones(archive, catalog, domains)
            if one.rows is not None
        }
    finally:
        catalog.close()
    return {
        "raw_objects": len(names),
        "raw_bytes": sum((archive / RAW / one).stat().st_size for one in names),
        "errors": len(list((archive / ERRORS).rglob("*.parquet"))),
        "waiting_since": None if oldest is None else moment(oldest),
        "tables": tables,
        "rows": rows,
    }


def _table(archive: Any, domain: Domain, catalog: Catalog) -> Mapping[str, Any]:
    import pyarrow.parquet as pq

    found = catalog.table(domain.name)
    days = {} if found is None else files_of(found)
    paths = [path_of(archive, one) for files in days.values() for one in files]
    there = [path for path in paths if path.is_file()]
    return {
        "events": sum(pq.read_metadata(path).num_rows for path in there),
        "days": len(days),
        "files": len(paths),
        "bytes": sum(path.stat().st_size for path in there),
        "raw_objects": len(consumed(archive, found)),
        "not_compacted": len(unconsumed(archive, domain, catalog)),
    }


def _rows(one: Finished) -> Mapping[str, Any]:
    there = [path for path in one.files if path.is_file()]
    return {
        "rows": one.rows, "files": len(one.files),
        "bytes": sum(path.stat().st_size for path in there),
        "as_of": moment(one.folded.as_of_us) if one.folded.as_of_us else None,
        "generation": one.folded.generation, "fingerprint": one.folded.fingerprint,
        "events_snapshot": one.folded.events or None, "not_to_their_end": one.short,
    }  # fmt: skip


def _rows_told(found: Mapping[str, Mapping[str, Any]]) -> list[str]:
    if not found:
        return []
    lines = [
        [
            name, f"{one['rows']:,}", f"{one['files']:,}", f"{one['bytes']:,}",
            one["as_of"] or "", f"{one['generation']}",
        ]
        for name, one in found.items()
    ]  # fmt: skip
    return [table(("rebuilt", "rows", "files", "bytes", "as of", "generation"), lines), ""]


def told(found: Mapping[str, Any]) -> str:
    """For people."""
    rows = [
        [
            name, f"{one['events']:,}", f"{one['days']:,}", f"{one['files']:,}",
            f"{one['bytes']:,}", f"{one['not_compacted']:,}",
        ]
        for name, one in found["tables"].items()
    ]  # fmt: skip
    lines = [table(("table", "events", "days", "files", "bytes", "raw objects to come"), rows), ""]
    lines += _rows_told(found["rows"])
    raw = many(found["raw_objects"], "raw object")
    lines.append(f"{raw}, {found['raw_bytes']:,} bytes")
    if found["errors"]:
        lines.append(f"errors {found['errors']:,} objects with records that nobody can read")
    since = found["waiting_since"]
    lines.append(f"on the feed since {since}" if since else "nothing waits on the feed")
    return "\n".join(lines)


def compacting(session: Session, ports: Adapters, domains: Mapping[str, Domain]) -> list[Compacted]:
    """All of it, step by step."""
    archive, done = ports.folder.path / ARCHIVE, list[Compacted]()
    for one in Compactor(archive, domains).run(day_of(drive(ports.clock.now()))):
        done.append(one)
        rate = one.events / max(one.seconds, 1e-6)
        what = f"{one.day} in one run" if one.day else many(one.files, "raw object")
        if one.events:
            what = f"{many(one.events, 'event')} of {what}"
            session.progress(f"{one.domain}_events: {what}, {rate:,.0f}/s")
    return done


def verifying(session: Session, ports: Adapters, domains: Mapping[str, Domain]) -> list[Verified]:
    """All of it, domain by domain."""
    catalog, found = Catalog(ports.folder.path / ARCHIVE), list[Verified]()
    try:
        for name, domain in domains.items():
            session.progress(f"{name}: reading all of it")
            found.append(checked(ports, domain, catalog))
    finally:
        catalog.close()
    return found


def in_words(found: Verified) -> str:
    """A line for each domain, and for each thing that is wrong."""
    if found.findings:
        wrong = (f"\n  {one.where}: {one.what}" for one in found.findings)
        return f"{found.domain}: something is wrong{''.join(wrong)}"
    what = f"{many(found.events, 'event')} of {many(found.aggregates, 'aggregate')}, each once"
    return f"{found.domain}: {what}, in {many(found.files, 'file')}, as they were written"
