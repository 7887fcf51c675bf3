"""Outcomes of a study, from a sheet or from the ledger of hours → what the engine takes. Small groups are refused here.

The engine is loaded where it is asked for, and nowhere else."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

from django.db.models import QuerySet, Sum
from django.utils.translation import gettext as _

from zhixing.base.problems import Invalid, NotFound
from zhixing.base.tables.read import read_sheet
from zhixing.callups.models import Callup
from zhixing.evaluations import rules
from zhixing.evaluations.models import Study
from zhixing.evaluations.queries.case_mix import level_of
from zhixing.evaluations.study_words import fault_sentence, panel_sentence
from zhixing.obligations.models import Entry
from zhixing.people.models import Account, Person

if TYPE_CHECKING:
    from zhixing.engine.columns import Columns
    from zhixing.engine.effects.cohorts import Panel
    from zhixing.engine.effects.matching import People
    from zhixing.engine.effects.pilot import Pilot

CALLED, OUTCOME, CLUSTER, BEFORE = "参训", "结果", "分组", "先前"
UNIT, PERIOD, FIRST = "编号", "年度", "首训年度"
TOLD_MOST: Final = 10
HOURS_BEFORE: Final = "上年学时"


def studies_seen_by(user: Account) -> QuerySet[Study]:
    return Study.objects.visible_to(user).select_related("unit", "by", "result")


def study_for(user: Account, pk: int) -> Study:
    found = studies_seen_by(user).filter(pk=pk).first()
    if found is None:
        raise NotFound
    return found


def headings_of(study: Study) -> list[str]:
    """What the sheet needs; 分组 may stand beside."""
    if study.design == Study.Design.COHORTS:
        return [UNIT, PERIOD, FIRST, OUTCOME]
    return [CALLED, OUTCOME, *study.same, *study.near]


def columns_of(content: bytes, name: str, needed: Sequence[str], more: Sequence[str] = ()) -> Columns:
    """The sheet with those headings. Raises ``Invalid``."""
    import pyarrow as pa

    from zhixing.engine.columns import Columns

    rows = [[cell.strip() for cell in row] for row in read_sheet(content, name).rows]
    head = next((at for at, cells in enumerate(rows) if set(needed) <= set(cells)), None)
    if head is None:
        raise Invalid(_("The sheet needs the columns %(names)s.") % {"names": "、".join(needed)})
    places = {name: rows[head].index(name) for name in (*needed, *more) if name in rows[head]}
    filled = [cells for cells in rows[head + 1 :] if any(cells)]
    table = {name: [cells[at] if at < len(cells) else "" for cells in filled] for name, at in places.items()}
    return Columns(pa.table({name: pa.array(cells, pa.string()) for name, cells in table.items()}))


def pilot_in(content: bytes, name: str) -> Pilot:
    """What earlier figures tell: 结果, and perhaps 分组 and 先前. Raises ``Invalid``."""
    from zhixing.engine.columns import ColumnsError
    from zhixing.engine.effects.pilot import pilot_of

    columns = columns_of(content, name, (OUTCOME,), (CLUSTER, BEFORE))
    known = columns.table.column_names
    outcome = columns.numbers(OUTCOME)
    before = columns.numbers(BEFORE) if BEFORE in known else None
    cluster = columns.groups([CLUSTER]) if CLUSTER in known else None
    try:
        columns.done()
    except ColumnsError as error:
        raise Invalid(_faults(error)) from error
    _must_be_enough(_("rows of earlier figures"), len(columns))
    return pilot_of(outcome, before, cluster)


def people_in(study: Study, content: bytes, name: str) -> People:
    """Raises ``Invalid``."""
    import numpy as np

    from zhixing.engine.columns import ColumnsError
    from zhixing.engine.effects.matching import People

    columns = columns_of(content, name, headings_of(study), (CLUSTER,))
    traits = [columns.numbers(one) for one in study.near]
    people = People(
        columns.flags(CALLED),
        columns.numbers(OUTCOME),
        columns.groups(study.same),
        np.column_stack(traits) if traits else np.zeros((len(columns), 0)),
        tuple(study.near),
        columns.groups([CLUSTER]) if CLUSTER in columns.table.column_names else None,
    )
    try:
        columns.done()
    except ColumnsError as error:
        raise Invalid(_faults(error)) from error
    return _enough(people)


def panel_in(study: Study, content: bytes, name: str) -> Panel:
    """Raises ``Invalid``."""
    import numpy as np

    from zhixing.engine.columns import ColumnsError
    from zhixing.engine.effects.cohorts import NEVER
    from zhixing.engine.effects.panel import PanelError, panel_of

    columns = columns_of(content, name, headings_of(study), (CLUSTER,))
    names, when = columns.texts(UNIT), columns.whole(PERIOD)
    first, outcome = columns.whole(FIRST, least=0), columns.numbers(OUTCOME, may_be_empty=True)
    cluster = columns.groups([CLUSTER]) if CLUSTER in columns.table.column_names else None
    try:
        columns.done()
        panel = panel_of(names, when, first, outcome, cluster)
    except ColumnsError as error:
        raise Invalid(_faults(error)) from error
    except PanelError as error:
        raise Invalid("；".join(panel_sentence(one) for one in error.faults[:TOLD_MOST])) from error
    for cohort, size in zip(*np.unique(panel.first, return_counts=True), strict=True):
        name = _("those never called") if cohort == NEVER else _("those first called in %(year)s") % {"year": cohort}
        _must_be_enough(name, int(size))
    return panel


def _faults(error: Any) -> str:
    return "；".join(fault_sentence(one) for one in error.faults[:TOLD_MOST])


def _must_be_enough(what: str, n: int) -> None:
    least = rules.in_force().least
    if n < least:
        raise Invalid(
            _("%(what)s: %(n)s; of groups of fewer than %(least)s nothing is reckoned.")
            % {"what": what, "n": n, "least": least}
        )


def _enough(people: People) -> People:
    called = int(people.called.sum())
    _must_be_enough(_("people called"), called)
    _must_be_enough(_("people compared with"), len(people.called) - called)
    return people


def people_by_hours(study: Study) -> People:
    """Those of the unit who completed a class run of the theme in the year, beside those who completed none in that year and none of the theme in the next.

    Outcome: hours of the year after; alike must be the level and the kind of unit; near the hours of the year before. Raises ``Invalid``."""
    import numpy as np

    from zhixing.engine.effects.matching import People

    assert study.year is not None  # a study by hours has one
    done = Callup.objects.filter(state=Callup.State.COMPLETED).order_by()
    of_theme = done.filter(class_run__theme=study.theme)
    mine = set(of_theme.filter(class_run__year=study.year).values_list("person", flat=True))
    away = set(done.filter(class_run__year=study.year).values_list("person", flat=True))
    away |= set(of_theme.filter(class_run__year=study.year + 1).values_list("person", flat=True))
    serving = Person.objects.within(study.unit).serving().order_by("pk")
    rows = serving.values_list("pk", "rank", "grade", "unit__kind")
    people = [
        (key, level_of([rank or grade]), kind) for key, rank, grade, kind in rows if key in mine or key not in away
    ]
    called = np.array([key in mine for key, _level, _kind in people], np.bool_)
    before, after = (_hours(study, year) for year in (study.year - 1, study.year + 1))
    strata = {pair: place for place, pair in enumerate(sorted({(level, kind) for _key, level, kind in people}))}
    return _enough(
        People(
            called,
            np.array([after.get(key, 0.0) for key, _level, _kind in people]),
            np.array([strata[level, kind] for _key, level, kind in people], np.int64),
            np.array([[before.get(key, 0.0)] for key, _level, _kind in people]).reshape(len(people), 1),
            (HOURS_BEFORE,),
        )
    )


def _hours(study: Study, year: int) -> dict[int, float]:
    """Person → hours earned in the year."""
    rows = Entry.objects.live().filter(person__unit__path__startswith=study.unit.path, earned_on__year=year)
    summed = rows.order_by().values_list("person").annotate(all=Sum("tenths"))
    return {person: tenths / 10 for person, tenths in summed}


def plain(value: Any) -> Any:
    """For JSON, which knows no infinite numbers: these are None."""
    if isinstance(value, dict):
        return {key: plain(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [plain(one) for one in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value
