"""`python -m tests.soak.load FOLDER LEDGERS --seed S NAME...`: workers, until SIGTERM.

A name's first letter says at which desk its worker asks; `f` sends facts over HTTP. Each keeps a
ledger, and asks first for whatever it finds unanswered in it.
"""

from __future__ import annotations

import argparse
import signal
import sys
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from local.adapters import Adapters, adapters
from mainstem.discovery import Domain, discover
from tests.soak.broken import hasty
from tests.soak.desks import Entrance, desk_of
from tests.soak.ledger import Ledger
from tests.soak.workers import Asker, Sender

ASKING = "asking"  # said once a SIGTERM is heard
DOMAINS = Path(__file__).parents[2] / "domains"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("ledgers", type=Path)
    parser.add_argument("names", nargs="+")
    parser.add_argument("--seed", type=int, required=True)
    parser.add_argument("--broken", action="store_true")
    asked = parser.parse_args()
    stop = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stop.set())
    sys.stdout.write(f"{ASKING}\n")
    sys.stdout.flush()
    ports = adapters(asked.folder)
    if asked.broken:
        ports = hasty(ports)
    domains = discover(DOMAINS)
    try:
        _work([_worker(asked, name, ports, domains, stop) for name in asked.names])
    finally:
        ports.close()


def _worker(
    asked: Any, name: str, ports: Adapters, domains: Mapping[str, Domain], stop: threading.Event
) -> Asker | Sender:
    ledger = Ledger(asked.ledgers / f"{name}.jsonl")
    if name.startswith("f"):
        return Sender(Entrance(ports), ledger, asked.seed, name, stop)
    return Asker(desk_of(name, ports, domains), ledger, asked.seed, name, stop)


def _work(workers: list[Asker | Sender]) -> None:
    threads = [threading.Thread(target=one.run, name=one.name) for one in workers]
    for thread in threads:
        thread.start()
    for thread in threads:
        while thread.is_alive():
            thread.join(0.2)  # a signal is heard between two of these


if __name__ == "__main__":
    main()
