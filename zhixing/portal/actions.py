"""Every write of the portal: complaints and suggestions."""

from __future__ import annotations

import datetime as dt

from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from zhixing.base import audit, notices
from zhixing.base.asked import written
from zhixing.base.problems import Conflict, NotFound
from zhixing.base.verdicts import YES, Verdict, no
from zhixing.people.models import Account
from zhixing.portal.models import Suggestion
from zhixing.portal.queries import departments_of

ANSWER_WITHIN = dt.timedelta(days=15)


def may_answer(user: Account) -> Verdict:
    return YES if user.is_department else no(gettext_lazy("Only the organisation department answers."))


@transaction.atomic
def write_suggestion(kind: str, text: str, *, by: Account) -> Suggestion:
    """Keep it, promise an answer within ``ANSWER_WITHIN`` and tell the department."""
    text = written(text, Suggestion.text.field, missing=gettext_lazy("Write what you want to say."))
    made = Suggestion.objects.create(
        author=by, kind=kind, text=text, answer_due_on=timezone.localdate() + ANSWER_WITHIN
    )
    audit.record("portal.suggestion_written", made, by=by)
    notices.tell(
        departments_of(by),
        "suggestion",
        _("A complaint or suggestion waits for an answer"),
        link=reverse("portal:suggestions"),
    )
    return made


@transaction.atomic
def answer_suggestion(suggestion: Suggestion, text: str, *, by: Account) -> None:
    """Answer once; the author is told."""
    may_answer(by).require()
    if not Suggestion.objects.visible_to(by).filter(pk=suggestion.pk).exists():
        raise NotFound
    text = written(text, Suggestion.answer.field, missing=gettext_lazy("Write the answer."))
    answered = Suggestion.objects.filter(pk=suggestion.pk, answered_at=None).update(
        answer=text, answered_at=timezone.now(), answered_by=by
    )
    if not answered:
        raise Conflict(gettext_lazy("This is answered already."))
    audit.record("portal.suggestion_answered", suggestion, by=by)
    notices.tell(
        [suggestion.author], "suggestion", _("Your suggestion is answered"), link=reverse("portal:suggestions")
    )
