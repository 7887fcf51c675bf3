"""Parsing what people send about needs."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from zhixing.engine.sheets.ranks import GRADES, RANKS
from zhixing.needs.models import (
    Competency,
    CompetencyLevel,
    Framework,
    GapKind,
    NeedsSurvey,
    RankGroup,
    WorkProblem,
)
from zhixing.needs.models.frameworks import LEVELS
from zhixing.people.models import Account, Unit
from zhixing.resources.models import Content

RANK_CHOICES = [(_("Ranks"), [(r, r) for r in RANKS[4:]]), (_("Grades"), [(g, g) for g in GRADES])]
YEARS = (2000, 2100)


def next_year() -> int:
    return timezone.localdate().year + 1


def year_field() -> forms.IntegerField:
    return forms.IntegerField(label=_("needs of the year"), min_value=YEARS[0], max_value=YEARS[1], initial=next_year)


class FrameworkForm(forms.Form):
    """A framework, from a book or empty."""

    name = forms.CharField(label=_("framework"), max_length=120)
    source = forms.CharField(label=_("source"), max_length=200, required=False)
    file = forms.FileField(
        label=_("book with the sheets 能力项, 等级 and 岗位要求"),
        required=False,
        help_text=_("Without a book an empty framework is made, to be filled in by hand."),
    )


class CompetencyForm(forms.Form):
    """One competency with the behaviour of its levels."""

    code = forms.CharField(label=pgettext_lazy("competency", "code"), max_length=20)
    name = forms.CharField(label=_("competency"), max_length=60)
    parent = forms.ModelChoiceField(Competency.objects.none(), label=_("belongs to"), required=False)
    kind = forms.ChoiceField(label=_("gap type"), choices=GapKind.choices)
    content = forms.ChoiceField(label=_("content block"), choices=Content.choices)
    description = forms.CharField(
        label=_("description"), max_length=500, required=False, widget=forms.Textarea(attrs={"rows": 2})
    )

    def __init__(self, others: QuerySet[Competency], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["parent"].queryset = others  # type: ignore[attr-defined]
        for level in range(LEVELS[0], LEVELS[1] + 1):
            self.fields[f"level_{level}"] = forms.CharField(
                label=_("behaviour at level %(level)s") % {"level": level},
                max_length=CompetencyLevel._meta.get_field("behaviour").max_length,
                required=False,
                widget=forms.Textarea(attrs={"rows": 2}),
            )

    def facts(self) -> dict[str, Any]:
        return {name: value for name, value in self.cleaned_data.items() if not name.startswith("level_")}

    def behaviours(self) -> list[str]:
        return [self.cleaned_data[f"level_{level}"] for level in range(LEVELS[0], LEVELS[1] + 1)]


class RequiredForm(forms.Form):
    """One line of the post map."""

    competency = forms.ModelChoiceField(
        Competency.objects.none(), label=_("competency"), widget=forms.Select(attrs={"data-picker": ""})
    )
    level = forms.TypedChoiceField(
        label=_("required level"), coerce=int, choices=[(n, n) for n in range(LEVELS[0], LEVELS[1] + 1)]
    )
    ranks = forms.MultipleChoiceField(
        label=_("ranks and grades"),
        choices=RANK_CHOICES,
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("None ticked means all."),
    )
    categories = forms.CharField(
        label=_("categories"), required=False, help_text=_("Separate several with a space; empty means every category.")
    )
    title = forms.CharField(label=_("word in the name of the post"), max_length=40, required=False)

    def __init__(self, competencies: QuerySet[Competency], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["competency"].queryset = competencies  # type: ignore[attr-defined]

    def clean_categories(self) -> list[str]:
        return str(self.cleaned_data["categories"]).split()


def competencies_for(user: Account) -> QuerySet[Competency]:
    """Of published frameworks that the account sees, those that somebody's post requires."""
    published = Framework.objects.visible_to(user).filter(state=Framework.State.PUBLISHED)
    return Competency.objects.filter(framework__in=published, required__isnull=False).distinct()


class CompetenciesField(forms.ModelMultipleChoiceField[Competency]):
    def label_from_instance(self, one: Competency) -> str:
        return f"{one.code} {one.name}"


def competencies_field() -> CompetenciesField:
    picker = {"data-picker": "", "data-placeholder": _("Type to search"), "data-remove": _("Remove")}
    return CompetenciesField(
        Competency.objects.none(), label=_("competencies"), widget=forms.SelectMultiple(attrs=picker)
    )


