"""The reckoning of a year's needs: begun by the department, done by a job, and kept as it was."""

from __future__ import annotations

from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from zhixing.base import audit, jobs
from zhixing.base.models import Job
from zhixing.base.problems import Conflict, Invalid
from zhixing.needs import permissions
from zhixing.needs.actions.evidence import put_hours_owed
from zhixing.needs.bringing import bring_all
from zhixing.needs.facts import Facts, Question, came_of, design_of
from zhixing.needs.models import Framework, Need, NeedsReckoning, Want
from zhixing.needs.reckoning import digest_of, needs_of
from zhixing.needs.themes import themes_of
from zhixing.needs.wants import wants_of
from zhixing.people.models import Account

State = NeedsReckoning.State


@transaction.atomic
def start_reckoning(year: int, framework: Framework, *, by: Account) -> tuple[NeedsReckoning, Job]:
    """Queue it. Raises ``Invalid`` for a framework that is not published, ``Conflict`` while the same is being reckoned."""
    permissions.may_reckon(by).require()
    assert by.scope_unit is not None
    if framework.state == Framework.State.DRAFT:
        raise Invalid(_("Choose a published framework."))
    waiting = NeedsReckoning.objects.filter(year=year, unit=by.scope_unit, framework=framework, state=State.QUEUED)
    running = Job.objects.filter(kind="needs.reckon", state__in=(Job.State.QUEUED, Job.State.RUNNING))
    if waiting.exists() and running.exists():
        raise Conflict(_("These needs are being reckoned already."))
    made = NeedsReckoning.objects.create(year=year, framework=framework, unit=by.scope_unit, by=by)
    link = f"{reverse('needs:board')}?reckoning={made.pk}"
    job = jobs.start("needs.reckon", label=str(_("Needs of %(year)s") % {"year": year}), by=by, link=link, key=made.pk)
    audit.record("needs.reckoning_started", made, by=by, year=year)
    return made, job


def complete_reckoning(key: int) -> NeedsReckoning:
    """Work one out that waits; one that is ready is left alone, so that a second run of the job changes nothing."""
    made = NeedsReckoning.objects.select_related("framework", "unit", "by").get(pk=key)
    if made.state == State.READY:
        return made
    put_hours_owed(made.year)
    bring_all(made.year, timezone.localdate())
    facts = Facts(Question(made.year, made.framework, made.unit))
    needs, usual = needs_of(facts)
    wants = wants_of(facts)
    themes = themes_of([one.pk for one in facts.surveys])
    with transaction.atomic():
        held = NeedsReckoning.objects.select_for_update(of=("self",)).get(pk=key)
        if held.state == State.READY:
            return held
        for one in needs:
            one.reckoning = held
        for want in wants:
            want.reckoning = held
        Need.objects.bulk_create(needs, batch_size=500)
        Want.objects.bulk_create(wants, batch_size=500)
        held.state, held.digest = State.READY, digest_of(facts, needs)
        held.design = design_of(facts.own_surveys) | {"came": came_of(facts.surveys)}
        held.design |= {"rules": facts.rules.told, "usual": usual}
        held.themes = themes
        held.save(update_fields=("state", "digest", "design", "themes"))
        audit.record("needs.reckoned", held, by=held.by, needs=len(needs))
    return held
