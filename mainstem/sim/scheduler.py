"""The scheduler: owns time, interleaving and faults. Everything it does follows from one seed."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from heapq import heappop, heappush
from random import Random
from typing import Any

from mainstem.ports import Trouble, Unavailable, Unknown
from mainstem.sim.call import Call, Ports
from mainstem.sim.faults import Fault, Faults
from mainstem.sim.telling import DULL, Line, asked, in_words

NOON_US = 1_800_000_000_000_000
STEP_US_MAX = 600_000  # a step takes so long at most
LATE_US_MAX = 45_000_000  # what comes late comes within
SLEEP = "clock.sleep"
Steps = Coroutine[Any, Any, Any]
Ended = Callable[[Any], None]
Failed = Callable[[BaseException | None], None]  # None: it died


def _nothing(_: Any) -> None:
    """Nobody wants to know."""


class Task:
    """Somebody at work: a coroutine of the protocol, between two calls."""

    __slots__ = ("call", "ended", "failed", "name", "number", "steps")

    def __init__(
        self, name: object, number: int, steps: Steps, ended: Ended, failed: Failed
    ) -> None:
        self.name, self.number = name, number
        self.steps, self.ended, self.failed = steps, ended, failed
        self.call: Call | None = None


class Scheduler:
    """Tasks take turns at random, one call at a time."""

    def __init__(self, random: Random, ports: Ports, faults: Faults) -> None:
        self.random, self.ports, self.faults = random, ports, faults
        self._drawn = random.random
        self.now = self.began = NOON_US
        self.tasks: list[Task] = []
        self.lines: list[Line] | None = None  # what happens, if anybody wants it told
        self.steps = 0
        self.faulty = False  # whether the call that was just answered had a fault
        self._later: list[tuple[int, int, Callable[[], None]]] = []
        self._put = self._spawned = 0

    def begin(self, at: int) -> None:
        """Before anything happens: the time is this."""
        self.now = self.began = at

    def spawn(
        self, name: object, steps: Steps, ended: Ended = _nothing, failed: Failed = _nothing
    ) -> None:
        """Begins. It ends with a result, or fails: by Trouble, or by dying without a word."""
        self._spawned += 1
        self._go_on(Task(name, self._spawned, steps, ended, failed), None, None)

    def after(self, microseconds: int, action: Callable[[], None]) -> None:
        """Does it when that time has passed."""
        self._put += 1  # two at the same time come in the order in which they were put off
        heappush(self._later, (self.now + microseconds, self._put, action))

    @property
    def idle(self) -> bool:
        """Whether nobody is at work and nothing is to come."""
        return not self.tasks and not self._later

    def step(self) -> None:
        """A moment passes; what is due happens, and somebody goes on."""
        tasks, later, random = self.tasks, self._later, self._drawn
        self.steps += 1
        self.now += int(random() * STEP_US_MAX)
        while later and later[0][0] <= self.now:
            heappop(later)[2]()
        if tasks:
            place = int(random() * len(tasks))
            task, last = tasks[place], tasks.pop()
            if last is not task:
                tasks[place] = last
            self._let(task)
        elif later:
            self.now = max(self.now, later[0][0])

    def told(
        self, who: object, what: str, outcome: object = "", task: int = 0, matters: bool = True
    ) -> None:
        """A line of the story, if anybody wants one."""
        if self.lines is not None:
            at, said = self.now - self.began, "" if outcome == "" else in_words(outcome)
            self.lines.append(Line(self.steps, at, str(who), what, said, task, matters))

    def _let(self, task: Task) -> None:
        call = task.call
        assert call is not None
        fault = self.faults.at(call.name) if self.faults.on else None
        self.faulty = fault is not None
        if fault is None:
            self._answer(task, call)
        elif fault is Fault.BEFORE:
            self._tell(task, call, "refused")
            self._go_on(task, None, Unavailable(f"{call.name}: not now"))
        elif fault is Fault.AFTER:
            self._quietly(call)
            self._tell(task, call, "done, but an error is told")
            self._go_on(task, None, Unknown(f"{call.name}: nobody knows"))
        elif fault is Fault.UNKNOWN:
            self._die(task, call)
        else:
            self._late(task, call)

    def _answer(self, task: Task, call: Call) -> None:
        if self.faults.weak and call.repeatable and self.faults.happens("done twice"):
            self._quietly(call)  # somebody on the way has asked again, and tells of that alone
        try:
            result = self.ports.perform(call)
        except Trouble as trouble:
            self._tell(task, call, trouble)
            self._go_on(task, None, trouble)
            return
        if self.lines is not None:
            changes = call.writes and call.name not in DULL and result is not False
            self._tell(task, call, result, changes)
        self._go_on(task, result, None)

    def _die(self, task: Task, call: Call) -> None:
        done = self.random.random() < 0.5
        if done:
            self._quietly(call)
        self._tell(task, call, f"dies {'after' if done else 'before'} it")
        self.faults.tally["dies after it" if done else "dies before it", "shown"] += 1
        task.steps.close()
        task.failed(None)

    def _late(self, task: Task, call: Call) -> None:
        wait = int(self.random.random() * LATE_US_MAX)
        if call.writes and self.random.random() < 0.5:
            self._tell(task, call, f"an error is told, and it lands in {wait / 1e6:.1f} s")
            self.after(wait, lambda: self._land(task, call))
            self._go_on(task, None, Unknown(f"{call.name}: nobody knows"))
            return
        # Whoever waited has given up on it, and it goes on all the same: a zombie.
        self._tell(task, call, f"hangs for {wait / 1e6:.1f} s, and goes on when nobody waits")
        zombie = Task(f"{task.name} (zombie)", task.number, task.steps, _nothing, _nothing)
        zombie.call = call
        self.after(wait, lambda: self._rises(zombie))
        task.failed(None)

    def _rises(self, zombie: Task) -> None:
        self.faults.tally["goes on unasked", "shown"] += 1
        self.tasks.append(zombie)

    def _land(self, task: Task, call: Call) -> None:
        self.faults.tally["lands late", "shown"] += 1
        self._quietly(call)
        self._tell(task, call, "lands now")

    def _quietly(self, call: Call) -> None:
        try:
            self.ports.perform(call)
        except Trouble:
            return

    def _go_on(self, task: Task, result: Any, error: BaseException | None) -> None:
        try:
            call = task.steps.send(result) if error is None else task.steps.throw(error)
        except StopIteration as end:
            task.ended(end.value)
            return
        except Trouble as trouble:
            task.failed(trouble)
            return
        except Exception as wrong:
            self.told(task.name, "fails", repr(wrong), task.number)
            raise
        task.call = call
        if call.name == SLEEP:
            self.after(int(call.args[0] * 1e6), lambda: self._go_on(task, None, None))
        else:
            self.tasks.append(task)

    def _tell(self, task: Task, call: Call, outcome: object, matters: bool = True) -> None:
        if self.lines is not None:
            what = f"{call.name}({asked(call.args)})"
            self.told(task.name, what, in_words(outcome), task.number, matters)
