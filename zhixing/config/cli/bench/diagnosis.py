"""The four indices of the demonstration city: how long they take, and what they are."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from zhixing.config.cli.bench.city import home_of
from zhixing.config.cli.bench.figure import Figure

PROGRAM = """
import json, os, time
os.environ["DJANGO_SETTINGS_MODULE"] = "zhixing.config.settings"
import django
django.setup()
from django.utils import timezone
from zhixing.plans.models import ClassRun
from zhixing.portal.diagnosis import Scope, diagnose
year = ClassRun.objects.latest("year").year
taken = []
for _once_more in range(3):
    began, cpu = time.perf_counter(), time.process_time()
    found = diagnose(Scope(), year, timezone.localdate())
    taken.append((time.perf_counter() - began, time.process_time() - cpu))
told = {one.code: one.index.value for one in found.problems}
print(json.dumps({"taken": taken, "class_runs": found.class_runs, "told": told}))
"""


def figures(folder: Path, people: int) -> Iterator[Figure]:
    """The first of three times counts: nothing is warm then but the page cache of the system."""
    environment = {**os.environ, "ZHIXING_HOME": str(home_of(folder)), "DATABASE_URL": ""}
    done = subprocess.run([sys.executable, "-c", PROGRAM], env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"the diagnosis failed:\n{done.stderr}")
    said = json.loads(done.stdout.splitlines()[-1])
    (first, cpu), *_others = said["taken"]
    yield Figure(
        f"diagnosis: four indices of {people:,} people, {said['class_runs']} class runs", first, "s", 2, digits=2
    )
    yield Figure("… CPU", cpu, "s", digits=2)
    yield Figure("… known of four", sum(value is not None for value in said["told"].values()), "", digits=0)
