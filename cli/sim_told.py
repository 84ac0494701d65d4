"""What `mainstem sim` answers: how many lives, what befell them, and how to see one that failed."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from cli.session import Session
from cli.sim_lives import SHOWN, WHYS, Lives
from cli.tables import table

if TYPE_CHECKING:
    from mainstem.sim.lived import Failure
    from mainstem.sim.shrink import Shrunk
    from mainstem.sim.world import Tally

OUTCOMES = ("happened", "nothing to do", "refused")
WHY_CHARACTERS_MAX = 400
LINES_MAX = 160  # of a story, on a screen; as JSON all of it
LINES_FIRST = 120
FICKLE = """\
lived again, this life goes another way, so it was not shrunk: something in the domain's code does
not follow from what it is given (chance, the time, a global)"""


def command_for(session: Session, name: str | None, seed: int) -> str:
    """The one command line that tells this life."""
    words = ["mainstem", "sim"]
    if name is not None:
        words += ["--domain", name]
    if name is not None and "domains" in session.typed:
        words += ["--domains", str(session.domains)]
    return shlex.join([*words, "--seed", str(seed), "--trace"])


def summary(name: str | None, lives: Lives, command: str) -> str:
    """For people."""
    about = "the standard story" if name is None else name
    rate = lives.lives / max(lives.seconds, 1e-6)
    many = f"{lives.lives:,} {'life' if lives.lives == 1 else 'lives'}"
    lines = [f"{many} of {about} in {lives.seconds:.1f} s, {rate:,.0f}/s", ""]
    if lives.tally:
        lines += [*_tables(lives.tally), ""]
    if lives.failure is None:
        held = "whatever must hold held in each of them"
        return "\n".join([*lines, held, *(() if name is None else _never(lives.tally))])
    return "\n".join([*lines, *broken(lives.failure), f"show it: {command}"])


def _never(tally: Tally) -> Iterator[str]:
    """What lives have said nothing about."""
    never = [name for name, many in _outcomes(tally).items() if not many["happened"]]
    if never:
        yield f"of no use here, since it never happened: {', '.join(never)}"


def broken(failure: Failure) -> list[str]:
    """What is, in at most a few lines."""
    why = failure.why
    cut = why if len(why) <= WHY_CHARACTERS_MAX else f"{why[: WHY_CHARACTERS_MAX - 1]}…"
    return [f"seed {failure.seed} is broken: {cut}"]


def data(lives: Lives, command: str) -> Mapping[str, Any]:
    """For machines."""
    failure = None if lives.failure is None else failed(lives.failure, command)
    return {
        "lives": lives.lives,
        "seconds": round(lives.seconds, 3),
        "faults": _faults(lives.tally),
        "weaknesses": _weaknesses(lives.tally),
        "commands": _outcomes(lives.tally),
        "failure": failure,
    }


def failed(failure: Failure, command: str) -> Mapping[str, Any]:
    """One failure, for machines."""
    return {"seed": failure.seed, "why": failure.why, "where": failure.where, "show": command}


def _tables(tally: Tally) -> Iterator[str]:
    faults, weaknesses = _faults(tally), _weaknesses(tally)
    if faults:
        rows = [[call, *(f"{many[why]:,}" for why in WHYS)] for call, many in faults.items()]
        yield table(("call", *WHYS), rows)
    if weaknesses:
        yield ""
        yield table(
            ("weakness or hazard", SHOWN), [[w, f"{many:,}"] for w, many in weaknesses.items()]
        )
    outcomes = _outcomes(tally)
    if outcomes:
        rows = [[name, *(f"{many[how]:,}" for how in OUTCOMES)] for name, many in outcomes.items()]
        yield ""
        yield table(("command", *OUTCOMES), rows)


def _faults(tally: Tally) -> dict[str, dict[str, int]]:
    calls = sorted({call for call, why in tally if why in WHYS})
    return {call: {why: tally[call, why] for why in WHYS} for call in calls}


def _weaknesses(tally: Tally) -> dict[str, int]:
    return {what: many for (what, why), many in sorted(tally.items()) if why == SHOWN}


def _outcomes(tally: Tally) -> dict[str, dict[str, int]]:
    """What came of commands: of each that was asked at all."""
    names = sorted({name for name, how in tally if how in OUTCOMES})
    return {name: {how: tally[name, how] for how in OUTCOMES} for name in names}


def trimmed(lines: list[str]) -> list[str]:
    """A story that goes on and on, without its middle."""
    if len(lines) <= LINES_MAX:
        return lines
    gone = len(lines) - LINES_MAX
    return [*lines[:LINES_FIRST], f"{'':17}… {gone:,} lines", *lines[LINES_FIRST + gone :]]


def left(found: Shrunk) -> str:
    """What a life was shrunk to."""
    if found.fickle:
        return FICKLE
    only, failure = found.only, found.failure
    off = len([one for one in only.never if one <= failure.faults])
    parts = [
        "all wishes" if only.wishes is None else _many(len(only.wishes), "wish", "wishes"),
        "all hosts" if only.hosts is None else _many(len(only.hosts), "host", "hosts"),
        _many(failure.faults - off, "fault", "faults"),
        _many(failure.steps, "step", "steps"),
    ]
    return f"shrunk in {_many(found.runs, 'life', 'lives')} to {', '.join(parts)}"


def _many(n: int, one: str, several: str) -> str:
    return f"{n:,} {one if n == 1 else several}"
