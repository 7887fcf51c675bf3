"""Forms of topics, courses, cases, sites, textbooks and practices."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django import forms
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from zhixing.people.forms import ScopedForm, UnitField
from zhixing.people.models import Account, Unit
from zhixing.resources.forms.bare import BareForm
from zhixing.resources.models import Case, Content, Course, Kept, Level, Method, Teacher, Textbook, Topic
from zhixing.resources.needed import needed

CHAPTER_MOST = 120
KINDS_NAMED = {"topics": Topic, "teachers": Teacher, "cases": Case, "textbooks": Textbook}
"""What the lists of a form offer."""


def _competencies(help_text: Any) -> forms.MultipleChoiceField:
    return forms.MultipleChoiceField(
        label=_("competencies"),
        required=False,
        widget=forms.SelectMultiple(
            attrs={"data-picker": "", "data-placeholder": _("Type to search"), "data-remove": _("Remove")}
        ),
        help_text=help_text,
    )


def _offer_competencies(form: forms.BaseForm, present: Sequence[str]) -> None:
    """Those of the city's published frameworks, and what the row links to already."""
    names = needed().names
    lost = [(code, _("%(code)s (in no published framework)") % {"code": code}) for code in present if code not in names]
    field = form.fields["competencies"]
    assert isinstance(field, forms.MultipleChoiceField)
    field.choices = [*((code, f"{code} {name}") for code, name in names.items()), *lost]
    if not field.choices:
        field.help_text = _("The city has published no competency framework yet: there is nothing to link to.")


