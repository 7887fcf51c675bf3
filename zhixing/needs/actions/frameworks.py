"""Frameworks: taken in from a book or made by hand, published once, and never changed afterwards."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.db import IntegrityError, transaction
from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext as _

from zhixing.base import audit
from zhixing.base.asked import written
from zhixing.base.problems import Conflict, Invalid
from zhixing.base.tables.read import read_book
from zhixing.engine.needs.frameworks import CompetencyLine, LevelLine, Lines, RequiredLine, check, read_framework
from zhixing.needs import permissions
from zhixing.needs.models import Competency, CompetencyLevel, Framework, GapKind, RequiredLevel
from zhixing.needs.models.frameworks import LEVELS
from zhixing.needs.sentences import row_problem
from zhixing.people.models import Account, Unit
from zhixing.resources.models import Content

State = Framework.State


@transaction.atomic
def create_framework(name: str, *, source: str = "", by: Account) -> Framework:
    """An empty draft. Raises ``Conflict`` when there is a draft of that name."""
    permissions.may_make(by).require()
    assert by.scope_unit is not None
    name = written(name, Framework.name.field, missing=_("Give the framework a name."))
    made = _next_draft(by.scope_unit, name, written(source, Framework.source.field), by)
    audit.record("needs.framework_created", made, by=by)
    return made


def _next_draft(unit: Unit, name: str, source: str, by: Account) -> Framework:
    Unit.objects.select_for_update(of=("self",), no_key=True).get(pk=unit.pk)  # two at once number one after another
    latest = Framework.objects.filter(unit=unit, name=name).aggregate(latest=Max("number"))["latest"] or 0
    try:
        with transaction.atomic():
            return Framework.objects.create(unit=unit, name=name, number=latest + 1, source=source, by_id=by.pk)
    except IntegrityError:
        raise Conflict(_("This framework has a draft already: go on with it.")) from None


def import_framework(upload: UploadedFile[Any], name: str, *, source: str = "", by: Account) -> Framework:
    """A draft from a book with the sheets 能力项, 等级 and 岗位要求. Raises ``Invalid`` with all rows that are wrong: then nothing is kept."""
    permissions.may_make(by).require()
    read = read_framework(read_book(upload.read(), upload.name or "framework.xlsx"))
    if read.faults:
        raise Invalid(
            _("The framework was not taken in: mend these rows and bring it again."),
            [row_problem(fault) for fault in read.faults],
        )
    with transaction.atomic():
        made = create_framework(name, source=source, by=by)
        fill(made, read.lines)
        audit.record("needs.framework_imported", made, by=by, competencies=len(read.lines.competencies))
    return made


def fill(framework: Framework, lines: Lines) -> None:
    """Put lines without faults into an empty draft, in the caller's transaction."""
    rows = Competency.objects.bulk_create(
        Competency(
            framework=framework,
            code=line.code,
            name=line.name,
            kind=line.kind,
            content=line.content,
            description=line.description,
            position=place,
        )
        for place, line in enumerate(lines.competencies)
    )
    by_code = {row.code: row for row in rows}
    children = []
    for line in lines.competencies:
        if line.parent:
            by_code[line.code].parent = by_code[line.parent]
            children.append(by_code[line.code])
    Competency.objects.bulk_update(children, ("parent",))
    CompetencyLevel.objects.bulk_create(
        CompetencyLevel(competency=by_code[line.code], level=line.level, behaviour=line.behaviour)
        for line in lines.levels
    )
    RequiredLevel.objects.bulk_create(
        RequiredLevel(
            framework=framework,
            competency=by_code[line.code],
            ranks=list(line.ranks),
            categories=list(line.categories),
            title=line.title,
            level=line.level,
        )
        for line in lines.required
    )


def lines_of(framework: Framework) -> Lines:
    """A stored framework as the engine reads it; rows are counted as its export writes them."""
    competencies = list(framework.competencies.select_related("parent"))
    levels = CompetencyLevel.objects.filter(competency__framework=framework).select_related("competency")
    required = framework.required.select_related("competency")
    return Lines(
        tuple(
            CompetencyLine(
                "能力项", row, c.code, c.name, c.parent.code if c.parent else "", c.kind, c.content, c.description
            )
            for row, c in enumerate(competencies, 2)
        ),
        tuple(
            LevelLine("等级", row, one.competency.code, one.level, one.behaviour)
            for row, one in enumerate(levels.order_by("competency__position", "competency", "level"), 2)
        ),
        tuple(
            RequiredLine("岗位要求", row, r.competency.code, r.level, tuple(r.ranks), tuple(r.categories), r.title)
            for row, r in enumerate(required, 2)
        ),
    )


@transaction.atomic
def begin_version(framework: Framework, *, by: Account) -> Framework:
    """The next version as a copy. Raises ``Conflict`` when there is a draft."""
    permissions.may_renew(by, framework).require()
    made = _next_draft(framework.unit, framework.name, framework.source, by)
    fill(made, lines_of(framework))
    audit.record("needs.framework_created", made, by=by, version=made.number)
    return made


def _hold(framework: Framework, by: Account) -> Framework:
    """The draft, held until the transaction ends, so that nothing is changed in one that is being published."""
    held = Framework.objects.select_for_update(of=("self",)).select_related("unit").get(pk=framework.pk)
    permissions.may_edit(by, held).require()
    return held


