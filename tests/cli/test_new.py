"""`mainstem new`: what it writes passes as it is, whatever it is called."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from cli import template
from cli.naming import NAME_CHARACTERS_MAX, view_name, wrong_with
from tests.cli.desk import NUMBERS, ROOT, SHOP, Said, ask, ask_outside, domains, surroundings


def new(place: Path, name: str, *more: str) -> Said:
    """Asks for a domain in a folder of its own."""
    return ask("new", name, "--domains", place / f"shop{next(NUMBERS)}", *more)


def test_a_domain_and_its_test_are_written(tmp_path: Path) -> None:
    folder = tmp_path / f"shop{next(NUMBERS)}"
    said = ask("new", "guest_lists", "--domains", folder, "--json")
    assert said.code == 0
    assert said.data["view"] == "GuestList"
    written = [str(Path(one).relative_to(tmp_path)) for one in said.data["written"]]
    assert written == [
        f"{folder.name}/__init__.py",
        f"{folder.name}/guest_lists.py",
        "tests/__init__.py",
        "tests/domains/__init__.py",
        "tests/domains/test_guest_lists.py",
    ]
    assert "mainstem check guest_lists" in said.err
    assert ask("check", "--examples", "5", "--domains", folder).code == 0


def test_nothing_that_is_there_is_touched(tmp_path: Path) -> None:
    folder = domains(tmp_path, shop=SHOP)
    said = ask("new", "shop", "--domains", folder, "--yes")
    assert said.code == 1
    assert "shop.py is there already; nothing was written" in said.err
    test = tmp_path / "tests" / "domains" / "test_orders.py"
    test.parent.mkdir(parents=True)
    test.write_text("mine", "utf-8")
    assert "test_orders.py is there already" in ask("new", "orders", "--domains", folder).err
    assert (folder / "shop.py").read_text("utf-8") == SHOP
    assert test.read_text("utf-8") == "mine"
    assert not (folder / "orders.py").exists()


def test_a_view_of_that_name_is_noticed_before(tmp_path: Path) -> None:
    folder = domains(tmp_path, shop=SHOP)
    said = ask("new", "sales", "--domains", folder)
    assert said.code == 1
    assert "shop has a view Sale already; choose another" in said.err
    assert [one.name for one in folder.glob("sales*")] == []


def test_a_broken_neighbour_is_no_obstacle(tmp_path: Path) -> None:
    folder = domains(tmp_path, broken="class")
    assert ask("new", "orders", "--domains", folder).code == 0


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("Guest-Book", "'Guest-Book' is not snake_case; did you mean guest_book?"),
        ("guestBook", "did you mean guest_book?"),
        ("bücher", "'bücher' is not snake_case"),
        ("1st", "'1st' is not snake_case"),
        ("", "'' is not snake_case"),
        ("../escape", "did you mean escape?"),
        ("a/b", "did you mean a_b?"),
        ("class", "'class' means something else"),
        ("events", "'events' means something else"),
        ("views", "means something else"),
        ("true", "means something else"),
        ("added", "means something else"),
        ("a" * (NAME_CHARACTERS_MAX + 1), "31 characters; 30 at most"),
    ],
)
def test_a_bad_name_is_wrong_usage(name: str, why: str, tmp_path: Path) -> None:
    said = new(tmp_path, name)
    assert (said.code, said.out) == (2, "")
    assert why in said.err
    assert not list(tmp_path.iterdir())


def test_a_folder_that_cannot_be_a_package_is_wrong_usage(tmp_path: Path) -> None:
    assert ask("new", "orders", "--domains", tmp_path / "my-domains").code == 2


def test_half_of_it_is_not_left_behind(tmp_path: Path) -> None:
    (tmp_path / "tests").mkdir()
    (tmp_path / "tests" / "domains").touch()
    folder = domains(tmp_path)
    said = ask("new", "orders", "--domains", folder)
    assert said.code == 1
    assert said.err == f"mainstem: Not a directory: {tmp_path}/tests/domains/test_orders.py\n"
    assert [one.name for one in folder.iterdir()] == ["__init__.py"]


def test_a_folder_in_nowhere_is_refused(tmp_path: Path) -> None:
    said = ask("new", "orders", "--domains", tmp_path / "no" / "where")
    assert said.code == 1
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("name", "view"),
    [
        ("tickets", "Ticket"),
        ("guestbook", "Guestbook"),
        ("guest_lists", "GuestList"),
        ("categories", "Category"),
        ("addresses", "Address"),
        ("address", "Address"),
        ("status", "Status"),
        ("s", "S"),
        ("as_is", "AsIs"),
        ("otp2", "Otp2"),
    ],
)
def test_the_view_is_of_one_of_them(name: str, view: str) -> None:
    assert view_name(name) == view


@given(st.from_regex(r"[a-z][a-z0-9_]{0,29}", fullmatch=True))
@example("b" * NAME_CHARACTERS_MAX)
def test_what_is_written_is_python_within_the_margin(name: str) -> None:
    if wrong_with(name):
        return
    for text in (template.domain(name, view_name(name)), template.test(name, "domains")):
        ast.parse(text)
        assert max(map(len, text.splitlines())) <= 100


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with domains of three names: the usual, the longest, and a short one."""
    place = tmp_path_factory.mktemp("project")
    for name in ("guestbook", "b" * NAME_CHARACTERS_MAX, "z9_"):
        assert ask_outside("new", name, cwd=place).code == 0
    return place


def passes(place: Path, *args: str) -> None:
    """A tool, as the project's own check runs it, finds nothing."""
    more = {"MYPYPATH": str(ROOT)}
    done = subprocess.run(
        [sys.executable, "-m", *args], cwd=place, env=surroundings(more), capture_output=True,
        check=False, encoding="utf-8",
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr


CONFIGURED = ("--config", str(ROOT / "pyproject.toml"), "--no-cache")


def test_it_passes_ruff(project: Path) -> None:
    passes(project, "ruff", "format", "--check", "--diff", *CONFIGURED)
    known = ("--config", f'src=["{project}", "{ROOT}"]')
    passes(project, "ruff", "check", *CONFIGURED, *known)


@pytest.mark.slow
def test_it_passes_mypy(project: Path) -> None:
    passes(project, "mypy", "--strict", "--explicit-package-bases", ".")


@pytest.mark.slow
def test_it_passes_pyright(project: Path) -> None:
    settings = f'{{"typeCheckingMode": "strict", "extraPaths": ["{ROOT}"]}}'
    (project / "pyrightconfig.json").write_text(settings, "utf-8")
    passes(project, "basedpyright", "--pythonpath", sys.executable)


@pytest.mark.slow
def test_it_passes_its_own_test_and_the_laws(project: Path) -> None:
    passes(
        project, "pytest", "-q", "-W", "error", "-p", "no:cacheprovider", "--import-mode=importlib"
    )


@pytest.mark.slow
def test_it_passes_check(project: Path) -> None:
    said = ask_outside("check", "--examples", "20", cwd=project)
    assert said.code == 0
    assert said.out.endswith(f"safe to release: {'b' * NAME_CHARACTERS_MAX}, guestbook, z9_\n")
