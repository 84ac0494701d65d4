"""What a page shows works as it says, and what it links to is there."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.docs import running
from tests.docs.pages import ROOT, anchors, blocks, links, pages, text, unkept
from tests.docs.workshop import SHORT, Workshop

TUTORIAL = "docs/first-domain.md"
IN_ONE_PIECE = ("README.md", "docs/language.md", "docs/testing.md")


@pytest.mark.parametrize("page", IN_ONE_PIECE)
def test_the_code_of_a_page_runs_from_top_to_bottom_and_its_tests_hold(page: str) -> None:
    for test in running.tests(page):
        test()


@pytest.mark.slow
@pytest.mark.parametrize("page", ["README.md", TUTORIAL])
def test_a_page_can_be_followed_word_by_word(page: str, tmp_path: Path) -> None:
    assert list(Workshop(tmp_path).follow(page)) == []


@pytest.mark.parametrize(("short", "command"), SHORT.items())
def test_make_runs_the_command_that_the_page_means(short: str, command: str) -> None:
    target = short.removeprefix("make ")
    _, _, recipe = text("Makefile").partition(f"\n{target}: ")
    assert recipe.splitlines()[1].strip().endswith(command.replace("mainstem", "/mainstem"))


def test_a_promise_that_is_not_kept_is_told() -> None:
    assert not list(unkept("one\n  three …!\n", "one\ntwo\n three little pigs!\n"))
    assert list(unkept("two\none\n", "one\ntwo\n"))
    assert list(unkept("four\n", "one\n"))


@pytest.mark.parametrize("page", pages())
def test_a_link_leads_somewhere(page: str) -> None:
    for link in links(page):
        path, _, anchor = link.partition("#")
        if not path.startswith("https://"):
            there = (ROOT / page).parent / path if path else ROOT / page
            assert there.exists(), f"{page}: {link}"
            assert not anchor or anchor in anchors(there.relative_to(ROOT).as_posix()), link


def test_every_page_is_in_the_index() -> None:
    linked = {f"docs/{link}" for link in links("docs/README.md")}
    inside = {page for page in pages() if page.startswith("docs/")}
    assert inside - linked == {"docs/README.md"}


def test_the_code_of_pages_is_formatted_as_all_code_is(tmp_path: Path) -> None:
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    for page in pages():
        for block in blocks(page):
            if block.language == "python":
                file = tmp_path / f"{page.replace('/', '-')}-{block.line}.py"
                file.write_text(block.content, encoding="utf-8")
    assert complaints("ruff", "format", "--diff", "--no-cache", str(tmp_path)) == ""


@pytest.mark.slow
def test_the_code_of_pages_is_typed_as_all_code_is(tmp_path: Path) -> None:
    for page in (*IN_ONE_PIECE, TUTORIAL):
        shown = [block for block in blocks(page) if block.language == "python"]
        domain = [block.content for block in shown if block.file in ("", "domains/guestbook.py")]
        (tmp_path / f"{page.replace('/', '_')[:-3]}.py").write_text("\n".join(domain), "utf-8")
    # A cache of its own: another mypy may be running beside this one.
    assert complaints("mypy", "--strict", "--cache-dir=.mypy_cache/docs", str(tmp_path)) == ""


def complaints(module: str, *arguments: str) -> str:
    done = subprocess.run(
        [sys.executable, "-m", module, *arguments],
        cwd=ROOT,
        env={**os.environ, "MYPYPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    return done.stdout + done.stderr if done.returncode else ""
