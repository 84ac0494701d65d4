"""A crowd: many threads of several processes ask at once, until all of them are answered."""

from __future__ import annotations

import multiprocessing
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future, ProcessPoolExecutor, ThreadPoolExecutor
from pathlib import Path
from threading import Event

from local.adapters import adapters
from mainstem.discovery import discover
from tests.soak.desks import Desk, desk_of
from tests.soak.ledger import Ledger
from tests.soak.wishes import Wish
from tests.soak.workers import Asker

DOMAINS = Path(__file__).parents[2] / "domains"
REST_S = 0.01
Wishes = Mapping[str, Sequence[Wish]]  # by the worker who has them


def asked_at_once(place: Path, processes: Sequence[Wishes], meanwhile: Callable[[], int]) -> None:
    """Every process with its workers, a thread each; `meanwhile` is done here again and again."""
    (place / "ledgers").mkdir(parents=True, exist_ok=True)
    spawn = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(len(processes), mp_context=spawn) as pool:
        asking = [pool.submit(_asked, place, wishes) for wishes in processes]
        _wait(asking, meanwhile)


def _wait(asking: Sequence[Future[None]], meanwhile: Callable[[], int]) -> None:
    while not all(one.done() for one in asking):
        if not meanwhile():
            time.sleep(REST_S)
    for one in asking:
        one.result()


def _asked(place: Path, workers: Wishes) -> None:
    """In a process of its own."""
    ports, domains = adapters(place / "data"), discover(DOMAINS)
    desks = {kind: desk_of(kind, ports, domains) for kind in "ap"}
    try:
        with ThreadPoolExecutor(len(workers)) as threads:
            for done in [
                threads.submit(_worked, desks[name[0]], place / "ledgers", name, wishes)
                for name, wishes in workers.items()
            ]:
                done.result()
    finally:
        ports.close()


def _worked(desk: Desk, ledgers: Path, name: str, wishes: Sequence[Wish]) -> None:
    ledger = Ledger(ledgers / f"{name}.jsonl")
    try:
        asker = Asker(desk, ledger, 0, name, Event())
        for wish in wishes:
            asker.ask(wish)
    finally:
        ledger.close()
