"""Pages of assessments: the board of a year, objects beside each other, one assessment, and its deeds."""

from __future__ import annotations

from collections.abc import Callable

from django.contrib import messages
from django.db.models import QuerySet
from django.forms import Form
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from zhixing.base.asked import whole_number
from zhixing.base.columns import state_column
from zhixing.base.files import hand_out_stored
from zhixing.base.listing import Column, Empty, Filter, Listing
from zhixing.base.markup import page_about
from zhixing.base.problems import Conflict, NotFound
from zhixing.base.verdicts import Verdict
from zhixing.engine.indicators import Indicator, Kind, Object
from zhixing.engine.indicators.facts import Fact
from zhixing.evaluations import actions, appealing, permissions, system_words
from zhixing.evaluations.forms import BeginForm, DecisionForm, GroundsForm, JudgeForm, ProofForm
from zhixing.evaluations.models import Assessment, AssessmentAppeal, AssessmentResult, Proof
from zhixing.evaluations.queries.severity import fair_scores
from zhixing.evaluations.queries.standing import Placed, Row, compared, sheet_of
from zhixing.people.models import Account
from zhixing.people.views.deeds import deed_page
from zhixing.people.views.request import SignedInRequest

deed = require_http_methods(["GET", "POST"])
State = Assessment.State


def url_of(assessment: Assessment) -> str:
    return page_about("evaluations:assessment", assessment.pk)


def _found(request: SignedInRequest, pk: int) -> Assessment:
    rows = Assessment.objects.visible_to(request.user)
    rows = rows.select_related("version__system", "institution", "class_run__institution", "class_run__organised_by")
    found = rows.filter(pk=pk).first()
    if found is None:
        raise NotFound
    return found


@require_GET
def assessments(request: SignedInRequest) -> HttpResponse:
    """Every assessment in scope, the newest year first; those under one version in one year can be seen beside each other."""
    user = request.user
    rows = Assessment.objects.visible_to(user)
    years = sorted(set(rows.order_by().values_list("year", flat=True)), reverse=True)
    may_begin = permissions.may_make_systems(user)
    listing = Listing(
        request,
        rows.select_related("version__system", "institution", "class_run").prefetch_related("results"),
        (
            Column("object", _("what is assessed"), link=url_of),
            Column("version__system__title", _("indicator system"), sort="version__system__title"),
            Column("year", _("year"), sort="year", numeric=True, value=lambda one: str(one.year)),
            Column("report_due_on", _("self-assessment due on"), sort="report_due_on"),
            Column("result", _("result"), value=_latest),
            state_column(_("state")),
        ),
        name="assessments",
        label=_("Assessments"),
        search=("institution__name", "class_run__name", "version__system__title"),
        filters=(
            Filter("year", _("year"), [(str(year), str(year)) for year in years]),
            Filter("state", _("state"), State.choices),
        ),
        empty=Empty(
            _("No assessment yet"),
            _(
                "Choose a published indicator system and what is to be assessed; the schools are asked for their self-assessment."
            )
            if may_begin
            else "",
            reverse("evaluations:begin_assessment", args=["institution"]) if may_begin else "",
            _("Assess institutions"),
            "scale",
        ),
    )
    groups = _beside(request.user).order_by().select_related("version__system")
    beside = sorted(
        {(one.version_id, one.year): one for one in groups}.values(),
        key=lambda one: (-one.year, one.version.system.title),
    )
    return listing.response("evaluations/assessments.html", {"may_begin": may_begin, "beside": beside[:12]})


def _latest(assessment: Assessment) -> str:
    return _points(told) if (told := assessment.latest) else ""


def _points(told: AssessmentResult) -> str:
    """What was told, with its interval."""
    low, high = told.low / 100, told.high / 100
    return f"{told.hundredths / 100:.1f} ({low:.1f}–{high:.1f}) {told.level}".strip()


@deed
def begin(request: SignedInRequest, of: str) -> HttpResponse:
    if of not in set(Object):
        raise NotFound
    words, page = request.GET.get("q", ""), whole_number(request.GET.get("page", "")) or 1
    form = BeginForm(request.POST or None, user=request.user, of=Object(of), words=words, page=page)

    def act() -> str:
        given = form.cleaned_data
        made, there = [], 0
        for thing, title in form.chosen():
            try:
                made.append(
                    actions.begin_assessment(
                        given["version"],
                        thing,
                        given["year"],
                        title=title,
                        report_due_on=given["report_due_on"],
                        by=request.user,
                    )
                )
            except Conflict:
                there += 1
        if there:
            messages.info(request, _("%(n)s were begun before and stay as they are.") % {"n": there})
        return url_of(made[0]) if len(made) == 1 else reverse("evaluations:assessments")

    return deed_page(
        request,
        form,
        act,
        verdict=permissions.may_make_systems(request.user),
        title=system_words.BEGIN_WORDS[Object(of)],
        button=_("Begin"),
        lead=_(
            "The schools are asked for a self-assessment with its papers; then reviewers judge, and the school may appeal."
        ),
        back=reverse("evaluations:assessments"),
        crumbs=[(_("Assessments"), reverse("evaluations:assessments"))],
        template="evaluations/begin.html",
        more={"found": form.found, "words": words},
    )


