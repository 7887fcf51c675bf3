"""What pages of the layers below show of decisions: the way to a course with what was decided about it, and to a teacher's invitation."""

from __future__ import annotations

from collections.abc import Mapping

from django import template
from django.db.models import Q
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from zhixing.base.markup import page_about
from zhixing.base.templatetags.pages import badge
from zhixing.evaluations import deciding, measuring
from zhixing.evaluations.models import CourseDecision
from zhixing.evaluations.queries.courses import sessions_held
from zhixing.evaluations.queries.invitations import teacher_file, teachers_to_decide
from zhixing.evaluations.queries.taught import Evidence
from zhixing.people.models import Account
from zhixing.plans.models import ClassRun
from zhixing.resources.models import Teacher

register = template.Library()
TONES = {"keep": "good", "fix": "warn", "drop": "bad"}


@register.simple_tag
def invitation_of(user: Account, teacher: Teacher) -> str:
    """The address of the page where it is decided about the teacher; empty for whoever may not open it."""
    if not deciding.may_see_invitations(user) or not teachers_to_decide(user).filter(pk=teacher.pk).exists():
        return ""
    return page_about("evaluations:invitation", teacher.pk)


@register.simple_tag
def evidence_of(user: Account, teacher: Teacher) -> Evidence | None:
    """What was said of the teacher in the class runs that ``user`` answers for, as the page of the invitation has it; None for whoever may not open that."""
    if not deciding.may_see_invitations(user) or not teachers_to_decide(user).filter(pk=teacher.pk).exists():
        return None
    return teacher_file(user, teacher.pk).evidence


@register.simple_tag
def measured_of(user: Account, class_run: ClassRun) -> str:
    """The address of costs and tests of the class run; empty for whoever may not open it."""
    return page_about("evaluations:measured", class_run.pk) if measuring.may_see_measured(user, class_run) else ""


@register.simple_tag
def courses_of(user: Account, class_run: ClassRun) -> Mapping[int, SafeString]:
    """Key of a session → the way to its course, with what was decided last; only of sessions whose course ``user`` may open."""
    held = list(sessions_held(user).filter(class_run=class_run).values_list("pk", "course"))
    if not held:
        return {}
    about = Q(institution=class_run.institution_id, title__in={title for _key, title in held})
    decided = CourseDecision.objects.visible_to(user).filter(about).order_by("pk")
    latest = {one.title: one for one in decided}
    return {key: _way(key, latest.get(title)) for key, title in held}


def _way(session: int, decision: CourseDecision | None) -> SafeString:
    said = badge(TONES[decision.choice], decision.get_choice_display()) if decision else _("Course")
    return format_html('<a href="{}">{}</a>', page_about("evaluations:course", session), said)


@register.filter
def of_key(ways: Mapping[int, SafeString], key: int) -> SafeString:
    return ways.get(key, SafeString(""))
