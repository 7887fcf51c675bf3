"""Forms of programmes and of what institutions have room for."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from zhixing.engine.annual.money import Doubt, doubt_of_day, doubt_of_run
from zhixing.engine.plan.values import DAY_RATE_LEAST, DAY_RATE_MAX
from zhixing.needs.models import Competency, Framework, RankGroup
from zhixing.people.models import Account, Unit
from zhixing.plans.forms.annual_plans import YEARS, DoubtingForm, cents, hours_field, tenths, yuan_field
from zhixing.plans.models import Capacity, Programme, Term
from zhixing.resources.models import Content, Method

PARTS = {
    "theory": _("theory to begin with"),
    "discussion": _("discussion and exchange"),
    "practice": _("use in practice"),
    "classroom": _("in the classroom"),
    "site": _("on site"),
    "online": _("on the internet"),
}
"""Three parts, then three places (理论导入＋研讨交流＋实践运用; 课堂＋现场＋互联网)."""
STRENGTH = 100


class DayMoneyForm(DoubtingForm):
    """What no plan could be reckoned with is refused; what is only unlikely is asked about."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "sure" in self.fields:
            self.fields["sure"] = self.fields.pop("sure")  # below all others

    def judge_day(self, name: str, **others: Doubt | None) -> None:
        """``name``: the money of a person and day; ``others``: doubts of further fields."""
        day = cents(self.cleaned_data.get(name))
        if day > DAY_RATE_MAX:
            self.add_error(name, _("A person and day cannot cost more than 10,000 yuan: type yuan, without cents."))
        elif 0 < day < DAY_RATE_LEAST:
            self.add_error(name, _("A person and day costs at least 10 yuan, or nothing: type yuan, not 10,000 yuan."))
        possible = doubt_of_day(day) if DAY_RATE_LEAST <= day <= DAY_RATE_MAX else None
        self.judge_money({name: possible, **others})


