"""Every order of events in small scopes: nothing is wrong, and a changed protocol is noticed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from importlib import import_module
from pathlib import Path
from types import CodeType, FunctionType, ModuleType
from typing import Any

import pytest

from mainstem.sim.exhaustive import Scope, explore, scopes
from mainstem.sim.exhaustive.choices import Choices

# The scopes with less in them, and fewest states that they must have: fewer, and something is
# no longer looked at.
SMALL: Mapping[str, tuple[Scope, int]] = {
    scope.name: (scope, fewest)
    for scope, fewest in (
        (scopes.COMMIT._replace(faults=1), 40_000),
        (scopes.SNAPSHOT._replace(faults=0), 10_000),
        (scopes.REQUEST._replace(faults=0), 1_500),
        (scopes.FORGED._replace(faults=0), 1_500),
        (scopes.CLAIM._replace(faults=1), 1_000),
        (scopes.PUBLISH._replace(faults=1), 50_000),
        (scopes.WHOLE._replace(faults=1, consumers=1, bundles=2), 30_000),
        (scopes.MEND._replace(faults=0), 40_000),
        (scopes.MEND_TWICE._replace(faults=0, again=9), 40_000),
        (scopes.TWO_SHEETS._replace(consumers=1), 500),
        (scopes.LANES._replace(faults=1, bundles=3), 60_000),
    )
}

QUICK = 10_000  # states

# Where it must be noticed, in which module, and what is changed.
MUTANTS = {
    "a retried command is not looked for": (
        "commit", "commit", "        return loaded.answered\n", "        return None\n",
    ),
    "a lost race is taken for won": (
        "commit", "commit", "if verdict is not Verdict.LOST:", "if True:",
    ),
    "a key stands for any request": (
        "forged", "commit", "if kept.digest != order.once.digest:", "if False:",
    ),
    "claims are not made": (
        "claim", "commit", "return Claims(after - before, before - after)", "return Claims()",
    ),
    "a snapshot says that it is one further": (
        "snapshot", "standing", "self.version, printed(state)", "self.version + 1, printed(state)",
    ),
    "marked though it was not acknowledged": (
        "publish", "publish", "        if not acknowledged:\n            return False\n", "",
    ),
    "the newest record alone is put": (
        "publish", "publish",
        "for some in _in_bundles(records):", "for some in _in_bundles(records[-1:]):",
    ),
    "the sweeper never publishes": (
        "publish", "sweep", "done += await publish(journal, feed, aggregate, firsts)", "pass",
    ),
    "a lost write is taken for done": (
        "mend twice", "consume", "continue  # another invocation was here: read again", "pass",
    ),
    "what failed is done with": (
        "whole", "consume", "failed.append(run[0].position[0])", "pass",
    ),
    "after what failed is gone on": (
        "two sheets", "consume",
        "return min(failed, default=None)", "return max(failed, default=None)",
    ),
    "parked as high as the lowest": (
        "mend", "consume", "await into.wait(aggregate, max(versions)",
        "await into.wait(aggregate, min(versions)",
    ),
    "repair begins one too late": (
        "mend", "repair", "if after < one.version", "if after + 1 < one.version",
    ),
    "nobody is behind": (
        "mend", "audit", "if row.version >= version:", "if True:",
    ),
    "a bundle sent twice is new": (
        "lanes", "lanes", "fresh = header.n > high or header.n in missing", "fresh = True",
    ),
    "a lane that others moved is taken for moved": (
        "lanes", "lanes", "if stored.sequence < new.sequence:", "if False:",
    ),
    "the lane moves past what failed": (
        "lanes", "lanes", "if lowest is None or one.sequence < lowest][-1]", "][-1]",
    ),
}  # fmt: skip


def marked(name: str) -> Any:
    """Those with many states take seconds."""
    return pytest.param(name, marks=pytest.mark.slow) if SMALL[name][1] > QUICK else name


@pytest.mark.parametrize("name", [marked(name) for name in SMALL])
def test_in_every_order_of_events_nothing_is_wrong(name: str) -> None:
    scope, fewest = SMALL[name]
    explored = explore(scope)
    assert explored.broken is None, str(explored)
    assert explored.complete
    assert explored.states >= fewest


@pytest.mark.parametrize("name", MUTANTS)
def test_a_change_to_the_protocol_is_noticed(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    where, module, old, new = MUTANTS[name]
    mutate(monkeypatch, module, old, new)
    explored = explore(SMALL[where][0])
    assert explored.broken is not None
    assert explored.broken.why
    assert len(explored.broken.steps) > 0


def test_marking_before_the_put_is_told_as_the_shortest_story(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    put = "        (acknowledged,) = await feed.put([Bundle(aggregate.key, bundled(lines))])\n"
    mark = "await journal.mark(aggregate, tuple(record.first for record in some))\n"
    mutate(monkeypatch, "publish", put, f"        {mark}{put}")
    story = explore(scopes.COMMIT).broken
    assert story is not None
    assert story.why == "dots/sheet: 2 is marked, the feed ends at 0"
    said = [step.split("(")[0].rpartition(": ")[2] for step in story.steps]
    assert said == ["journal.load", "journal.commit", "journal.unpublished", "journal.mark"]


def test_a_search_may_end_before_it_has_seen_everything() -> None:
    explored = explore(scopes.COMMIT, limit=1_000)
    assert 1_000 <= explored.states < 10_000
    assert not explored.complete
    assert "not all" in str(explored)


def test_the_same_scope_has_the_same_states_again() -> None:
    scope = SMALL["claim"][0]
    assert explore(scope) == explore(scope)


def test_every_way_of_a_weakness_is_met_once_and_the_usual_one_first() -> None:
    choices = Choices({"late"})

    def call() -> tuple[bool, str]:
        late = choices.happens("late")
        return late, choices.pick("ab") if late else "" if not choices.happens("other") else "x"

    assert list(choices.every(call)) == [(0, (False, "")), (1, (True, "a")), (1, (True, "b"))]
    assert not choices.happens("late")  # but for whoever tries every way


@pytest.mark.slow
@pytest.mark.parametrize("scope", [scopes.WHOLE, scopes.LANES], ids=lambda scope: scope.name)
def test_in_millions_of_states_nothing_is_wrong(scope: Scope) -> None:
    """Two commands, publishers, consumers and faults, and a sweeper; two producers and a log."""
    explored = explore(scope)
    assert explored.broken is None, str(explored)
    assert explored.complete
    assert explored.states >= 3_000_000


def mutate(monkeypatch: pytest.MonkeyPatch, module: str, old: str, new: str) -> None:
    """Functions keep their identity, so whoever has imported one runs the changed one."""
    original = import_module(f"mainstem.protocol.{module}")
    assert original.__file__ is not None
    text = Path(original.__file__).read_text("utf-8")
    assert text.count(old) == 1, f"{module}: there {text.count(old)} times: {old}"
    changed = ModuleType(original.__name__)
    code = compile(text.replace(old, new), original.__file__, "exec")
    exec(code, vars(changed))
    for function, code in _codes(vars(original), vars(changed), original.__name__):
        monkeypatch.setattr(function, "__code__", code)


def _codes(
    originals: Mapping[str, Any], changed: Mapping[str, Any], module: str
) -> Iterator[tuple[FunctionType, CodeType]]:
    for name, one in changed.items():
        original = originals.get(name)
        if getattr(one, "__module__", "") != module:
            continue
        if isinstance(one, FunctionType) and isinstance(original, FunctionType):
            if one.__code__ != original.__code__:
                yield original, one.__code__
        elif isinstance(one, type) and isinstance(original, type):
            yield from _codes(vars(original), vars(one), module)
