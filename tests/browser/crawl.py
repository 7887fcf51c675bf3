"""Every page a role can reach by its links: it answers, fits the window, breaks no policy, and axe finds nothing serious."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Callable, Iterator
from typing import Literal

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Route

from tests.browser.conftest import DESK, PHONE, Visitor

NOT_PAGES = ("/logout", "/language/", "/api/", "/static/")
DOWNLOAD = 299
AXE = Axe().axe_script
SERIOUS = """rules => axe.run({resultTypes: ["violations"], preload: false, ...rules}).then(found => found.violations
    .filter(one => ["serious", "critical"].includes(one.impact))
    .map(one => `${one.impact} ${one.id} ${one.nodes[0].html.slice(0, 160)}`))"""
STRUCTURE = {"rules": {"color-contrast": {"enabled": False}}}
CONTRAST = {"runOnly": ["color-contrast"]}
THIN = """() => {
    const shape = element => element.tagName + element.getAttribute("class") + [...element.attributes].map(one => one.name);
    const alike = [];
    for (const parent of document.querySelectorAll("body *")) {
        const seen = new Set();
        for (const child of parent.children) {
            const all = [child, ...child.querySelectorAll("*")].map(shape).join();
            if (seen.has(all)) alike.push(child);
            seen.add(all);
        }
    }
    for (const element of alike) element.classList.add("alike");
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(".alike { display: none !important }");
    document.adoptedStyleSheets = [...document.adoptedStyleSheets, sheet];
}"""
"""Hide all but one of the sisters of one shape: what one row of a list shows, the next fifty show too. Contrast is 85 % of what axe costs."""
WINDOWS: tuple[tuple[int, Literal["light", "dark"]], ...] = ((DESK, "light"), (PHONE, "dark"))
LINKS = """[...document.querySelectorAll("a[href^='/']")].map(link => link.getAttribute("href").split(/[?#]/)[0])"""


def kind_of(path: str) -> str:
    """A path with its keys blanked: one page of a kind is like the next."""
    return "/".join("#" if part.isdigit() or len(part) == 36 else part for part in path.split("/"))


def keep_downloads_out(route: Route) -> None:
    """Let pages through; of a file that answers, show that it did."""
    answer = route.fetch(max_redirects=0)
    if (
        answer.status == 200
        and not answer.headers["content-type"].startswith("text/html")
        and route.request.is_navigation_request()
    ):
        route.fulfill(status=DOWNLOAD)
    else:
        route.fulfill(response=answer)


def faults_of_every_page(visit: Callable[..., Visitor], username: str) -> list[str]:
    """Follow the links from the desk to one page of each kind; look at it on the desk in daylight, then on the phone in the dark.

    Each page is asked for once: it costs the server more than the window costs to resize. Downloads must answer too, and are not pages.
    """
    visitor = visit(username, DESK)
    visitor.page.route(re.compile(r"^http://[^/]+/(?!static/)"), keep_downloads_out)
    kinds, queue, faults = {"/"}, deque(["/"]), list[str]()
    seen = 0
    while queue:
        path = queue.popleft()
        status = visitor.go(path)
        if status != 200:
            faults += [f"{path} answered {status}"] if status != DOWNLOAD else []
            continue
        seen += 1
        for target in visitor.page.evaluate(LINKS):
            if kind_of(target) not in kinds and not target.startswith(NOT_PAGES) and "/logout" not in target:
                kinds.add(kind_of(target))
                queue.append(target)
        faults += [f"{path} {fault}" for fault in look(visitor)]
    assert seen > 4
    return faults


def look(visitor: Visitor) -> Iterator[str]:
    """What is wrong with the open page: how all of it is built, then the colours of what is not alike; each on the desk and on the phone."""
    page = visitor.page
    page.evaluate(AXE)
    for step in (STRUCTURE, CONTRAST):
        if step is CONTRAST:
            page.evaluate(THIN)
        for width, theme in WINDOWS if step is STRUCTURE else reversed(WINDOWS):  # back where it was for the next page
            page.set_viewport_size({"width": width, "height": 900})
            page.emulate_media(color_scheme=theme, reduced_motion="reduce")
            if step is STRUCTURE and visitor.width_overflows:
                yield f"is wider than {width}"
            yield from (f"at {width}, {theme}: {found}" for found in page.evaluate(SERIOUS, step))
