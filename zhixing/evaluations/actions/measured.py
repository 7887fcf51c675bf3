"""Entering costs, setting them right, and taking in the scores of tests before and after a class run."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any, Final

from django.core.files.uploadedfile import UploadedFile
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from zhixing.base import audit
from zhixing.base.asked import written
from zhixing.base.problems import Conflict, Invalid
from zhixing.evaluations import marks, measuring, rules
from zhixing.evaluations.actions.twice import refuse_twice
from zhixing.evaluations.models import CostEntry, ExamGain
from zhixing.evaluations.telling_gains import FAULT_WORDS
from zhixing.people.models import Account
from zhixing.plans.models import ClassRun

CENTS_MOST: Final = 10**12


@transaction.atomic
def enter_cost(
    class_run: ClassRun, category: str, kind: str, cents: int, on: dt.date, *, note: str = "", by: Account
) -> CostEntry:
    """Raises ``Invalid``, and ``Conflict`` for what was entered a moment ago."""
    measuring.may_enter(by, class_run).require()
    if category not in CostEntry.Category.values or kind not in CostEntry.Kind.values:
        raise Invalid(_("Choose what kind of cost it is."))
    if not 0 < cents <= CENTS_MOST:
        raise Invalid(_("The amount must be above 0."))
    if kind == CostEntry.Kind.SPENT and on > timezone.localdate():
        raise Invalid(_("Nothing is spent on a day to come."))
    facts = {"category": category, "kind": kind, "cents": cents, "on": on, "note": written(note, CostEntry.note.field)}
    _hold(class_run)
    latest = CostEntry.objects.filter(class_run=class_run, by=by).order_by("pk").last()
    refuse_twice(latest, by, **facts)
    made = CostEntry.objects.create(class_run=class_run, by=by, **facts)
    audit.record("evaluations.cost_entered", class_run, by=by, kind=kind, cents=cents)
    return made


@transaction.atomic
def correct_cost(entry: CostEntry, reason: str, *, by: Account) -> CostEntry:
    """Take an entry back by one of the opposite amount; both stay. Raises ``Invalid`` and ``Conflict``."""
    measuring.may_correct(by, entry).require()
    note = written(reason, CostEntry.note.field, missing=_("Say what was wrong."))
    try:
        with transaction.atomic():
            made = CostEntry.objects.create(
                class_run=entry.class_run,
                category=entry.category,
                kind=entry.kind,
                cents=-entry.cents,
                on=entry.on,
                note=note,
                corrects=entry,
                by=by,
            )
    except IntegrityError:
        raise Conflict(_("This was corrected already.")) from None
    audit.record("evaluations.cost_corrected", entry.class_run, by=by, kind=entry.kind, cents=made.cents)
    return made


@transaction.atomic
def enter_gain(
    class_run: ClassRun,
    upload: UploadedFile[Any],
    *,
    most: int,
    called_by_pre: bool = False,
    mean: Decimal | None = None,
    reliability: Decimal | None = None,
    note: str = "",
    by: Account,
) -> ExamGain:
    """Read a sheet with the columns 前测 and 后测, one row a person, and keep what it shows of all together; the file and its scores are not kept.

    Of sheets that differ by the marks of few people the means would tell these: the later one is not taken (docs/decisions/026).

    ``most``: full marks. ``called_by_pre``: people were chosen for a low first score. ``mean`` of the first score among everybody, in marks.

    Raises ``Invalid``."""
    measuring.may_enter(by, class_run).require()
    rows = marks.read_marks(upload, most)
    pairs = [marks.of_hundred(row, most) for row in rows]
    both = sum(before is not None and after is not None for before, after in rows)
    least = rules.in_force().least
    if both < least:
        raise Invalid(
            _("%(n)s people took both tests; of fewer than %(least)s nothing is kept.") % {"n": both, "least": least}
        )
    _hold(class_run)
    _refuse_nearly_alike(class_run, prints := marks.fingerprints(class_run, rows), least)
    found = reckon(
        pairs,
        called_by_pre=called_by_pre,
        mean=None if mean is None else float(100 * mean / most),
        reliability=None if reliability is None else float(reliability),
    )
    note = written(note, ExamGain.note.field)
    made = ExamGain.objects.create(
        class_run=class_run, n=both, left_out=len(rows) - both, found=found, marks=prints, note=note, by=by
    )
    audit.record("evaluations.gain_entered", class_run, by=by, people=both)
    return made


def _hold(class_run: ClassRun) -> None:
    """Of two who enter at once the second sees what the first did."""
    ClassRun.objects.select_for_update(of=("self",), no_key=True).get(pk=class_run.pk)


def _refuse_nearly_alike(class_run: ClassRun, prints: list[str], least: int) -> None:
    """Raises ``Invalid`` where the means of this sheet and of those taken in before would tell the marks of few."""
    earlier = list(ExamGain.objects.filter(class_run=class_run).order_by("pk").values_list("n", "marks"))
    unknown = [n for n, kept in earlier if kept is None]  # of an older version: nothing but their number is known
    known = [kept for _n, kept in earlier if kept is not None]
    if any(abs(len(prints) - n) < least for n in unknown) or marks.tells_few(known, prints, least):
        raise Invalid(
            _(
                "This sheet differs from one taken in before by the marks of fewer than %(least)s people: both together would tell these marks. What was "
                "taken in stands; take in the sheet when the marks of %(least)s people or more are others."
            )
            % {"least": least}
        )


def reckon(pairs: marks.Pairs, *, called_by_pre: bool, mean: float | None, reliability: float | None) -> dict[str, Any]:
    """What the engine says of the gain, regression to the mean taken into account. Raises ``Invalid``."""
    # scipy is loaded only where it is asked for
    import numpy as np

    from zhixing.engine.effects.gain import GainError, Known, Scores, gain

    pre, post = (np.array([np.nan if one is None else one for one in side], float) for side in zip(*pairs, strict=True))
    known = Known(called_by_pre=called_by_pre, reliability=reliability, mean=mean)
    try:
        found = gain(Scores(pre, post, np.ones(len(pairs), bool)), known)
    except GainError as error:
        raise Invalid(FAULT_WORDS[error.code]) from error
    both = np.isfinite(pre) & np.isfinite(post)
    first = found.readings[0]
    return {
        "value": round(first.estimate.value, 2),
        "lower": round(first.estimate.lower, 2),
        "upper": round(first.estimate.upper, 2),
        "pre": round(float(pre[both].mean()), 2),
        "post": round(float(post[both].mean()), 2),
        "by_chance": None if found.by_chance is None else round(found.by_chance, 2),
        "verdict": str(found.verdict),
        "method": str(first.method),
        "cautions": [str(one) for one in found.cautions],
    }
