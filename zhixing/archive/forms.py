"""Forms of extracts and promotion checks."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from zhixing.archive.actions.checks import NewCheck
from zhixing.archive.actions.extracts import FORMATS, NewExtract
from zhixing.archive.models import Extract
from zhixing.archive.models.extracts import STATISTICS
from zhixing.archive.queries.definitions import definition_of, files
from zhixing.base.problems import Invalid
from zhixing.base.tables.read import read_sheet
from zhixing.base.tables.sentences import invalid
from zhixing.engine.extracts.definition import DefinitionError
from zhixing.engine.sheets.mentions import Mention, read_lines, read_people
from zhixing.obligations.forms import AskedDay
from zhixing.obligations.problem import end_of
from zhixing.people.models import Account, Unit


def kinds() -> list[tuple[str, list[tuple[str, str]]]]:
    """Title of an extract → its formats, as groups of choices ``code:format``; a definition at fault is left out."""
    found = [(STATISTICS, str(_("Yearly statistics (of the year of the last day)")))]
    for code in files():
        try:
            found.append((code, definition_of(code).title))
        except DefinitionError:
            continue
    return [
        (title, [(f"{code}:{form}", f"{title} · {Extract.Format(form).label}") for form in FORMATS[code == STATISTICS]])
        for code, title in found
    ]


class CheckForm(forms.Form):
    """Whom to check, pasted or as a file, as of which day; ``mentions`` once it is valid. The file is read and not kept."""

    people = forms.CharField(
        label=_("list of people"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 8, "spellcheck": "false"}),
        help_text=_("One person a line: name with staff number or ID number, as it stands in your list."),
    )
    file = forms.FileField(label=_("or a spreadsheet with names and numbers"), required=False)
    on = AskedDay(label=_("as of"))
    known_on = AskedDay(label=_("as known at the end of"))
    title = forms.CharField(label=_("what for"), max_length=120, required=False)
    mentions: tuple[Mention, ...] = ()

    def clean(self) -> None:
        upload, text = self.cleaned_data.get("file"), self.cleaned_data.get("people", "")
        if bool(upload) == bool(text):
            self.add_error("people", _("Paste the people or choose a file, one of the two."))
            return
        try:
            read = read_people(read_sheet(upload.read(), upload.name)) if upload else read_lines(text)
            if read.faults:
                raise invalid(read.faults, upload.name if upload else "")
        except Invalid as problem:
            self.add_error("file", "\n".join(map(str, (problem.message, *(one.reason for one in problem.problems)))))
            return
        self.mentions = read.people

    def new_check(self) -> NewCheck:
        given = self.cleaned_data
        return NewCheck(given["on"], given["known_on"], self.mentions, given["title"])


class ExtractForm(forms.Form):
    """What is to be extracted, as of which day, as known when."""

    what = forms.ChoiceField(label=_("extract and format"))
    on = AskedDay(label=_("as of"))
    known_on = AskedDay(
        label=_("as known at the end of"),
        required=False,
        help_text=_("Left empty: all that is known now."),
    )
    since = AskedDay(label=_("trainings ended since"), required=False)
    unit = forms.ModelChoiceField(
        label=_("unit"), queryset=Unit.objects.none(), required=False, empty_label=_("the whole scope")
    )

    def __init__(self, *args: Any, user: Account, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["what"].choices = kinds()  # type: ignore[attr-defined]
        self.fields["unit"].queryset = Unit.objects.right_below(user)  # type: ignore[attr-defined]

    def clean(self) -> None:
        first, last = self.cleaned_data.get("since"), self.cleaned_data.get("on")
        if first and last and last < first:
            self.add_error("since", _("The last day lies before the first."))

    def new_extract(self) -> NewExtract:
        given = self.cleaned_data
        code, _colon, form = given["what"].partition(":")
        known_at = end_of(given["known_on"]) if given["known_on"] else None
        return NewExtract(code, form, given["on"], known_at, given["since"], given["unit"])
