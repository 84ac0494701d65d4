"""Checks of this machine and of one folder: what works, what does not, and what mends it."""

from __future__ import annotations

import os
import shutil
import socket
import sqlite3
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass
from functools import partial

from cli.domains import load
from cli.engaged import opened, otherwise
from cli.session import Refusal, Session
from cli.up import HOST, PORT
from local.adapters import Adapters
from local.folder import FILES
from local.locks import UP, WORK, holder
from local.renew import DERIVED
from local.settle import current, refuse_ahead, unsettled
from local.trouble import in_words
from mainstem.discovery import Domain
from mainstem.ports import Trouble
from mainstem.protocol.drive import drive
from mainstem.sink import Sink
from queries.shown import moment

PYTHON_MIN = (3, 11)
DISK_FREE_BYTES_MIN = 512 * 1024 * 1024
CLOCK_BEHIND_US_MAX = 60_000_000
GIB = 1024**3
RENEW = "mainstem doctor --yes puts views.db and search.db aside; the next command folds anew"
RESTORE = "stop everything here and restore the whole folder from a copy"
NEWEST = "SELECT at FROM records ORDER BY place DESC LIMIT 1"


@dataclass(frozen=True)
class Check:
    """One thing that was looked at. `ok` None: nothing is wrong, and there is something to know."""

    name: str
    ok: bool | None
    said: str
    cure: str = ""


def checks(session: Session) -> Iterator[Check]:
    """All of them, from the ground up."""
    yield _python()
    yield _sqlite()
    yield _domains(session)
    if not (session.folder / "mainstem.json").is_file():
        yield from _no_folder(session)
        return
    writable = _writable(session)
    yield writable
    yield _disk(session)
    if not writable.ok:
        return  # nothing can be opened there, so nobody knows what else is wrong
    yield from _files(session)
    yield from _guarded("folder", lambda: _in_folder(session), RENEW)


def _python() -> Check:
    said = ".".join(map(str, sys.version_info[:3]))
    return Check("python", sys.version_info >= PYTHON_MIN, said, "install Python 3.11 or newer")


def _sqlite() -> Check:
    """Search needs FTS5, which some builds of SQLite lack."""
    said = sqlite3.sqlite_version
    with closing(sqlite3.connect(":memory:")) as db:
        try:
            db.execute("CREATE VIRTUAL TABLE words USING fts5 (text)")
        except sqlite3.OperationalError:
            return Check("sqlite", False, f"{said} without FTS5", "install a Python with FTS5")
    return Check("sqlite", True, f"{said} with FTS5")


def _domains(session: Session) -> Check:
    try:
        found = load(session.domains)
    except Refusal as no:
        first = no.message.splitlines()[0]
        return Check("domains", False, first, f"mainstem check --domains {session.domains}")
    return Check("domains", True, f"{len(found)} in {session.domains}")


def _no_folder(session: Session) -> Iterator[Check]:
    """Nothing is wrong where nothing was begun, as long as it can be."""
    place = next(one for one in session.folder.absolute().parents if one.exists())
    said = f"{session.folder} is not made yet; mainstem ask or mainstem up makes it"
    if session.folder.exists() and any(session.folder.iterdir()):
        other = f"{session.folder} holds other things"
        yield Check("folder", False, other, "name another with --folder")
    elif not os.access(place, os.W_OK):
        yield Check("folder", False, f"{place} is not yours to write", f"chown {place}")
    else:
        yield Check("folder", None, said)
    yield _disk(session)
    yield _port(None)


def _writable(session: Session) -> Check:
    places = [session.folder, *sorted(session.folder.iterdir())]
    locked = [one for one in places if not os.access(one, os.R_OK | os.W_OK)]
    if locked:
        cure = f"chown {locked[0]}, or mount its disk to be written"
        return Check("writable", False, f"{locked[0]} is not yours to write", cure)
    return Check("writable", True, "every file of the folder")


def _disk(session: Session) -> Check:
    place = next(p for p in (session.folder, *session.folder.absolute().parents) if p.exists())
    free = shutil.disk_usage(place).free
    cure = f"make room: {DISK_FREE_BYTES_MIN // 1024**2} MiB at least"
    return Check("disk", free >= DISK_FREE_BYTES_MIN, f"{free / GIB:.1f} GiB free", cure)


