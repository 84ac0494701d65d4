"""Snapshots on disk: DIR/schemas/NAME.json, beside the domains whose stored events they promise.

They lie in the folder of domains and not in a place of their own so that `--domains DIR` needs no
second option, a copied or packaged folder keeps its promises, and a review shows the change of a
domain beside the change of what it stores.
"""

from __future__ import annotations

import os
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cli.domains import must_be_one_of, shown
from cli.session import Refusal

if TYPE_CHECKING:
    from mainstem.discovery import Domain
    from mainstem.schema import Change, Snapshot

FOLDER = "schemas"


@dataclass(frozen=True)
class Standing:
    """One domain's events as the code says them, beside what was recorded."""

    name: str
    file: Path
    now: Snapshot
    recorded: bool
    gone: bool
    changes: tuple[Change, ...]

    @property
    def same(self) -> bool:
        """Whether the code says what was recorded."""
        return self.recorded and not self.gone and not self.changes

    @property
    def breaks(self) -> tuple[Change, ...]:
        """The changes that stored events would not survive."""
        return tuple(change for change in self.changes if change.breaks)

    def data(self) -> dict[str, Any]:
        """The same for machines."""
        changes = [
            {"where": c.where, "what": c.what, "breaks": c.breaks, "cures": list(c.cures)}
            for c in self.changes
        ]
        return {
            "domain": self.name,
            "snapshot": str(self.file) if self.recorded else None,
            "changes": changes if self.recorded else [],
        }


def standings(folder: Path, found: Mapping[str, Domain], name: str | None = None) -> list[Standing]:
    """Every domain beside its snapshot, and every snapshot whose domain is gone."""
    stored = _stored(folder / FOLDER)
    known = sorted({*found, *stored})
    if name is not None:
        must_be_one_of(name, dict.fromkeys(known))
        known = [name]
    return [
        _standing(folder / FOLDER / f"{one}.json", one, found.get(one), stored.get(one))
        for one in known
    ]


def _standing(file: Path, name: str, domain: Domain | None, stored: Snapshot | None) -> Standing:
    from mainstem.schema import Snapshot, diff, snapshot

    nothing = Snapshot(name, {})
    now = nothing if domain is None else snapshot(domain)
    changes = diff(stored or nothing, now, domain.events if domain is not None else None)
    return Standing(name, file, now, stored is not None, domain is None, tuple(changes))


def _stored(folder: Path) -> dict[str, Snapshot]:
    return {file.stem: _read(file) for file in sorted(folder.glob("*.json"))}


def _read(file: Path) -> Snapshot:
    from mainstem import Unfit
    from mainstem.schema import read

    try:
        found = read(file.read_text("utf-8"))
    except (Unfit, UnicodeDecodeError) as wrong:
        what = f"{shown(file)} is no snapshot: {wrong}; restore it from version control"
        raise Refusal(what) from None
    if found.domain != file.stem:
        what = f"{shown(file)} is the snapshot of {found.domain}; a copy promises nothing"
        raise Refusal(what)
    return found


def record(standing: Standing) -> None:
    """Makes the snapshot what the code says. It is there whole or as it was before."""
    from mainstem.schema import written

    if standing.gone:
        standing.file.unlink()
        return
    standing.file.parent.mkdir(exist_ok=True)
    aside = standing.file.with_suffix(".new")
    aside.write_text(written(standing.now), "utf-8", newline="\n")
    os.replace(aside, standing.file)  # noqa: PTH105


def told(standing: Standing) -> list[str]:
    """What a person reads: each change, and the lines to write where one breaks."""
    if standing.same:
        return [f"{standing.name}: as recorded"]
    if not standing.recorded:
        accept = f"`mainstem schema accept {standing.name}`"
        return [f"{standing.name}: not recorded yet; before its first release, {accept}"]
    title = f"{standing.name}: its file is gone" if standing.gone else standing.name
    return [title, *(f"  {line}" for change in standing.changes for line in _change(change))]


def _change(change: Change) -> list[str]:
    if not change.breaks:
        return [f"+ {change.where} {change.what}"]
    lines = [f"! {change.where} {change.what}; write"]
    for n, cure in enumerate(change.cures):
        lines += ["  or"] if n else []
        lines += [f"      {line}" for line in cure.splitlines()]
    return lines


def accept_line(names: Collection[str]) -> str:
    """The command that accepts these: one by name, several all at once."""
    return f"mainstem schema accept {next(iter(names))}" if len(names) == 1 else (
        "mainstem schema accept"
    )  # fmt: skip
