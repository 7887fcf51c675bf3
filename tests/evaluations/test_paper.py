"""The rest on paper: numbered sheets, a workbook, and an import that takes everything or nothing."""

from __future__ import annotations

import io
from typing import Any

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from pypdf import PdfReader

from tests.evaluations.polled import NOW, Poll, make_poll
from zhixing.base.problems import Invalid, Refused
from zhixing.evaluations import actions, papers
from zhixing.evaluations.models import PaperNumber, Remark, Sheet, Survey

pytestmark = pytest.mark.django_db
DOCUMENT: dict[str, Any] = {
    "form": {"title": "纸质", "subject": "class_run"},
    "block": [{"title": "甲", "weight": 100, "item": [
        {"code": "a", "text": "课程（含实践）", "kind": "grades"},
        {"code": "b", "text": "安排", "kind": "scale", "top": 10},
        {"code": "c", "text": "保障", "kind": "matrix", "rows": ["住宿", "用餐"]},
        {"code": "d", "text": "原因", "kind": "choice", "many": True, "options": ["没有机会", "时间不够", "没有妨碍"]},
        {"code": "e", "text": "意见", "kind": "text"},
        {"code": "f", "text": "对每课的评价", "kind": "grades", "per": "session"},
    ]}],
}  # fmt: skip
FULL = ("满意", "8", "较满意", "一般", "没有机会、3", "都好", "满意", "不满意")


@pytest.fixture
def poll() -> Poll:
    made = make_poll(people=8, document=DOCUMENT)
    made.hand_in(0, d="1")
    actions.go_to_paper(made.survey, by=made.school.head)
    made.survey.refresh_from_db()
    return made


def numbers() -> list[str]:
    return list(PaperNumber.objects.order_by("number").values_list("number", flat=True))


def filled(poll: Poll, rows: list[tuple[Any, ...]]) -> SimpleUploadedFile:
    """The survey's own workbook with rows typed in: the number and the answers."""
    book = openpyxl.load_workbook(io.BytesIO(papers.workbook(poll.survey, numbers())))
    sheet = book.active
    assert sheet is not None
    sheet.delete_rows(2, 100)
    for row in rows:
        sheet.append(row)
    content = io.BytesIO()
    book.save(content)
    return SimpleUploadedFile("答卷.xlsx", content.getvalue())


def bring(poll: Poll, rows: list[tuple[Any, ...]]) -> int:
    return actions.import_paper(poll.survey, filled(poll, rows), by=poll.school.head)


def faults(poll: Poll, rows: list[tuple[Any, ...]]) -> list[tuple[int, str, str]]:
    """(row, column, reason) of what is refused; nothing may have been taken."""
    before = Sheet.objects.count()
    with pytest.raises(Invalid) as caught:
        bring(poll, rows)
    assert Sheet.objects.count() == before
    assert not PaperNumber.objects.filter(used=True).exists()
    return [(one.row, one.column, str(one.reason)) for one in caught.value.problems]


def test_there_is_a_sheet_for_each_who_has_not_answered_and_no_link_any_more(poll: Poll) -> None:
    assert len(numbers()) == 6
    assert all(len(one) == 9 for one in numbers())
    with pytest.raises(Refused):
        poll.hand_in(1, d="1")
    with pytest.raises(Refused):
        actions.go_to_paper(poll.survey, by=poll.school.head)


def test_each_sheet_of_the_pdf_bears_its_number_and_the_questions(poll: Poll) -> None:
    pages = PdfReader(io.BytesIO(papers.sheets_pdf(poll.survey, numbers()))).pages
    assert len(pages) == 6
    texts = [page.extract_text().replace(" ", "") for page in pages]
    for number, text in zip(numbers(), texts, strict=True):
        assert number in text
        assert "课程（含实践）" in text


def test_typed_sheets_are_taken(poll: Poll) -> None:
    one, two, *_rest = numbers()
    assert bring(poll, [(one, *FULL), (two, "不满意", None, None, None, None, None, None, None)]) == 2
    first, second = poll.school.sessions
    answers = [sheet.answers for sheet in Sheet.objects.all() if sheet.seconds is None]
    assert {"a": 4, "b": 8, "c.1": 3, "c.2": 2, "d": [1, 3], f"f@{first.pk}": 4, f"f@{second.pk}": 1} in answers
    assert {"a": 1} in answers
    assert Remark.objects.get().text == "都好"
    assert Survey.objects.get().answered == 3


