"""The five most used pages: latency at concurrency 1 and 16, at 50 requests a second, CPU per page, weight, and memory of the server."""

from __future__ import annotations

import gzip
import http.client
import os
import re
import statistics
import subprocess
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from zhixing.config.cli.bench.city import home_of
from zhixing.config.cli.bench.figure import Figure, PeakMemory
from zhixing.config.cli.run import answers, free_port
from zhixing.config.cli.web import granian_command

HOST = "127.0.0.1"
PAGES = {
    "desk of the department": ("zuzhibu", "/"),
    "list of people": ("zuzhibu", "/people/"),
    "board of standings": ("zuzhibu", "/obligations/standings/"),
    "list of class runs": ("zuzhibu", "/classes/"),
    "desk of a trainee": ("xueyuan", "/"),
}
REQUESTS = 120
RATE = 50
ASSET = re.compile(r'(?:href|src)="(/static/[^"]+\.(?:css|js|svg))[^"]*"')


def figures(folder: Path, people: int) -> Iterator[Figure]:
    home = home_of(folder)
    environment = {**os.environ, "ZHIXING_HOME": str(home), "DATABASE_URL": ""}
    cookies = {name: sign_in(name, environment) for name in {user for user, _path in PAGES.values()}}
    port = free_port(HOST, 8300)
    web = subprocess.Popen(granian_command(HOST, port, min(2, os.cpu_count() or 1)), env=environment)
    watch = PeakMemory(web.pid)
    try:
        if not answers(HOST, port, web):
            raise RuntimeError("the web server did not start")
        for name, (user, path) in PAGES.items():
            yield from _page(name, port, path, cookies[user], web.pid)
        yield from _mixed(port, cookies)
        yield Figure("  peak memory of the web server", watch.stop(), "MB")
    finally:
        web.terminate()
        web.wait(timeout=20)


def sign_in(username: str, environment: dict[str, str]) -> str:
    """A session cookie of ``username``, made in a process of its own that also collects the static files."""
    import sys

    program = (
        "import os; os.environ['DJANGO_SETTINGS_MODULE'] = 'zhixing.config.settings'\n"
        "import django; django.setup()\n"
        "from pathlib import Path\n"
        "from django.conf import settings\n"
        "from django.test import Client\n"
        "from zhixing.config.cli.run import collect_static\n"
        "from zhixing.people.models import Account\n"
        "collect_static(Path(settings.STATIC_ROOT), settings.PACKAGE)\n"
        f"client = Client(); account = Account.objects.get(username={username!r})\n"
        "client.force_login(account, 'allauth.account.auth_backends.AuthenticationBackend')\n"
        "from zhixing.people.actions.accounts import acknowledge_privacy\n"
        "from zhixing.people.privacy import VERSION\n"
        "acknowledge_privacy(account, VERSION)\n"
        "print(client.cookies['sessionid'].value)\n"
    )
    done = subprocess.run([sys.executable, "-c", program], env=environment, capture_output=True, text=True, check=True)
    return done.stdout.split()[-1]


def fetch(port: int, path: str, cookie: str) -> tuple[float, int, bytes]:
    """Milliseconds, status and body of one request with gzip."""
    began = time.perf_counter()
    connection = http.client.HTTPConnection(HOST, port, timeout=30)
    connection.request("GET", path, headers={"Cookie": f"sessionid={cookie}", "Accept-Encoding": "gzip"})
    answer = connection.getresponse()
    body = answer.read()
    connection.close()
    return (time.perf_counter() - began) * 1000, answer.status, body


def _page(name: str, port: int, path: str, cookie: str, pid: int) -> Iterator[Figure]:
    _warm, status, body = fetch(port, path, cookie)
    if status != 200:
        raise RuntimeError(f"{path} answered {status}")
    for _ in range(10):
        fetch(port, path, cookie)
    cpu = cpu_seconds(pid)
    alone = sorted(fetch(port, path, cookie)[0] for _ in range(REQUESTS))
    spent = (cpu_seconds(pid) - cpu) * 1000 / REQUESTS
    with ThreadPoolExecutor(16) as crowd:
        together = sorted(one[0] for one in crowd.map(lambda _n: fetch(port, path, cookie), range(REQUESTS)))
    yield Figure(f"{name}: CPU a page", spent, "ms", 20)
    yield Figure("  alone, p50", statistics.median(alone), "ms")
    yield Figure("  alone, p95", percentile(alone, 95), "ms")
    yield Figure("  16 at once, p50", statistics.median(together), "ms")
    yield Figure("  16 at once, p95", percentile(together, 95), "ms")
    yield Figure(
        "  weight with everything it loads, as sent",
        weight(port, path, cookie, body) / 1000,
        "KB",
        200 if "trainee" in name else 500,
    )


def _mixed(port: int, cookies: dict[str, str]) -> Iterator[Figure]:
    """All five pages in turn at ``RATE`` requests a second for ten seconds, sent on time whether or not earlier ones are answered."""
    wanted = [(path, cookies[user]) for user, path in PAGES.values()] * (RATE * 10 // len(PAGES))
    began = time.perf_counter()

    def send(n: int) -> float:
        due = began + n / RATE
        time.sleep(max(0.0, due - time.perf_counter()))
        path, cookie = wanted[n]
        fetch(port, path, cookie)
        return (time.perf_counter() - due) * 1000

    with ThreadPoolExecutor(64) as crowd:
        times = sorted(crowd.map(send, range(len(wanted))))
    yield Figure(f"five pages at {RATE} requests a second, p50", statistics.median(times), "ms")
    yield Figure(f"five pages at {RATE} requests a second, p95", percentile(times, 95), "ms", 150)


def percentile(ordered: list[float], percent: int) -> float:
    return ordered[min(len(ordered) - 1, len(ordered) * percent // 100)]


def cpu_seconds(pid: int) -> float:
    """CPU seconds of a process and its children so far."""
    import psutil

    process = psutil.Process(pid)
    return sum(sum(p.cpu_times()[:2]) for p in [process, *process.children(recursive=True)])


def weight(port: int, path: str, cookie: str, body: bytes) -> int:
    """Bytes of the page and of each file it names, as sent to a browser that reads gzip."""
    files = sorted(set(ASSET.findall(gzip.decompress(body).decode())))
    return len(body) + sum(len(fetch(port, one, cookie)[2]) for one in files)
