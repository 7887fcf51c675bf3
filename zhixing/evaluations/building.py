"""The forms of the builder: what is typed about a form, a block and a question, and the piece of the document it makes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from zhixing.engine.questionnaires import Kind, Per
from zhixing.engine.questionnaires.reading import INTRO_MAX, TEXT_MAX, TITLE_MAX
from zhixing.engine.questionnaires.values import CODE, WORD_MAX
from zhixing.evaluations.models import Form

KINDS = (
    (Kind.GRADES.value, _("four grades, 满意 to 不满意")),
    (Kind.SCALE.value, _("scale of 2 to 10 points")),
    (Kind.MATRIX.value, _("several rows with the same marks")),
    (Kind.CHOICE.value, _("choice")),
    (Kind.TEXT.value, _("a text")),
)
PERS = (
    (Per.FORM.value, _("once")),
    (Per.SESSION.value, _("for each session")),
    (Per.TEACHER.value, _("for each teacher")),
)
OWN: Mapping[str, tuple[str, ...]] = {
    Kind.GRADES: ("points",),
    Kind.SCALE: ("points", "top", "low", "high"),
    Kind.MATRIX: ("points", "rows", "top", "low", "high"),
    Kind.CHOICE: ("options", "many"),
    Kind.TEXT: ("most",),
}
"""Fields of the page that a kind of answer has; the others are left out of the document."""


class HeadForm(forms.Form):
    title = forms.CharField(label=pgettext_lazy("questionnaire", "title"), max_length=TITLE_MAX)
    subject = forms.ChoiceField(label=_("about"), choices=Form.SUBJECTS)
    intro = forms.CharField(
        label=_("introduction"), max_length=INTRO_MAX, required=False, widget=forms.Textarea(attrs={"rows": 3})
    )


class BlockForm(forms.Form):
    title = forms.CharField(label=pgettext_lazy("questionnaire", "title"), max_length=TITLE_MAX)
    weight = forms.IntegerField(
        label=_("weight in percent"),
        min_value=0,
        max_value=100,
        help_text=_("All weights add up to 100; 0 for a block of texts and choices only."),
    )


class LinesField(forms.CharField):
    """One text on each line."""

    widget = forms.Textarea(attrs={"rows": 4})

    def prepare_value(self, value: Any) -> Any:
        return "\n".join(value) if isinstance(value, list) else value

    def to_python(self, value: Any) -> Any:
        return [line.strip() for line in str(super().to_python(value) or "").splitlines() if line.strip()]


class ItemForm(forms.Form):
    """A question. Whatever its kind has no use for is not looked at."""

    text = forms.CharField(label=_("question"), max_length=TEXT_MAX)
    kind = forms.ChoiceField(label=_("kind of answer"), choices=KINDS)
    required = forms.BooleanField(label=_("must be answered"), required=False, initial=True)
    per = forms.ChoiceField(
        label=_("how often it is asked"),
        choices=PERS,
        initial=Per.FORM.value,
        help_text=_("Repeats only in a form about a class run."),
    )
    code = forms.RegexField(
        CODE,
        label=_("code of the question"),
        max_length=20,
        help_text=_("Small letters, digits and _. Keep it from version to version: results are compared by it."),
    )
    points = forms.IntegerField(
        label=_("points"), min_value=1, max_value=100, initial=1, help_text=_("Its weight within the block.")
    )
    top = forms.IntegerField(
        label=_("points of the scale"),
        min_value=2,
        max_value=10,
        required=False,
        help_text=_("2 to 10. Leave it empty in rows for the four grades."),
    )
    low = forms.CharField(label=_("word for the lowest"), max_length=WORD_MAX, required=False)
    high = forms.CharField(label=_("word for the highest"), max_length=WORD_MAX, required=False)
    rows = LinesField(label=_("rows"), required=False, help_text=_("One on each line."))
    options = LinesField(label=_("answers to choose from"), required=False, help_text=_("One on each line."))
    many = forms.BooleanField(label=_("several may be chosen"), required=False)
    most = forms.IntegerField(label=_("characters at most"), min_value=1, max_value=2000, initial=500)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.is_bound:  # a browser may send the hidden fields of another kind empty
            own = OWN.get(str(self.data.get("kind", "")), ())
            for name in {name for names in OWN.values() for name in names} - set(own):
                self.fields[name].required = False

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        kind = given.get("kind")
        if kind == Kind.SCALE and not given.get("top"):
            self.add_error("top", _("A scale needs from 2 to 10 points."))
        if kind == Kind.MATRIX and not given.get("rows"):
            self.add_error("rows", _("Name at least one row."))
        if kind == Kind.CHOICE and len(given.get("options") or ()) < 2:
            self.add_error("options", _("Name at least two answers."))
        return given

    def item(self) -> dict[str, Any]:
        """The piece of the document; what is as usual is left out."""
        given = self.cleaned_data
        kind = given["kind"]
        made: dict[str, Any] = {"code": given["code"], "text": given["text"], "kind": kind}
        if given["required"] != (kind != Kind.TEXT):
            made["required"] = given["required"]
        if given["per"] != Per.FORM:
            made["per"] = given["per"]
        made |= {name: given[name] for name in OWN[kind] if given.get(name)}
        return made

    def kinds_of(self) -> list[tuple[Any, str]]:
        """Every field with the kinds that use it, for the page; empty: all do."""
        return [(self[name], " ".join(kind for kind, names in OWN.items() if name in names)) for name in self.fields]
