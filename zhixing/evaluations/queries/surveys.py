"""Surveys, forms and rules that a user may see."""

from __future__ import annotations

import datetime as dt

from django.db.models import Count, OuterRef, Q, QuerySet, Subquery

from zhixing.base.problems import NotFound
from zhixing.evaluations import rules
from zhixing.evaluations.models import Form, FormVersion, LaunchRule, Survey
from zhixing.people.models import Account
from zhixing.plans.models import ClassRun


def surveys_seen_by(user: Account) -> QuerySet[Survey]:
    """With what a list shows."""
    return Survey.objects.visible_to(user).select_related(
        "version__form", "class_run__institution", "class_run__organised_by", "session", "teacher"
    )


def survey_for(user: Account, pk: int) -> Survey:
    """The survey, when the user may see it."""
    found = surveys_seen_by(user).filter(pk=pk).first()
    if found is None:
        raise NotFound
    return found


def surveys_about(user: Account, class_run: ClassRun) -> QuerySet[Survey]:
    """Surveys about the class run as a whole, at its end."""
    return surveys_seen_by(user).filter(class_run=class_run, session=None, months=0)


def publishable(surveys: QuerySet[Survey]) -> QuerySet[Survey]:
    """Closed surveys with enough scores for a mean of their own. Only these are in any figure of several surveys: so no figure less another is one of fewer
    sheets than may be shown."""
    scored = Count("sheets", filter=Q(sheets__score__isnull=False))
    closed = surveys.filter(state=Survey.State.CLOSED)
    return closed.annotate(scores=scored).filter(scores__gte=rules.in_force().least)


def closing_soon(user: Account, now: dt.datetime) -> QuerySet[Survey]:
    """Open surveys that take answers now, the first to close first."""
    takes = {"state": Survey.State.OPEN, "opens_at__lte": now, "closes_at__gt": now}
    return surveys_seen_by(user).filter(**takes).defer("version__document").order_by("closes_at", "pk")


def form_for(user: Account, pk: int) -> Form:
    found = forms_seen_by(user).filter(pk=pk).first()
    if found is None:
        raise NotFound
    return found


def forms_seen_by(user: Account) -> QuerySet[Form]:
    """With the number of the version in force (None: never published)."""
    published = FormVersion.objects.filter(form=OuterRef("pk"), state=FormVersion.State.PUBLISHED).order_by("-number")
    draft = FormVersion.objects.filter(form=OuterRef("pk"), state=FormVersion.State.DRAFT)
    return (
        Form.objects.visible_to(user)
        .select_related("unit")
        .annotate(in_force=Subquery(published.values("number")[:1]), draft=Subquery(draft.values("pk")[:1]))
    )


def forms_in_force(user: Account) -> QuerySet[Form]:
    """Those with a published version."""
    published = FormVersion.objects.filter(state=FormVersion.State.PUBLISHED)
    return Form.objects.visible_to(user).filter(pk__in=published.values("form"))


def version_for(user: Account, pk: int) -> FormVersion:
    found = FormVersion.objects.filter(form__in=Form.objects.visible_to(user)).select_related("form__unit")
    version = found.filter(pk=pk).first()
    if version is None:
        raise NotFound
    return version


def versions_to_launch(user: Account) -> QuerySet[FormVersion]:
    """Of each form in sight the version in force."""
    latest = FormVersion.objects.filter(form=OuterRef("form"), state=FormVersion.State.PUBLISHED).order_by("-number")
    return (
        FormVersion.objects.filter(form__in=Form.objects.visible_to(user), pk=Subquery(latest.values("pk")[:1]))
        .select_related("form")
        .order_by("form__title", "form_id")
    )


def rules_seen_by(user: Account) -> QuerySet[LaunchRule]:
    return LaunchRule.objects.visible_to(user).select_related("form", "unit")


def rule_for(user: Account, pk: int) -> LaunchRule:
    found = rules_seen_by(user).filter(pk=pk).first()
    if found is None:
        raise NotFound
    return found
