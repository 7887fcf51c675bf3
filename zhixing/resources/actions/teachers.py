"""Every write about teachers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from zhixing.base import audit
from zhixing.base.problems import Conflict, Invalid
from zhixing.people.actions import create_account
from zhixing.people.models import Account, Role
from zhixing.resources import permissions
from zhixing.resources.models import Teacher
from zhixing.resources.queries import accounts_to_link


@transaction.atomic
def save_teacher(facts: Mapping[str, Any], *, by: Account, teacher: Teacher | None = None) -> Teacher:
    """Enter a teacher, or change one. ``facts`` are model fields; a row is given only to an institution that ``by`` may keep rows of."""
    if teacher is not None:
        permissions.may_change(by, teacher).require()
    permissions.may_keep(by, facts["institution"]).require()
    account = facts["account"]
    if account is not None and not accounts_to_link(by, teacher).filter(pk=account.pk).exists():
        raise Invalid(_("Choose the account of a teacher that belongs to nobody yet."))
    kept = teacher or Teacher()
    plain = {name: value for name, value in facts.items() if name != "listed_topics"}
    for name, value in plain.items():
        setattr(kept, name, value)
    try:
        with transaction.atomic():
            kept.save(update_fields=list(plain) if teacher else None)  # nothing that was not given, such as retired_on
    except IntegrityError as error:  # somebody else linked it since the form was shown
        raise Invalid(_("Choose the account of a teacher that belongs to nobody yet.")) from error
    if "listed_topics" in facts:
        kept.listed_topics.set(facts["listed_topics"])
    audit.record("resources.teacher_saved", kept, by=by, account=kept.account_id, institution=kept.institution_id)
    return kept


@transaction.atomic
def open_account(teacher: Teacher, *, username: str, email: str, by: Account) -> tuple[Account, str]:
    """Make the account of a teacher and link it; the one-time password is returned with it, once."""
    permissions.may_open_account(by, teacher).require()
    account, password = create_account(
        by=by, username=username, name=teacher.name, role=Role.TEACHER, scope_unit=teacher.institution, email=email
    )
    if not Teacher.objects.filter(pk=teacher.pk, account=None).update(account=account):
        raise Conflict(_("This teacher has an account already."))
    audit.record("resources.teacher_saved", teacher, by=by, account=account.pk, institution=teacher.institution_id)
    return account, password


@transaction.atomic
def retire_teacher(teacher: Teacher, *, by: Account) -> None:
    """No session can name the teacher any more; those that did keep the name. Raises ``Conflict`` while sessions are to come."""
    permissions.may_retire(by, teacher).require()
    today = timezone.localdate()
    if teacher.sessions.filter(on__gt=today).exclude(class_run__state="cancelled").exists():  # those cannot be edited
        raise Conflict(_("Sessions that are to come name this teacher: give them to somebody else first."))
    if not Teacher.objects.filter(pk=teacher.pk, retired_on=None).update(retired_on=today):
        raise Conflict(_("This teacher is retired already."))
    audit.record("resources.teacher_retired", teacher, by=by)


@transaction.atomic
def take_teacher_back(teacher: Teacher, *, by: Account) -> None:
    """Let sessions name a retired teacher again."""
    permissions.may_take_back(by, teacher).require()
    if not Teacher.objects.filter(pk=teacher.pk).exclude(retired_on=None).update(retired_on=None):
        raise Conflict(_("This teacher is not retired."))
    audit.record("resources.teacher_taken_back", teacher, by=by)