class TopicForm(forms.ModelForm[Topic]):
    competencies = _competencies(
        _("What it teaches. As soon as needs are reckoned, these say whether it is needed, and the paper no more.")
    )

    class Meta:
        model = Topic
        fields = ("name", "gap", "competencies", "stated_in")
        help_texts = {
            "stated_in": _("The paper, survey or decision that states a need for it. Empty: nobody has stated one.")
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _offer_competencies(self, self.instance.competencies)


class KeptForm(BareForm):
    """What the rows of every bank ask. Lists hold what is in use, and what the row names already."""

    institution = UnitField(queryset=Unit.objects.none(), label=_("kept by"))

    def __init__(self, *args: Any, user: Account, row: Kept | None = None, **kwargs: Any) -> None:
        super().__init__(*args, user=user, **kwargs)
        if user.is_department and user.sees_the_city:
            self.fields["institution"].required = False
            self.fields["institution"].help_text = _("Empty: kept by the city, for every institution to use.")
        for name, field in self.fields.items():
            if isinstance(field, forms.ModelMultipleChoiceField):
                kind: Any = KINDS_NAMED[name]
                present = getattr(row, name).values("pk") if row and row.pk else ()
                rows = kind.objects.all()
                if kind is not Topic:
                    rows = rows.visible_to(user)
                field.queryset = rows.filter(Q(retired_on=None) | Q(pk__in=present))

    def facts(self) -> dict[str, Any]:
        """The cleaned values as fields of the row."""
        return dict(self.cleaned_data)

    @classmethod
    def initial_of(cls, row: Kept) -> dict[str, Any]:
        many = {field.name for field in row._meta.many_to_many}
        own = {field.name for field in row._meta.get_fields() if hasattr(field, "attname")} | many
        return {
            name: list(getattr(row, name).all()) if name in many else getattr(row, name)
            for name in cls.base_fields
            if name in own
        }


def _topics() -> forms.ModelMultipleChoiceField[Topic]:
    return forms.ModelMultipleChoiceField(
        queryset=Topic.objects.none(),
        label=pgettext_lazy("bank", "topics"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )


def _some(kind: Any, label: Any) -> forms.ModelMultipleChoiceField[Any]:
    return forms.ModelMultipleChoiceField(
        queryset=kind.objects.none(),
        label=label,
        required=False,
        widget=forms.SelectMultiple(attrs={"size": 5}),
        help_text=_("Hold Ctrl to choose several."),
    )


def _long(label: Any, most: int, *, required: bool = False, rows: int = 4, help_text: Any = "") -> forms.CharField:
    return forms.CharField(
        label=label,
        max_length=most,
        required=required,
        widget=forms.Textarea(attrs={"rows": rows}),
        help_text=help_text,
    )


class CourseForm(KeptForm):
    title = forms.CharField(
        label=pgettext_lazy("bank", "title"), max_length=120, help_text=_("As sessions are titled, so that both fit.")
    )
    content = forms.ChoiceField(label=_("content block"), choices=Content.choices)
    method = forms.ChoiceField(label=_("method"), choices=Method.choices)
    hours = forms.DecimalField(label=_("hours"), min_value=0, max_value=500, decimal_places=1, initial=4)
    levels = forms.MultipleChoiceField(
        label=_("for levels"), choices=Level.choices, required=False, widget=forms.CheckboxSelectMultiple
    )
    topics = _topics()
    competencies = _competencies(_("Beside those of its topics."))
    teachers = _some(Teacher, _("teachers"))
    cases = _some(Case, _("cases"))
    textbooks = _some(Textbook, _("textbooks"))
    outline = _long(_("outline"), 4000, rows=8)
    note = forms.CharField(
        label=_("what changed"),
        max_length=200,
        required=False,
        help_text=_("Another outline or other hours make a new version."),
    )

    def __init__(self, *args: Any, user: Account, row: Kept | None = None, **kwargs: Any) -> None:
        super().__init__(*args, user=user, row=row, **kwargs)
        _offer_competencies(self, row.competencies if isinstance(row, Course) else ())

    def facts(self) -> dict[str, Any]:
        given = super().facts()
        given["tenths"] = int(given.pop("hours") * 10)
        given.pop("note")
        return given

    @classmethod
    def initial_of(cls, row: Kept) -> dict[str, Any]:
        assert isinstance(row, Course)
        return super().initial_of(row) | {"hours": Decimal(row.tenths) / 10}


class CaseForm(KeptForm):
    title = forms.CharField(label=pgettext_lazy("bank", "title"), max_length=120)
    content = forms.ChoiceField(label=_("content block"), choices=Content.choices)
    topics = _topics()
    author = forms.ModelChoiceField(
        queryset=Teacher.objects.none(),
        label=_("author"),
        required=False,
        widget=forms.Select(attrs={"data-picker": ""}),
        help_text=_("The teacher who writes it; with an account, the teacher hands it in."),
    )
    source = forms.CharField(label=_("where it comes from"), max_length=200, required=False)
    summary = _long(_("summary"), 2000, help_text=_("No names of persons who could be recognised, and nothing secret."))
    questions = _long(_("questions to discuss"), 2000)

    def __init__(self, *args: Any, user: Account, row: Kept | None = None, **kwargs: Any) -> None:
        super().__init__(*args, user=user, row=row, **kwargs)
        if user.is_teacher:  # writes the text; keeper and author stay
            del self.fields["institution"], self.fields["author"]
            return
        present = row.author_id if isinstance(row, Case) else None
        field = self.fields["author"]
        field.queryset = Teacher.objects.visible_to(user).active() | Teacher.objects.filter(pk=present or 0)  # type: ignore[attr-defined]


class SiteForm(KeptForm):
    name = forms.CharField(
        label=_("name of the site"), max_length=80, help_text=_("As sessions name it as their venue.")
    )
    address = forms.CharField(label=_("address"), max_length=120, required=False)
    seats = forms.IntegerField(label=_("people it holds"), min_value=1, max_value=5000, required=False)
    minutes = forms.IntegerField(label=_("minutes on the way"), min_value=0, max_value=1000, required=False)
    topics = _topics()
    shows = _long(_("what it shows"), 1000)
    contact = forms.CharField(
        label=_("contact details"),
        max_length=120,
        required=False,
        help_text=_("An office telephone or e-mail address."),
    )


class TextbookForm(KeptForm):
    title = forms.CharField(label=pgettext_lazy("bank", "title"), max_length=120)
    kind = forms.ChoiceField(label=_("kind of textbook"), choices=Textbook.Kind.choices)
    edition = forms.CharField(label=_("set or edition"), max_length=60, required=False)
    publisher = forms.CharField(label=_("publisher"), max_length=80, required=False)
    year = forms.IntegerField(label=_("year of publication"), min_value=1949, max_value=2100, required=False)
    chapters = _long(_("chapters"), 8000, rows=10, help_text=_("One line for each, in their order."))

    def facts(self) -> dict[str, Any]:
        given = super().facts()
        given.pop("chapters")
        return given

    def clean_chapters(self) -> str:
        given: str = self.cleaned_data["chapters"]
        if any(len(line.strip()) > CHAPTER_MOST for line in given.splitlines()):
            raise forms.ValidationError(_("A chapter may have %(most)s characters.") % {"most": CHAPTER_MOST})
        return given

    def chapters_given(self) -> Sequence[str]:
        lines = (line.strip() for line in self.cleaned_data["chapters"].splitlines())
        return [line for line in lines if line]

    @classmethod
    def initial_of(cls, row: Kept) -> dict[str, Any]:
        assert isinstance(row, Textbook)
        return super().initial_of(row) | {"chapters": "\n".join(one.title for one in row.chapters.all())}


class ChapterTopicsForm(forms.Form):
    """A topic for each chapter."""

    def __init__(self, *args: Any, textbook: Textbook, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for chapter in textbook.chapters.all():
            self.fields[f"chapter_{chapter.number}"] = forms.ModelChoiceField(
                queryset=Topic.objects.filter(Q(retired_on=None) | Q(pk=chapter.topic_id or 0)),
                label=str(chapter),
                required=False,
                initial=chapter.topic_id,
            )

    def topics(self) -> dict[int, int | None]:
        return {
            int(name.removeprefix("chapter_")): topic.pk if topic else None for name, topic in self.cleaned_data.items()
        }


class PracticeForm(KeptForm):
    title = forms.CharField(label=pgettext_lazy("bank", "title"), max_length=120)
    origin = UnitField(queryset=Unit.objects.none(), label=_("unit that did it"), required=False)
    topics = _topics()
    text = _long(_("what was done"), 4000, rows=8)
    conditions = _long(
        _("conditions of use"), 2000, required=True, help_text=_("Where it can be copied, and what it needs there.")
    )


class UptakeForm(ScopedForm):
    unit = UnitField(queryset=Unit.objects.none(), label=_("unit that took it up"))
    on = forms.DateField(label=_("since"), widget=forms.DateInput())
    note = forms.CharField(label=_("what came of it"), max_length=500, required=False)


class GroundsForm(forms.Form):
    """A step that is taken with a reason; ``needed`` or not."""

    reason = _long(_("reason"), 500, required=True)

    def __init__(self, *args: Any, needed: bool = True, label: Any = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["reason"].required = needed
        if label:
            self.fields["reason"].label = label


class ReviewForm(forms.Form):
    in_favour = forms.ChoiceField(
        label=_("Is it an example to others?"), choices=(("yes", _("yes")), ("no", _("no"))), widget=forms.RadioSelect
    )
    text = _long(_("grounds"), 500, required=True)


class ChoiceForm(forms.Form):
    chosen = forms.ChoiceField(
        label=_("Decision"),
        choices=(("yes", _("Flagship course")), ("no", _("Not chosen"))),
        widget=forms.RadioSelect,
    )
    reason = _long(_("reason"), 500, required=True)


class BankListForm(forms.Form):
    file = forms.FileField(label=_("spreadsheet"))
