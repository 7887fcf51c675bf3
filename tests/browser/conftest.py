"""A real installation with a small demonstration city, a real server and worker, and Chromium."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, sync_playwright

from tests.scenarios.installation import Installation
from tools import assets, messages

PASSWORD = "demo-password-1"
PHONE, DESK = 390, 1440


@dataclass
class Site:
    """The address of the city and the logins of its roles."""

    address: str
    installation: Installation
    logins: dict[str, str]


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A demonstration city of 2,000 people, served by granian, with a worker."""
    assets.build()
    messages.compile_all()
    home = tmp_path_factory.mktemp("city")
    installation = Installation(home, administrator=False)
    command = [sys.executable, "-m", "zhixing.config", "demo", "--people", "2000", "--password", PASSWORD]
    subprocess.run(command, env=installation.environment, check=True, capture_output=True)
    logins = json.loads((home / "demo-logins.json").read_text())
    installation.start_worker("0.5")  # asking oftener takes a tenth of a core from Chromium
    _web, port = installation.start_web()
    yield Site(f"http://127.0.0.1:{port}", installation, {row["username"]: row["password"] for row in logins})
    installation.stop()
    shutil.rmtree(home, ignore_errors=True)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Chromium, shut after each module: Playwright leaves its loop running in the main thread, where Django then
    takes every later test of the same worker for asynchronous code and refuses it the database."""
    program = shutil.which("chromium") or shutil.which("google-chrome")
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(
            executable_path=program, args=["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
        )
        yield opened
        opened.close()


@dataclass
class Visitor:
    """One signed-in person with a window; ``said`` holds every error of the console."""

    site: Site
    context: BrowserContext
    page: Page
    said: list[str] = field(default_factory=list)

    def hear(self, message: ConsoleMessage) -> None:
        if message.type == "error" or "Security Policy" in message.text:
            self.said.append(f"{self.page.url}: {message.text}")

    def go(self, path: str) -> int:
        """Open a path and return its status."""
        answer = self.page.goto(f"{self.site.address}{path}", wait_until="load")
        assert answer is not None
        return answer.status

    @property
    def width_overflows(self) -> bool:
        """Whether the page is wider than the window."""
        return bool(self.page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth"))


@pytest.fixture
def visit(browser: Browser, site: Site, tmp_path: Path) -> Iterator[Callable[..., Visitor]]:
    """Sign in as a user in a window of some width and theme; at the end the consoles must have been silent."""
    visitors: list[Visitor] = []

    def open_window(username: str, width: int = DESK, theme: str = "light", **options: Any) -> Visitor:
        context = browser.new_context(
            viewport={"width": width, "height": 900},
            color_scheme=theme,  # type: ignore[arg-type]
            locale="zh-CN",
            reduced_motion="reduce",
            **options,
        )
        visitor = Visitor(site, context, context.new_page())
        visitor.page.on("console", visitor.hear)
        visitor.page.on("pageerror", lambda error: visitor.said.append(str(error)))
        visitors.append(visitor)
        sign_in(visitor, username, site.logins[username])
        return visitor

    yield open_window
    for visitor in visitors:
        visitor.context.close()
    assert [text for visitor in visitors for text in visitor.said] == []


def sign_in(visitor: Visitor, username: str, password: str) -> None:
    """Through the door, and past the notice about personal data at the first visit."""
    page = visitor.page
    page.goto(f"{visitor.site.address}/accounts/login/")
    page.fill("input[name=login]", username)
    page.fill("input[name=password]", password)
    page.click("form button.btn-primary")
    page.wait_for_load_state("load")
    if "/privacy/" in page.url:
        page.click("form button.btn-primary")
        page.wait_for_load_state("load")