class PriorityForm(forms.Form):
    year = year_field()
    title = forms.CharField(label=_("priority"), max_length=120)
    source = forms.CharField(
        label=_("source document"), max_length=200, help_text=_("Title and number of the document that asks for it.")
    )
    weight = forms.IntegerField(label=_("weight"), min_value=1, max_value=10, initial=5, help_text=_("From 1 to 10."))
    competencies = competencies_field()
    rank_groups = forms.MultipleChoiceField(
        label=_("rank groups"),
        choices=RankGroup.choices,
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("None ticked means all."),
    )

    def __init__(self, user: Account, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["competencies"].queryset = competencies_for(user)  # type: ignore[attr-defined]


class SurveyForm(forms.Form):
    """A survey that is being prepared; the sample is looked at before anybody is asked."""

    year = year_field()
    title = forms.CharField(label=pgettext_lazy("needs survey", "survey"), max_length=120)
    framework = forms.ModelChoiceField(Framework.objects.none(), label=_("framework"))
    who = forms.ChoiceField(label=_("who answers"), choices=NeedsSurvey.Who.choices)
    sample = forms.IntegerField(label=_("people to ask"), min_value=1, max_value=10_000_000, initial=1000)
    method = forms.ChoiceField(label=_("shared out"), choices=NeedsSurvey.Method.choices)
    seed = forms.IntegerField(
        label=_("seed of the draw"),
        min_value=0,
        max_value=2**31 - 1,
        initial=1,
        help_text=_("The same number draws the same people, so that anybody can draw again."),
    )
    opens_on = forms.DateField(label=_("first day to answer"), widget=forms.DateInput())
    closes_on = forms.DateField(label=_("last day to answer"), widget=forms.DateInput())

    def __init__(self, user: Account, *args: Any, **kwargs: Any) -> None:
        today = timezone.localdate()
        initial = {"opens_on": today, "closes_on": today + dt.timedelta(days=14)}
        super().__init__(*args, **{"initial": initial, **kwargs})
        published = Framework.objects.visible_to(user).filter(state=Framework.State.PUBLISHED)
        self.fields["framework"].queryset = published  # type: ignore[attr-defined]

    def facts(self) -> dict[str, Any]:
        """As ``actions.surveys.prepare_survey`` takes them."""
        given = dict(self.cleaned_data)
        zone = timezone.get_default_timezone()
        given["opens_at"] = dt.datetime.combine(given.pop("opens_on"), dt.time.min, zone)
        given["closes_at"] = dt.datetime.combine(given.pop("closes_on"), dt.time(23, 59), zone)
        return given


class ProblemForm(forms.Form):
    year = year_field()
    unit = forms.ModelChoiceField(Unit.objects.none(), label=_("unit"), widget=forms.Select(attrs={"data-picker": ""}))
    kind = forms.ChoiceField(label=_("difficult, blocked or painful"), choices=WorkProblem.Kind.choices)
    sort = forms.ChoiceField(label=_("sort of problem"), choices=WorkProblem.Sort.choices)
    text = forms.CharField(
        label=_("problem"),
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("What hinders the work, in a sentence or two; no names."),
    )

    def __init__(self, user: Account, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["unit"].queryset = Unit.objects.visible_to(user)  # type: ignore[attr-defined]
        self.fields["unit"].initial = user.scope_unit_id


class WeighForm(forms.Form):
    weight = forms.IntegerField(label=_("weight"), min_value=1, max_value=10, help_text=_("From 1 to 10."))
    reason = forms.CharField(label=_("reason of the weight"), max_length=300)
    competencies = competencies_field()

    def __init__(self, user: Account, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["competencies"].queryset = competencies_for(user)  # type: ignore[attr-defined]


class ProblemField(forms.ModelChoiceField[WorkProblem]):
    """Two units may say the same in the same words."""

    def label_from_instance(self, one: WorkProblem) -> str:
        return f"{one.text}（{one.unit.name}）"


class MergeForm(forms.Form):
    into = ProblemField(
        WorkProblem.objects.none(), label=_("the problem that stays"), widget=forms.Select(attrs={"data-picker": ""})
    )

    def __init__(self, others: QuerySet[WorkProblem], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["into"].queryset = others.select_related("unit")  # type: ignore[attr-defined]


class AnswerForm(forms.Form):
    answer = forms.CharField(label=_("answer"), max_length=500, widget=forms.Textarea(attrs={"rows": 4}))


class ReckonForm(forms.Form):
    year = year_field()
    framework = forms.ModelChoiceField(Framework.objects.none(), label=_("framework"))

    def __init__(self, user: Account, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        published = Framework.objects.visible_to(user).filter(state=Framework.State.PUBLISHED)
        self.fields["framework"].queryset = published  # type: ignore[attr-defined]
