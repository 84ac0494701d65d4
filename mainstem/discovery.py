"""Domains: the files of a folder, loaded and checked, every error of every file at once."""

from __future__ import annotations

import ast
import importlib
import inspect
import re
import sys
import traceback
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any, TypeVar

from mainstem._command import Command
from mainstem._diagnosis import every, line_of
from mainstem._dropped import dropped
from mainstem._event import Event, events_of
from mainstem._mark import Mark
from mainstem._reaction import Reaction
from mainstem._refusal import Mistake, Unfit
from mainstem._source import written
from mainstem._state import State, View

if TYPE_CHECKING:
    from mainstem._machine import Record
    from mainstem._shape import Shape
    from mainstem.envelope import Envelope

DOMAIN_NAME = re.compile(r"[a-z][a-z0-9_]{0,62}")
T = TypeVar("T")


@dataclass(frozen=True)
class Flaw:
    """One mistake and where it stands."""

    file: Path
    line: int
    text: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.text}"


class Flawed(Exception):
    """Domain files that can't be loaded, with every reason found."""

    def __init__(self, flaws: Iterable[Flaw]) -> None:
        self.flaws = tuple(flaws)
        super().__init__("\n".join(map(str, self.flaws)))


@dataclass(frozen=True)
class Domain:
    """One file: what it declares, by name."""

    name: str
    module: ModuleType = field(repr=False)
    events: Mapping[str, type[Event]]
    states: Mapping[str, type[State]]
    commands: Mapping[str, type[Command[Any]]]
    reactions: Mapping[str, Reaction[Any, Any]]

    @property
    def doc(self) -> str:
        """The first thing the file says."""
        return inspect.getdoc(self.module) or ""

    @property
    def views(self) -> Mapping[str, type[View]]:
        """Its published states."""
        return {n: s for n, s in self.states.items() if issubclass(s, View)}

    @property
    def decided(self) -> bool:
        """Whether commands decide its events; without commands they are ingested."""
        return bool(self.commands)

    @cached_property
    def by_type(self) -> Mapping[str, type[Event]]:
        """Event types by stored name, former names included."""
        named = [(name, e) for e in self.events.values() for name in (e.__name__, *e.__shape__.was)]
        found = dict(named)
        if len(found) < len(named):
            raise Mistake(f"{self.name}: two events have the same name, or was= names one of them")
        return found

    def record(self, envelope: Envelope) -> tuple[str, Record]:
        """An event as folds read it, under today's name. Raises Unfit, as for an unknown type."""
        shape = self._shapes.get(envelope.type)
        if shape is None:
            raise Unfit(f"{self.name}: no event is called {envelope.type}")
        record = shape.read(envelope.data, envelope.schema)
        record["at"], record["by"], record["version"] = envelope.at, envelope.by, envelope.version
        return shape.type, record

    @cached_property
    def _shapes(self) -> Mapping[str, Shape]:
        return {name: event.__shape__ for name, event in self.by_type.items()}


def domain_of(module: ModuleType) -> Domain:
    """What a module declares. Raises Mistake."""
    name = module.__name__.rpartition(".")[2]
    for mark in (one for one, value in vars(module).items() if isinstance(value, Mark)):
        raise Mistake(f"{mark}: an index, search, claim or reading rule stands in its View")
    own = [v for v in vars(module).values() if getattr(v, "__module__", "") == module.__name__]
    classes = [value for value in own if isinstance(value, type)]
    domain = Domain(
        name,
        module,
        events={event.__name__: event for event in events_of(module.__name__)},
        states=_named(c for c in classes if issubclass(c, State)),
        commands=_named(c for c in classes if issubclass(c, Command) and "decide" in vars(c)),
        reactions={v.name: v for v in vars(module).values() if _reacts(v, module)},
    )
    assert domain.by_type is not None  # checked once, here
    if domain.commands and not any(one.__starts__ for one in domain.commands.values()):
        raise Mistake(f"{name}: no command has starts=True, so nothing here can ever begin")
    for state in domain.states.values():
        _tell_steps(state)
    return domain


def _tell_steps(state: type[State]) -> None:
    """Reads the text of `fold()` steps and upcasts now, while it is what was just imported."""
    for column in state.__columns__.values():
        if column.fold is not None:
            for step in column.fold.steps.values():
                written(step)
            if column.fold.row is not None:
                _tell_steps(column.fold.row)


def _reacts(value: object, module: ModuleType) -> bool:
    return isinstance(value, Reaction) and value.react.__module__ == module.__name__


def _named(classes: Iterable[type[T]]) -> Mapping[str, type[T]]:
    return {one.__name__: one for one in classes}


