"""One run of `mainstem ingest`: with progress, and an answer that says what became of each row."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import IO, Any

import click

from cli.domains import shown as path_shown
from cli.engaged import opened
from cli.progress import shown
from cli.session import NotNow, Refusal, Session, WrongUsage
from local.adapters import Adapters
from local.ingesting import Ingesting, listen, listening, load, reading
from mainstem.ports import Corrupt
from producers.files import File
from producers.taking import Taker

FLUSH_S = 0.5  # then it is said how far it has come
AGAIN = "run it again and it goes on from there"


@dataclass
class Run:
    """What is asked for, and how far it is."""

    session: Session
    taker: Taker
    file: File | None  # None: stdin
    format: str
    published: bool  # whether to wait until all of it is
    again: bool
    began: float = field(default_factory=time.monotonic)
    at: Ingesting | None = None

    @property
    def total(self) -> int | None:
        """The bytes of the file, or its rows."""
        return None if self.file is None else self.file.rows or self.file.size

    @property
    def done(self) -> int:
        """How many of them were read."""
        if self.file is None or self.at is None:
            return 0
        return self.at.loading.row if self.file.rows else self.file.read_bytes

    @property
    def name(self) -> str:
        """What is read."""
        return "stdin" if self.file is None else self.file.path.name

    def told(self) -> str:
        """Facts, how fast they go, and when that will be over."""
        seconds = time.monotonic() - self.began
        facts = 0 if self.at is None else self.at.loading.facts
        said = f"{self.name}: {facts:,} facts, {facts / max(seconds, 1e-6):,.0f}/s"
        if self.file is None or not self.done:
            return said
        part = self.done / (self.total or 1)
        return f"{said}, {part:.0%}, {seconds / part - seconds:,.0f} s to go"

    def data(self) -> Mapping[str, Any]:
        """The same for machines."""
        loading = None if self.at is None else self.at.loading
        return {
            "source": self.name,
            "facts": loading.facts if loading else 0,
            "row": loading.row if loading else 0,
            "share": round(self.done / self.total, 4) if self.total else None,
        }

    def go(self) -> None:
        """All of it; the answer; and the exit code."""
        with opened(self.session, create=True) as ports, self._on(ports) as at:
            self.at = at
            if at.finished:
                self._flush(at, lambda: None)
                self._nothing(at)
                return
            if at.begun is not None and at.begun.rows:
                self.session.progress(f"{self.name}: going on behind row {at.begun.rows:,}")
            try:
                self._run(at)
            except Corrupt as no:
                rows = f"rows up to {at.loading.row:,} are stored; send what follows by itself"
                raise Refusal(f"{no}; {rows}") from None
            except KeyboardInterrupt:
                raise NotNow(f"interrupted at row {at.loading.row:,}; {self._next}") from None
        self._answer(at)

    @property
    def _next(self) -> str:
        if self.file is None:
            return "what came until then is stored"
        return AGAIN.replace("again", "again, without --again,") if self.again else AGAIN

    @contextmanager
    def _on(self, ports: Adapters) -> Iterator[Ingesting]:
        if self.file is None:
            with listening(ports, self.taker) as at:
                yield at
        else:
            with reading(ports, self.taker, self.file, again=self.again) as at:
                yield at

    def _run(self, at: Ingesting) -> None:
        with shown(self.session, self) as show:
            if self.file is None:
                listen(at, _stdin(), self.format, show)
            else:
                load(at, self.file, show)
            self._flush(at, show)

    def _flush(self, at: Ingesting, show: Callable[[], None]) -> None:
        """What an earlier run has left as well, so that all of it is where it was to be."""
        while self.published and not at.forwarder.flush(FLUSH_S):
            show()
            self._complain(at)

    def _complain(self, at: Ingesting) -> None:
        if at.forwarder.trouble:
            raise NotNow(f"all of it is stored; the feed says: {at.forwarder.trouble}")

    def _nothing(self, at: Ingesting) -> None:
        assert at.begun is not None
        rows = f"{at.begun.rows:,} rows, {at.begun.rejected:,} of them rejected"
        text = f"{self.name} was read before: {rows}; nothing to send (--again sends it once more)"
        self.session.answer(text, self._data(at, 0.0))

    def _answer(self, at: Ingesting) -> None:
        seconds, loading = time.monotonic() - self.began, at.loading
        how = "published" if self.published else "stored"
        rate = f"{loading.facts / max(seconds, 1e-6):,.0f}/s"
        facts = f"{loading.facts:,} {'fact' if loading.facts == 1 else 'facts'}"
        name = self.taker.domain.name
        text = f"{name}: {facts} from {self.name} {how} in {seconds:.1f} s, {rate}"
        if loading.rejects.many:
            many = f"{loading.rejects.many:,} {'row' if loading.rejects.many == 1 else 'rows'}"
            text += f"\n{many} rejected, each with the reason: {path_shown(loading.rejects.path)}"
        self.session.answer(text, self._data(at, seconds))
        if loading.rejects.many:
            raise click.exceptions.Exit(1)

    def _data(self, at: Ingesting, seconds: float) -> Mapping[str, Any]:
        rejects = at.loading.rejects
        return {
            "domain": self.taker.domain.name,
            "source": self.name,
            "facts": at.loading.facts,
            "row": at.loading.row,
            "rejected": rejects.many,
            "rejects": str(rejects.path) if rejects.many else None,
            "ack": "published" if self.published else "stored",
            "seconds": round(seconds, 3),
        }


def _stdin() -> IO[bytes]:
    if sys.stdin is None:  # whoever called has closed it
        raise WrongUsage("-: there is no stdin")
    return sys.stdin.buffer