def _files(session: Session) -> Iterator[Check]:
    """Whether each file is what was written; looks at every page, so it may take its time."""
    for name in FILES:
        cure = RENEW if name in DERIVED else RESTORE
        look = partial(_quick_check, session, name, cure)
        yield from _guarded(f"{name}.db", look, cure)


def _quick_check(session: Session, name: str, cure: str) -> Iterator[Check]:
    file = session.folder / f"{name}.db"
    uri = f"{file.absolute().as_uri()}?mode=ro"
    with in_words(file), closing(sqlite3.connect(uri, uri=True, timeout=5)) as db:
        said = " ".join(db.execute("PRAGMA quick_check(1)").fetchone()[0].split())
        tables = db.execute("SELECT count(*) FROM sqlite_schema").fetchone()[0]
    whole = said == "ok" and tables > 0
    yield Check(f"{name}.db", whole, "whole" if whole else said if tables else "empty", cure)


def _in_folder(session: Session) -> Iterator[Check]:
    with opened(session) as ports:
        up = holder(session.folder, UP)
        yield _locks(session, up)
        yield _clock(ports)
        with suppress(Refusal):  # said already
            yield from _folds(ports, load(session.domains), up)
        yield _port(up)


def _locks(session: Session, up: dict[str, object] | None) -> Check:
    if up is not None:
        where = up.get("address", "starting")
        return Check("up", True, f"{where} (process {up.get('process', '?')})")
    if holder(session.folder, WORK) is not None:
        return Check("up", None, "not up; another command is at work")
    return Check("up", None, "not up; each command moves views on by itself")


def _clock(ports: Adapters) -> Check:
    """What was committed lately should not be in the future."""
    newest, now = ports.folder.journal.row(NEWEST), drive(ports.clock.now())
    if newest is not None and newest[0] > now + CLOCK_BEHIND_US_MAX:
        said = f"it is {moment(now)}, but something was committed at {moment(newest[0])}"
        return Check("clock", False, said, "set the clock: timedatectl set-ntp true")
    return Check("clock", True, moment(now) or "")


def _folds(
    ports: Adapters, domains: Mapping[str, Domain], up: dict[str, object] | None
) -> Iterator[Check]:
    refuse_ahead(ports, domains)
    changed = unsettled(ports, domains) if up is None else otherwise(ports, domains, up)
    if not changed:
        yield Check("folds", True, "every view is folded by the code at hand")
    elif up is not None:
        said = f"changed since mainstem up started: {_named(changed)}"
        yield Check("folds", False, said, "stop mainstem up and start it again")
    else:
        yield Check("folds", None, "; ".join(_by_the_next_command(ports, changed)))


def _by_the_next_command(ports: Adapters, changed: Sequence[Sink]) -> Iterator[str]:
    """Where rows are as they should be, it is their claims that are not."""
    read = {sink.name: current(ports, sink) for sink in changed}
    prints = {name: one.fingerprint for name, one in read.items() if one is not None}
    folded = [sink for sink in changed if prints.get(sink.name) != sink.fingerprint]
    claims = [sink for sink in changed if sink not in folded]
    if folded:
        yield f"folded anew by the next command: {_named(folded)}"
    if claims:
        yield f"claims change hands with the next command: {_named(claims)}"


def _named(sinks: Sequence[Sink]) -> str:
    return ", ".join(one.name for one in sinks)


def _port(up: dict[str, object] | None) -> Check:
    name, mine = f"port {PORT}", up is not None and str(up.get("address", "")).endswith(f":{PORT}")
    if mine:
        return Check(name, True, "mainstem up listens there")
    try:
        socket.create_server((HOST, PORT)).close()
    except OSError as wrong:
        said = f"{wrong.strerror}; mainstem up --port 0 takes another"
        return Check(name, None, said)
    return Check(name, True, "free")


def _guarded(name: str, look: Callable[[], Iterator[Check]], cure: str) -> Iterator[Check]:
    """A check that can't be made is one that failed, in words."""
    try:
        yield from look()
    except Trouble as trouble:
        yield Check(name, False, str(trouble), cure)
