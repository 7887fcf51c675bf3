"""Codes of the roster engine and names of facts as words for the page."""

from __future__ import annotations

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from zhixing.base.problems import Text
from zhixing.base.tables.sentences import row_problem
from zhixing.engine.sheets.faults import Fault, RowFault, Treatment
from zhixing.people.models import RosterChange
from zhixing.people.problem import ELSEWHERE, NEWER

FACTS: dict[str, Text] = {
    "name": gettext_lazy("Name"),
    "number": gettext_lazy("Staff number"),
    "id_index": gettext_lazy("ID number"),
    "sex": gettext_lazy("Sex"),
    "born_on": gettext_lazy("Born"),
    "work_began_on": gettext_lazy("Began work"),
    "joined_on": gettext_lazy("Joined"),
    "left_on": gettext_lazy("Last day of service"),
    "category": gettext_lazy("Category"),
    "phone": gettext_lazy("Telephone"),
    "status": gettext_lazy("Status"),
    "note": gettext_lazy("Note"),
    "unit_id": gettext_lazy("Unit"),
    "department": gettext_lazy("Internal department"),
    "title": gettext_lazy("Post"),
    "rank": gettext_lazy("Rank"),
    "grade": gettext_lazy("Grade"),
    "rank_since": gettext_lazy("In this post since"),
    "grade_since": gettext_lazy("In this grade since"),
    "from_on": gettext_lazy("From"),
    "to_on": gettext_lazy("To"),
    "is_principal": gettext_lazy("Principal post"),
    "promoted": gettext_lazy("Began with a promotion"),
    "posting": gettext_lazy("Postings"),
    "records": gettext_lazy("What was recorded since"),
    "person": gettext_lazy("Person"),
}
"""Field → label."""


def problem_in_words(change: RosterChange) -> tuple[str, str]:
    """What is wrong with a row, and what to do about it."""
    if change.code == ELSEWHERE:
        return (
            _("This person belongs to a unit outside your scope."),
            _("Ask the authority there to move the person, or take the row out."),
        )
    if change.code == NEWER:
        return (
            _("A post that began after the day of this roster is known; what the row says of the post is left out."),
            _("Upload the roster that holds today, or correct the person by hand."),
        )
    fault = row_problem(
        RowFault(
            change.after.get("sheet", ""),
            change.row,
            change.column,
            change.value,
            Treatment(change.treatment),
            Fault(change.code),
            tuple(change.after.get("about", ())),
        )
    )
    return str(fault.reason), str(fault.mend)