def test_a_row_without_answers_is_passed_over(poll: Poll) -> None:
    rows = [(number,) for number in numbers()]
    rows[2] = (numbers()[2], *FULL)
    assert bring(poll, rows) == 1
    assert list(PaperNumber.objects.filter(used=True).values_list("number", flat=True)) == [numbers()[2]]


def test_numbers_that_are_unknown_used_or_there_twice_are_refused(poll: Poll) -> None:
    one = numbers()[0]
    assert faults(poll, [("100", *FULL)]) == [(2, "编号", "No sheet of this survey has this number.")]
    assert faults(poll, [(one, *FULL), (one, *FULL)]) == [(3, "编号", "This number stands in an earlier row.")]
    bring(poll, [(one, *FULL)])
    with pytest.raises(Invalid) as caught:
        bring(poll, [(one, *FULL)])
    assert "taken before" in str(caught.value.problems[0].reason)
    assert Sheet.objects.count() == 2


def test_a_number_of_another_survey_is_refused(poll: Poll) -> None:
    other = make_poll(people=8, document=DOCUMENT)
    actions.go_to_paper(other.survey, by=other.school.head)
    foreign = PaperNumber.objects.filter(survey=other.survey).first()
    assert foreign is not None
    assert faults(poll, [(foreign.number, *FULL)])


@pytest.mark.parametrize(
    ("place", "value"), [(0, "很好"), (0, "4"), (1, "11"), (1, "十"), (2, "满意、一般"), (4, "4"), (4, "没有妨碍、9")]
)
def test_what_is_no_answer_is_named_by_row_and_column(poll: Poll, place: int, value: str) -> None:
    wrong = [*FULL]
    wrong[place] = value
    one, two, *_rest = numbers()
    ((row, column, _reason),) = faults(poll, [(one, *FULL), (two, *wrong)])
    assert row == 3
    assert column.startswith(("1", "2", "3-1", "", "4")[place])


def test_something_else_is_no_workbook_of_this_survey(poll: Poll) -> None:
    with pytest.raises(Invalid):
        actions.import_paper(
            poll.survey, SimpleUploadedFile("x.csv", "工号,姓名\n1,周一\n".encode()), by=poll.school.head
        )
    with pytest.raises(Invalid):
        bring(poll, [])


def test_paper_is_for_the_class_and_the_department(poll: Poll, client: Client) -> None:
    for user in (poll.school.trainees[0], poll.school.trainees[1]):
        with pytest.raises(Refused):
            actions.import_paper(poll.survey, filled(poll, [(numbers()[0], *FULL)]), by=user)
    client.force_login(poll.school.head)
    address = {
        name: reverse(f"evaluations:{name}", args=[poll.survey.pk]) for name in ("sheets", "workbook", "bring_back")
    }
    assert all(client.get(one).status_code == 200 for one in address.values())
    sent = client.post(address["bring_back"], {"sheet": filled(poll, [(numbers()[0], *FULL)])})
    assert sent.status_code == 302
    wrong = client.post(address["bring_back"], {"sheet": filled(poll, [("7", *FULL)])})
    assert wrong.status_code == 422
    assert "没有这个编号" in wrong.content.decode()


def test_paper_numbers_go_with_the_closing(poll: Poll) -> None:
    poll.close()
    assert not PaperNumber.objects.exists()
    with pytest.raises(Refused):
        bring_late(poll)


def bring_late(poll: Poll) -> None:
    actions.import_paper(poll.survey, SimpleUploadedFile("x.xlsx", b""), by=poll.school.head)


def test_nothing_goes_on_paper_once_everybody_has_answered() -> None:
    poll = make_poll(people=3)
    for who in range(2):
        poll.hand_in(who, now=NOW)
    poll.survey.refresh_from_db()
    with pytest.raises(Refused):
        actions.go_to_paper(poll.survey, by=poll.school.department)
