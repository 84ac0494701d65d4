"""Workers: they ask until they are answered, and write down what they asked and what they heard."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from functools import partial
from random import Random
from threading import Event
from typing import Any, Protocol

from tests.soak.desks import Desk, Direct
from tests.soak.ledger import Ledger
from tests.soak.wishes import Wish, facts, wish

REST_S_MAX = 0.02
AGAIN_S = 0.1
TWINS, REPEATS, SENT_AGAIN = 0.05, 0.08, 0.5
WISHES_PER_CATCH_UP = 20
NEW_VISITORS = 50


class Takes(Protocol):
    """Where facts are sent."""

    def take(self, facts: list[dict[str, Any]]) -> list[bool] | None:
        """Which of them were acknowledged; None: nobody knows."""
        ...


class Asker:
    """Asks its wishes one after the other; some twice at once, some again much later."""

    def __init__(self, desk: Desk, ledger: Ledger, seed: int, name: str, stop: Event) -> None:
        self.desk, self.ledger, self.seed = desk, ledger, seed
        self.name, self.stop = name, stop
        self.asked = {
            line["asked"]: Wish(line["asked"], **line["wish"])
            for line in ledger.lines
            if "asked" in line
        }
        told = [line for line in ledger.lines if "told" in line]
        self.answered = {line["told"] for line in told}
        self.happened = [line["told"] for line in told if line.get("happened")]

    def run(self) -> None:
        for key in [one for one in self.asked if one not in self.answered]:
            self.until_answered(self.asked[key])
        while not self.stop.is_set():
            n = len(self.asked)
            chance = Random(f"{self.seed}/{self.name}/{n}/how")
            self.grant(wish(self.seed, self.name, n), chance)
            if isinstance(self.desk, Direct) and n % WISHES_PER_CATCH_UP == 0:
                self.desk.catch_up()
            time.sleep(chance.random() * REST_S_MAX)

    def grant(self, wish: Wish, chance: Random) -> None:
        """Asks one, now and then twice at once; and now and then one that was answered before."""
        self._write(wish)
        if chance.random() < TWINS:
            with ThreadPoolExecutor(2) as both:
                list(both.map(partial(self.until_answered, twin=True), (wish, wish)))
        else:
            self.until_answered(wish)
        if self.happened and chance.random() < REPEATS:
            self.until_answered(self.asked[chance.choice(self.happened)])

    def ask(self, wish: Wish) -> None:
        """Asks one."""
        self._write(wish)
        self.until_answered(wish)

    def _write(self, wish: Wish) -> None:
        """It is on record before it is asked."""
        body = asdict(wish)
        self.ledger.write(asked=body.pop("key"), wish=body)
        self.asked[wish.key] = wish

    def until_answered(self, wish: Wish, *, twin: bool = False) -> None:
        """With the same key, however often it takes. `twin`: just now it is asked twice at once."""
        while (told := self.desk.ask(wish)) is None or "failed" in told:
            if told is not None:
                self.ledger.write(failed=wish.key, why=told["failed"])
            self.ledger.write(unanswered=wish.key)
            time.sleep(AGAIN_S)
        self.ledger.write(told=wish.key, twin=twin, **told)
        self.answered.add(wish.key)
        if told.get("happened"):
            self.happened.append(wish.key)


class Sender:
    """Sends batches of facts. One that was not acknowledged may be there or not; some go again."""

    def __init__(self, desk: Takes, ledger: Ledger, seed: int, name: str, stop: Event) -> None:
        self.desk, self.ledger, self.seed = desk, ledger, seed
        self.name, self.stop = name, stop
        # Visitors of its own: what was on its way when it was killed may come in the meantime.
        sent = [line["n"] for line in ledger.lines if "sent" in line]
        self.n = max(sent) + NEW_VISITORS if sent else 0

    def run(self) -> None:
        while not self.stop.is_set():
            chance = Random(f"{self.seed}/{self.name}/{self.n}/how")
            again = chance.random() < SENT_AGAIN
            while not self.send() and again and not self.stop.is_set():
                time.sleep(AGAIN_S)
            self.n += 1
            time.sleep(chance.random() * REST_S_MAX)

    def send(self) -> bool:
        """Whether all of the batch was acknowledged."""
        batch = facts(self.seed, self.name, self.n)
        self.ledger.write(sent=batch, n=self.n)
        taken = self.desk.take(batch)
        self.ledger.write(taken=taken or [False] * len(batch), n=self.n)
        if taken is None:
            time.sleep(AGAIN_S)
        return bool(taken) and all(taken or ())
