"""`mainstem demo`: the whole journey on a scratch folder, with what it measured. It is a test."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from cli.domains import load, must_be_one_of, shown
from cli.session import Command, Refusal, Session, asks

if TYPE_CHECKING:
    from cli.demo.archiving import Archived
    from cli.demo.breaking import Broken
    from cli.demo.comparing import Compared
    from cli.demo.crowd import Tally
    from cli.demo.ingesting import Ingested
    from cli.demo.rebuilding import Rebuilt
    from local.adapters import Adapters
    from local.engine import Engine
    from mainstem.discovery import Domain

DEMO = Path("demo")
NEEDED = ("users", "channels", "tickets", "meetups", "clicks")
HELD = "7f2"
ASKERS = 8


@dataclass
class Told:
    """The page as it grows, and all of it at the end."""

    session: Session
    data: dict[str, Any] = field(default_factory=dict)
    wrong: list[str] = field(default_factory=list)

    def line(self, text: str) -> None:
        """For people, as soon as it is known."""
        if not self.session.json:
            click.echo(text)

    def step(self, label: str, lines: Sequence[str], data: Mapping[str, Any]) -> None:
        """A step, what it measured, and what of that is wrong."""
        self.data[label.partition(" ")[2]] = dict(data)
        for n, text in enumerate(lines):
            self.line(f"{label if n == 0 else '':<10}{text}")

    def check(self, holds: bool, text: str) -> str:
        """A mark, and a failing line where it does not hold."""
        if not holds:
            self.wrong.append(text)
        return f"{text} {'✓' if holds else '✗'}"


@click.command(cls=Command)
@asks
def demo(session: Session) -> None:
    """The whole journey on a scratch folder; ends by itself.

    Asks commands of several applications, breaks what breaks in real life, and proves that nothing
    was lost, doubled or left out of order. Everything is in ./demo, made anew each time, or in
    --folder: a chart of what it measured and the page of a diff, too. Nothing leaves this machine.
    Exit code 1, with the failing line, if anything does not hold.

    \b
    Examples:
      mainstem demo
      mainstem demo --json
    """
    folder = session.folder if "folder" in session.typed else DEMO
    found = load(session.domains)
    for name in NEEDED:
        must_be_one_of(name, found)
    _make_room(folder)
    told = Told(session)
    told.line(
        f"Mainstem demo · {len(found)} domains · everything in {shown(folder)} (SQLite, Parquet) · "
        "nothing leaves this machine\n"
    )
    with _opened(folder) as ports:
        _journey(told, ports, folder, session.domains, found)
    _look(told, folder)
    if session.json:
        session.answer("", {"folder": str(folder), **told.data, "wrong": told.wrong})
    if told.wrong:
        raise Refusal("\n".join(f"does not hold: {line}" for line in told.wrong))


def _make_room(folder: Path) -> None:
    """Only what a demo left behind is taken away."""
    if folder.is_dir() and any(folder.iterdir()):
        if not (folder / "demo").is_file():
            raise Refusal(f"{folder}: holds other things; name a folder with --folder")
        shutil.rmtree(folder)


@contextmanager
def _opened(folder: Path) -> Iterator[Adapters]:
    from local.adapters import adapters

    ports = adapters(folder)
    (folder / "demo").touch()
    try:
        yield ports
    finally:
        ports.close()


def _journey(
    told: Told, ports: Adapters, folder: Path, place: Path, domains: Mapping[str, Domain]
) -> None:
    from cli.demo import breaking
    from cli.demo.crowd import Crowd
    from cli.demo.ingesting import ingested
    from cli.demo.journey import journey, later
    from local.lag import lags
    from local.locks import WORK, held
    from local.service import asking

    crowd, broken = Crowd(asking(ports), domains, ASKERS), breaking.Broken()
    with breaking.beside(folder, place) as process:
        crowd.ask(journey())
        _asked(told, crowd.tally)
        _ingested(told, ingested(ports, folder, place))
        breaking.killed(
            process, lambda: max(lags(ports, domains)), lambda: crowd.ask([later()]), broken
        )
    breaking.doubled(ports, broken)
    breaking.held_back(ports, crowd, HELD, broken)
    with held(folder, WORK) as mine:
        assert mine is not None, "whoever had it was killed"
        _at_rest(told, ports, folder, domains, broken, crowd.tally)


def _at_rest(
    told: Told, ports: Adapters, folder: Path, domains: Mapping[str, Domain], broken: Broken,
    tally: Tally,
) -> None:  # fmt: skip
    """What nobody asks any more is consumed, archived, rebuilt and proved."""
    from cli.demo import breaking
    from cli.demo.archiving import archived
    from cli.demo.comparing import compared
    from cli.demo.rebuilding import rebuilt
    from cli.demo.showing import drawn
    from local.engine import engine

    running = engine(ports, domains)
    breaking.consumed(running, broken)
    _broke(told, broken)
    small = archived(ports, domains)
    _archived(told, small)
    quick = rebuilt(ports, domains, folder), compared(ports, domains)
    _rebuilt(told, *quick)
    drawn(folder, small, quick[1])
    _proved(told, running, tally)


def _asked(told: Told, tally: Tally) -> None:
    many = tally.decided + tally.refused + tally.nothing + tally.twice
    alike = told.check(tally.unlike == 0, f"{tally.twice} asked twice and decided once")
    rate = f"{many / tally.seconds:,.0f} answers/s for {ASKERS} askers"
    nothing = f"{tally.nothing} had nothing to do"
    lines = [
        f"{tally.decided:,} commands decided, {tally.refused} refused, {nothing}, {alike}",
        f"{rate}, each on the disk before it was said",
    ]
    told.step("1 ask", lines, tally.data())


def _ingested(told: Told, found: Ingested) -> None:
    whole = found.lost == found.double == found.disordered == 0
    counts = f"{found.disordered} out of order, {found.lost} lost, {found.double} double"
    lines = [
        f"{found.facts:,} facts of a file in {found.seconds:.1f} s, {told.check(whole, counts)}",
        f"killed with -9 when {found.killed_at:,} were stored; run again, it went on from there",
    ]
    told.step("2 ingest", lines, asdict(found))


def _archived(told: Told, found: Archived) -> None:
    size, zipped = (many / max(found.events, 1) for many in (found.bytes, found.zipped))
    what = f"{found.events:,} events in {found.bytes / 1e6:.2f} MB of Parquet"
    ratio = f"{found.zipped / max(found.bytes, 1):.1f} times as much"
    lines = [
        f"{what}, {size:.1f} bytes an event; as gzip JSON lines {zipped:.1f}, {ratio}",
        f"compacted in {found.seconds:.1f} s; {told.check(not found.wrong, 'verified')}",
    ]
    told.wrong += [found.wrong] if found.wrong else []
    told.step("4 archive", lines, asdict(found))


def _rebuilt(told: Told, found: Rebuilt, against: Compared) -> None:
    text = f"{found.different:,} of {found.rows:,} rows differ, in priority alone"
    only = told.check(found.columns == ["priority"], text)
    back = told.check(not found.wrong, "promoted; rolled back; promoted; rolled back")
    lines = [
        f"changed a fold; plan said {found.planned_s:.2f} s to fold, took {found.seconds:.2f} s",
        f"diff: {only}; {back}",
        *_compared(told, against),
    ]
    told.wrong += [found.wrong] if found.wrong else []
    told.step("5 rebuild", lines, {**asdict(found), "compared": asdict(against)})


def _compared(told: Told, found: Compared) -> Iterator[str]:
    what = f"{found.events:,} events into {found.rows:,} rows"
    rate = found.events / max(found.rebuilt_s, 1e-9)
    yield f"{found.view} anew: {what} in {found.rebuilt_s:.1f} s ({rate:,.0f} events/s)"
    alike = told.check(found.alike, f"{found.times:.1f} times as long, for the same rows")
    yield f"its fold by SQL {found.sql_s:.2f} s, one by one {found.one_by_one_s:.2f} s: {alike}"


def _broke(told: Told, broken: Broken) -> None:
    one = told.check(broken.parked == 1, f"{broken.parked} aggregate parked")
    none = told.check(broken.left == 0, f"repaired in {broken.seconds:.2f} s")
    lines = [
        f"killed the consumer with -9, {broken.behind} records before it",
        f"sent every 7th record twice ({broken.doubled}); held back version {broken.version} of "
        + broken.held,
        f"→ {one}, {broken.moved} went on; {none}",
    ]
    told.step("3 break", lines, asdict(broken))


def _proved(told: Told, running: Engine, tally: Tally) -> None:
    from cli.demo.proving import proof

    found = proof(running, tally.answers)
    there = told.check(not found.wrong, f"live = refolded = rebuilt = SQL for {found.rows:,} rows")
    lines = [
        f"{there} of {found.views} views, from {found.events:,} events",
        f"every answer is in the journal once; {found.effects} effects wait, none twice",
    ]
    told.step("6 prove", lines, asdict(found))
    told.wrong += found.wrong


def _look(told: Told, folder: Path) -> None:
    from cli.demo.showing import CHART, PAGE

    place = shown(folder)
    told.data["pictures"] = [str(folder / name) for name in (CHART, PAGE)]
    told.line(
        f"""
See:      {shown(folder / CHART)} and {shown(folder / PAGE)}
Look:     mainstem up --folder {place}        → http://127.0.0.1:8400/docs
Try:      mainstem history --folder {place} tickets/{HELD}
Write:    mainstem new guestbook"""
    )
