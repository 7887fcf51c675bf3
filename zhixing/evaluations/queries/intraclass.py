"""How much of a sheet is the class run that it is about (ICC), over all that were asked by the same form in a year."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from zhixing.evaluations import rules
from zhixing.evaluations.models import Sheet, Survey
from zhixing.evaluations.queries.soundness import Told, may_tell, screened
from zhixing.evaluations.queries.surveys import publishable, surveys_seen_by
from zhixing.evaluations.queries.taught import scope_of
from zhixing.evaluations.reckoned import reckoned
from zhixing.people.models import Account


@dataclass(frozen=True)
class Share:
    """``single``: ICC(1), the share of the differences between sheets that lies between what they are about; ``mean``: ICC(2), how reliable a mean is. An
    estimate below 0, which chance makes where there is no difference, is 0."""

    single: float
    single_low: float | None
    single_high: float | None
    mean: float
    mean_low: float | None
    mean_high: float | None


@dataclass(frozen=True)
class Intraclass:
    """Of all ``sheets`` of so many ``surveys``, and of those ``left`` that are not set aside: None where none are, or where these figures would tell of few."""

    surveys: int
    sheets: int
    all_: Share
    left: Share | None
    told: Told


def intraclass_of(survey: Survey, user: Account) -> Intraclass | None:
    """Of what ``user`` sees: the closed surveys of the same form, rater group and year of which a mean may be shown. None of a single one."""
    alike = surveys_seen_by(user).filter(
        version__form=survey.version.form_id,
        group=survey.group,
        months=survey.months,
        class_run__year=survey.class_run.year,
        session__isnull=survey.session_id is None,
    )
    keys = sorted(publishable(alike).order_by().values_list("pk", "closed_at"))
    if len(keys) < 2:
        return None
    about = f"form {survey.version.form_id} {survey.group} {survey.months} year {survey.class_run.year}"
    of = [keys, rules.in_force().least, rules.in_force().grades]
    found = reckoned("intraclass", f"{about} of {scope_of(user)}", of, lambda: _reckon([key for key, _at in keys]))
    if found is None:
        return None
    left = Share(**found["left"]) if found["left"] else None
    return Intraclass(found["surveys"], found["sheets"], Share(**found["all"]), left, Told(found["told"]))


def _reckon(keys: Sequence[int]) -> dict[str, Any] | None:
    """With the engine. Of those left nothing unless they may be told survey by survey."""
    least = rules.in_force().least
    groups, left, told = [], [], set()
    for survey in Survey.objects.filter(pk__in=keys).select_related("version__form").order_by("pk"):
        scores = (
            Sheet.objects.filter(survey=survey, score__isnull=False).order_by("score").values_list("score", flat=True)
        )
        groups.append([one / 100 for one in scores if one is not None])
        found = screened(survey)
        left.append(found.scores_left if found else groups[-1])
        told.add(may_tell(len(found.sheets), sum(found.aside), least) if found else Told.SAME)
    share = _share(groups)
    if share is None:
        return None
    said = Told.NOT if Told.NOT in told else Told.EXACTLY if Told.EXACTLY in told else Told.SAME
    return {
        "surveys": len(groups),
        "sheets": sum(map(len, groups)),
        "all": share,
        "left": _share(left) if said is Told.EXACTLY else None,
        "told": said,
    }


def _share(groups: Sequence[Sequence[float]]) -> dict[str, float | None] | None:
    import numpy as np

    from zhixing.engine.ratings.reliability import grouped
    from zhixing.engine.ratings.sheets import Groups, SheetsError

    code = np.repeat(np.arange(len(groups)), [len(own) for own in groups])
    scores = np.array([one for own in groups for one in own], np.float64)
    try:
        found = grouped(scores, Groups(tuple(map(str, range(len(groups)))), code))
    except SheetsError:  # all sheets alike
        return None
    single, mean = found.single, found.mean
    figures = {
        "single": single.value,
        "single_low": single.lower,
        "single_high": single.upper,
        "mean": mean.value,
        "mean_low": mean.lower,
        "mean_high": mean.upper,
    }
    return {name: None if value is None else max(0.0, value) for name, value in figures.items()}
