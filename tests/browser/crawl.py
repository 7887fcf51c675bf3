"""Every page a role can reach by its links: it answers, fits the window, breaks no policy, and axe finds nothing serious."""

from __future__ import annotations

import html
import re
from collections import deque
from collections.abc import Callable

from axe_playwright_python.sync_playwright import Axe

from tests.browser.conftest import DESK, PHONE, Visitor

NOT_PAGES = ("/logout", "/language/", "/api/", "/static/")
LINK = re.compile(r'<a [^>]*href="(/[^"#?]*)')


def kind_of(path: str) -> str:
    """A path with its keys blanked: one page of a kind is like the next."""
    return "/".join("#" if part.isdigit() or len(part) == 36 else part for part in path.split("/"))


def reachable(visitor: Visitor) -> list[str]:
    """One page of each kind found by following links from the desk; downloads must answer too, and are not pages."""
    kinds, queue, pages = {"/"}, deque(["/"]), []
    while queue:
        path = queue.popleft()
        answer = visitor.context.request.get(f"{visitor.site.address}{path}")
        assert answer.status == 200, f"{path} answered {answer.status}"
        if not answer.headers["content-type"].startswith("text/html"):
            continue
        pages.append(path)
        for target in map(html.unescape, LINK.findall(answer.text())):
            if kind_of(target) not in kinds and not target.startswith(NOT_PAGES) and "/logout" not in target:
                kinds.add(kind_of(target))
                queue.append(target)
    return pages


def faults_of_every_page(visit: Callable[..., Visitor], username: str) -> list[str]:
    """On the desk in daylight, and on the phone in the dark."""
    desk = visit(username, DESK)
    paths = reachable(desk)
    assert len(paths) > 4
    faults = [fault for path in paths for fault in look(desk, path)]
    phone = visit(username, PHONE, "dark")
    return faults + [fault for path in paths for fault in look(phone, path)]


def look(visitor: Visitor, path: str) -> list[str]:
    """What is wrong with one page."""
    status = visitor.go(path)
    faults = [f"{path} answered {status}"] if status != 200 else []
    if visitor.width_overflows:
        faults.append(f"{path} is wider than the window")
    found = Axe().run(visitor.page).response["violations"]
    faults += [
        f"{path} {one['impact']} {one['id']} {one['nodes'][0]['html'][:160]}"
        for one in found
        if one["impact"] in {"serious", "critical"}
    ]
    return faults
