"""Generated views, written as the text of a class, so that a failure can be read and kept.

Every fold, condition, default, key and derived column of the language can come up. A line that the
language refuses is written again: what is refused is tested elsewhere.
"""

from __future__ import annotations

from collections.abc import Callable
from random import Random
from typing import Any

import mainstem
from mainstem import Mistake, State, View
from mainstem._kind import Kind, Sort
from tests.agreement import facts

SPANS = ("days=1", "hours=3", "weeks=2", "seconds=1, minutes=5")
CONSTANTS = {
    Sort.TEXT: ('""', '"a"', '"é"', '"o\'k"', '"q\\\\"'),
    Sort.WHOLE: ("0", "1", "-3", "10"),
    Sort.REAL: ("0.0", "0.1", "-2.5"),
    Sort.TRUTH: ("True", "False"),
}
ATTEMPTS_MAX = 30


class Writer:
    """Writes one class after the other; `columns` are those of the class at hand."""

    def __init__(self, rng: Random) -> None:
        self.rng = rng
        self.columns: dict[str, Kind] = {}
        self.rows: dict[str, type[State]] = {}

    def pick(self, options: Any) -> Any:
        return self.rng.choice(list(options))

    # -- what an event says

    def fields(self, fits: Callable[[Kind], bool]) -> dict[str, list[str]]:
        """Terms by event: `Event.field`, at(Event), by(Event)."""
        found: dict[str, list[str]] = {}
        for event in facts.EVENTS:
            name = event.__name__
            terms = [f"{name}.{one.name}" for one in event.__shape__.fields if fits(one.kind)]
            terms += [f"at({name})"] if fits(Kind(Sort.MOMENT)) else []
            terms += [f"by({name})"] if fits(Kind(Sort.TEXT)) else []
            if terms:
                found[name] = terms
        return found

    def sources(self, fits: Callable[[Kind], bool]) -> tuple[list[str], list[str]]:
        """Terms of one to three events, and those events."""
        found = self.fields(fits)
        events = self.rng.sample(sorted(found), min(len(found), self.rng.randint(1, 3)))
        return [self.term(self.pick(found[event])) for event in events], events

    def term(self, term: str) -> str:
        number = term.endswith((".number", ".perhaps"))
        if number and self.rng.random() < 0.3:
            other = term.replace(".perhaps", ".number")
            known = other.partition(".")[0] in ("Opened", "Changed", "Counted")
            return str(
                self.pick((f"-{term}", f"{term} * 2", f"{term} + {other}" if known else term))
            )
        return term

    def condition(self, event: str) -> str:
        """A condition on an event's own fields."""
        options = [f"{event}.yes"] if event in ("Opened", "Tagged") else []
        for one in getattr(facts, event).__shape__.fields:
            options += self.compared(f"{event}.{one.name}", one.kind)
        options += [f'by({event}) != "a"', f"at({event}) == at({event})"]
        found = self.pick(options)
        other = f"({found}) | ({self.pick(options)})"
        return str(self.pick((found, found, f"not_({found})", other)))

    def compared(self, term: str, kind: Kind) -> list[str]:
        if kind.sort in (Sort.LIST, Sort.SET, Sort.ROWS, Sort.PYTHON):
            return []
        found = [f"{term} == None", f"{term} != None"] if kind.optional else []
        if kind.choices is not None:
            words = sorted(kind.words() or ())
            return [*found, f'{term} == "{self.pick(words)}"', f'{term} != "{self.pick(words)}"']
        if kind.sort in CONSTANTS and kind.sort is not Sort.TRUTH:
            constant = self.pick(CONSTANTS[kind.sort])
            found += [f"{term} {sign} {constant}" for sign in ("==", "!=", "<", "<=", ">", ">=")]
        return found

    def where(self, events: list[str]) -> str:
        if self.rng.random() < 0.6:
            return ""
        conditions = [self.pick((self.condition(e), self.condition(e), e)) for e in events]
        return f", where=({', '.join(conditions)},)"

    # -- folds

    def fold(self) -> str:
        alike = (self.carried, self.carried, self.truth, self.extreme)
        maker = self.pick((*alike, self.counted, self.total, self.many))
        return str(maker())

    def carried(self) -> str:
        kinds = (Sort.TEXT, Sort.WHOLE, Sort.REAL, Sort.TRUTH, Sort.TRUTH, Sort.MOMENT, Sort.LIST)
        sort = self.pick(kinds)
        if sort is Sort.LIST:
            name = self.pick(("Listed.names", "Listed.numbers"))
            default = self.pick(("", ", default=()"))
            return f"{self.pick(('first', 'last'))}({name}{default}{self.where(['Listed'])})"
        choices = sort is Sort.TEXT and self.rng.random() < 0.3
        terms, events = self.sources(lambda k: k.sort is sort and bool(k.choices) == choices)
        if choices:
            terms, events = ["Opened.hue", "Tagged.hue"], ["Opened", "Tagged"]
        elif sort is Sort.TEXT and self.rng.random() < 0.3 and "Passed" not in events:
            terms, events = [*terms, 'says("said", Passed)'], [*events, "Passed"]
        default = self.default(sort, choices)
        heard = ", ".join(terms)
        return f"{self.pick(('first', 'last', 'last'))}({heard}{default}{self.where(events)})"

    def default(self, sort: Sort, choices: bool) -> str:
        if self.rng.random() < 0.5:
            return ""
        if choices:
            return ", default=Hue.RED"
        return f", default={self.pick(CONSTANTS[sort])}" if sort in CONSTANTS else ""

    def extreme(self) -> str:
        sort = self.pick((Sort.TEXT, Sort.WHOLE, Sort.REAL, Sort.MOMENT))
        terms, events = self.sources(lambda kind: kind.sort is sort and kind.choices is None)
        default = self.default(sort, False)
        return (
            f"{self.pick(('lowest', 'highest'))}({', '.join(terms)}{default}{self.where(events)})"
        )

    def truth(self) -> str:
        """A truth value that may be None: logic with it is where engines differ."""
        events = self.rng.sample(["Opened", "Tagged"], self.rng.randint(1, 2))
        heard = ", ".join(f"{event}.yes" for event in events)
        return f"{self.pick(('first', 'last'))}({heard}{self.where(events)})"

    def counted(self) -> str:
        events = self.rng.sample([e.__name__ for e in facts.EVENTS], self.rng.randint(1, 3))
        if self.rng.random() < 0.3 and len(events) > 1:
            return f"flag(on={events[0]}, off=({', '.join(events[1:])},){self.where(events)})"
        return f"count({', '.join(events)}{self.where(events)})"

    def total(self) -> str:
        terms, events = self.sources(lambda kind: kind.sort is Sort.WHOLE)
        return f"total({', '.join(terms)}{self.where(events)})"

    def many(self) -> str:
        sort = self.pick((Sort.TEXT, Sort.WHOLE, Sort.MOMENT, Sort.TRUTH, Sort.REAL))
        terms, events = self.sources(lambda kind: kind.sort is sort and kind.choices is None)
        if sort is Sort.REAL or self.rng.random() < 0.5:
            n = self.rng.randint(1, 3)
            return f"latest({', '.join(terms)}, n={n}{self.where(events)})"
        return f"distinct({', '.join(terms)}{self.where(events)})"

    # -- derived columns

    def named(self, fits: Callable[[Kind], bool]) -> list[str]:
        return [name for name, kind in self.columns.items() if fits(kind)]

    def holds(self) -> str:
        options = self.named(lambda kind: kind.sort is Sort.TRUTH)
        for name, kind in self.columns.items():
            options += self.compared(name, kind)
        found = self.pick(options or ["missing == 0"])
        both = f"({found}) {self.pick('&|')} ({self.pick(options)})" if options else found
        return str(self.pick((found, f"not_({found})", both)))

    def derived(self) -> str:
        maker = self.pick(
            (self.arithmetic, self.arithmetic, self.holds, self.chosen, self.moved, self.sized)
        )
        return str(maker())

    def arithmetic(self) -> str:
        wholes = self.named(lambda kind: kind.sort is Sort.WHOLE) or ["missing"]
        a, b = self.pick(wholes), self.pick((*wholes, "2", "-3", "0"))
        sign = self.pick(("+", "-", "//", "%", "//", "%"))
        return str(self.pick((f"{a} {sign} {b}", f"{a} {sign} {b}", f"-{a}", f"{a} * 3")))

    def chosen(self) -> str:
        sort = self.pick((Sort.TEXT, Sort.WHOLE, Sort.MOMENT, Sort.REAL))
        names = self.named(lambda kind: kind.sort is sort and kind.choices is None) or ["missing"]
        other = self.pick((*names, *CONSTANTS.get(sort, ())))
        if self.rng.random() < 0.4:
            return f"coalesce({self.pick(names)}, {other})"
        pairs = ", ".join(
            f"({self.holds()}, {self.pick(names)})" for _ in range(self.rng.randint(1, 2))
        )
        return f"case({pairs}, default={other})"

    def moved(self) -> str:
        moments = self.named(lambda kind: kind.sort is Sort.MOMENT) or ["missing"]
        where = self.pick(("", f", where={self.holds()}"))
        return f"{self.pick(('later', 'before'))}({self.pick(moments)}, {self.pick(SPANS)}{where})"

    def sized(self) -> str:
        many = self.named(lambda kind: kind.sort in (Sort.SET, Sort.LIST, Sort.ROWS)) or ["missing"]
        name = self.pick(many)
        kind = self.columns.get(name)
        if kind is None or kind.sort is not Sort.ROWS or self.rng.random() < 0.4:
            return f"size({name})"
        row = kind.row
        options = [
            c
            for n, k in row.__columns__.items()
            for c in self.compared(f"{row.__name__}.{n}", k.kind)
        ]
        return f"size({name}, where={self.pick(options or [f'{row.__name__}.version > 2'])})"