class ProgrammeForm(DayMoneyForm, forms.ModelForm[Programme]):
    """A template: hours are typed as hours, money in yuan, teacher days and competencies one on a line."""

    hours = hours_field(_("hours"), required=True)
    leader_hours = hours_field(_("hours taught by leading cadres"))
    person_day = yuan_field(_("money per person and day (yuan)"))
    run_money = yuan_field(_("money per run (yuan)"))
    groups = forms.MultipleChoiceField(
        label=_("rank groups"), choices=RankGroup.choices, required=False, widget=forms.CheckboxSelectMultiple
    )
    teachers = forms.CharField(
        label=_("teacher days by topic"),
        required=False,
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("One topic on a line, then the days of one run: 党建 2"),
    )
    covers = forms.CharField(
        label=_("competencies"),
        required=False,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("One on a line, by code, then how much of the gap it covers, in percent: A1 60"),
    )

    class Meta:
        model = Programme
        fields = ("code", "name", "kind", "theme", "days", "size_min", "size_max", "runs_min", "runs_max", "leading")

    def __init__(self, *args: Any, user: Account, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.known = competencies_of(user)
        one = self.instance
        for prefix, choices, hours in (
            ("content", Content.choices, one.content_tenths),
            ("method", Method.choices, one.method_tenths),
            ("part", PARTS.items(), one.parts),
        ):
            for key, label in choices:
                self.fields[f"{prefix}-{key}"] = hours_field(label)
                self.fields[f"{prefix}-{key}"].initial = Decimal(hours[key]) / 10 if key in hours else None
        if one.pk:
            self.initial.update(
                hours=Decimal(one.tenths) / 10,
                leader_hours=Decimal(one.leader_tenths) / 10,
                person_day=Decimal(one.person_day_cents) / 100,
                run_money=Decimal(one.run_cents) / 100,
                groups=one.rank_groups,
                teachers="\n".join(f"{topic} {days}" for topic, days in one.teacher_days.items()),
                covers="\n".join(f"{c.competency.code} {c.strength}" for c in one.covers.select_related("competency")),
            )

    def _named(self, prefix: str) -> list[forms.BoundField]:
        return [self[name] for name in self.fields if name.startswith(f"{prefix}-")]

    @property
    def plain(self) -> list[forms.BoundField]:
        return [field for field in self if "-" not in field.name]

    @property
    def contents(self) -> list[forms.BoundField]:
        return self._named("content")

    @property
    def methods(self) -> list[forms.BoundField]:
        return self._named("method")

    @property
    def parts(self) -> list[forms.BoundField]:
        return self._named("part")

    def clean(self) -> dict[str, Any]:
        given = super().clean() or self.cleaned_data
        self.judge_day("person_day", run_money=doubt_of_run(cents(given.get("run_money"))))
        return given

    def clean_teachers(self) -> dict[str, int]:
        return pairs_of(self.cleaned_data["teachers"])

    def clean_covers(self) -> dict[int, int]:
        given = pairs_of(self.cleaned_data["covers"])
        unknown = [code for code in given if code not in self.known]
        if unknown:
            raise forms.ValidationError(
                _("No competency in force has this code: %(codes)s") % {"codes": "、".join(unknown)}
            )
        if any(not 1 <= strength <= STRENGTH for strength in given.values()):
            raise forms.ValidationError(_("A strength lies between 1 and 100 percent."))
        return {self.known[code]: strength for code, strength in given.items()}

    def facts(self) -> dict[str, Any]:
        given = self.cleaned_data
        plain = {name: given[name] for name in self.Meta.fields}
        return plain | {
            "tenths": tenths(given["hours"]),
            "leader_tenths": tenths(given["leader_hours"]),
            "person_day_cents": cents(given["person_day"]),
            "run_cents": cents(given["run_money"]),
            "rank_groups": given["groups"],
            "teacher_days": given["teachers"],
            "content_tenths": self._hours("content"),
            "method_tenths": self._hours("method"),
            "parts": self._hours("part"),
        }

    def _hours(self, prefix: str) -> dict[str, int]:
        found = {field.name.partition("-")[2]: tenths(self.cleaned_data[field.name]) for field in self._named(prefix)}
        return {key: value for key, value in found.items() if value}


def pairs_of(text: str) -> dict[str, int]:
    """Lines of a word and a whole number."""
    found = {}
    for line in filter(None, map(str.strip, text.splitlines())):
        word, _space, count = line.rpartition(" ")
        if not word.strip() or not (count.isascii() and count.isdecimal()) or len(count) > len("99999"):
            raise forms.ValidationError(
                _("Write a word and a whole number on each line, with a space between: %(line)s") % {"line": line}
            )
        found[word.strip()] = int(count)
    return found


def competencies_of(user: Account) -> dict[str, int]:
    """Code → key of the competencies of the frameworks in force that the user sees."""
    frameworks = Framework.objects.visible_to(user).filter(state=Framework.State.PUBLISHED).order_by().values("pk")
    return dict(Competency.objects.filter(framework__in=frameworks).order_by("-pk").values_list("code", "pk"))


class CapacityForm(DayMoneyForm, forms.ModelForm[Capacity]):
    rate = yuan_field(_("rate per person and day (yuan)"))
    teachers = forms.CharField(
        label=_("teacher days by topic"),
        required=False,
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("One topic on a line, then the days of the quarter: 党建 20"),
    )

    class Meta:
        model = Capacity
        fields = ("institution", "year", "term", "runs_at_once", "seats", "closed")

    def __init__(self, *args: Any, user: Account, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        schools = Unit.objects.visible_to(user).filter(kind=Unit.Kind.SCHOOL, closed_on=None)
        self.fields["institution"].queryset = schools  # type: ignore[attr-defined]
        self.fields["term"] = forms.TypedChoiceField(label=_("term"), choices=Term.choices, coerce=int)
        self.fields["year"] = forms.IntegerField(label=_("year"), min_value=YEARS[0], max_value=YEARS[1])
        if self.instance.pk:
            one = self.instance
            teachers = "\n".join(f"{topic} {days}" for topic, days in one.teacher_days.items())
            self.initial.update(rate=Decimal(one.rate_cents) / 100, teachers=teachers)
            for name in ("institution", "year", "term"):
                self.fields[name].disabled = True

    def clean_teachers(self) -> dict[str, int]:
        return pairs_of(self.cleaned_data["teachers"])

    def clean(self) -> dict[str, Any]:
        given = super().clean() or self.cleaned_data
        self.judge_day("rate")
        return given

    def facts(self) -> dict[str, Any]:
        given = self.cleaned_data
        plain = {name: given[name] for name in self.Meta.fields}
        return plain | {"rate_cents": cents(given["rate"]), "teacher_days": given["teachers"]}

    def _get_validation_exclusions(self) -> set[str]:
        """A quarter may be said again: it then replaces what was said before."""
        return {*super()._get_validation_exclusions(), "institution"}  # type: ignore[misc]  # the stubs leave it out
