"""Discovery: the files of a folder become domains, and every flaw of every file is told at once."""

from __future__ import annotations

import itertools
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from mainstem.discovery import Flawed, discover, domain_of, sql_name

HEAD = "from __future__ import annotations\n\nfrom mainstem import *\n\n\n"
GOOD = (
    HEAD
    + "class Opened(Event):\n    by_whom: str\n\n\nclass {view}(View):\n    n = count(Opened)\n"
)
_numbers = itertools.count()


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    """A package of its own, for Python knows packages by name."""
    made = tmp_path / f"domains_{next(_numbers)}"
    made.mkdir()
    (made / "__init__.py").touch()
    yield made
    for name in [n for n in sys.modules if n.partition(".")[0] == made.name]:
        del sys.modules[name]


def write(folder: Path, name: str, text: str) -> Path:
    file = folder / f"{name}.py"
    file.write_text(text, encoding="utf-8")
    return file


def flaws(folder: Path) -> list[str]:
    """What is said, with file names alone."""
    with pytest.raises(Flawed) as raised:
        discover(folder)
    assert str(raised.value) == "\n".join(map(str, raised.value.flaws))
    return [f"{one.file.name}:{one.line}: {one.text}" for one in raised.value.flaws]


def test_a_files_name_is_the_domains(folder: Path) -> None:
    write(folder, "doors", '"""Doors open."""\n' + GOOD.format(view="Door"))
    write(folder, "gates", GOOD.format(view="Gate"))
    write(folder, "_notes", "raise RuntimeError")
    found = discover(folder)
    assert list(found) == ["doors", "gates"]
    doors = found["doors"]
    assert (doors.name, doors.doc, doors.decided) == ("doors", "Doors open.", False)
    assert (list(doors.events), list(doors.views)) == (["Opened"], ["Door"])
    assert doors.events["Opened"].__module__ == f"{folder.name}.doors"


def test_discovering_twice_finds_the_same_classes(folder: Path) -> None:
    write(folder, "doors", GOOD.format(view="Door"))
    one, other = discover(folder), discover(str(folder))
    assert one["doors"].views["Door"] is other["doors"].views["Door"]


def test_a_domain_is_what_its_file_declares_and_not_what_it_imports(folder: Path) -> None:
    write(folder, "doors", GOOD.format(view="Door") + COMMAND)
    text = f"from {folder.name}.doors import Door, Opened, Open, tell\n\n\n"
    write(folder, "gates", HEAD + text + "class Shut(Event, silent=True): ...\n")
    found = discover(folder)
    doors, gates = found["doors"], found["gates"]
    assert (list(doors.commands), list(doors.reactions), doors.decided) == (
        ["Open"],
        ["tell"],
        True,
    )
    assert list(gates.events) == ["Shut"]
    assert [*gates.states, *gates.commands, *gates.reactions] == []


COMMAND = """

class Open(Command[Door], starts=True):
    def decide(self, door: Door):
        yield Opened(by_whom=self.by)


@on(Opened)
def tell(opened: Opened, door: Door):
    yield Mail("ann", template="open")
"""


def test_every_flaw_of_every_file_is_told_at_once(folder: Path) -> None:
    write(folder, "doors", HEAD + "class Opened(Event):\n    copy: str\n")
    write(folder, "gates", HEAD + "class Shut(Event):\n    to: list[str]\n")
    write(folder, "locks", GOOD.format(view="Lock"))
    assert flaws(folder) == [
        "doors.py:7: Opened.copy: shadows an attribute of every event; call it something else",
        "gates.py:7: Shut.to: list is not stored; say tuple[X, ...], which can't change",
    ]


NEVER = """class Open(Command[Door]):
    def decide(self, door: Door) -> Iterator[Event]:
        yield Opened(by_whom=self.by)
"""


def test_a_domain_that_nothing_can_begin_is_told(folder: Path) -> None:
    text = GOOD.format(view="Door") + "\n\nfrom collections.abc import Iterator\n\n\n" + NEVER
    write(folder, "doors", text)
    (told,) = flaws(folder)
    assert told.endswith("doors: no command has starts=True, so nothing here can ever begin")


MISTAKEN = """class Opened(Event):
    copy: str


class Shut(Event):
    key: str


class Door(View):
    n = count(Opened)


class Lock(View):
    n = total(Barred.n)
"""


def test_one_mistake_hides_no_other_of_the_same_file(folder: Path) -> None:
    write(folder, "doors", HEAD + MISTAKEN)
    told = flaws(folder)
    assert told[:2] == [
        "doors.py:7: Opened.copy: shadows an attribute of every event; call it something else",
        "doors.py:11: Shut.key: the archive has a column of that name; call it something else",
    ]
    assert told[2:] == ["doors.py:19: NameError: name 'Barred' is not defined"]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("class Opened(Event):\n    x = (\n", "doors.py:7: '(' was never closed"),
        ("class Opened(Event)\n", "doors.py:6: expected ':'"),
        ("\tx = 1\n", "doors.py:6: unexpected indent"),
        ("import nowhere_at_all\n", "ModuleNotFoundError: No module named 'nowhere_at_all'"),
        ("1 / 0\n", "doors.py:6: ZeroDivisionError: division by zero"),
        ("raise SystemExit(3)\n", "doors.py:6: ends the process when it is imported"),
        ("x = 1\n", "doors.py:1: doors: declares no event; a domain starts with what happens"),
        ("class Opened(Event): ...\n\n\nby_n = index(order=1)\n", "by_n: an index, search"),
    ],
)
def test_a_file_that_is_no_domain_is_told(folder: Path, text: str, told: str) -> None:
    write(folder, "doors", HEAD + text)
    (said,) = flaws(folder)
    assert told in said


