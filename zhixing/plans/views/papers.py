"""Papers of a plan: Excel, Word, PDF."""

from __future__ import annotations

from django.http import HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_GET

from zhixing.base.files import hand_out
from zhixing.base.problems import NotFound
from zhixing.people.views.request import SignedInRequest
from zhixing.plans.papers import class_list_book, plan_pdf, plan_word
from zhixing.plans.queries import annual_plans as reads


@require_GET
def paper(request: SignedInRequest, pk: int, kind: str) -> HttpResponse:
    """The plan with the lines that the user may see."""
    plan = reads.plan_for(request.user, pk)
    lines = reads.lines_of(request.user, plan)
    if kind == "xlsx":
        return hand_out(class_list_book(plan, lines), f"{plan.title}-班次计划表.xlsx")
    if kind == "docx":
        return hand_out(plan_word(plan, lines, timezone.localdate()), f"{plan.title}.docx")
    if kind == "pdf":
        return hand_out(plan_pdf(plan, lines, timezone.localdate()), f"{plan.title}.pdf", inline=True)
    raise NotFound
