"""The page of the API in a real browser: all of it is there, works, and asks nobody else."""

from __future__ import annotations

import json
import os
import select
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from tests.http.house import House, signed

pytestmark = pytest.mark.slow
HANGS_S = 120.0  # no verdict on speed: a browser that says nothing must not keep everybody waiting
FLAGS = """--headless --no-sandbox --disable-gpu --disable-quic --no-first-run
    --disable-background-networking --disable-component-update --disable-sync
    --disable-dev-shm-usage --remote-debugging-pipe""".split()
NOWHERE = "--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1"
OPEN = ".opblock.is-open"  # the operation that the address names
PUT = """(selector, text) => {
  const field = document.querySelector(selector);
  Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, "value").set.call(field, text);
  field.dispatchEvent(new Event("input", {bubbles: true}));
}"""


@dataclass
class Browser:
    """A Chromium, spoken to in its own protocol: JSON over two pipes, each message ended by NUL."""

    commands: int
    answers: int
    asked: int = 0
    heard: bytes = b""
    events: list[dict[str, Any]] = field(default_factory=list)

    def call(self, method: str, session: str | None = None, **params: Any) -> dict[str, Any]:
        """What it answers; what it tells meanwhile is kept in `events`."""
        self.asked += 1
        said = {"id": self.asked, "method": method, "params": params}
        said |= {"sessionId": session} if session else {}
        os.write(self.commands, json.dumps(said).encode() + b"\0")
        while (answer := self._next()).get("id") != self.asked:
            self.events.append(answer)
        assert "error" not in answer, answer
        result: dict[str, Any] = answer["result"]
        return result

    def _next(self) -> dict[str, Any]:
        while b"\0" not in self.heard:
            assert select.select([self.answers], [], [], HANGS_S)[0], "the browser says nothing"
            some = os.read(self.answers, 1 << 20)
            assert some, "the browser is gone"
            self.heard += some
        raw, _, self.heard = self.heard.partition(b"\0")
        said: dict[str, Any] = json.loads(raw)
        return said


@dataclass(frozen=True)
class Page:
    """One of its pages."""

    browser: Browser
    session: str

    def does(self, code: str) -> Any:
        """What a piece of JavaScript comes to, once it does."""
        said = self.browser.call(
            "Runtime.evaluate", self.session, expression=code, awaitPromise=True, returnByValue=True
        )
        assert "exceptionDetails" not in said, said
        return said["result"].get("value")

    def shows(self, selector: str) -> Any:
        """The text of an element, once it is there."""
        until = time.monotonic() + HANGS_S
        while (text := self.does(f"document.querySelector({selector!r})?.innerText")) is None:
            assert time.monotonic() < until, f"{selector} never came"
            self.does("new Promise(done => setTimeout(done, 20))")
        return text

    def click(self, selector: str) -> None:
        self.shows(selector)
        self.does(f"document.querySelector({selector!r}).click()")

    def put(self, selector: str, text: str) -> None:
        """Types into a field, as the framework of the page wants to hear of it."""
        self.shows(selector)
        self.does(f"({PUT})({selector!r}, {text!r})")

    def complaints(self) -> list[str]:
        """What the browser's console would show in red."""
        told = {"Log.entryAdded": "entry", "Runtime.exceptionThrown": "exceptionDetails"}
        mine = [one for one in self.browser.events if one.get("sessionId") == self.session]
        found = [one["params"][told[one["method"]]] for one in mine if one["method"] in told]
        return [one["text"] for one in found]

    def asked_for(self) -> list[str]:
        """The addresses that it went to."""
        sent = [one for one in self.browser.events if one["method"] == "Network.requestWillBeSent"]
        urls = [one["params"]["request"]["url"] for one in sent if one["sessionId"] == self.session]
        return [url for url in urls if not url.startswith("data:")]


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    program = shutil.which("chromium")
    if program is None:
        missing = pytest.fail if os.environ.get("CI") else pytest.skip
        missing("needs a browser: apt install chromium")
    with started(program, tmp_path_factory.mktemp("browser")) as one:
        yield one


@contextmanager
def started(program: str, place: Path) -> Iterator[Browser]:
    """It reads commands from file 3 and answers on file 4, so a shell puts them there."""
    (reads, commands), (answers, writes) = os.pipe(), os.pipe()
    shell = ["bash", "-c", f'exec "$@" 3<&{reads} 4>&{writes}', "bash"]
    process = subprocess.Popen(
        [*shell, program, *FLAGS, NOWHERE, f"--user-data-dir={place / 'profile'}"],
        pass_fds=(reads, writes), env={**os.environ, "HOME": str(place)},
        stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    os.close(reads)
    os.close(writes)
    try:
        browser = Browser(commands, answers)
        yield browser
        browser.call("Browser.close")
        process.wait(HANGS_S)
    finally:
        process.kill()
        process.wait()
        os.close(commands)
        os.close(answers)


def visited(browser: Browser, address: str) -> Page:
    """A page of its own, at this address."""
    target = browser.call("Target.createTarget", url="about:blank")["targetId"]
    session = browser.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
    for part in ("Log", "Network", "Page", "Runtime"):
        browser.call(f"{part}.enable", session)
    browser.call("Page.navigate", session, url=address)
    return Page(browser, session)


def test_the_page_shows_every_operation_and_asks_nobody_else(
    browser: Browser, house: House
) -> None:
    page = visited(browser, f"{house.address}/docs")
    page.shows(".opblock")
    shown = page.does("[...document.querySelectorAll('[data-path]')].map(o => o.dataset.path)")
    assert set(shown) == set(house.client.get("/openapi.json").json()["paths"])
    assert "/v1/tickets/submit" in shown
    assert (page.complaints(), page.asked_for()) == ([], [f"{house.address}/docs"])


def test_the_page_leads_to_the_document_it_is_made_of(browser: Browser, house: House) -> None:
    page = visited(browser, f"{house.address}/docs")
    page.shows(".info a")
    link = page.does("document.querySelector('.info a').href")
    assert house.client.get(link).json()["openapi"] == "3.1.0"


def test_a_command_is_asked_from_the_page(browser: Browser, house: House) -> None:
    page = visited(browser, f"{house.address}/docs#/tickets/tickets.submit")
    page.click("button.authorize")
    page.put(".modal-ux input", signed("ann")["Authorization"].removeprefix("Bearer "))
    page.click(".modal-ux button.authorize")
    page.click(".modal-ux button.close-modal")
    page.click(f"{OPEN} button.execute")
    said = page.shows(f"{OPEN} .live-responses-table .response")
    assert said.startswith("201")
    assert '"happened": true' in said
    assert page.complaints() == []


def test_what_the_page_may_not_do_is_noticed(browser: Browser, house: House) -> None:
    page = visited(browser, f"{house.address}/docs")
    page.shows(".opblock")
    page.does(
        "document.body.append(Object.assign(document.createElement('script'), {text: 'a=1'}))"
    )
    page.does("fetch('http://127.0.0.2/').catch(() => 0)")
    complaints = page.complaints()
    assert all("Content Security Policy" in one for one in complaints)
    for part in ("script-src", "connect-src"):
        assert any(part in one for one in complaints)
    assert page.does("typeof a") == "undefined"
