"""Codes of the sheet engine as sentences: the reason, and what to do about it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from zhixing.base.problems import Invalid, RowProblem
from zhixing.engine.sheets.faults import Fault, RowFault, Treatment

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise

TREATMENT_WORDS = {Treatment.REFUSED: "拒收", Treatment.DOUBTFUL: "存疑"}
"""What became of a row, in the words that formats.md §1 fixes for ``problems.xlsx``, whatever the language."""

SENTENCES: dict[Fault, tuple[_StrPromise, _StrPromise]] = {
    Fault.HEADING_MISSING: (
        _("No column is headed “{column}”. The headings seen are: {value}."),
        _("Give the column its heading, in one row above the data."),
    ),
    Fault.HEADING_TWICE: (
        _("Two columns claim to be “{column}”: {value}."),
        _("Keep one of them, or rename the other."),
    ),
    Fault.MISSING: (_("“{column}” is blank."), _("Fill in “{column}”.")),
    Fault.TOO_LONG: (
        _("“{column}” holds more than {about} characters."),
        _("Shorten it."),
    ),
    Fault.ROWS_CONTRADICT: (
        _("The file says different things of the same key: compare with row {about}."),
        _("Keep the row that is right and delete the other."),
    ),
    Fault.KEY_MISSING: (
        _("The row has neither ID number nor staff number."),
        _("Fill in the number by which the person is known."),
    ),
    Fault.ID_DIGITS_LOST: (
        _("The ID number was kept as a number, so its last digits are lost."),
        _("Set the column to text and type or paste the numbers again."),
    ),
    Fault.ID_MASKED: (
        _("The ID number is masked."),
        _("Give the whole number, or the staff number."),
    ),
    Fault.ID_MALFORMED: (
        _("This is no ID number: it needs 18 characters, or 15 digits."),
        _("Compare it with the identity card."),
    ),
    Fault.ID_DATE: (
        _("The birth date in the ID number does not exist."),
        _("Compare digits 7 to 14 with the identity card."),
    ),
    Fault.ID_CHECK_DIGIT: (
        _("The check digit of the ID number does not fit: a digit is mistyped."),
        _("Compare it with the identity card."),
    ),
    Fault.ID_CONTRADICTS_SEX: (
        _("Sex and ID number contradict each other; the ID number was followed."),
        _("Correct whichever is wrong."),
    ),
    Fault.ID_CONTRADICTS_BIRTH: (
        _("Birth date and ID number contradict each other; the ID number was followed."),
        _("Correct whichever is wrong."),
    ),
    Fault.NUMBER_SHARED: (
        _("Rows with different ID numbers share this staff number."),
        _("Give each person a staff number of their own."),
    ),
    Fault.KEYS_DISAGREE: (
        _("ID number and staff number belong to different people."),
        _("Correct whichever is wrong."),
    ),
    Fault.OTHER_PERSON: (
        _("This staff number belongs to somebody with another name."),
        _("Correct the staff number, or add the ID number."),
    ),
    Fault.PERSON_UNKNOWN: (
        _("Nobody in the roster has this number, or the person's row was refused."),
        _("Correct the number, or bring the person in with the roster first."),
    ),
    Fault.NAME_OF_ANOTHER: (
        _("The number belongs to somebody with another name than “{value}”."),
        _("Correct the number or the name."),
    ),
    Fault.NAME_UNKNOWN: (
        _("Nobody called “{value}” is in the unit that the row names."),
        _("Add the ID number or the staff number, or bring the person in with the roster first."),
    ),
    Fault.NAME_SHARED: (
        _("Several people of the unit that the row names are called “{value}”."),
        _("Add the ID number or the staff number."),
    ),
    Fault.OTHER_UNIT: (
        _("In the roster the person is not in “{value}”; the number was followed."),
        _("Make sure that it is the same person."),
    ),
    Fault.DATE_UNREADABLE: (
        _("“{value}” is no date."),
        _("Write it as 1985-07-12 or 1985-07."),
    ),
    Fault.DATE_IMPOSSIBLE: (
        _("The date “{value}” does not exist."),
        _("Correct the date."),
    ),
    Fault.DATE_AMBIGUOUS: (
        _("The date “{value}” can be read in more than one way."),
        _("Write the year with four digits and the month with two: 1985-07 or 1985-10."),
    ),
    Fault.DATE_NEEDS_DAY: (
        _("The date “{value}” names no day."),
        _("Add the day."),
    ),
    Fault.DATE_BEFORE_BIRTH: (
        _("“{column}” lies before the birth date; it was left out."),
        _("Correct whichever is wrong."),
    ),
    Fault.DATE_IN_FUTURE: (
        _("“{column}” has not come yet; it was left out."),
        _("Correct the date."),
    ),
    Fault.DATES_OUT_OF_ORDER: (
        _("The end lies before the beginning."),
        _("Correct whichever is wrong."),
    ),
    Fault.DAYS_TOO_MANY: (
        _("From the first day to the last are more than {about} days."),
        _("Correct the dates."),
    ),
    Fault.RANK_UNKNOWN: (
        _("“{value}” is no rank or grade that is known."),
        _("Use a name such as 县处级副职, 乡科级正职 or 四级主任科员."),
    ),
    Fault.RANK_UNSAID: (
        _(
            "The form says neither rank nor grade, so the person comes in without one, owes no hours by rank and is not called up by it."
        ),
        _("Enter the rank on the person's page as a new posting, or import a roster that has it."),
    ),
    Fault.RANKS_CONTRADICT: (
        _("The columns for rank and grade contradict each other."),
        _("Put the leading post in one column and the grade in the other."),
    ),
    Fault.SEX_UNKNOWN: (_("“{value}” is no sex that is known."), _("Write 男 or 女.")),
    Fault.STATUS_UNKNOWN: (
        _("“{value}” is no status that is known; the person counts as off post and is not called up."),
        _("Write 在职, 离岗, 借调 or 退休."),
    ),
    Fault.PHONE_UNREADABLE: (
        _("“{value}” is no telephone number; it was left out."),
        _("Write the 11 digits of the mobile number."),
    ),
    Fault.UNIT_UNKNOWN: (
        _("No unit is called “{value}”. Near are: {about}."),
        _("Write the full name, the code, or the path with “/”; or add the unit first."),
    ),
    Fault.UNIT_AMBIGUOUS: (
        _("Several units are called “{value}”: {about}."),
        _("Write the path with “/”."),
    ),
    Fault.CHANNEL_UNKNOWN: (
        _("“{value}” is no form of training that is known."),
        _("Write 脱产, 集中, 网络, 中心组, 自学 or 授课."),
    ),
    Fault.RESULT_UNKNOWN: (
        _("“{value}” is no result that is known; no hours were credited."),
        _("Write 结业, 未结业 or 缺训."),
    ),
    Fault.TARGET_UNKNOWN: (
        _("These words name no rank or grade: {about}."),
        _("List ranks, such as 县处级正职、县处级副职 or 乡科级及以下."),
    ),
    Fault.CLASS_UNKNOWN: (
        _("The class list has no class called “{value}”."),
        _("Write the class as the class list does."),
    ),
    Fault.NOT_AMONG: (
        _("“{value}” is none of what “{column}” may say: {about}."),
        _("Write one of these."),
    ),
    Fault.NOT_LISTED: (
        _("Nobody has entered these yet: {about}. They were left out."),
        _("Enter them first, or correct the words."),
    ),
    Fault.NO_COMPETENCY: (
        _("No published framework of the city has competencies with these codes: {about}. They were left out."),
        _("Write the codes as the competency framework in force has them, separated by 、."),
    ),
    Fault.ID_NOT_KEPT_HERE: (
        _("An ID number stands in “{column}”; its middle was struck out."),
        _("Leave ID numbers out: only the roster keeps them, sealed."),
    ),
    Fault.NOT_KEPT: (
        _("What “{value}” keeps is not yours to write."),
        _("Leave “{column}” blank for your own institution, or let whoever keeps it bring the row in."),
    ),
    Fault.NUMBER_UNREADABLE: (
        _("“{value}” is no whole number; it was left out."),
        _("Write a whole number."),
    ),
    Fault.SEATS_UNREADABLE: (
        _("“{value}” is no number of seats."),
        _("Write a whole number."),
    ),
    Fault.SEATS_OUT_OF_ORDER: (
        _("The fewest seats are more than the most."),
        _("Correct whichever is wrong."),
    ),
    Fault.MONEY_UNREADABLE: (
        _("“{value}” is no sum of money."),
        _("Write a number, such as 8.5 under “经费（万元）” or 85000元."),
    ),
    Fault.MONEY_UNIT_UNSAID: (
        _("“{value}” may be yuan or ten thousands of yuan, so no money was taken over."),
        _("Write the unit in the heading, 经费（元） or 经费（万元）, or in the cell."),
    ),
    Fault.HOURS_UNREADABLE: (
        _("“{value}” is no number of hours."),
        _("Write a number, such as 24 or 7.5."),
    ),
    Fault.HOURS_NEGATIVE: (
        _("Hours cannot be negative."),
        _("Correct the hours. A correction of credit is made in the ledger."),
    ),
    Fault.HOURS_TOO_FINE: (
        _("Hours are kept to one decimal; “{value}” was rounded."),
        _("Write one decimal at most."),
    ),
    Fault.HOURS_TOO_MANY: (
        _("“{value}” hours are more than a year of training."),
        _("Correct the hours."),
    ),
    Fault.HOURS_NOT_FOUND: (
        _("No hours are stated, and the table of recognition in force does not say what this training is worth."),
        _("Fill in “{column}”."),
    ),
    Fault.DAYS_UNREADABLE: (_("“{value}” is no number of days."), _("Write whole or half days, such as 3 or 2.5.")),
}


def row_problem(fault: RowFault) -> RowProblem:
    """The fault in words."""
    reason, mend = SENTENCES[fault.fault]
    words = {"column": fault.column, "value": fault.value, "about": ", ".join(fault.about) or "—"}
    return RowProblem(
        fault.sheet,
        fault.row,
        fault.column,
        fault.value,
        fault.treatment.value,
        format_lazy(reason, **words),
        format_lazy(mend, **words),
    )


def invalid(faults: Iterable[RowFault], name: str) -> Invalid:
    """The refusal of a whole sheet, ready to be raised; ``name`` is the file's."""
    return Invalid(
        format_lazy(_("The sheet in {name} cannot be read."), name=name), [row_problem(fault) for fault in faults]
    )
