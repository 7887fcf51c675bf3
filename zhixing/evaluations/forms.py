"""Forms of indicator systems and assessments."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from functools import reduce
from operator import or_
from typing import Any

from django import forms
from django.core.paginator import Page, Paginator
from django.db.models import F, Q
from django.utils import timezone
from django.utils.datastructures import MultiValueDict
from django.utils.translation import gettext_lazy as _

from zhixing.base import proofs
from zhixing.base.asked import whole_numbers
from zhixing.engine.indicators import Object
from zhixing.evaluations.models import SystemVersion
from zhixing.people.models import Account, Unit
from zhixing.plans.models import ClassRun

OFFERED = 40
"""So many stand on one page to be ticked."""
YEAR = 366
LATELY = 183
"""Days: of class runs longer ago nobody remembers enough to judge them."""


ASKED = {
    Object.INSTITUTION: {"institutions"},
    Object.CLASS_RUN: {"class_runs"},
    Object.COURSE: {"titles"},
    Object.PROGRAMME: {"titles"},
    Object.TEXTBOOK: {"institutions", "title"},
}
"""By what fields it is said what is to be assessed."""


class VersionChoice(forms.ModelChoiceField[SystemVersion]):
    def label_from_instance(self, version: SystemVersion) -> str:
        return f"{version.system.title} v{version.number}"


class ClassRunChoices(forms.ModelMultipleChoiceField[ClassRun]):
    def label_from_instance(self, run: ClassRun) -> str:
        return f"{run.name} · {run.ends_on:%Y-%m-%d}"


class BeginForm(forms.Form):
    """One or more objects at once; class runs are those that are over. Of titles, class runs and institutions a page with the words searched for is offered
    (``found``); what is posted may be any of them."""

    version = VersionChoice(queryset=SystemVersion.objects.none(), label=_("indicator system"))
    institutions = forms.ModelMultipleChoiceField(
        queryset=Unit.objects.none(), label=_("institutions"), required=False, widget=forms.CheckboxSelectMultiple
    )
    class_runs = ClassRunChoices(
        queryset=ClassRun.objects.none(),
        label=_("class runs"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("Those that ended within the last half year."),
    )
    titles = forms.MultipleChoiceField(label=_("courses"), required=False, widget=forms.CheckboxSelectMultiple)
    title = forms.CharField(label=_("title of the textbook"), max_length=120, required=False)
    year = forms.IntegerField(label=_("year"), min_value=2000, max_value=2100)
    report_due_on = forms.DateField(label=_("self-assessment due on"))

    def __init__(self, *args: Any, user: Account, of: Object, words: str = "", page: int = 1, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        today = timezone.localdate()
        published = SystemVersion.objects.filter(
            state=SystemVersion.State.PUBLISHED, system__of=of, system__in=_systems(user)
        )
        self.fields["version"].queryset = published.select_related("system")  # type: ignore[attr-defined]
        self.fields["year"].initial = today.year
        self.fields["report_due_on"].initial = today + dt.timedelta(days=14)
        self.of, self.user = of, user
        own = user.scope_unit.path if user.scope_unit else "-"
        self.schools = Unit.objects.filter(kind=Unit.Kind.SCHOOL, path__startswith=own)
        for name in {"institutions", "class_runs", "titles", "title"} - ASKED[of]:
            del self.fields[name]
        self.found = self._offer(words, page)

    def _offer(self, words: str, page: int) -> Page[Any]:
        """One page of what can be chosen, as the boxes to tick."""
        rows = self._choices(words.split())
        found = Paginator(rows, OFFERED).get_page(page)
        if "titles" in self.fields:
            named = [(f"{key}/{title}", f"{title} · {school}") for key, school, title in found]
            self.fields["titles"].choices = [*named, *self._posted(named)]  # type: ignore[attr-defined]
            self.fields["titles"].label = _("programmes") if self.of is Object.PROGRAMME else _("courses")
            return found
        name = "class_runs" if "class_runs" in self.fields else "institutions"
        keys = {one.pk for one in found} | set(whole_numbers(self._ticked(name)))
        self.fields[name].queryset = rows.filter(pk__in=keys)  # type: ignore[attr-defined]
        return found

    def _choices(self, words: Sequence[str]) -> Any:
        if "titles" in self.fields:
            return titles_held(self.user, self.of, words)
        if "class_runs" in self.fields:
            since = timezone.localdate() - dt.timedelta(days=LATELY)
            held = ClassRun.objects.in_charge(self.user).filter(state=ClassRun.State.HELD, ends_on__gte=since)
            return _with_words(held, words, "name", "code").order_by("-ends_on", "code")
        return _with_words(self.schools, words, "name").order_by("path")

    def _posted(self, offered: Sequence[tuple[str, str]]) -> list[tuple[str, str]]:
        """Titles that were ticked on another page, as far as they are held."""
        ticked = set(self._ticked("titles")) - {key for key, _label in offered}
        if not ticked:
            return []
        held = titles_held(self.user, self.of).filter(title_held__in=[one.partition("/")[2] for one in ticked])
        return [(f"{key}/{title}", f"{title} · {school}") for key, school, title in held if f"{key}/{title}" in ticked]

    def _ticked(self, name: str) -> list[str]:
        return self.data.getlist(name) if isinstance(self.data, MultiValueDict) else []

    def chosen(self) -> list[tuple[Unit | ClassRun, str]]:
        """What is to be assessed, each with its title."""
        given = self.cleaned_data
        if self.of is Object.CLASS_RUN:
            return [(one, "") for one in given.get("class_runs") or ()]
        if "titles" in self.fields:
            schools = self.schools.in_bulk()
            parts = [one.split("/", 1) for one in given.get("titles") or ()]
            return [(schools[int(key)], title) for key, title in parts if int(key) in schools]
        title = given.get("title", "").strip()
        if self.of is Object.TEXTBOOK and not title:
            return []
        return [(one, title) for one in given.get("institutions") or ()]

    def clean(self) -> dict[str, Any]:
        found = super().clean() or {}
        if not self.errors and not self.chosen():
            raise forms.ValidationError(_("Choose what is to be assessed."))
        return found


def titles_held(user: Account, of: Object, words: Sequence[str] = ()) -> Any:
    """Institution with its name, and the titles of courses or the themes of class runs, that were held there within the last year, by title."""
    since = timezone.localdate() - dt.timedelta(days=YEAR)
    runs = ClassRun.objects.in_charge(user).exclude(state=ClassRun.State.CANCELLED)
    runs = runs.filter(institution__isnull=False, starts_on__gte=since, starts_on__lte=timezone.localdate())
    named = runs.annotate(title_held=F("theme" if of is Object.PROGRAMME else "sessions__title")).exclude(title_held="")
    found = _with_words(named.exclude(title_held=None), words, "title_held", "institution__name")
    rows = found.order_by("title_held", "institution").distinct()
    return rows.values_list("institution", "institution__name", "title_held")


def _with_words(rows: Any, words: Sequence[str], *fields: str) -> Any:
    """Each word occurs in one of the fields."""
    for word in words:
        rows = rows.filter(reduce(or_, (Q(**{f"{name}__icontains": word}) for name in fields)))
    return rows


def _systems(user: Account) -> Any:
    from zhixing.evaluations.models import IndicatorSystem

    return IndicatorSystem.objects.visible_to(user).order_by()


class JudgeForm(forms.Form):
    percent = forms.IntegerField(
        label=_("percent of the points"),
        min_value=0,
        max_value=100,
        help_text=_("100: all that is asked for is there and good; 60: just enough."),
    )
    note = forms.CharField(label=_("why"), max_length=500, required=False, widget=forms.Textarea(attrs={"rows": 3}))
    on_site = forms.BooleanField(label=_("seen on site"), required=False)

    def __init__(self, *args: Any, on_site: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not on_site:
            del self.fields["on_site"]


class ProofForm(forms.Form):
    title = forms.CharField(label=_("what this paper is"), max_length=120)
    file = forms.FileField(
        label=_("file"),
        widget=forms.FileInput(attrs={"accept": proofs.ACCEPT}),
        help_text=_("PDF, JPEG or PNG, 10 MB at most."),
    )


class GroundsForm(forms.Form):
    text = forms.CharField(
        label=_("grounds"),
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("Say what is wrong, and by what it can be seen."),
    )


class DecisionForm(forms.Form):
    uphold = forms.ChoiceField(
        label=_("decision"),
        choices=(("yes", _("Uphold: review once more")), ("no", _("Refuse: the result stands"))),
        widget=forms.RadioSelect,
    )
    note = forms.CharField(label=_("reason"), max_length=300, widget=forms.Textarea(attrs={"rows": 3}))


class PublishForm(forms.Form):
    """``edition``: of the draft that was looked at, so that nothing else is published."""

    edition = forms.IntegerField(widget=forms.HiddenInput)
    reason = forms.CharField(
        label=_("reason"),
        max_length=300,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("Why this version weighs otherwise than the one before; everybody who sees the system reads it."),
    )


class ImprovementForm(forms.Form):
    text = forms.CharField(label=_("what is to be mended"), max_length=300, widget=forms.Textarea(attrs={"rows": 3}))
    owner = forms.CharField(label=_("who answers for it"), max_length=60)
    due_on = forms.DateField(label=_("to be mended by"))


class ReportForm(forms.Form):
    text = forms.CharField(label=_("what was done"), max_length=500, widget=forms.Textarea(attrs={"rows": 4}))