@transaction.atomic
def save_competency(
    framework: Framework,
    facts: Mapping[str, Any],
    behaviours: Sequence[str],
    *,
    competency: Competency | None = None,
    by: Account,
) -> Competency:
    """Make or change one. ``facts``: code, name, kind, content, description, parent (a competency of the same framework or None); ``behaviours``: of the levels
    from 1 on, without a gap. Raises ``Invalid``, and ``Conflict`` for a code that is taken."""
    held = _hold(framework, by)
    made = competency or Competency(framework=held, position=held.competencies.count())
    made.code = written(facts["code"], Competency.code.field, missing=_("Give the competency a code."))
    made.name = written(facts["name"], Competency.name.field, missing=_("Give the competency a name."))
    made.description = written(facts.get("description", ""), Competency.description.field)
    made.kind, made.content, made.parent = facts["kind"], facts["content"], facts.get("parent")
    _must_suit(held, made)
    texts = _in_order(behaviours)
    try:
        with transaction.atomic():
            made.save()
    except IntegrityError:
        raise Conflict(_("Another competency of this framework has this code.")) from None
    made.levels.all().delete()
    CompetencyLevel.objects.bulk_create(
        CompetencyLevel(competency=made, level=level, behaviour=text) for level, text in enumerate(texts, 1)
    )
    audit.record("needs.competency_saved", held, by=by, competency=made.pk)
    return made


def _must_suit(framework: Framework, made: Competency) -> None:
    if made.kind not in GapKind.values or made.content not in Content.values:
        raise Invalid(_("Choose gap type and content block."))
    above = made.parent
    seen = {made.pk} if made.pk else set()
    while above is not None:
        if above.framework_id != framework.pk or above.pk in seen:
            raise Invalid(_("A competency cannot stand below itself."))
        seen.add(above.pk)
        above = above.parent


def _in_order(behaviours: Sequence[str]) -> list[str]:
    texts = [written(text, CompetencyLevel.behaviour.field) for text in behaviours[: LEVELS[1]]]
    while texts and not texts[-1]:
        texts.pop()
    if not all(texts):
        raise Invalid(_("The levels are out of order: describe them one after another, from 1 on."))
    return texts


@transaction.atomic
def remove_competency(competency: Competency, *, by: Account) -> None:
    """With all below it and what is required of it; of a draft only."""
    held = _hold(competency.framework, by)
    audit.record("needs.competency_removed", held, by=by, competency=competency.pk)
    competency.delete()


@transaction.atomic
def require_level(
    framework: Framework,
    competency: Competency,
    level: int,
    *,
    ranks: Sequence[str] = (),
    categories: Sequence[str] = (),
    title: str = "",
    by: Account,
) -> RequiredLevel:
    """A line of the post map."""
    held = _hold(framework, by)
    if competency.framework_id != held.pk or not LEVELS[0] <= level <= LEVELS[1]:
        raise Invalid(_("Choose a competency of this framework and a level from 1 to 5."))
    made = RequiredLevel.objects.create(
        framework=held,
        competency=competency,
        level=level,
        ranks=list(ranks),
        categories=list(categories),
        title=written(title, RequiredLevel.title.field),
    )
    audit.record("needs.level_required", held, by=by, competency=competency.pk, level=level)
    return made


@transaction.atomic
def remove_required(line: RequiredLevel, *, by: Account) -> None:
    held = _hold(line.framework, by)
    audit.record("needs.requirement_removed", held, by=by, competency=line.competency_id)
    line.delete()


@transaction.atomic
def publish_framework(framework: Framework, *, by: Account, now: dt.datetime | None = None) -> None:
    """From now on it never changes; the version before it is retired. Raises ``Invalid`` with what is still wrong, and for one that requires nothing."""
    held = _hold(framework, by)
    lines = lines_of(held)
    faults = list(check(lines))
    if faults:
        raise Invalid(_("This framework is not ready yet."), [row_problem(fault) for fault in faults])
    if not lines.required:
        raise Invalid(_("No post requires anything yet: fill in the post map first."))
    earlier = Framework.objects.filter(unit=held.unit, name=held.name, state=State.PUBLISHED)
    earlier.update(state=State.RETIRED)
    Framework.objects.filter(pk=held.pk).update(
        state=State.PUBLISHED, published_at=now or timezone.now(), published_by_id=by.pk
    )
    CompetencyLevel.objects.filter(competency__framework=held).update(frozen=True)
    held.required.update(frozen=True)
    held.competencies.update(frozen=True)
    audit.record("needs.framework_published", held, by=by, competencies=len(lines.competencies))


@transaction.atomic
def retire_framework(framework: Framework, *, by: Account) -> None:
    permissions.may_retire(by, framework).require()
    if not Framework.objects.filter(pk=framework.pk, state=State.PUBLISHED).update(state=State.RETIRED):
        raise Conflict(_("Someone else retired this framework a moment ago."))
    audit.record("needs.framework_retired", framework, by=by)


@transaction.atomic
def drop_framework(framework: Framework, *, by: Account) -> None:
    """Throw a draft away."""
    held = _hold(framework, by)
    audit.record("needs.framework_dropped", held, by=by)
    held.delete()