def test_a_file_that_is_no_text_is_told(folder: Path) -> None:
    (folder / "doors.py").write_bytes(b"\xff\xfe\x00")
    (said,) = flaws(folder)
    assert said.startswith("doors.py:1: ")


def test_a_mistake_in_a_file_that_others_import_is_told_once(folder: Path) -> None:
    write(folder, "doors", HEAD + "class Opened(Event):\n    copy: str\n")
    for name in ("attics", "gates"):
        text = f"from {folder.name}.doors import Opened\n\n\nclass Shut(Event, silent=True): ...\n"
        write(folder, name, HEAD + text)
    told = flaws(folder)
    assert told == [
        "doors.py:7: Opened.copy: shadows an attribute of every event; call it something else"
    ]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("class Door(View):\n    n = count(Opened)\n", ":14: Door is defined twice in this file"),
        ("def help(): ...\n\n\ndef help(): ...\n", ":17: help is defined twice in this file"),
        ("class Opened(Event):\n    key_: str\n", ":14: Opened is defined twice in this file"),
        (
            "class Lock(View):\n    n = count(Opened)\n    n = first(Opened.by_whom)\n",
            ":16: Lock.n is defined twice in this class",
        ),
        (
            "class Shut(Event, silent=True):\n    how: str\n    how: int\n",
            ":16: Shut.how is defined twice in this class",
        ),
        (
            "class Lock(State):\n    n = count(Opened)\n\n    def n(self): ...\n",
            ":17: Lock.n is defined twice in this class",
        ),
        (
            "class Lock(View):\n    n = count(Opened)\n    index(order=n)\n",
            ":16: Lock: this line has no name, so it is lost",
        ),
        (
            "class Lock(View):\n    n = count(Opened)\n    n > 3\n",
            ":16: Lock: this line has no name, so it is lost",
        ),
    ],
)
def test_what_python_would_drop_without_a_word_is_told(folder: Path, text: str, told: str) -> None:
    write(folder, "doors", GOOD.format(view="Door") + "\n\n" + text)
    assert f"doors.py{told}" in flaws(folder)


def test_two_views_do_not_share_a_name(folder: Path) -> None:
    write(folder, "doors", GOOD.format(view="FrontDoor"))
    write(folder, "gates", GOOD.format(view="FrontDoor"))
    write(folder, "locks", GOOD.format(view="GatesEvents"))
    both = "are both called"
    assert flaws(folder) == [
        f"gates.py:10: gates.FrontDoor and doors.FrontDoor {both} front_door in SQL",
        f"locks.py:10: locks.GatesEvents and the events of gates {both} gates_events in SQL",
    ]


@pytest.mark.parametrize("name", ["Doors", "my-doors", "türen", "2doors", "d" * 64])
def test_a_name_is_stored_for_ever_so_it_is_plain(folder: Path, name: str) -> None:
    write(folder, name, GOOD.format(view="Door"))
    assert flaws(folder) == [
        f"{name}.py:1: {name}: a domain's name is snake_case; it is stored for ever"
    ]


def test_a_folder_that_holds_no_domains_is_told(folder: Path, tmp_path: Path) -> None:
    assert flaws(folder) == [f"{folder.name}:0: holds no domain; `mainstem new NAME` writes one"]
    assert "there is no such folder; --domains names it" in flaws(tmp_path / "nowhere")[0]
    assert "there is no such folder" in flaws(write(folder, "doors", ""))[0]
    (folder / "__init__.py").unlink()
    assert "has no __init__.py" in flaws(folder)[0]


def test_a_package_of_that_name_may_be_loaded_from_elsewhere(tmp_path: Path) -> None:
    other = tmp_path / "json"
    other.mkdir()
    (other / "__init__.py").touch()
    write(other, "doors", GOOD.format(view="Door"))
    assert flaws(other) == ["json:0: a package called json is loaded from elsewhere already"]


def test_flawed_or_not_the_path_is_left_as_it_was(folder: Path) -> None:
    before = list(sys.path)
    file = write(folder, "doors", "raise RuntimeError")
    flaws(folder)
    assert sys.path == before
    assert f"{folder.name}.doors" not in sys.modules
    file.write_text(GOOD.format(view="Door"), encoding="utf-8")
    assert list(discover(folder)) == ["doors"]
    assert sys.path == before


@pytest.mark.parametrize(
    ("name", "sql"),
    [
        ("Room", "room"),
        ("RoomSchedule", "room_schedule"),
        ("HTTPLog", "http_log"),
        ("Visit2Shop", "visit2_shop"),
        ("ABTest", "ab_test"),
    ],
)
def test_a_view_is_snake_case_in_sql(name: str, sql: str) -> None:
    assert sql_name(type(name, (), {})) == sql


def test_a_module_can_be_a_domain_without_a_folder() -> None:
    from domains import rooms

    assert domain_of(rooms).name == "rooms"
