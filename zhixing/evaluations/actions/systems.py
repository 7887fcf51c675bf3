"""Making indicator systems: a draft is changed under its edition, published once with its reason, and never changes afterwards."""

from __future__ import annotations

import copy
import datetime as dt
from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from zhixing.base import audit
from zhixing.base.asked import written
from zhixing.base.problems import Invalid
from zhixing.engine.indicators import Object, read
from zhixing.engine.indicators.facts import FACTS
from zhixing.engine.questionnaires import DefinitionError
from zhixing.evaluations import permissions
from zhixing.evaluations.actions.drafts import change_draft, copy_as_draft, throw_away
from zhixing.evaluations.models import IndicatorSystem, SystemVersion
from zhixing.people.models import Account

Document = Mapping[str, Any]
State = SystemVersion.State


@transaction.atomic
def create_system(document: Document, *, by: Account) -> SystemVersion:
    """A new system with a first draft: the ``document`` of a shipped one, or of another system. It need not be ready."""
    permissions.may_make_systems(by).require()
    assert by.scope_unit is not None
    head = document["system"]
    system = IndicatorSystem.objects.create(title=head["title"], of=head["of"], unit=by.scope_unit, by_id=by.pk)
    version = SystemVersion.objects.create(system=system, number=1, document=copy.deepcopy(dict(document)))
    audit.record("evaluations.system_created", system, by=by)
    return version


@transaction.atomic
def begin_system_draft(version: SystemVersion, *, by: Account) -> SystemVersion:
    """The next version, as a copy of ``version``. Raises ``Conflict`` when a draft is there already."""
    permissions.may_edit_whole(by, version.system).require()
    draft = copy_as_draft(version, already=_("This system has a draft already: go on with it."))
    audit.record("evaluations.system_draft_begun", version.system, by=by, version=draft.number)
    return draft


@transaction.atomic
def save_system_draft(version: SystemVersion, document: Document, *, edition: int, by: Account) -> None:
    """Keep a changed ``document``, ready or not; ``edition`` is the one that the page showed, a newer one is a ``Conflict``."""
    permissions.may_edit_draft(by, version).require()
    change_draft(version, edition, document=dict(document), edition=edition + 1)
    if version.number == 1:
        head = document["system"]
        IndicatorSystem.objects.filter(pk=version.system_id).update(
            title=str(head["title"])[:120], of=Object(head["of"])
        )
    audit.record("evaluations.system_draft_saved", version.system, by=by, version=version.number)


@transaction.atomic
def publish_system(
    version: SystemVersion, *, reason: str, edition: int, by: Account, now: dt.datetime | None = None
) -> None:
    """From now on objects can be assessed by it, and it never changes. Raises ``Invalid`` for a document with faults."""
    permissions.may_edit_draft(by, version).require()
    missing = _("Say why this version weighs otherwise than the one before.") if version.number > 1 else ""
    reason = written(reason, SystemVersion.reason.field, missing=missing)
    try:
        tree = read(SystemVersion.objects.get(pk=version.pk).document, FACTS)
    except DefinitionError:
        raise Invalid(_("This system is not ready yet: its page lists what is missing.")) from None
    change_draft(
        version,
        edition,
        state=State.PUBLISHED,
        reason=reason,
        published_at=now or timezone.now(),
        published_by_id=by.pk,
    )
    IndicatorSystem.objects.filter(pk=version.system_id).update(title=tree.title, of=tree.of)
    audit.record("evaluations.system_published", version.system, by=by, version=version.number, reason=reason)


@transaction.atomic
def drop_system_draft(version: SystemVersion, *, by: Account) -> None:
    """Throw a draft away; a system that has nothing else goes with it."""
    permissions.may_edit_draft(by, version).require()
    audit.record("evaluations.system_draft_dropped", version.system, by=by, version=version.number)
    throw_away(version)
