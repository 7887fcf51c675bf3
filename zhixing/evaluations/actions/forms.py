"""Making forms: a draft is changed under its edition, published once, and never changes afterwards."""

from __future__ import annotations

import copy
import datetime as dt
from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from zhixing.base import audit
from zhixing.base.problems import Invalid
from zhixing.engine.questionnaires import DefinitionError, Subject, read
from zhixing.evaluations import permissions
from zhixing.evaluations.actions.drafts import change_draft, copy_as_draft, throw_away
from zhixing.evaluations.models import Form, FormVersion
from zhixing.people.models import Account

Document = Mapping[str, Any]


@transaction.atomic
def create_form(document: Document, *, by: Account) -> FormVersion:
    """A new form with a first draft: ``document`` of a template, of another form, or an empty one. It need not be ready."""
    permissions.may_make_forms(by).require()
    assert by.scope_unit is not None
    head = document["form"]
    form = Form.objects.create(title=head["title"], subject=head["subject"], unit=by.scope_unit, by_id=by.pk)
    version = FormVersion.objects.create(form=form, number=1, document=copy.deepcopy(dict(document)))
    audit.record("evaluations.form_created", form, by=by)
    return version


@transaction.atomic
def begin_draft(version: FormVersion, *, by: Account) -> FormVersion:
    """The next version of the form, as a copy of ``version``. Raises ``Conflict`` when a draft is there already."""
    permissions.may_edit_whole(by, version.form).require()
    draft = copy_as_draft(version, already=_("This form has a draft already: go on with it."))
    audit.record("evaluations.draft_begun", version.form, by=by, version=draft.number)
    return draft


@transaction.atomic
def save_draft(version: FormVersion, document: Document, *, edition: int, by: Account) -> None:
    """Keep a changed ``document``, ready or not; ``edition`` is the one that the page showed, a newer one is a ``Conflict``."""
    permissions.may_edit_draft(by, version).require()
    change_draft(version, edition, document=dict(document), edition=edition + 1)
    if version.number == 1:
        head = document["form"]
        Form.objects.filter(pk=version.form_id).update(title=head["title"][:120], subject=Subject(head["subject"]))
    audit.record("evaluations.draft_saved", version.form, by=by, version=version.number)


@transaction.atomic
def publish_version(version: FormVersion, *, edition: int, by: Account, now: dt.datetime | None = None) -> None:
    """From now on it can be put to raters and never changes. Raises ``Invalid`` for a document with faults."""
    permissions.may_edit_draft(by, version).require()
    try:
        questionnaire = read(version.document)
    except DefinitionError:
        raise Invalid(_("This form is not ready yet: the builder lists what is missing.")) from None
    change_draft(
        version,
        edition,
        state=FormVersion.State.PUBLISHED,
        published_at=now or timezone.now(),
        published_by_id=by.pk,
        repeated=questionnaire.is_repeated,
    )
    Form.objects.filter(pk=version.form_id).update(title=questionnaire.title, subject=questionnaire.subject)
    audit.record("evaluations.version_published", version.form, by=by, version=version.number)


@transaction.atomic
def drop_draft(version: FormVersion, *, by: Account) -> None:
    """Throw a draft away; a form that has nothing else goes with it."""
    permissions.may_edit_draft(by, version).require()
    audit.record("evaluations.draft_dropped", version.form, by=by, version=version.number)
    throw_away(version)
