"""Priorities of the authority: entered with source and weight, withdrawn but never deleted."""

from __future__ import annotations

from collections.abc import Sequence

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from zhixing.base import audit
from zhixing.base.asked import written
from zhixing.base.problems import Conflict, Invalid
from zhixing.needs import permissions
from zhixing.needs.models import Competency, Framework, Priority, RankGroup
from zhixing.needs.models.priorities import WEIGHTS
from zhixing.people.models import Account


@transaction.atomic
def enter_priority(
    title: str,
    source: str,
    weight: int,
    competencies: Sequence[Competency],
    *,
    year: int,
    rank_groups: Sequence[str] = (),
    by: Account,
) -> Priority:
    """Raises ``Invalid``; ``Conflict`` when it stands there already."""
    permissions.may_make(by).require()
    assert by.scope_unit is not None
    title = written(title, Priority.title.field, missing=_("Write what the priority is."))
    source = written(source, Priority.source.field, missing=_("Write the document that asks for it."))
    check_weight(weight)
    check_competencies(competencies, by)
    if not set(rank_groups) <= set(RankGroup.values):
        raise Invalid(_("Choose rank groups of the list."))
    try:
        with transaction.atomic():
            made = Priority.objects.create(
                year=year,
                title=title,
                source=source,
                weight=weight,
                rank_groups=list(rank_groups),
                unit=by.scope_unit,
                by=by,
            )
    except IntegrityError:
        raise Conflict(_("This priority stands there already.")) from None
    made.competencies.set(competencies)
    audit.record("needs.priority_entered", made, by=by, year=year)
    return made


def check_weight(weight: int) -> None:
    if not WEIGHTS[0] <= weight <= WEIGHTS[1]:
        raise Invalid(_("A weight is a whole number from 1 to 10."))


def check_competencies(competencies: Sequence[Competency], by: Account) -> None:
    """At least one, of published frameworks that the account sees."""
    seen = Framework.objects.visible_to(by).exclude(state=Framework.State.DRAFT)
    known = Competency.objects.filter(pk__in=[one.pk for one in competencies], framework__in=seen).count()
    if not competencies or known != len({one.pk for one in competencies}):
        raise Invalid(_("Choose at least one competency of a published framework."))


@transaction.atomic
def withdraw_priority(priority: Priority, *, by: Account) -> None:
    permissions.may_withdraw(by, priority).require()
    if not Priority.objects.filter(pk=priority.pk, state=Priority.State.IN_FORCE).update(
        state=Priority.State.WITHDRAWN
    ):
        raise Conflict(_("This priority was withdrawn already."))
    audit.record("needs.priority_withdrawn", priority, by=by)
