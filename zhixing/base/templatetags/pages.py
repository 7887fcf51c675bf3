"""The small parts of a page. docs/pages.md shows each with an example; ``base/style.html`` shows them alive."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from django import forms, template
from django.forms import BoundField
from django.forms.widgets import DateTimeBaseInput
from django.utils.html import format_html
from django.utils.safestring import SafeString

from zhixing.base.markup import escaped
from zhixing.base.problems import Text
from zhixing.base.tables.sentences import TREATMENT_WORDS
from zhixing.base.verdicts import YES, Verdict
from zhixing.engine.sheets.faults import Treatment

register = template.Library()

TONES = ("good", "warn", "bad", "info", "quiet")
STATES_BY_TONE = {
    "good": "accepted active applied approved attended confirmed credited done held issued met pass passed present "
    "published ready settled valid",
    "warn": "careless due expiring late leave leave_asked partial pending queued short waiting warning",
    "bad": "absent conflict error expired failed invalid missed overdue refused rejected revoked",
    "info": "asked called in_progress new on_track open planned proposed received running scheduled sent submitted",
    "quiet": "archived cancelled closed draft ended exempt inactive released retired superseded withdrawn",
}
TONE_OF_STATE = {state: tone for tone, states in STATES_BY_TONE.items() for state in states.split()}
TONE_OF_LEVEL = {"success": "good", "error": "bad", "warning": "warn", "info": "info", "debug": "info"}
ICON_OF_TONE = {
    "good": "circle-check",
    "warn": "alert-triangle",
    "bad": "alert-circle",
    "info": "info-circle",
    "quiet": "info-circle",
}
INPUT_TYPES: tuple[tuple[type[DateTimeBaseInput], str, str], ...] = (
    (forms.DateTimeInput, "datetime-local", "%Y-%m-%dT%H:%M"),
    (forms.DateInput, "date", "%Y-%m-%d"),
    (forms.TimeInput, "time", "%H:%M"),
)


def tone_of(state: str) -> str:
    """Return the calm colour of a state: a tone names itself, an unknown state is quiet."""
    return state if state in TONES else TONE_OF_STATE.get(state, "quiet")


@register.simple_tag
def badge(state: str, label: Text = "") -> SafeString:
    """Render a state with its colour and a dot; the label carries the meaning, never the colour alone."""
    return SafeString(f'<span class="zx-badge zx-{escaped(tone_of(str(state)))}">{escaped(label or state)}</span>')


@register.simple_tag
def treatment(code: str) -> SafeString:
    """Render what became of a row of an uploaded sheet, in the words that the problem sheets use."""
    return badge("bad" if code == Treatment.REFUSED else "warn", TREATMENT_WORDS[Treatment(code)])


@register.inclusion_tag("base/parts/alert.html")
def alert(tone: str, text: Text, title: Text = "") -> dict[str, Any]:
    """Render a message; ``tone`` is a tone or a level of ``django.contrib.messages``."""
    tone = TONE_OF_LEVEL.get(tone, tone if tone in TONES else "info")
    return {"tone": tone, "text": text, "title": title, "icon_name": ICON_OF_TONE[tone]}


@register.inclusion_tag("base/parts/tile.html")
def tile(value: Any, label: Text, url: str = "", unit: Text = "", note: Text = "", tone: str = "") -> dict[str, Any]:
    """Render one number that opens to the rows behind it."""
    shown = number(value) if isinstance(value, int) else value
    return {"value": shown, "label": label, "url": url, "unit": unit, "note": note, "tone": tone}


@register.inclusion_tag("base/parts/pairs.html")
def pairs(items: Iterable[tuple[Text, Any]], wide: bool = False) -> dict[str, Any]:
    """Render labels with their values; ``wide`` puts each pair on a line of its own."""
    return {"items": list(items), "wide": wide}


@register.inclusion_tag("base/parts/timeline.html")
def timeline(events: Iterable[Any]) -> dict[str, Any]:
    """Render dated events; each has ``at`` and ``title``, and may have ``text``, ``who``, ``url``, ``tone``, ``icon``."""
    return {"events": list(events)}


@register.inclusion_tag("base/parts/tabs.html")
def tabs(items: Iterable[Any], label: Text) -> dict[str, Any]:
    """Render links to the faces of one thing; an item has ``label``, ``url``, ``active`` and may have ``count``."""
    return {"items": list(items), "label": label}


@register.inclusion_tag("base/parts/stepper.html")
def stepper(labels: Sequence[Text], current: int) -> dict[str, Any]:
    """Render the steps of a process; ``current`` counts from 1, ``len(labels) + 1`` means all are done."""
    states = ["done" if place < current else "now" if place == current else "ahead" for place in range(1, 99)]
    return {"steps": [{"label": label, "state": state} for label, state in zip(labels, states, strict=False)]}


@register.inclusion_tag("base/parts/diff.html")
def diff(rows: Iterable[tuple[Text, Any, Any]]) -> dict[str, Any]:
    """Render (label, before, after); rows whose two sides are equal are left out."""
    return {"rows": [row for row in rows if row[1] != row[2]]}


@register.inclusion_tag("base/parts/progress.html")
def progress(done: float, total: float, label: Text, tone: str = "") -> dict[str, Any]:
    """Render a bar of ``done`` out of ``total``; ``label`` is read out and not shown."""
    return {"done": min(done, total), "total": total or 1, "label": label, "tone": tone}


@register.inclusion_tag("base/parts/empty.html")
def empty(title: Text, text: Text = "", url: str = "", label: Text = "", icon: str = "inbox") -> dict[str, Any]:
    """Render an empty state: what is missing, and what to do next."""
    return {"title": title, "text": text, "url": url, "label": label, "icon_name": icon}


@register.inclusion_tag("base/parts/act.html", takes_context=True)
def act(
    context: template.Context,
    label: Text,
    url: str,
    verdict: Verdict = YES,
    icon: str = "",
    kind: str = "",
    method: str = "get",
    confirm: Text = "",
    detail: Text = "",
) -> dict[str, Any]:
    """Render the button of a deed; a refused verdict greys it out and shows its reason.

    ``kind`` is ``""``, ``primary`` or ``danger``; ``confirm`` asks the question before a ``post``, ``detail`` explains it.
    """
    return {
        "label": label,
        "url": url,
        "verdict": verdict,
        "icon_name": icon,
        "kind": kind,
        "method": method,
        "confirm": confirm,
        "detail": detail,
        "csrf_token": context.get("csrf_token", ""),
    }


@register.simple_tag
def crumb(label: Text, url: str = "") -> SafeString:
    """Render one step of the path to this page; the last one has no URL."""
    if url:
        return format_html('<li><a href="{}">{}</a></li>', url, label)
    return format_html('<li aria-current="page">{}</li>', label)


@register.simple_tag
def control(field: BoundField) -> SafeString:
    """Render a field's widget with the classes of the design and the browser's own date and time inputs."""
    widget = field.field.widget
    attributes: dict[str, Any] = {"class": _control_class(widget, bool(field.errors))}
    for kind, input_type, pattern in INPUT_TYPES:
        if type(widget) is kind:
            widget.format, widget.input_type = pattern, input_type
    if "class" in widget.attrs:
        attributes["class"] = f"{attributes['class']} {widget.attrs['class']}"
    return field.as_widget(attrs=attributes)


def _control_class(widget: forms.Widget, wrong: bool) -> str:
    kinds: tuple[tuple[tuple[type[forms.Widget], ...], str], ...] = (
        ((forms.CheckboxInput,), "form-check-input"),
        ((forms.RadioSelect, forms.CheckboxSelectMultiple), "zx-choice"),
        ((forms.Select,), "form-select"),
    )
    name = next((name for classes, name in kinds if isinstance(widget, classes)), "form-control")
    return f"{name} is-invalid" if wrong else name


@register.filter
def is_kind(field: BoundField, kind: str) -> bool:
    """Tell whether a field's widget is a ``checkbox``, a ``group`` (radios, check boxes), a ``picker`` or ``hidden``."""
    widget = field.field.widget
    tests: dict[str, bool] = {
        "checkbox": isinstance(widget, forms.CheckboxInput),
        "group": isinstance(widget, (forms.RadioSelect, forms.CheckboxSelectMultiple)),
        "picker": isinstance(widget, forms.Select) and "data-picker" in widget.attrs,
        "hidden": widget.is_hidden,
    }
    return tests[kind]


@register.filter
def number(value: Any) -> str:
    """Write a number with thousands separators (Django's Chinese locale has none), nothing as a dash."""
    return "—" if value is None or value == "" else f"{value:,}"


@register.filter
def hours(tenths: int | None) -> str:
    """Write integer tenths of an hour (学时) without a needless decimal: 900 -> 90, 225 -> 22.5."""
    if tenths is None:
        return "—"
    return number(tenths // 10 if tenths % 10 == 0 else tenths / 10)


@register.filter
def yuan(cents: int | None) -> str:
    """Write integer cents as an amount of money with two decimals."""
    return "—" if cents is None else f"¥{cents / 100:,.2f}"
