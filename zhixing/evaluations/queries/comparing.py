"""Class runs, institutions and years beside each other, from the sheets of trainees about whole class runs.

Only surveys of which a mean may be shown by itself are in any figure: so no figure less another is one of fewer sheets than may be shown."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from django.db.models import QuerySet

from zhixing.engine.ratings.compared import Change, Compared, Held
from zhixing.evaluations import rules
from zhixing.evaluations.models import Group, Sheet, Survey
from zhixing.evaluations.queries.case_mix import Fact, facts_of
from zhixing.evaluations.queries.surveys import publishable, surveys_seen_by
from zhixing.evaluations.reckoned import reckoned
from zhixing.people.models import Account, Unit
from zhixing.plans.models import ClassRun

if TYPE_CHECKING:
    import pyarrow as pa


def rated_by_trainees(user: Account) -> QuerySet[Survey]:
    """What is compared: surveys of trainees about whole class runs, at their end."""
    about = surveys_seen_by(user).filter(group=Group.TRAINEES, session=None, months=0)
    return publishable(about).order_by()


@dataclass(frozen=True)
class Asked:
    """One comparison: a form, a year (with the one before it), and perhaps one institution."""

    form: int
    year: int
    institution: int | None = None

    @property
    def scope(self) -> str:
        return f"form {self.form} year {self.year} institution {self.institution or 'all'}"


@dataclass(frozen=True)
class Choices:
    """What may be asked: (key, words), the likeliest first; ``years`` in which class runs were asked by the ``form`` chosen, None where there is none."""

    forms: Sequence[tuple[int, str]]
    form: int | None
    years: Sequence[int]
    institutions: Sequence[tuple[int, str]]


def choices_for(user: Account, form: int | None = None) -> Choices:
    """``form``: the one wanted, passed over where nothing of it may be shown."""
    rows = rated_by_trainees(user)
    of_form = rows.values_list("version__form", "version__form__title", "pk")
    counted: dict[tuple[int, str], int] = {}
    for key, title, _survey in of_form:
        counted[key, title] = counted.get((key, title), 0) + 1
    forms = sorted(counted, key=lambda one: (-counted[one], one[0]))
    chosen = form if form in dict(forms) else next((key for key, _title in forms), None)
    years = sorted(set(rows.filter(version__form=chosen).values_list("class_run__year", flat=True)), reverse=True)
    schools = Unit.objects.filter(pk__in=rows.values("class_run__institution")).order_by("path")
    return Choices(forms, chosen, years, list(schools.values_list("pk", "name")))


@dataclass(frozen=True)
class Comparison:
    """``names`` of class runs and institutions by their keys as texts, which are the levels; ``changes``: of an institution, or of all together (empty)."""

    runs: Compared
    institutions: Sequence[Held]
    changes: Sequence[tuple[str, Change]]
    names: Mapping[str, str]
    schools: Mapping[str, str]


def comparison_of(user: Account, asked: Asked) -> Comparison:
    """Of what ``user`` may see. It is reckoned once for the surveys that it is made of."""
    rows = rated_by_trainees(user).filter(version__form=asked.form, class_run__year__in=(asked.year - 1, asked.year))
    if asked.institution:
        rows = rows.filter(class_run__institution=asked.institution)
    surveys = sorted(rows.values_list("pk", "closed_at"))
    whose = user.scope_unit_id if not user.sees_the_city else "city"
    found = reckoned(
        "comparison",
        f"{asked.scope} of {whose}{f' {user.pk}' if user.is_class_head else ''}",
        [surveys, rules.in_force().least],
        lambda: _reckon([key for key, _closed in surveys], asked),
    )
    runs = {str(key): name for key, name in _named_runs(rows).values_list("pk", "name")}
    schools = {
        str(key): name for key, name in Unit.objects.filter(class_runs__in=_named_runs(rows)).values_list("pk", "name")
    }
    return Comparison(
        Compared.of_plain(found["runs"]),
        [Held(**{**one, "apart": tuple(one["apart"])}) for one in found["institutions"]],
        [(key, Change(**one)) for key, one in found["changes"]],
        runs,
        schools,
    )


def _named_runs(surveys: QuerySet[Survey]) -> QuerySet[ClassRun]:
    return ClassRun.objects.filter(pk__in=surveys.values("class_run"))


def _reckon(surveys: Sequence[int], asked: Asked) -> dict[str, Any]:
    """With the engine, which is loaded here and nowhere else: what it found, as plain values."""
    import pyarrow.compute as pc

    from zhixing.engine.ratings.beside import compare, institutions

    table = _table(surveys)
    this = table.filter(pc.equal(table["year"], str(asked.year)))
    schools = this.filter(pc.not_equal(this["institution"], ""))
    return {
        "runs": asdict(compare(this, "class_run", list(Fact))),
        "institutions": [asdict(one) for one in institutions(schools, list(Fact))],
        "changes": [(key, one) for key, one in _changes(table)],
    }


def _table(surveys: Sequence[int]) -> pa.Table:
    """A row for each sheet that has a score; the same rows in the same order whatever the keys of the sheets."""
    import pyarrow as pa

    about = (
        "survey__class_run",
        "survey__class_run__institution",
        "survey__class_run__year",
        "survey__version__number",
    )
    rows = Sheet.objects.filter(survey__in=surveys, score__isnull=False)
    columns = list(zip(*rows.order_by("survey", "score").values_list("score", *about), strict=True)) or [()] * 5
    words = [pa.array(["" if one is None else str(one) for one in column], pa.string()) for column in columns[1:]]
    names = ["score", "class_run", "institution", "year", "version"]
    facts = facts_of(set(columns[1]))
    for fact in Fact:
        own = [facts[key][fact] for key in columns[1]]
        words.append(pa.array(own, pa.float64() if fact is Fact.DAYS else pa.string()))
    return pa.table([pa.array([one / 100 for one in columns[0]], pa.float64()), *words], [*names, *Fact])


def _changes(table: pa.Table) -> Sequence[tuple[str, dict[str, Any]]]:
    """All together first, then each institution that has class runs in both years; where there is only one, it is all."""
    import pyarrow.compute as pc

    from zhixing.engine.ratings.beside import change

    schools = [one for one in sorted(pc.unique(table["institution"]).to_pylist()) if one]
    parts = [("", table), *((one, table.filter(pc.equal(table["institution"], one))) for one in schools)]
    if len(schools) == 1:
        parts = parts[:1]
    told = [(key, change(part)) for key, part in parts]
    return [(key, asdict(one)) for key, one in told if one is not None]