def _beside(user: Account) -> QuerySet[Assessment]:
    """What may be seen beside each other: to an institution only what it was told."""
    rows = Assessment.objects.visible_to(user)
    return rows.filter(results__isnull=False).distinct() if user.is_school else rows


@require_GET
def compare(request: SignedInRequest, version: int, year: int) -> HttpResponse:
    """Objects under one version in one year: intervals, the places that they leave open, and which places hang on a weight."""
    rows = _beside(request.user).filter(version=version, year=year)
    found = list(rows.select_related("version__system", "institution", "class_run").prefetch_related("results"))
    if not found:
        raise NotFound
    result = compared(found)
    names = {str(one.pk): one.object for one in found}
    tree = found[0].version.tree
    fair = fair_scores(found, request.user) if permissions.may_see_severity(request.user) else {}
    moved = [
        abs(float(fair[one.assessment.pk].earned - one.score.earned))
        for one in result.placed
        if one.assessment.pk in fair
    ]
    context = {
        "fair": fair,
        "moved": max(moved, default=0.0),
        "version": found[0].version,
        "year": year,
        "points": tree.root.points,
        "rows": [
            (one, url_of(one.assessment), _drawn(one, tree.root.points), fair.get(one.assessment.pk))
            for one in result.placed
        ],
        "sentences": [system_words.dependence_sentence(tree, one, names) for one in result.dependences],
    }
    return render(request, "evaluations/compare.html", context)


def _drawn(one: Placed, points: int) -> dict[str, str]:
    """Where the interval lies on a line of 100, as text: an SVG knows no comma."""
    ends = {"low": one.score.low, "high": one.score.high, "at": float(one.score.earned)}
    drawn = {key: 100 * value / points for key, value in ends.items()}
    drawn["width"] = max(0.6, drawn["high"] - drawn["low"])
    return {key: f"{value:.2f}" for key, value in drawn.items()}


@require_GET
def assessment(request: SignedInRequest, pk: int) -> HttpResponse:
    found = _found(request, pk)
    user = request.user
    sheet = sheet_of(found, user)
    reports = permissions.reports_on(user, found)
    today = timezone.localdate()
    waiting = [one for row in sheet.rows for one in row.appeals if one.state == AssessmentAppeal.State.OPEN]
    context = {
        "assessment": found,
        "sheet": sheet,
        "points": found.version.tree.root.points,
        "rows": [(row, system_words.STATE_WORDS[row.part.state], _figure(row)) for row in sheet.rows],
        "unsure": [one.title for one in found.version.tree.indicators if one.code in sheet.score.unsure],
        "steps": [str(label) for label in State.labels],
        "step": list(State.values).index(found.state) + 1,
        "results": [(one, _points(one)) for one in found.results.all()],
        "reports": reports,
        "shows_names": not user.is_school,
        "may_compare": _beside(user).filter(version=found.version_id, year=found.year).exists(),
        "may_judge": permissions.may_report(user, found) if reports else permissions.may_review(user, found),
        "may_report": permissions.may_report(user, found),
        "may_go_on": permissions.may_go_on(user, found),
        "may_tell": permissions.may_tell(user, found),
        "may_appeal": permissions.may_appeal(user, found, today),
        "decides": [one.pk for one in waiting if permissions.may_decide_appeal(user, one)],
        "stuck": [one.pk for one in waiting if not appealing.deciders_of(one)],
        "may_improve": permissions.may_ask_improvement(user, found),
        "may_file": permissions.may_file(user, found, today),
    }
    return render(request, "evaluations/assessment.html", context)


def _figure(row: Row) -> str:
    if not isinstance(row.node, Indicator) or not row.node.fact:
        return ""
    fact = Fact(row.node.fact)
    if row.figure is None:
        return str(system_words.UNKNOWN_WORDS.get(fact, ""))
    return system_words.figure_words(fact, row.figure)


def _indicator_title(assessment: Assessment, code: str) -> str:
    for one in assessment.version.tree.indicators:
        if one.code == code:
            return one.title
    raise NotFound


