"""Every page a role can reach by its links: it answers, fits the window, breaks no policy, and axe finds nothing serious."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from urllib.parse import urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe

from tests.browser.conftest import DESK, PHONE, Visitor

pytestmark = [pytest.mark.browser, pytest.mark.slow]
ROLES = ("zuzhibu", "dangxiao", "lianluoyuan", "xueyuan", "jiaoshi", "shenji")
PAGES_MAX = 45
PER_KIND = 2
NOT_PAGES = ("/logout", "/pdf", ".xlsx", "/papers/", "/receipt", "/language/", "/api/", "/sheet", "/template")


def kind_of(path: str) -> str:
    """A path with its keys blanked: one page of a kind is like the next."""
    return "/".join("#" if part.isdigit() or len(part) == 36 else part for part in path.split("/"))


def reachable(visitor: Visitor) -> list[str]:
    """Paths found by following links from the desk, at most ``PER_KIND`` of a kind."""
    found: dict[str, list[str]] = {}
    queue, seen = deque(["/"]), {"/"}
    order = []
    while queue and len(order) < PAGES_MAX:
        path = queue.popleft()
        if len(found.setdefault(kind_of(path), [])) >= PER_KIND:
            continue
        found[kind_of(path)].append(path)
        order.append(path)
        assert visitor.go(path) == 200, path
        for link in visitor.page.eval_on_selector_all("a[href]", "all => all.map(a => a.href)"):
            parts = urlsplit(link)
            target = parts.path
            if f"{parts.scheme}://{parts.netloc}" != visitor.site.address or any(word in target for word in NOT_PAGES):
                continue
            if "export=" in parts.query or target in seen:
                continue
            seen.add(target)
            queue.append(target)
    return order


@pytest.mark.parametrize("username", ROLES)
def test_every_page_answers_fits_and_is_accessible(visit: Callable[..., Visitor], username: str) -> None:
    desk = visit(username, DESK)
    paths = reachable(desk)
    assert len(paths) > 4
    faults = [fault for path in paths for fault in look(desk, path)]
    phone = visit(username, PHONE, "dark")
    one_of_each = list({kind_of(path): path for path in paths}.values())
    faults += [fault for path in one_of_each for fault in look(phone, path)]
    assert faults == []


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
