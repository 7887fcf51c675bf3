"""What people type about call-ups."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from zhixing.base.proofs import ACCEPT
from zhixing.callups.emphasis import COSTS, USUAL
from zhixing.callups.models import CallupRun, Reply
from zhixing.callups.papers import Kind
from zhixing.callups.sentences.terms import MATTERS, OVERFLOWS, PRIORITIES, WORDS
from zhixing.callups.terms import CLOSE_DAYS_MOST, LESS_THAN_A_YEAR, THREE_YEARS_MOST, Terms
from zhixing.callups.values import Weights
from zhixing.people.models import Person
from zhixing.plans.models import ClassRun

WEIGHT_LABELS = {
    "overdue": _("priority: overdue"),
    "short": _("priority: behind"),
    "on_track": _("priority: on track"),
    "met": _("priority: met or exempt"),
    "missing_tenth": _("priority for each tenth of the hours missing"),
    "make_up": _("priority: something to be made up"),
    "make_up_theme": _("more when the theme fits what was missed"),
    "make_up_channel": _("more when the form of training fits"),
    "make_up_content": _("more when the content block fits"),
    "month_waited": _("priority for each month since the last training"),
    "months_most": _("most months counted"),
    "this_year": _("less priority: trained or called this year"),
    "same_theme": _("less priority: same theme within a year"),
    "load_most": _("most priority for what the unit has carried"),
}
PAPERS = ((Kind.CLASS_RUN, _("Notice of a class run")), (Kind.UNIT, _("Notice to a unit")))


class RunForm(forms.Form):
    """The terms of a run in plain words; the weights of the formula only for those who open them."""

    name = forms.CharField(label=_("name of the run"), max_length=120)
    preset = forms.ChoiceField(
        label=_("What counts most"), choices=[*PRIORITIES.items()], widget=forms.RadioSelect, initial="owing"
    )
    callups_max = forms.IntegerField(
        label=_("most call-ups of one person in the year"), min_value=1, max_value=12, initial=2
    )
    three_years_max = forms.IntegerField(
        label=_("most call-ups of one person in three years"),
        min_value=1,
        max_value=THREE_YEARS_MOST,
        required=False,
        help_text=_("In the year and the two before it. Empty: no limit."),
    )
    away_percent = forms.IntegerField(
        label=_("most people of a unit away in one week (%)"),
        min_value=1,
        max_value=100,
        initial=10,
        help_text=_("At least one person. Units may have a number of their own."),
    )
    close_days = forms.IntegerField(
        label=_("days within which call-ups of one person are close"),
        min_value=0,
        max_value=CLOSE_DAYS_MOST,
        initial=60,
        required=False,
        help_text=_("From the end of one to the beginning of the next. Empty or 0: no matter."),
    )
    repeats_within = forms.BooleanField(
        label=_("Themes count within the run, too"),
        required=False,
        initial=True,
        help_text=_("Who is called to a theme in one class run goes after others in the next one of that theme."),
    )
    count_outside = forms.BooleanField(
        label=_("Call-ups by other authorities count"),
        required=False,
        initial=True,
        help_text=_("In the call-ups of the year and in who is away. Their days are never given twice, ticked or not."),
    )
    hard_minimums = forms.BooleanField(
        label=_("Fewest seats must be reached"),
        required=False,
        help_text=_(
            "Without it, seats below the fewest lower the priority of the list; with it, no list is better than a short one."
        ),
    )
    overflow_percent = forms.ChoiceField(
        label=_("Inviting beyond the seats"),
        choices=[*OVERFLOWS.items()],
        initial=0,
        required=False,
        help_text=_(
            "Some of those called are excused in the end. When chosen, the run proposes how many more could be invited; you decide for each class run."
        ),
    )
    seconds = forms.IntegerField(
        label=_("time limit in seconds"),
        min_value=1,
        max_value=3600,
        initial=60,
        help_text=_("The best list so far is kept."),
    )
    seed = forms.IntegerField(
        label=_("published seed"),
        min_value=0,
        max_value=2_000_000_000,
        initial=1,
        help_text=_("Decides between equals. Publish it before solving, and nobody can say the draw was chosen."),
    )
    second_callup_cost = forms.IntegerField(
        label=_("cost of a second call-up"), min_value=0, max_value=10_000, required=False
    )
    close_callup_cost = forms.IntegerField(
        label=_("cost of a call-up soon after another"), min_value=0, max_value=10_000, required=False
    )
    short_seat_cost = forms.IntegerField(
        label=_("cost of a seat below the fewest"), min_value=0, max_value=10_000, required=False
    )

    def __init__(self, *args: Any, run: CallupRun | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for matter, (label, help_text) in MATTERS.items():
            self.fields[f"emphasis_{matter}"] = forms.ChoiceField(
                label=label,
                help_text=help_text,
                choices=[*WORDS.items()],
                widget=forms.RadioSelect,
                initial=USUAL,
                required=False,
            )
        for term, cost in COSTS.values():
            self.fields[term].widget.attrs["placeholder"] = cost
        usual = Weights()
        for name in Weights.names():
            self.fields[f"weight_{name}"] = forms.IntegerField(
                label=WEIGHT_LABELS[name], min_value=0, max_value=10_000, required=False
            )
            self.fields[f"weight_{name}"].widget.attrs["placeholder"] = getattr(usual, name)
        if run is not None:
            self._show(run, Terms.of(run.settings))

    def _show(self, run: CallupRun, terms: Terms) -> None:
        kept = terms.kept()
        self.initial.update(name=run.name, seconds=run.seconds, seed=run.seed)
        self.initial.update({name: kept[name] for name in kept if name in self.fields})
        self.initial.update({f"emphasis_{matter}": word for matter, word in terms.emphasis.items()})
        self.initial.update({f"weight_{name}": value for name, value in kept["weights"].items()})

    @property
    def words(self) -> list[forms.BoundField]:
        return [self[f"emphasis_{matter}"] for matter in MATTERS]

    @property
    def limits(self) -> list[forms.BoundField]:
        elsewhere = {"preset", *(field.name for field in (*self.words, *self.expert))}
        return [self[name] for name in self.fields if name not in elsewhere]

    def clean(self) -> dict[str, Any]:
        given = super().clean() or self.cleaned_data
        year, three = given.get("callups_max"), given.get("three_years_max")
        if year and three and three < year:
            self.add_error("three_years_max", LESS_THAN_A_YEAR)
        return given

    @property
    def expert(self) -> list[forms.BoundField]:
        costs = (term for term, _cost in COSTS.values())
        return [self[name] for name in (*costs, *(f"weight_{name}" for name in Weights.names()))]

    @property
    def has_numbers(self) -> bool:
        """Whether some weight or cost is set by hand, which nobody should overlook."""
        return any(field.value() not in {None, ""} for field in self.expert)

    def terms(self) -> Terms:
        """The cleaned terms; a weight or cost left empty is what the words say."""
        given = self.cleaned_data
        weights = {name: given[f"weight_{name}"] for name in Weights.names() if given[f"weight_{name}"] is not None}
        words = {matter: given[f"emphasis_{matter}"] or USUAL for matter in MATTERS}
        costs = {term: given[term] for term, _cost in COSTS.values() if given[term] is not None}
        return Terms.of(
            {
                "preset": given["preset"],
                "callups_max": given["callups_max"],
                "three_years_max": given["three_years_max"],
                "away_percent": given["away_percent"],
                "close_days": given["close_days"] or 0,
                "repeats_within": given["repeats_within"],
                "hard_minimums": given["hard_minimums"],
                "count_outside": given["count_outside"],
                "overflow_percent": int(given["overflow_percent"] or 0),
                "emphasis": words,
                **costs,
                "weights": weights,
            }
        )


class ChosenForm(forms.Form):
    """The class runs ticked in the list."""

    class_runs = forms.ModelMultipleChoiceField(queryset=ClassRun.objects.none())

    def __init__(self, *args: Any, choices: QuerySet[ClassRun], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["class_runs"].queryset = choices  # type: ignore[attr-defined]


class PublishForm(forms.Form):
    reply_by = forms.DateField(label=_("answers are due by"), widget=forms.DateInput())

    def __init__(self, *args: Any, first_day: dt.date | None = None, today: dt.date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        proposed = today + dt.timedelta(days=10)
        last = first_day - dt.timedelta(days=1) if first_day else proposed
        self.initial.setdefault("reply_by", max(today, min(proposed, last)))


class PersonField(forms.ModelChoiceField[Person]):
    """One of many people, found by typing: the choices come from ``url`` as the person types."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(queryset=Person.objects.none(), **kwargs)

    def offer(self, people: QuerySet[Person], url: str) -> None:
        """Accept ``people``; the page itself lists none of them."""
        self.queryset = people
        hint = _("name or staff number")
        self.widget = forms.Select(attrs={"data-picker": "", "data-url": url, "data-placeholder": hint})


