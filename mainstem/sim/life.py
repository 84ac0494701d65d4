"""One life: people, hosts, shards and faults, as one seed has it; then calm; then the checks."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

from mainstem.aggregate import Aggregate
from mainstem.ports import Record, Stage, Verdict
from mainstem.protocol.consume import BEHIND
from mainstem.sim import checks
from mainstem.sim.behind import Behind
from mainstem.sim.build import Build
from mainstem.sim.call import Call
from mainstem.sim.calm import Calm
from mainstem.sim.clients import Client
from mainstem.sim.delivery import Delivery
from mainstem.sim.hazards import Hazards
from mainstem.sim.limits import within
from mainstem.sim.only import EVERYTHING, Only, leave_out
from mainstem.sim.plan import Plan
from mainstem.sim.rebuild import Rebuild
from mainstem.sim.upkeep import Upkeep
from mainstem.sim.world import Broken, Tally, World
from mainstem.sink import Sink, sinks_of

CHAOS_STEPS = (90, 230)
SMALL = 0.3  # how many lives have small limits
BACKGROUND = 0.25  # how often the world moves instead of somebody in it
AGAIN_US_MAX = 60_000_000
ASKED_TWICE = 0.2
FORGED = 0.05
REBUILT = 0.35
CHANGED = 0.8  # where folds have changed, so that somebody has to


class Life:
    """All of one seed."""

    chaos_steps = CHAOS_STEPS

    def __init__(
        self,
        seed: int,
        plan: Plan,
        tally: Tally,
        behind: Callable[[World], Behind] | None = None,
        only: Only = EVERYTHING,
    ) -> None:
        self.only, self.world = only, World(seed, plan, tally, behind)
        self.small = self.world.random.random() < SMALL  # its steps
        self.limits = partial(within, self.small, plan.commit_events_max)
        with self.limits():
            self._begin(plan)
        if only is not EVERYTHING:
            leave_out(self, only)

    def _begin(self, plan: Plan) -> None:
        self.world.scheduler.begin(plan.begins)
        self.commits: list[Record] = []
        self.world.ports.heard["journal.commit"] = self._committed
        self.world.ports.heard["parks.park"] = self._parked
        self.parked_ever: set[tuple[int, Aggregate]] = set()
        intos = [self.world.into(sink) for sink in _sinks(plan, self.world.folds_changed)]
        self.builds = [Build(self.world, into) for into in intos]
        self.deliveries = [Delivery(self.world, build) for build in self.builds]
        self.apart: list[Delivery] = []  # of builds that are let go
        self.upkeep, self.hazards = Upkeep(self.world), Hazards(self.world)
        self.wishes, self.hosts = plan.wishes(self.world), plan.hosts(self.world)
        self.rebuild = self._rebuild()

    def run(self) -> None:
        """Chaos for a while, then calm until nothing is left to do. Raises Broken."""
        with self.limits():
            self._run()

    def _run(self) -> None:
        self._wish()
        self.chaos(min(self.world.random.randint(*self.chaos_steps), self.only.steps), BACKGROUND)
        self.world.scheduler.told("the world", "faults have stopped, and all is looked after")
        Calm(self).come()
        checks.check(self)

    def chaos(self, steps: int, background: float) -> None:
        """So many, in which somebody goes on, or the world moves by itself."""
        draw, scheduler, acts = self.world.random.random, self.world.scheduler, self._acts()
        for _ in range(steps):
            if not scheduler.tasks or draw() < background:
                acts[int(draw() * len(acts))]()
            scheduler.step()

    def attach(self, delivery: Delivery) -> None:
        """Another build hears of what happens."""
        self.builds.append(delivery.build)
        self.deliveries.append(delivery)

    def detach(self, build: Build) -> list[Delivery]:
        """A build hears of nothing any more; what had brought it its events."""
        found = [one for one in self.deliveries if one.build is build]
        self.builds = [one for one in self.builds if one is not build]
        self.deliveries = [one for one in self.deliveries if one.build is not build]
        self.apart += found
        return found

    def _committed(self, call: Call, verdict: Verdict) -> None:
        if verdict in (Verdict.COMMITTED, Verdict.POSTED):
            self.commits.append(call.args[0])

    def _parked(self, call: Call, _: object) -> None:
        """Nobody waits behind what never waited; a rebuild takes over who did."""
        generation, parked = call.args
        whose = generation.number, parked.aggregate
        taken_over = generation.stage is Stage.BUILDING
        if parked.why == BEHIND and whose not in self.parked_ever and not taken_over:
            raise Broken(f"{parked.aggregate} is said to wait behind what was never parked")
        self.parked_ever.add(whose)

    def _wish(self) -> None:
        """Everybody asks at some time; some twice, some with the same key for something else."""
        random, after = self.world.random, self.world.scheduler.after
        for wish in self.wishes:
            when = wish.soonest + int(random.random() * (wish.latest - wish.soonest))
            after(when, Client(self.world, wish).ask)
            if not self.only.twice:
                continue
            if wish.keyed and random.random() < ASKED_TWICE:
                after(int(random.random() * AGAIN_US_MAX), Client(self.world, wish).ask)
            if wish.keyed and random.random() < FORGED:
                other, wait = random.choice(self.wishes), int(random.random() * AGAIN_US_MAX)
                if other.digest != wish.digest:
                    after(wait, Client(self.world, wish, other).ask)

    def _rebuild(self) -> Rebuild | None:
        decided = [one for one in self.builds if one.into.sink.domain.decided]
        asked_for = CHANGED if self.world.folds_changed else REBUILT
        if not decided or self.world.random.random() > asked_for:
            return None
        old = self.world.random.choice(decided)
        rebuild = Rebuild(self.world, old, self.attach, self.detach, self.parked_ever)
        wait = int(self.world.random.random() * AGAIN_US_MAX)
        if not self.only.rebuild:
            return None
        self.world.scheduler.after(wait, rebuild.go_on)
        return rebuild

    def _acts(self) -> list[Callable[[], None]]:
        """What the world does by itself, the more often the more often it stands here."""
        choice, upkeep, hazards = self.world.faults.pick, self.upkeep, self.hazards
        sends = [host.send for host in self.hosts]
        return [
            *([lambda: choice(self.deliveries).pump()] * 5),
            upkeep.sweep,
            lambda: upkeep.audit(choice(self.builds).into),
            *([lambda: upkeep.repair(choice(self.builds).into)] * 3),
            lambda: upkeep.index(choice(self.builds).into),
            lambda: choice(sends)() if sends else None,
            hazards.reshard,
            hazards.outage,
            hazards.forget,
            lambda: choice(self.deliveries).come_upon(),
            *([hazards.tear] if self.only.torn else []),
        ]


def _sinks(plan: Plan, before: bool) -> Sequence[Sink]:
    """What a life begins with: as it is folded today, or as it was by the release before."""
    of = plan.before if before else lambda domain: domain
    return sinks_of({name: of(domain) for name, domain in plan.domains.items()})
