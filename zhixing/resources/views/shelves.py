"""What the pages of each bank show: columns, filters, facts, and the form that enters a row."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from zhixing.base.listing import Column, Filter
from zhixing.base.markup import page_about
from zhixing.base.problems import Text
from zhixing.base.templatetags.pages import badge, hours
from zhixing.people.models import Account
from zhixing.resources import actions
from zhixing.resources.forms import banks as forms
from zhixing.resources.models import Bank, Case, Content, Course, Kept, Level, Method, Practice, Site, Textbook
from zhixing.resources.needed import needed
from zhixing.resources.queries.links import Way, competencies_of, way_of_course

SESSIONS: Text = _("sessions this year")
Facts = Sequence[tuple[Text, Any]]


@dataclass(frozen=True)
class Shelf:
    """One bank. ``save`` takes the valid form, the account and the known row; ``texts`` are the long fields, in the order of the page."""

    bank: Bank
    kind: type[Kept]
    form: type[forms.KeptForm]
    save: Callable[[Any, Account, Any], Kept]
    name: str
    label: Text
    add: Text
    edit: Text
    lead: Text
    icon: str
    columns: Sequence[Column]
    filters: Sequence[Filter] = ()
    facts: Callable[[Any], Facts] = lambda _row: ()
    texts: Sequence[str] = ()
    search: Sequence[str] = ()
    follow: Sequence[str] = ("topics",)
    uses: Text = SESSIONS

    def url_of(self, row: Any) -> str:
        return item_url(self.bank, row.pk)


def item_url(bank: str, pk: int) -> str:
    return page_about(f"resources:{bank}_item", pk)


def keeper(row: Any) -> Text:
    return str(row.institution) if row.institution else _("the city")


def topics_of(row: Any) -> str:
    return "、".join(one.name for one in row.topics.all())


def _retired(rows: QuerySet[Any], chosen: str) -> QuerySet[Any]:
    return rows.filter(retired_on__isnull=chosen == "active")


def _used(rows: QuerySet[Any], chosen: str) -> QuerySet[Any]:
    return rows.filter(uses__gt=0) if chosen == "yes" else rows.filter(uses=0)


def _for_level(rows: QuerySet[Any], chosen: str) -> QuerySet[Any]:
    # JSON lists of codes of which none holds another: both databases find one by its quoted text
    return rows.filter(levels__icontains=f'"{chosen}"')


USED = Filter("used", _("use"), (("yes", _("used this year")), ("no", _("not used this year"))), apply=_used)
STATE = Filter("in", _("state"), (("active", _("in use")), ("retired", _("retired"))), apply=_retired)
CONTENT = Filter("content", _("content block"), Content.choices)
TOPICS = Column("topics", pgettext_lazy("bank", "topics"), value=topics_of, long=True)
KEEPER = Column("institution", _("kept by"), sort="institution__path", value=keeper)


def _state_of(row: Any) -> str:
    return badge("quiet", _("retired")) if row.retired_on else badge("good", _("in use"))


STATE_COLUMN = Column(
    "retired",
    _("state"),
    sort="retired_on",
    value=lambda r: str(_("retired") if r.retired_on else _("in use")),
    show=_state_of,
)


def _named(bank: Bank, name: str, label: Text) -> Column:
    return Column(name, label, sort=name, link=lambda row: item_url(bank, row.pk))


FLAGSHIP_TONES = {"yes": "good", "proposed": "info", "no": "quiet", "none": "quiet"}
STANDING_TONES = {"keep": "good", "fix": "warn", "drop": "bad"}
CASE_TONES = {"published": "good", "review": "info", "trial": "info", "revising": "warn"}


def flagship_badge(course: Course) -> str:
    return badge(FLAGSHIP_TONES[course.flagship], course.get_flagship_display())


def standing_badge(course: Course) -> str:
    return badge(STANDING_TONES[course.standing], course.get_standing_display()) if course.standing else "—"


def case_badge(case: Case) -> str:
    return badge(CASE_TONES.get(case.state, "quiet"), case.get_state_display())


BY_LINK: Text = _("by link")
BY_WORDS: Text = _("by words")
WAYS: dict[Way, tuple[str, Text]] = {Way.LINK: ("good", BY_LINK), Way.WORDS: ("info", BY_WORDS)}
"""Tone and words of how a need is known."""


def way_badge(way: Way | None) -> str:
    return badge(*WAYS[way]) if way else badge("quiet", _("no need stated"))


def _course_facts(course: Course) -> Facts:
    told = needed()
    return [
        (_("kept by"), keeper(course)),
        (_("content block"), course.get_content_display()),
        (_("method"), course.get_method_display()),
        (_("hours"), hours(course.tenths)),
        (_("for levels"), course.level_labels or None),
        (pgettext_lazy("bank", "topics"), topics_of(course) or None),
        (_("competencies"), "、".join(told.named(competencies_of(course))) or None),
        (_("need"), way_badge(way_of_course(course, told))),
        (_("teachers"), "、".join(one.name for one in course.teachers.all()) or None),
        (_("cases"), "、".join(one.title for one in course.cases.all()) or None),
        (_("textbooks"), "、".join(one.title for one in course.textbooks.all()) or None),
        (_("course decision"), standing_badge(course)),
        (_("flagship status"), flagship_badge(course)),
    ]


def _case_facts(case: Case) -> Facts:
    return [
        (_("kept by"), keeper(case)),
        (_("state"), case_badge(case)),
        (_("content block"), case.get_content_display()),
        (pgettext_lazy("bank", "topics"), topics_of(case) or None),
        (_("author"), case.author.name if case.author else None),
        (_("where it comes from"), case.source or None),
    ]


def _site_facts(site: Site) -> Facts:
    return [
        (_("kept by"), keeper(site)),
        (_("address"), site.address or None),
        (_("people it holds"), site.seats),
        (_("minutes on the way"), site.minutes),
        (pgettext_lazy("bank", "topics"), topics_of(site) or None),
        (_("contact details"), site.contact or None),
    ]


def _textbook_facts(textbook: Textbook) -> Facts:
    return [
        (_("kept by"), keeper(textbook)),
        (_("kind of textbook"), textbook.get_kind_display()),
        (_("set or edition"), textbook.edition or None),
        (_("publisher"), textbook.publisher or None),
        (_("year of publication"), str(textbook.year) if textbook.year else None),
    ]


def _practice_facts(practice: Practice) -> Facts:
    return [
        (_("kept by"), keeper(practice)),
        (_("unit that did it"), practice.origin.name if practice.origin else None),
        (pgettext_lazy("bank", "topics"), topics_of(practice) or None),
    ]


def _uses(label: Text) -> Column:
    return Column("uses", label, sort="uses", numeric=True)


SHELVES: dict[str, Shelf] = {
    Bank.COURSES: Shelf(
        Bank.COURSES, Course, forms.CourseForm,
        lambda form, by, row: actions.save_course(form.facts(), by=by, course=row, note=form.cleaned_data["note"]),
        "title", _("Course bank"), _("Enter a course"), _("Edit the course"),
        _("What can be taught. Sessions name their course from here, and by its topics their hours are traced to needs."), "book",
        (
            _named(Bank.COURSES, "title", pgettext_lazy("bank", "title")),
            Column("get_content_display", _("content block"), sort="content"),
            Column("get_method_display", _("method"), sort="method"),
            Column("tenths", _("hours"), sort="tenths", numeric=True, value=lambda c: c.tenths / 10, show=lambda c: hours(c.tenths)),
            TOPICS,
            KEEPER,
            Column("standing", _("course decision"), sort="standing", value=lambda c: str(c.get_standing_display()), show=standing_badge),
            Column("flagship", _("flagship status"), sort="flagship", value=lambda c: str(c.get_flagship_display()), show=flagship_badge),
            _uses(SESSIONS),
        ),
        (
            CONTENT,
            Filter("method", _("method"), Method.choices),
            Filter("level", _("for levels"), Level.choices, apply=_for_level),
            Filter("flagship", _("flagship status"), Course.Flagship.choices),
            Filter("standing", _("course decision"), Course.Standing.choices),
            USED,
            STATE,
        ),
        _course_facts, ("outline",), ("title", "outline", "institution__name"), ("topics", "teachers", "cases", "textbooks"),
    ),
    Bank.CASES: Shelf(
        Bank.CASES, Case, forms.CaseForm,
        lambda form, by, row: actions.save_case(form.facts(), by=by, case=row),
        "title", pgettext_lazy("bank", "Cases"), _("Enter a case"), _("Edit the case"),
        _("Collected, written, reviewed, tried in a class, published, revised: each step by somebody with a name."), "report-analytics",
        (
            _named(Bank.CASES, "title", pgettext_lazy("bank", "title")),
            Column("state", _("state"), sort="state", value=lambda c: str(c.get_state_display()), show=case_badge),
            Column("get_content_display", _("content block"), sort="content"),
            TOPICS,
            Column("author__name", _("author"), sort="author__name"),
            KEEPER,
            _uses(SESSIONS),
        ),
        (Filter("state", _("state"), Case.State.choices), CONTENT, USED, STATE),
        _case_facts, ("summary", "questions"), ("title", "summary", "author__name", "institution__name"),
    ),
    Bank.SITES: Shelf(
        Bank.SITES, Site, forms.SiteForm,
        lambda form, by, row: actions.save_site(form.facts(), by=by, site=row),
        "name", _("Teaching sites"), _("Enter a site"), _("Edit the site"),
        _("Where classes go to see for themselves. A session counts for a site when its venue is called the same."), "building-bank",
        (
            _named(Bank.SITES, "name", _("name of the site")),
            Column("address", _("address"), long=True),
            Column("seats", _("people it holds"), sort="seats", numeric=True),
            Column("minutes", _("minutes on the way"), sort="minutes", numeric=True),
            TOPICS,
            KEEPER,
            _uses(SESSIONS),
            STATE_COLUMN,
        ),
        (USED, STATE),
        _site_facts, ("shows",), ("name", "address", "institution__name"),
    ),
    Bank.TEXTBOOKS: Shelf(
        Bank.TEXTBOOKS, Textbook, forms.TextbookForm,
        lambda form, by, row: actions.save_textbook(form.facts(), by=by, textbook=row, chapters=form.chapters_given()),
        "title", _("Textbooks"), _("Enter a textbook"), _("Edit the textbook"),
        _("The national set and local ones, by chapter. How many copies are on the shelf is told by the stock of materials."), "book",
        (
            _named(Bank.TEXTBOOKS, "title", pgettext_lazy("bank", "title")),
            Column("get_kind_display", _("kind of textbook"), sort="kind"),
            Column("edition", _("set or edition"), sort="edition"),
            Column("publisher", _("publisher"), sort="publisher"),
            Column("chapter_count", _("chapters"), numeric=True, value=lambda t: len(t.chapters.all())),
            KEEPER,
            _uses(SESSIONS),
            STATE_COLUMN,
        ),
        (Filter("kind", _("kind of textbook"), Textbook.Kind.choices), USED, STATE),
        _textbook_facts, (), ("title", "edition", "publisher"), ("chapters",),
    ),
    Bank.PRACTICES: Shelf(
        Bank.PRACTICES, Practice, forms.PracticeForm,
        lambda form, by, row: actions.save_practice(form.facts(), by=by, practice=row),
        "title", _("Practices worth copying"), _("Enter a practice"), _("Edit the practice"),
        _("What worked somewhere, under which conditions it can be copied, and who took it up."), "certificate",
        (
            _named(Bank.PRACTICES, "title", pgettext_lazy("bank", "title")),
            Column("origin__name", _("unit that did it"), sort="origin__path"),
            Column("conditions", _("conditions of use"), long=True),
            TOPICS,
            KEEPER,
            _uses(_("units that took it up")),
            STATE_COLUMN,
        ),
        (STATE,),
        _practice_facts, ("text", "conditions"), ("title", "text", "conditions", "origin__name"), ("topics", "uptakes"),
        _("units that took it up"),
    ),
}  # fmt: skip
