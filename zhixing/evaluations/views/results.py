"""What a closed survey says, question by question; and a class run through all who rated it."""

from __future__ import annotations

from collections.abc import Iterator

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from zhixing.base.exports import excel
from zhixing.base.problems import Refused
from zhixing.base.tables.write import Column, Content, Table
from zhixing.engine.questionnaires import Mean, Subject
from zhixing.evaluations import permissions, queries, soundness_words
from zhixing.evaluations import rules as evaluation_rules
from zhixing.evaluations.models import Survey
from zhixing.evaluations.queries.intraclass import Intraclass, intraclass_of
from zhixing.evaluations.queries.report import main_survey
from zhixing.evaluations.queries.results import Hidden, Results
from zhixing.evaluations.queries.soundness import Soundness
from zhixing.people.views.request import SignedInRequest
from zhixing.plans.queries import class_run_for

Row = list[object]


@require_GET
def results(request: SignedInRequest, pk: int) -> HttpResponse:
    survey = queries.survey_for(request.user, pk)
    permissions.may_read_results(request.user, survey).require()
    found = queries.results_of(survey, request.user)
    sound = queries.soundness_of(survey) if found.enough and not found.partial else None
    likeness = intraclass_of(survey, request.user) if sound else None
    context = {
        "survey": survey,
        "results": found,
        "least": evaluation_rules.in_force().least,
        "sound": sound,
        "sound_sentences": _sound_words(sound, likeness) if sound else (),
        "likeness": likeness,
        "strata": () if found.partial else soundness_words.strata_rows(survey),
        "strata_sentences": soundness_words.strata_sentences(survey, found.total),
    }
    return render(request, "evaluations/results.html", context)


def _sound_words(sound: Soundness, likeness: Intraclass | None) -> list[str]:
    said = [*soundness_words.sentences(sound), soundness_words.agreement_sentence(sound)]
    if likeness:
        said.append(soundness_words.intraclass_sentence(likeness))
    return [one for one in said if one]


@require_GET
def book(request: SignedInRequest, pk: int) -> HttpResponse:
    """The same figures as Excel; nothing is in it that is not on the page."""
    survey = queries.survey_for(request.user, pk)
    permissions.may_read_results(request.user, survey).require()
    found = queries.results_of(survey, request.user)
    if not found.enough:
        raise Refused(_("Too few sheets: nothing of them is shown."))
    headings = [_("block"), _("No."), _("question"), _("about"), _("answers"), _("mean (of 100)")]
    headings += [_("95 % from"), _("to"), _("how often each answer was given")]
    texts = Table(_("Remarks"), [Column(_("question")), Column(_("remark"), Content.TEXT)], _texts(found))
    return excel(_("Results of a survey"), headings, _rows(found), [texts])


def _rows(found: Results) -> Iterator[Row]:
    if found.total:
        yield [_("Total"), "", "", "", found.n, *_figures(found.total), ""]
    for block in found.blocks:
        if block.mean:
            yield [block.title, "", "", "", block.mean.n, *_figures(block.mean), ""]
        elif block.hidden:
            yield [block.title, "", "", "", None, None, None, None, _("left out")]
        for outcome in block.outcomes:
            for tally in outcome.tallies:
                head: Row = [block.title, tally.field.number, outcome.item.text, tally.label]
                if tally.hidden:
                    yield [*head, None, None, None, None, _("too few") if tally.hidden is Hidden.FEW else _("left out")]
                else:
                    counts = "；".join(f"{label} {count}" for label, count in tally.counts if count)
                    yield [*head, tally.n, *_figures(tally.mean), counts]


def _figures(mean: Mean | None) -> list[float | None]:
    if mean is None:
        return [None, None, None]
    return [None if one is None else round(one, 1) for one in (mean.mean, mean.low, mean.high)]


def _texts(found: Results) -> Iterator[Row]:
    for block in found.blocks:
        for outcome in block.outcomes:
            for text in outcome.texts:
                yield [outcome.item.text, text]


@require_GET
def class_run(request: SignedInRequest, pk: int) -> HttpResponse:
    """One class run: what each rater group says of it, and together by the weights of the scheme."""
    found = class_run_for(request.user, pk)
    permissions.may_read_class_run(request.user, found).require()
    surveys = list(queries.surveys_about(request.user, found))
    scheme = evaluation_rules.in_force().schemes.get(Subject.CLASS_RUN)
    closed = [one for one in surveys if one.state == Survey.State.CLOSED]
    later = queries.surveys_seen_by(request.user).filter(class_run=found).exclude(pk__in=[one.pk for one in surveys])
    context = {
        "class_run": found,
        "forms": queries.combined(closed, scheme.weights if scheme else {}),
        "scheme": scheme,
        "open": [one for one in surveys if one.state == Survey.State.OPEN],
        "others": list(later.order_by("months", "session__on", "session__begins_at", "group")),
        "may_launch": permissions.may_launch(request.user, found),
        "may_report": permissions.may_report_class_run(main_survey(request.user, found)),
        "least": evaluation_rules.in_force().least,
    }
    return render(request, "evaluations/class_run.html", context)
