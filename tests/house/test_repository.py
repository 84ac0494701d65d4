"""The repository can be handed to anybody: it runs elsewhere, and it explains itself."""

import ast
import os
import re
import subprocess
import tomllib
from collections import Counter
from importlib.metadata import packages_distributions
from typing import Any

import pytest

from tests.house import tree
from tests.house.imports import imported
from tests.house.tree import ROOT

PROJECT: dict[str, Any] = tomllib.loads(tree.text("pyproject.toml"))
INSTALLED: list[str] = PROJECT["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"]
LOCKS = {"locks/dev.txt": "dev", "locks/bench.txt": "bench", "locks/spark.txt": "spark"}
ALONE = ("locks/spark.txt",)  # without what the project itself is made of

# Written with brackets, so that this file doesn't name what it looks for.
REGISTRY = re.compile(r"pypi[.]org|python[h]osted|registry[.]npmjs|repo1?[.]maven|search[.]maven")
MACHINE = re.compile(r"(?<![\w.~-])/(?:[h]ome|[r]oot|[t]mp|[w]ork|[U]sers)/\w|C:\\[U]sers")


@pytest.mark.parametrize("place", [REGISTRY, MACHINE], ids=["registry", "machine"])
def test_no_file_names_a_place_that_only_some_have(place: re.Pattern[str]) -> None:
    named = [
        f"{name}:{number}: {line.strip()}"
        for name in tree.files()
        for number, line in enumerate(tree.text(name).splitlines(), start=1)
        if place.search(line)
    ]
    assert not named, "\n".join(named)


def test_the_changelog_says_each_thing_once() -> None:
    words = tree.text("CHANGELOG.md").split()
    runs = Counter(" ".join(words[n : n + 6]) for n in range(len(words) - 5))
    assert [run for run, many in runs.items() if many > 1] == []


def requirements(lock: str) -> dict[str, str]:
    """Name -> its whole entry, continued lines joined."""
    joined = tree.text(lock).replace("\\\n", " ")
    entries = [
        line for line in joined.splitlines() if line.strip() and not line.strip().startswith("#")
    ]
    return {re.split(r"[=\[ ]", entry, maxsplit=1)[0]: entry for entry in entries}


@pytest.mark.parametrize("lock", LOCKS)
def test_a_lock_pins_and_hashes_every_package(lock: str) -> None:
    loose = [
        name
        for name, entry in requirements(lock).items()
        if "==" not in entry or "--hash=sha256:" not in entry
    ]
    assert not loose


@pytest.mark.parametrize("lock", LOCKS)
def test_a_lock_holds_what_the_project_asks_for(lock: str) -> None:
    ours = () if lock in ALONE else PROJECT["project"]["dependencies"]
    asked = {*ours, *PROJECT["dependency-groups"][LOCKS[lock]]}
    missing = {re.split(r"[<>=!~ \[;]", one, maxsplit=1)[0] for one in asked} - requirements(
        lock
    ).keys()
    assert not missing, f"run make lock: {sorted(missing)}"


def test_a_runtime_dependency_is_imported_by_what_we_install() -> None:
    sources = [tree.python(name) for name in tree.python_files() if tree.room(name) in INSTALLED]
    used = {name.split(".")[0] for source in sources for _, name in imported(source)}
    given = packages_distributions()
    known = {one.lower().replace("_", "-") for name in used for one in given.get(name, ())}
    wanted = {one.partition("[")[0] for one in PROJECT["project"]["dependencies"]}
    assert wanted - known == set()


def test_the_peers_are_measured_with_the_very_packages_we_run() -> None:
    ours, theirs = requirements("locks/dev.txt"), requirements("locks/bench.txt")
    assert all(theirs[name] == ours[name] for name in ours.keys() & theirs.keys())


@pytest.mark.parametrize("package", [p for p in INSTALLED if f"{p}/__init__.py" in tree.files()])
def test_an_installed_package_is_typed_and_explains_itself(package: str) -> None:
    assert f"{package}/py.typed" in tree.files()
    assert ast.get_docstring(tree.python(f"{package}/__init__.py"))


def targets() -> set[str]:
    return set(re.findall(r"^([a-z][a-z-]*):(?!=)", tree.text("Makefile"), flags=re.MULTILINE))


def test_make_help_lists_every_target() -> None:
    # Our own make may be running; its flags and jobs are none of this one's business.
    calm = {name: value for name, value in os.environ.items() if not name.startswith("MAKE")}
    run = ["make", "--silent", "help"]
    said = subprocess.run(run, cwd=ROOT, env=calm, check=True, capture_output=True, text=True)
    listed = dict(re.findall(r"^make (\S+)\s+(\S.*)$", said.stdout, flags=re.MULTILINE))
    assert listed.keys() == targets()
