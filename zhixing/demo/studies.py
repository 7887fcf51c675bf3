"""Studies of effects: one that finds something, one that finds no evidence, and one that waits for its outcomes."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from typing import Final

import numpy as np
from django.db.models import Count

from zhixing.callups.models import Callup
from zhixing.evaluations.actions import studies as actions
from zhixing.evaluations.models import Study
from zhixing.people.models import Account

LEVELS: Final = ("乡科级正职", "乡科级副职")
GAIN: Final = 4.0
"""Points that the training which works adds to a mark of 100."""
UNITS, FIRST_YEARS = 90, 2


def make_studies(seed: int, on: dt.date) -> None:
    rng = np.random.default_rng(seed)
    by = Account.objects.get(username="zuzhibu")
    _told(_matched(by), _people(rng), by)
    _told(_cohorts(by), _panel(rng, on.year), by)
    _by_hours(by, on.year)


def _matched(by: Account) -> Study:
    return actions.begin_study(
        Study(
            title="年轻干部任职培训：半年后服务对象评分是否更高",
            outcome="服务对象评分（百分制）",
            design=Study.Design.MATCHED,
            source=Study.Source.UPLOAD,
            same=["层次"],
            near=["先前评分"],
            called=160,
            compared=320,
            correlation=0.7,
            spread=8.0,
        ),
        by=by,
    )


def _people(rng: np.random.Generator) -> Iterator[str]:
    """Whoever had the lower marks was called rather: as it stands the called look worse than they are."""
    yield "参训,结果,层次,先前评分"
    for number in range(480):
        called = number < 160
        before = rng.normal(70 if called else 75, 6)
        after = 22 + 0.7 * before + GAIN * called + rng.normal(0, 4)
        yield f"{'是' if called else '否'},{after:.1f},{LEVELS[number % 2]},{before:.1f}"


def _cohorts(by: Account) -> Study:
    return actions.begin_study(
        Study(
            title="公文写作培训分批开展：单位公文退件率是否下降",
            outcome="公文退件率（%）",
            design=Study.Design.COHORTS,
            source=Study.Source.UPLOAD,
            less_is_better=True,
            called=60,
            compared=30,
            correlation=0.5,
            spread=3.0,
        ),
        by=by,
    )


def _panel(rng: np.random.Generator, year: int) -> Iterator[str]:
    """Everybody gets better from year to year, and those called no more than the others."""
    yield "编号,年度,首训年度,结果"
    for unit in range(UNITS):
        cohort = unit % (FIRST_YEARS + 1)
        first = year - FIRST_YEARS + cohort if cohort < FIRST_YEARS else 0
        own = rng.normal(12, 2)
        for ago in range(4, 0, -1):
            yield f"单位{unit + 1},{year - ago},{first},{max(0.0, own + 0.5 * ago + rng.normal(0, 1.5)):.1f}"


def _by_hours(by: Account, year: int) -> None:
    """From the ledger, once the year after is over: whether those called to the theme with the most people learned more of themselves."""
    done = Callup.objects.filter(state=Callup.State.COMPLETED, class_run__year=year).exclude(class_run__theme="")
    themes = done.order_by().values("class_run__theme").annotate(n=Count("pk")).order_by("-n", "class_run__theme")
    most = themes.first()
    if most is None:
        return
    theme, called = most["class_run__theme"], most["n"]
    actions.begin_study(
        Study(
            title=f"“{theme}”班次：参训者次年学时是否更多",
            outcome="次年学时",
            design=Study.Design.MATCHED,
            source=Study.Source.HOURS,
            theme=theme,
            year=year,
            called=called,
            compared=5 * called,
        ),
        by=by,
    )


def _told(study: Study, lines: Iterable[str], by: Account) -> None:
    """As the job does it once it has unsealed the sheet."""
    actions.keep_result(study, ("\n".join(lines) + "\n").encode(), "outcomes.csv", by=by)