class PinForm(forms.Form):
    """The planner's own yes or no, with the reason."""

    person = forms.IntegerField(widget=forms.HiddenInput())
    chosen = forms.BooleanField(required=False, widget=forms.HiddenInput())
    reason = forms.CharField(label=_("reason"), max_length=200)


class UnpinForm(forms.Form):
    """Whose decision is taken back."""

    person = forms.IntegerField(widget=forms.HiddenInput())


class AddForm(forms.Form):
    """Add a person of the target group by hand."""

    person = PersonField(label=_("person"))
    reason = forms.CharField(label=_("reason"), max_length=200)

    def __init__(self, *args: Any, people: QuerySet[Person], url: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["person"].offer(people, url)  # type: ignore[attr-defined]


class LeaveForm(forms.Form):
    """Ask to be excused; a proof where there is one."""

    reason = forms.ChoiceField(label=_("reason"), choices=Reply.Reason.choices, widget=forms.RadioSelect)
    text = forms.CharField(
        label=_("explanation"), max_length=300, required=False, widget=forms.Textarea(attrs={"rows": 3})
    )
    proof = forms.FileField(
        label=_("proof"),
        required=False,
        widget=forms.ClearableFileInput(attrs={"accept": ACCEPT}),
        help_text=_(
            "A PDF or a photo of the paper, 10 MB at most. Only the liaison of the unit and the department see it."
        ),
    )


class SubstituteForm(forms.Form):
    """Name a colleague of the same unit who belongs to the target group."""

    substitute = PersonField(label=_("substitute"))
    text = forms.CharField(label=_("explanation"), max_length=300, required=False)

    def __init__(self, *args: Any, people: QuerySet[Person], url: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["substitute"].offer(people, url)  # type: ignore[attr-defined]


class NoteForm(forms.Form):
    """A reason in a sentence."""

    note = forms.CharField(label=_("reason"), max_length=200, required=False)


class TemplateForm(forms.Form):
    kind = forms.ChoiceField(label=_("paper"), choices=PAPERS)
    file = forms.FileField(label=_("Word template"), widget=forms.ClearableFileInput(attrs={"accept": ".docx"}))