KEYS = (
    "(Tagged.tag, Counted.tag)",
    "(Opened.name, Changed.name, Tagged.tag)",
    "(by(Opened), by(Counted), by(Listed))",
    "(Counted.tag, coalesce(Listed.maybe, '-'))",
)
GONE = ("", "", ", gone=Untagged.tag", ", gone=(Untagged.tag, by(Passed))")


def written(rng: Random) -> tuple[str, type[View]]:
    """A generated view, and the text of it and of the rows inside it."""
    scope = {**vars(mainstem), **vars(facts)}
    texts: list[str] = []
    rows: list[str] = []
    for n in range(rng.randint(0, 2)):
        rows.append(f"Row{n}")
        texts.append(_class(rng, scope, f"Row{n}", "State", rows[:n] if n else []))
    keyed = rng.random() < 0.25
    texts.append(_class(rng, scope, "Generated", "View", rows, keyed=keyed))
    return "\n\n".join(texts), scope["Generated"]


def _class(
    rng: Random, scope: dict[str, Any], name: str, base: str, rows: list[str], keyed: bool = True
) -> str:
    key = rng.choice(KEYS) if keyed else ""
    head = (
        f"class {name}({base}{f', key={key}' if keyed else ''}{rng.choice(GONE) if keyed else ''}):"
    )
    lines: list[str] = [head]
    writer = Writer(rng)
    for n in range(rng.randint(1, 7)):
        for _ in range(ATTEMPTS_MAX):
            line = f"    {rng.choice(('', '', '', '_'))}c{n} = {_column(writer, rows)}"
            made = _made(scope, name, [*lines, line])
            if made is not None:
                lines.append(line)
                writer.columns = {n: c.kind for n, c in made.__columns__.items()}
                break
    if len(lines) == 1:
        lines.append("    pass")
        _made(scope, name, lines)
    return "\n".join(lines)


def _column(writer: Writer, rows: list[str]) -> str:
    roll = writer.rng.random()
    if rows and roll < 0.2:
        return f"keyed({writer.pick(rows)})"
    return writer.derived() if writer.columns and roll < 0.5 else writer.fold()


def _made(scope: dict[str, Any], name: str, lines: list[str]) -> Any:
    """The class, or None where the language refuses it."""
    before = scope.get(name)
    scope["__name__"] = facts.__name__
    try:
        exec("\n".join(lines), scope)  # the text is our own
    except (Mistake, NameError, AttributeError, TypeError):
        scope[name] = before
        return None
    return scope[name]
