"""The page about the API lists what the code has, and its commands are answered as it says."""

from __future__ import annotations

import ast
import re
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

import edge.limits
import edge.tokens
import local.asgi
import mainstem.envelope
import producers.http
import queries.listing
import queries.reader
from edge.openapi import HEADERS
from edge.request import CORRELATION_CHARACTERS_MAX
from local.adapters import adapters
from local.engine import engine
from local.loops import Loop, Loops
from local.producing import Way
from local.service import Service
from producers.http import commands_of
from queries.http import views_of
from tests.cli.desk import Here
from tests.docs.pages import ROOT, Block, blocks, rows, unkept
from tests.http.house import DOMAINS, served

PAGE = "docs/http.md"
ENTRANCES = ("edge", "producers", "queries", "local")
LIMITS: Mapping[str, Any] = {
    "CORRELATION_CHARACTERS_MAX": CORRELATION_CHARACTERS_MAX,
    **vars(edge.tokens),
    **vars(local.asgi),
    **vars(mainstem.envelope),
    **vars(producers.http),
    **vars(queries.listing),
    **vars(queries.reader),
    **vars(edge.limits),
}
DOCUMENT = local.asgi.pages(DOMAINS, "7")
VIEWS = views_of(DOMAINS).sinks
COMMANDS = {command for _, command in commands_of(DOMAINS)}
TOKEN = re.compile(r'(\w+)="Authorization: Bearer \$\(mainstem (.*)\)"')
UP = "http://127.0.0.1:8400"


def problems() -> Iterator[tuple[str, str]]:
    """(status, title) of every problem that code makes."""
    for file in (file for room in ENTRANCES for file in (ROOT / room).glob("*.py")):
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            if isinstance(node, ast.Call) and ast.unparse(node.func) in ("Problem", "flawed"):
                status, title = node.args[:2]
                if isinstance(status, ast.Constant) and isinstance(title, ast.Constant):
                    yield str(status.value), str(title.value)


def shape(method: str, path: str) -> str:
    """An operation with its names taken out: what all domains have in common."""
    parts = path.split("/")
    if parts[1] == "v1":
        parts[2] = "{view}" if parts[2] in VIEWS and method == "get" else "{domain}"
    if method == "post" and parts[-1] in COMMANDS:
        parts[-1] = "{command}"
    return f"{method.upper()} {'/'.join(parts)}"


def test_every_refusal_is_on_the_page_and_no_other() -> None:
    said = [(status, title) for status, title, _ in rows(PAGE, "What is refused")]
    assert sorted(said) == sorted(set(problems()))


def test_every_address_is_on_the_page_and_no_other() -> None:
    shapes = {shape(method, path) for path, all in DOCUMENT["paths"].items() for method in all}
    assert {f"`{one}`" for one in shapes} == {where for where, _, _ in rows(PAGE, "Addresses")}


def test_every_header_is_on_the_page() -> None:
    operations = [one for path in DOCUMENT["paths"].values() for one in path.values()]
    asked = [one for operation in operations for one in operation.get("parameters", ())]
    sent = {one["name"] for one in asked if one["in"] == "header"}
    assert {f"`{one}`" for one in sent | HEADERS.keys()} <= {
        one for one, *_ in rows(PAGE, "Headers")
    }


def test_every_limit_of_the_entrance_is_on_the_page() -> None:
    said = {limit.strip("`") for limit, _ in rows(PAGE, "Limits")}
    assert {name for name in vars(edge.limits) if name.isupper()} <= said


@pytest.mark.parametrize(("limit", "says"), rows(PAGE, "Limits"))
def test_a_limit_is_what_the_page_says(limit: str, says: str) -> None:
    assert says.startswith(f"{LIMITS[limit.strip('`')]:,.0f} ")


@pytest.fixture
def address(tmp_path: Path) -> Iterator[str]:
    """A folder, served as `mainstem up` serves it."""
    ports = adapters(tmp_path / "data")
    running = engine(ports, DOMAINS)
    loops = Loops([Loop("consumer", running.consume, 0.02), Loop("search", running.index, 0.05)])
    way = Way(ports)
    loops.start()
    try:
        with served(Service(ports, DOMAINS, loops, "7", way).application()) as where:
            yield where
    finally:
        way.close()
        loops.stop(60)
        ports.close()


def signed(here: Here, block: Block) -> dict[str, str]:
    """The tokens that a block asks for, each under the name it is given."""
    found = {}
    for name, words in TOKEN.findall(block.text):
        token = here.after(*words.split()).out.strip()
        found[name] = f"Authorization: Bearer {token}"
    return found


@pytest.mark.skipif(
    not (shutil.which("bash") and shutil.which("curl")), reason="needs bash and curl, as its reader"
)
def test_the_page_can_be_followed_word_by_word(address: str, tmp_path: Path) -> None:
    here, known, said = Here(tmp_path / "data"), {"PATH": "/usr/bin:/bin"}, ""
    for block in blocks(PAGE):
        if block.language == "text":
            assert list(unkept(block.text, said)) == [], f"{PAGE}:{block.line}"
        elif tokens := signed(here, block):
            known |= tokens
        else:
            script = block.text.replace(UP, address)
            done = subprocess.run(
                ["bash", "-c", script], env=known, stdout=-1, check=True, text=True
            )
            said = done.stdout