def discover(folder: str | Path = "domains") -> Mapping[str, Domain]:
    """The domains in a folder, by name. Raises Flawed with every flaw of every file."""
    path = Path(folder).resolve()
    if not path.is_dir():
        raise Flawed([Flaw(Path(folder), 0, "there is no such folder; --domains names it")])
    if not (path / "__init__.py").is_file():
        text = "has no __init__.py; an empty one makes it a package that Python finds"
        raise Flawed([Flaw(Path(folder), 0, text)])
    files = sorted(file for file in path.glob("*.py") if not file.name.startswith("_"))
    if not files:
        raise Flawed([Flaw(Path(folder), 0, "holds no domain; `mainstem new NAME` writes one")])
    found: dict[str, Domain] = {}
    flaws: dict[Flaw, None] = {}
    with _Importable(path):
        for file in files:
            for one in _load(file, path.name):
                if isinstance(one, Domain):
                    found[one.name] = one
                else:
                    flaws[one] = None
    flaws |= dict.fromkeys(_across(found))
    if flaws:
        raise Flawed(flaws)
    return found


class _Importable:
    """The folder's parent comes first on the path while its files are imported."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def __enter__(self) -> None:
        loaded = sys.modules.get(self.folder.name)
        places = {Path(place).resolve() for place in getattr(loaded, "__path__", ())}
        if loaded is not None and self.folder not in places:
            text = f"a package called {self.folder.name} is loaded from elsewhere already"
            raise Flawed([Flaw(self.folder, 0, text)])
        sys.path.insert(0, str(self.folder.parent))
        importlib.invalidate_caches()

    def __exit__(self, *_: object) -> None:
        sys.path.remove(str(self.folder.parent))


def _load(file: Path, package: str) -> Iterator[Domain | Flaw]:
    if not DOMAIN_NAME.fullmatch(file.stem):
        yield Flaw(file, 1, f"{file.stem}: a domain's name is snake_case; it is stored for ever")
        return
    yield from (Flaw(file, line, text) for line, text in dropped(file.read_bytes()))
    module = _tried(file, lambda: importlib.import_module(f"{package}.{file.stem}"))
    if isinstance(module, Flaw):
        yield from [module] if _no_python(file) else every(Flaw, file, package, _tried)
        return
    domain = _tried(file, lambda: domain_of(module))
    if isinstance(domain, Domain) and not domain.events:
        yield Flaw(file, 1, f"{domain.name}: declares no event; a domain starts with what happens")
        return
    yield domain


def _no_python(file: Path) -> bool:
    try:
        ast.parse(file.read_bytes())
    except (SyntaxError, ValueError):
        return True
    return False


def _tried(file: Path, action: Callable[[], T]) -> T | Flaw:
    try:
        return action()
    except SyntaxError as wrong:
        return Flaw(Path(wrong.filename or file), wrong.lineno or 1, f"{wrong.msg}")
    except (Exception, SystemExit) as wrong:  # noqa: BLE001  somebody's code: all is reported
        at = [
            f for f in traceback.extract_tb(wrong.__traceback__) if _is_in(f.filename, file.parent)
        ]
        where, line = (Path(at[-1].filename), at[-1].lineno or 1) if at else (file, 1)
        return Flaw(where, line_of(where, _in_words(wrong)) or line, _in_words(wrong))


def _in_words(wrong: BaseException) -> str:
    if isinstance(wrong, SystemExit):
        return "ends the process when it is imported"
    return str(wrong) if isinstance(wrong, Mistake) else f"{type(wrong).__name__}: {wrong}"


def _is_in(file: str, folder: Path) -> bool:
    return Path(file).resolve().parent == folder


def _across(domains: Mapping[str, Domain]) -> Iterator[Flaw]:
    """Views share one address space: /v1/ticket, `select … from ticket`."""
    taken: dict[str, str] = {f"{name}_events": f"the events of {name}" for name in domains}
    taken |= {"raw": "what was stored", "events": "a step inside every statement"}
    every = [(domain, view) for domain in domains.values() for view in domain.views.values()]
    taken |= {rows_name(view): f"the rows of {d.name}.{view.__name__}" for d, view in every}
    for domain in domains.values():
        for view in domain.views.values():
            name, place = sql_name(view), f"{domain.name}.{view.__name__}"
            if name in taken:
                file, line = Path(inspect.getfile(view)), inspect.getsourcelines(view)[1]
                yield Flaw(file, line, f"{place} and {taken[name]} are both called {name} in SQL")
            taken[name] = place


def rows_name(view: type[State]) -> str:
    """The table of its rows as a rebuild has finished them."""
    return f"{sql_name(view)}_rows"


def sql_name(view: type[State]) -> str:
    """`RoomSchedule` is room_schedule to SQL and in addresses."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", view.__name__).lower()
