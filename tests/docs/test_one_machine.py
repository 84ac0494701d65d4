"""Pages that are followed word by word in a shell: up, ask, curl, kill -9, restart; SQL."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.docs.pages import ROOT, blocks, unkept

PAGES = ("docs/one-machine.md", "docs/archive.md", "docs/rebuild.md")
PORT = "8400"
HANGS_S = 240  # no verdict on speed: a page that waits for ever must not keep everybody waiting
# A server says where it listens when it does; whoever goes on before would ask nobody.
UP = "mainstem up &"
WAIT = (
    "for n in $(seq 300); do curl -s -o /dev/null 127.0.0.1:{port}/hello && break; sleep 0.1; done"
)


@pytest.fixture
def place(tmp_path: Path) -> Path:
    shutil.copytree(
        ROOT / "domains", tmp_path / "domains", ignore=shutil.ignore_patterns("__pycache__")
    )
    program = tmp_path / "bin" / "mainstem"
    program.parent.mkdir()
    program.write_text(f'#!/bin/sh\nexec {sys.executable} -m cli "$@"\n', "utf-8")
    program.chmod(0o755)
    return tmp_path


def free_port() -> str:
    with socket.socket() as ear:
        ear.bind(("127.0.0.1", 0))
        return str(ear.getsockname()[1])


def script(page: str, port: str) -> str:
    """All of the page's commands in one shell, for jobs and variables live on."""
    lines = ["set -m"]
    for n, block in enumerate(blocks(page)):
        if block.language == "sh":
            lines.append(f"echo '=== {n}'")
            for line in block.text.splitlines():
                if not line.startswith(". "):
                    lines += [line, WAIT] if line == UP else [line]
        elif block.language == "python":
            lines.append(f"{sys.executable} - <<'END'\n{block.text}\nEND")
    lines.append("kill -9 $(jobs -p) 2>/dev/null; true")
    text = "\n".join(lines).replace("{port}", port).replace(PORT, port)
    return text.replace("mainstem up", f"mainstem up --port {port}")


def printed(output: str) -> dict[int, str]:
    """What each block printed, by its number."""
    parts = output.split("=== ")[1:]
    return {int(part.partition("\n")[0]): part.partition("\n")[2] for part in parts}


def broken(page: str, output: dict[int, str], port: str) -> Iterator[str]:
    since = ""
    for n, block in enumerate(blocks(page)):
        since += output.get(n, "")
        if block.language == "text":
            yield from unkept(block.text.replace(PORT, port), since)
            since = ""


@pytest.mark.slow
@pytest.mark.skipif(
    not (shutil.which("bash") and shutil.which("curl")), reason="needs bash and curl, as its reader"
)
@pytest.mark.parametrize("page", PAGES)
def test_a_page_can_be_followed_word_by_word(place: Path, page: str) -> None:
    port = free_port()
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST")}
    path = f"{place / 'bin'}:{kept['PATH']}"
    done = subprocess.run(
        ["bash", "-c", script(page, port)],
        cwd=place,
        env={**kept, "PATH": path, "PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
        timeout=HANGS_S,
    )
    assert list(broken(page, printed(done.stdout), port)) == [], done.stdout
