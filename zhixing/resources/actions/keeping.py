"""Every write that all banks have alike: enter, change, retire, take back."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, TypeVar

from django.db import IntegrityError, models, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from zhixing.base import audit
from zhixing.base.problems import Conflict, Invalid
from zhixing.base.verdicts import Verdict
from zhixing.people.models import Account
from zhixing.resources import permissions
from zhixing.resources.models import Course, Kept, Topic
from zhixing.resources.needed import needed

Row = TypeVar("Row", bound=Kept)


def write_row(row: Row, facts: Mapping[str, Any], *, by: Account, may: Verdict | None = None) -> Row:
    """Write ``facts`` (model fields, lists of rows for many-to-many ones) into a new or a known row. A row is given only to a keeper whose rows ``by``
    may write, and names only what ``by`` can see. ``may`` stands for the permission to change a known one. Called inside a transaction.
    """
    known = row.pk is not None
    if known:
        (permissions.may_change(by, row) if may is None else may).require()
    if "institution" in facts and (not known or facts["institution"] != row.institution):
        permissions.may_keep(by, facts["institution"]).require()
    many = {field.name for field in row._meta.many_to_many}
    for name, value in facts.items():
        if name in many:
            _refuse_unseen(value, by)
        else:
            setattr(row, name, value)
    try:
        with transaction.atomic():
            row.save(update_fields=[name for name in facts if name not in many] if known else None)
    except IntegrityError as error:
        raise Invalid(_("There is already a row of this name with the same keeper.")) from error
    for name in many & facts.keys():
        getattr(row, name).set(facts[name])
    audit.record(f"resources.{row._meta.model_name}_saved", row, by=by, institution=row.institution_id)
    return row


def _refuse_unseen(rows: Iterable[models.Model], by: Account) -> None:
    by_kind: dict[type[models.Model], set[int]] = {}
    for one in rows:
        by_kind.setdefault(type(one), set()).add(one.pk)
    for kind, keys in by_kind.items():
        if kind is Topic:
            continue
        seen = kind._default_manager.all().visible_to(by)  # type: ignore[attr-defined]
        if seen.filter(pk__in=keys).count() != len(keys):
            raise Invalid(_("Something that is named lies outside your scope."))


def linked(facts: Mapping[str, Any], row: Topic | Course) -> dict[str, Any]:
    """The facts with their codes of competencies sorted. Raises ``Invalid`` for one that is in no published framework and was not on the row."""
    given = dict(facts)
    if "competencies" in given:
        codes = sorted(set(given["competencies"]))
        strange = set(codes).difference(row.competencies)
        if strange and (strange := strange.difference(needed().names)):
            raise Invalid(
                _("No published framework of the city has these competencies: %(codes)s.")
                % {"codes": "、".join(sorted(strange))}
            )
        given["competencies"] = codes
    return given


@transaction.atomic
def retire_row(row: Kept, *, by: Account) -> None:
    """It can be chosen no more; what named it keeps the name."""
    permissions.may_retire(by, row).require()
    if not type(row)._default_manager.filter(pk=row.pk, retired_on=None).update(retired_on=timezone.localdate()):
        raise Conflict(_("This row is retired already."))
    audit.record(f"resources.{row._meta.model_name}_retired", row, by=by)


@transaction.atomic
def take_row_back(row: Kept, *, by: Account) -> None:
    permissions.may_take_back(by, row).require()
    retired = type(row)._default_manager.filter(pk=row.pk).exclude(retired_on=None)
    if not retired.update(retired_on=None):
        raise Conflict(_("This row is not retired."))
    audit.record(f"resources.{row._meta.model_name}_taken_back", row, by=by)


@transaction.atomic
def save_topic(facts: Mapping[str, Any], *, by: Account, topic: Topic | None = None) -> Topic:
    """Enter a word of the vocabulary, or change one."""
    permissions.may_keep_topics(by).require()
    kept = topic or Topic()
    for name, value in linked(facts, kept).items():
        setattr(kept, name, value)
    try:
        with transaction.atomic():
            kept.save()
    except IntegrityError as error:
        raise Invalid(_("The vocabulary has this topic already.")) from error
    audit.record("resources.topic_saved", kept, by=by, competencies=kept.competencies)
    return kept


@transaction.atomic
def retire_topic(topic: Topic, *, by: Account) -> None:
    """It can be chosen no more and counts in no coverage; what names it keeps it."""
    permissions.may_keep_topics(by).require()
    if not Topic.objects.filter(pk=topic.pk, retired_on=None).update(retired_on=timezone.localdate()):
        raise Conflict(_("This topic is retired already."))
    audit.record("resources.topic_retired", topic, by=by)


@transaction.atomic
def take_topic_back(topic: Topic, *, by: Account) -> None:
    permissions.may_keep_topics(by).require()
    if not Topic.objects.filter(pk=topic.pk).exclude(retired_on=None).update(retired_on=None):
        raise Conflict(_("This topic is not retired."))
    audit.record("resources.topic_taken_back", topic, by=by)