def _deed(
    request: SignedInRequest,
    found: Assessment,
    code: str,
    form: Form,
    act: Callable[[], object],
    verdict: Verdict,
    title: str,
    button: str,
    done: str,
    lead: str = "",
) -> HttpResponse:
    """The page of one deed about one indicator."""

    def go() -> str:
        act()
        return f"{url_of(found)}#{code}"

    crumbs = [(_("Assessments"), reverse("evaluations:assessments")), (found.object, url_of(found))]
    return deed_page(
        request,
        form,
        go,
        verdict=verdict,
        title=_("%(deed)s: %(indicator)s") % {"deed": title, "indicator": _indicator_title(found, code)},
        button=button,
        lead=lead,
        back=url_of(found),
        crumbs=crumbs,
        done=done,
    )


@deed
def judge(request: SignedInRequest, pk: int, code: str) -> HttpResponse:
    found, user = _found(request, pk), request.user
    indicator = next(
        (one for one in found.version.tree.indicators if one.code == code and one.kind is Kind.JUDGED), None
    )
    if indicator is None:
        raise NotFound
    own = found.judgements.filter(code=code, account=user).first()
    initial = {"percent": own.percent, "note": own.note, "on_site": own.on_site} if own else {}
    form = JudgeForm(
        request.POST or None, initial=initial, on_site=indicator.on_site and not permissions.reports_on(user, found)
    )
    reports = permissions.reports_on(user, found)
    return _deed(
        request,
        found,
        code,
        form,
        lambda: actions.judge(found, code, by=user, **form.cleaned_data),
        permissions.may_report(user, found) if reports else permissions.may_review(user, found),
        _("Self-assessment") if reports else _("Judge"),
        _("Keep"),
        _("The judgement is kept; it can be changed until the step is over."),
        lead=_("%(points)s points") % {"points": indicator.points},
    )


@deed
def hand_in(request: SignedInRequest, pk: int, code: str) -> HttpResponse:
    found = _found(request, pk)
    form = ProofForm(request.POST or None, request.FILES or None)
    return _deed(
        request,
        found,
        code,
        form,
        lambda: actions.hand_in_proof(
            found, code, form.cleaned_data["title"], form.cleaned_data["file"], by=request.user
        ),
        permissions.may_hand_in(request.user, found),
        _("Hand in a paper"),
        _("Hand in"),
        _("The paper is kept."),
    )


@require_GET
def proof(request: SignedInRequest, pk: int, proof: int) -> HttpResponse:
    kept = Proof.objects.filter(assessment=_found(request, pk), pk=proof).select_related("file").first()
    if kept is None:
        raise NotFound
    return hand_out_stored(kept.file)


@deed
def appeal(request: SignedInRequest, pk: int, code: str) -> HttpResponse:
    found = _found(request, pk)
    form = GroundsForm(request.POST or None)

    def act() -> None:
        latest = found.latest
        if latest is None:
            raise NotFound
        actions.appeal_result(latest, code, form.cleaned_data["text"], by=request.user)

    verdict = permissions.may_appeal(request.user, found, timezone.localdate())
    done = _("The appeal is with the department; both versions are kept.")
    return _deed(request, found, code, form, act, verdict, _("Appeal"), _("Appeal"), done)


@deed
def decide(request: SignedInRequest, pk: int, appeal: int) -> HttpResponse:
    found = _found(request, pk)
    about = AssessmentAppeal.objects.filter(result__assessment=found, pk=appeal).first()
    if about is None:
        raise NotFound
    form = DecisionForm(request.POST or None)

    def act() -> None:
        given = form.cleaned_data
        actions.decide_appeal(about, uphold=given["uphold"] == "yes", note=given["note"], by=request.user)

    verdict = permissions.may_decide_appeal(request.user, about)
    done = _("The decision is told to the school.")
    return _deed(
        request, found, about.code, form, act, verdict, _("Decide the appeal"), _("Decide"), done, lead=about.text
    )


def _steps(user: Account) -> dict[str, tuple[Callable[[Assessment], object], str]]:
    return {
        "report": (lambda one: actions.hand_in_report(one, by=user), _("The self-assessment is handed in.")),
        "go_on": (lambda one: actions.go_on_without_report(one, by=user), _("The review goes on without it.")),
        "tell": (lambda one: actions.tell_result(one, by=user), _("The result is told to the school.")),
        "file": (lambda one: actions.file_assessment(one, by=user), _("The result is in the quality file.")),
    }


@require_POST
def step(request: SignedInRequest, pk: int, word: str) -> HttpResponse:
    """Hand in, go on without, tell or file."""
    found = _found(request, pk)
    known = _steps(request.user).get(word)
    if known is None:
        raise NotFound
    act, done = known
    act(found)
    messages.success(request, done)
    return redirect(url_of(found))
