"""A roster on its way: received, read into a preview, applied in one transaction."""

from __future__ import annotations

import datetime as dt
import errno
from collections.abc import Callable

import pytest
from django.core.files.storage import FileSystemStorage
from django.utils import timezone
from django.utils.translation import override

from tests.base.test_lrmx import packed
from tests.factories import make_account, make_city, make_department, make_person, make_unit
from tests.people.rosters import ON, brought_in, everything, id_number, receive, row, sheet
from zhixing.base import files, jobs
from zhixing.base.models import AuditEntry, Job, StoredFile
from zhixing.base.problems import Conflict, Invalid, Refused
from zhixing.base.sealed import blind_index, unseal
from zhixing.base.tables.read import read_sheet
from zhixing.people import actions, papers
from zhixing.people.models import Account, Person, Posting, Role, RosterChange, RosterImport, Unit
from zhixing.people.sentences import problem_in_words
from zhixing.people.signals import persons_changed

pytestmark = pytest.mark.django_db
Run = Callable[[], int]


@pytest.fixture
def city() -> Unit:
    return make_city()


@pytest.fixture
def finance(city: Unit) -> Unit:
    return make_unit("财政局", city)


@pytest.fixture
def audit_office(city: Unit) -> Unit:
    return make_unit("审计局", city)


@pytest.fixture
def department(city: Unit) -> Account:
    return make_department(city)


def read(roster_import: RosterImport, run_jobs: Run) -> dict[str, int]:
    run_jobs()
    roster_import.refresh_from_db()
    return {kind: roster_import.counts[kind] for kind in RosterChange.Kind.values if roster_import.counts[kind]}


@pytest.mark.usefixtures("finance")
def test_reading_changes_nothing_and_lays_out_who_arrives(city: Unit, department: Account, run_jobs: Run) -> None:
    roster_import = receive(sheet([row("韦青", 1), row("陆白", 2)]), department, city)
    assert read(roster_import, run_jobs) == {"arrival": 2}
    assert roster_import.state == RosterImport.State.READ
    assert not Person.objects.exists()


@pytest.mark.usefixtures("finance")
def test_the_file_lies_sealed_and_is_destroyed_once_read(
    city: Unit, department: Account, run_jobs: Run, django_capture_on_commit_callbacks: Callable[..., object]
) -> None:
    content = sheet([row("韦青", 1)])
    roster_import = receive(content, department, city)
    path = files.path_of(roster_import.file)
    assert content[:4] not in path.read_bytes()[:64]
    with django_capture_on_commit_callbacks(execute=True):  # type: ignore[attr-defined]
        run_jobs()
    assert not path.exists()


@pytest.mark.usefixtures("finance")
def test_id_numbers_are_nowhere_in_plain_text(city: Unit, department: Account, run_jobs: Run) -> None:
    wrong = id_number(3)[:-1] + ("1" if id_number(3)[-1] != "1" else "2")
    roster_import = receive(sheet([row("韦青", 1), row("陆白", 3) | {"身份证号": wrong}]), department, city)
    run_jobs()
    kept = str(list(roster_import.changes.values())) + str(list(AuditEntry.objects.values()))
    assert id_number(1) not in kept
    assert wrong not in kept
    assert "19850712" not in kept


@pytest.mark.usefixtures("finance")
def test_applying_enters_people_with_a_first_posting(city: Unit, department: Account, run_jobs: Run) -> None:
    cells = {"任现职时间": "2021-05", "手机号": "13900000001", "职务": "科长"}
    roster_import = brought_in([row("韦青", 1, **cells)], department, city, run_jobs)
    person = Person.objects.get(number="N001")
    assert (person.name, person.rank, person.title, person.phone) == ("韦青", "乡科级正职", "科长", "13900000001")
    assert (person.sex, person.born_on) == ("m", dt.date(1985, 7, 12))
    assert person.id_index == blind_index(id_number(1))
    assert unseal(bytes(person.id_sealed or b"")) == id_number(1)
    posting = person.postings.get()
    assert (posting.from_on, posting.rank_since, posting.to_on) == (dt.date(2021, 5, 1), dt.date(2021, 5, 1), None)
    assert posting.brought_by == roster_import
    assert roster_import.changes.get().person_id == person.pk


@pytest.mark.usefixtures("finance")
def test_whoever_comes_without_a_staff_number_gets_one(city: Unit, department: Account, run_jobs: Run) -> None:
    brought_in([row("韦青", 1, 工号="")], department, city, run_jobs)
    assert Person.objects.get().number.startswith("R")


@pytest.mark.usefixtures("finance", "audit_office")
def test_a_move_closes_the_old_posting_and_begins_another(city: Unit, department: Account, run_jobs: Run) -> None:
    brought_in([row("韦青", 1, rank="乡科级副职", 任现职时间="2019-01-01")], department, city, run_jobs)
    later = dt.date(2026, 6, 1)
    roster_import = brought_in([row("韦青", 1, "审计局")], department, city, run_jobs, on=later)
    assert roster_import.counts["move"] == 1
    old, new = Posting.objects.order_by("from_on")
    assert (old.unit.name, old.to_on) == ("财政局", dt.date(2026, 5, 31))
    assert (new.unit.name, new.from_on, new.to_on, new.promoted) == ("审计局", later, None, True)
    person = Person.objects.get()
    assert (person.unit_id, person.rank) == (new.unit_id, "乡科级正职")


@pytest.mark.usefixtures("finance")
def test_a_date_learnt_later_corrects_the_posting_in_place(city: Unit, department: Account, run_jobs: Run) -> None:
    brought_in([row("韦青", 1)], department, city, run_jobs)
    brought_in([row("韦青", 1, 任现职时间="2020-02-01")], department, city, run_jobs, on=dt.date(2026, 6, 1))
    assert Posting.objects.get().rank_since == dt.date(2020, 2, 1)


@pytest.mark.usefixtures("finance")
def test_a_correction_touches_the_person_and_no_posting(city: Unit, department: Account, run_jobs: Run) -> None:
    brought_in([row("韦青", 1)], department, city, run_jobs)
    roster_import = brought_in([row("韦青", 1, 手机号="13900000009")], department, city, run_jobs)
    assert (roster_import.counts["change"], roster_import.counts["move"]) == (1, 0)
    assert Person.objects.get().phone == "13900000009"
    assert Posting.objects.count() == 1


@pytest.mark.usefixtures("finance")
def test_only_a_complete_roster_lets_people_leave(city: Unit, department: Account, run_jobs: Run) -> None:
    both = [row("韦青", 1), row("陆白", 2)]
    brought_in(both, department, city, run_jobs)
    assert read(receive(sheet(both[:1]), department, city), run_jobs) == {}
    later = dt.date(2026, 6, 1)
    brought_in(both[:1], department, city, run_jobs, complete=True, on=later)
    gone = Person.objects.get(number="N002")
    assert (gone.status, gone.left_on) == (Person.Status.LEFT, dt.date(2026, 5, 31))
    assert gone.postings.get().to_on == dt.date(2026, 5, 31)
    assert gone.unit is not None
    assert Person.objects.get(number="N001").status == Person.Status.SERVING


@pytest.mark.usefixtures("finance")
def test_whoever_left_can_come_back(city: Unit, department: Account, run_jobs: Run) -> None:
    both = [row("韦青", 1), row("陆白", 2)]
    brought_in(both, department, city, run_jobs)
    brought_in(both[:1], department, city, run_jobs, complete=True, on=dt.date(2026, 6, 1))
    roster_import = brought_in(both, department, city, run_jobs, on=dt.date(2026, 9, 1))
    assert roster_import.counts["arrival"] == 1
    back = Person.objects.get(number="N002")
    assert (back.status, back.left_on) == (Person.Status.SERVING, None)
    assert [(p.from_on, p.to_on) for p in back.postings.order_by("from_on")] == [
        (ON, dt.date(2026, 5, 31)),
        (dt.date(2026, 9, 1), None),
    ]


@pytest.mark.usefixtures("finance")
def test_a_retirement_ends_the_service_and_a_return_begins_it_again(
    city: Unit, department: Account, run_jobs: Run
) -> None:
    brought_in([row("韦青", 1)], department, city, run_jobs)
    brought_in([row("韦青", 1, 状态="退休")], department, city, run_jobs, on=dt.date(2026, 6, 1))
    person = Person.objects.get()
    assert (person.status, person.left_on) == (Person.Status.RETIRED, dt.date(2026, 5, 31))
    assert person.postings.get().to_on == dt.date(2026, 5, 31)
    brought_in([row("韦青", 1, 状态="在职")], department, city, run_jobs, on=dt.date(2026, 9, 1))
    person.refresh_from_db()
    assert (person.status, person.left_on) == (Person.Status.SERVING, None)
    assert person.postings.get(to_on=None).from_on == dt.date(2026, 9, 1)


@pytest.mark.usefixtures("finance")
def test_the_same_file_twice_changes_nothing_the_second_time(city: Unit, department: Account, run_jobs: Run) -> None:
    content = sheet([row("韦青", 1), row("陆白", 2, 工号="")])
    first = receive(content, department, city)
    run_jobs()
    first.refresh_from_db()
    actions.start_applying(first, by=department)
    run_jobs()
    before = everything()
    second = receive(content, department, city)
    assert read(second, run_jobs) == {}
    assert second.counts["unchanged"] == 2
    assert not second.has_changes
    with pytest.raises(Refused):
        actions.start_applying(second, by=department)
    assert everything() == before


@pytest.mark.usefixtures("finance", "audit_office")
def test_an_exported_roster_imports_as_nothing_new(city: Unit, department: Account, run_jobs: Run) -> None:
    make_unit("办公室", make_unit("北泽县", city))
    make_unit("办公室", make_unit("南淮县", city))
    rows = [
        row("韦青", 1, 任现职时间="2021.05", 手机号="13900000001", 状态="借调"),
        row("陆白", 2, "审计局", "", 职级="一级主任科员", 职务="审计员"),
        row("阿依·努尔", 3, "北泽县/办公室", 工号=""),
        row("岑柏", 4, "南淮县/办公室", 状态="退休"),
    ]
    brought_in(rows, department, city, run_jobs)
    content = papers.roster_book(city)
    back = receive(content, department, city, complete=True)
    assert read(back, run_jobs) == {}
    assert back.counts["unchanged"] == 4
    text = str(read_sheet(content, "roster.xlsx").rows)
    assert id_number(1) not in text
    assert id_number(1)[-2:] in text


@pytest.mark.usefixtures("finance")
def test_unknown_units_are_problems_or_on_demand_opened(city: Unit, department: Account, run_jobs: Run) -> None:
    rows = [row("韦青", 1, "水务局"), row("陆白", 2, "水务局/办公室"), row("岑柏", 3)]
    assert read(receive(sheet(rows), department, city), run_jobs) == {"arrival": 1, "problem": 2}
    roster_import = brought_in(rows, department, city, run_jobs, opens_units=True)
    assert roster_import.counts["units"] == ["水务局", "水务局/办公室"]
    water = Unit.objects.get(name="水务局")
    assert water.parent == city
    assert Unit.objects.get(name="办公室").parent == water
    assert Person.objects.get(number="N002").unit == Unit.objects.get(name="办公室")


@pytest.mark.usefixtures("finance")
def test_a_problem_sheet_says_where_what_and_how_to_mend_it(city: Unit, department: Account, run_jobs: Run) -> None:
    rows = [row("韦青", 1), row("陆白", 2, rank="大官"), row("岑柏", 4, 手机号="打不通")]
    roster_import = receive(sheet(rows), department, city)
    assert read(roster_import, run_jobs) == {"arrival": 2, "problem": 2}
    assert (roster_import.counts["refused"], roster_import.counts["doubtful"]) == (1, 1)
    table = read_sheet(papers.problem_book(roster_import), "problems.xlsx").rows
    assert list(table[0]) == ["文件", "工作表", "行号", "列", "值", "处理", "原因", "处理建议"]
    assert [line[:6] for line in table[1:]] == [
        ["roster.xlsx", "名册", "3", "职务层次", "大官", "拒收"],
        ["roster.xlsx", "名册", "4", "手机号", "打不通", "存疑"],
    ]
    assert all(line[6] and line[7] for line in table[1:])


def test_a_file_without_headings_is_refused_with_the_reason(city: Unit, department: Account, run_jobs: Run) -> None:
    roster_import = receive(sheet([{"甲": "1", "乙": "2"}], ("甲", "乙")), department, city)
    run_jobs()
    roster_import.refresh_from_db()
    assert roster_import.state == RosterImport.State.REFUSED
    assert "姓名" in roster_import.refusal


def test_a_file_that_is_no_spreadsheet_is_not_taken_in(city: Unit, department: Account) -> None:
    with pytest.raises(Invalid):
        receive(b"PK\x03\x04 broken", department, city)
    assert not RosterImport.objects.exists()
    assert not StoredFile.objects.exists()


def test_forms_for_appointment_bring_people_without_family_or_photo(
    city: Unit, finance: Unit, department: Account, run_jobs: Run
) -> None:
    brought_in([row("韦青", 1)], department, city, run_jobs)
    form = f"""<?xml version="1.0" encoding="utf-8"?><Person><XingMing>韦青</XingMing><XingBie>男</XingBie>
    <ShenFenZheng>{id_number(1)}</ShenFenZheng><XianRenZhiWu>副局长</XianRenZhiWu>
    <JiaTingChengYuan><Item><ChengWei>妻</ChengWei><XingMing>某氏</XingMing></Item></JiaTingChengYuan>
    <ZhaoPian>aGVsbG8=</ZhaoPian></Person>"""
    roster_import = receive(form.encode(), department, finance, name="韦青.lrmx", on=dt.date(2026, 6, 1))
    assert read(roster_import, run_jobs) == {"move": 1}
    assert roster_import.counts["dropped"] == {"family_members": 1, "photos": 1}
    assert "某氏" not in str(list(roster_import.changes.values()))
    actions.start_applying(roster_import, by=department)
    run_jobs()
    assert Person.objects.get().title == "副局长"


def test_newcomers_come_by_forms_with_the_rank_that_the_post_says_or_in_doubt(
    finance: Unit, department: Account, run_jobs: Run
) -> None:
    posts = ("财政局副局长（副处级）", "办公室主任、四级调研员", "副局长")
    forms = {
        f"{n}.lrmx": f"<?xml version='1.0'?><Person><XingMing>韦{sign}</XingMing><ShenFenZheng>{id_number(n)}</ShenFenZheng>"
        f"<XianRenZhiWu>{post}</XianRenZhiWu></Person>"
        for n, (sign, post) in enumerate(zip("青白柏", posts, strict=True))
    }
    content = packed({name: text.encode() for name, text in forms.items()})
    roster_import = receive(content, department, finance, name="forms.zip")
    assert read(roster_import, run_jobs) == {"arrival": 3, "problem": 1}
    doubt = roster_import.changes.get(kind="problem")
    assert (doubt.code, doubt.treatment, doubt.after["sheet"]) == ("rank_unsaid", "doubtful", "2.lrmx")
    with override("en"):
        assert "new posting" in problem_in_words(doubt)[1]
    actions.start_applying(roster_import, by=department)
    run_jobs()
    assert sorted(Person.objects.values_list("name", "rank", "grade")) == [
        ("韦柏", "", ""),
        ("韦白", "", "四级调研员"),
        ("韦青", "县处级副职", ""),
    ]


def test_one_human_kept_as_two_persons_becomes_one_by_the_steps_of_the_how_to(
    city: Unit, finance: Unit, department: Account, run_jobs: Run
) -> None:
    brought_in([row("韦青", 1, 工号="R-1")], department, city, run_jobs)
    kept, other = Person.objects.get(), make_person(finance, "韦青", number="N001", title="科长")
    content = sheet([row("韦青", 1)])
    both = receive(content, department, city, on=timezone.localdate(), complete=True)
    assert read(both, run_jobs) == {"problem": 1}
    assert both.changes.get().code == "keys_disagree"
    actions.correct_person(other, by=department, number="N001-旧")
    actions.correct_person(kept, by=department, number="N001")
    actions.end_service(other, last_day=timezone.localdate(), retired=False, by=department)
    assert read(receive(content, department, city, on=timezone.localdate(), complete=True), run_jobs) == {}


def test_people_outside_the_scope_are_problems_and_stay_untouched(city: Unit, finance: Unit, run_jobs: Run) -> None:
    stranger = make_person(finance, "韦青", number="N001")
    county = make_unit("北泽县", city)
    make_unit("县财政局", county)
    administrator = make_department(county)
    roster_import = receive(sheet([row("韦青", 1, "县财政局"), row("陆白", 2, "县财政局")]), administrator, county)
    assert read(roster_import, run_jobs) == {"arrival": 1, "problem": 1}
    assert roster_import.changes.get(kind="problem").code == "elsewhere"
    assert roster_import.changes.get(kind="problem").person_id is None
    stranger.refresh_from_db()
    assert stranger.unit == finance


def test_a_unit_outside_the_imports_subtree_is_unknown(city: Unit, run_jobs: Run) -> None:
    make_unit("财政局", city)
    county = make_unit("北泽县", city)
    assert read(receive(sheet([row("韦青", 1)]), make_department(county), county), run_jobs) == {"problem": 1}


@pytest.mark.usefixtures("finance")
def test_an_edit_after_reading_stops_the_whole_import(city: Unit, department: Account, run_jobs: Run) -> None:
    brought_in([row("韦青", 1), row("陆白", 2)], department, city, run_jobs)
    rows = [row("韦青", 1, 手机号="13900000001"), row("陆白", 2, 手机号="13900000002"), row("岑柏", 3)]
    roster_import = receive(sheet(rows), department, city)
    run_jobs()
    roster_import.refresh_from_db()
    actions.correct_person(Person.objects.get(number="N002"), by=department, phone="13911111111")
    before = everything()
    with pytest.raises(Conflict):
        actions.apply_roster(roster_import, by=department)
    assert everything() == before
    roster_import.refresh_from_db()
    assert roster_import.state == RosterImport.State.READ


@pytest.mark.usefixtures("finance")
def test_a_crash_in_the_middle_leaves_nothing_and_a_second_run_completes(
    city: Unit, department: Account, run_jobs: Run
) -> None:
    brought_in([row("韦青", 1), row("陆白", 2)], department, city, run_jobs)
    rows = [row("韦青", 1, 手机号="13900000001"), row("岑柏", 3), row("陆白", 2, rank="县处级副职")]
    roster_import = receive(sheet(rows), department, city, on=dt.date(2026, 6, 1))
    run_jobs()
    before = everything()
    job = actions.start_applying(RosterImport.objects.get(pk=roster_import.pk), by=department)

    def die(**_kwargs: object) -> None:
        raise SystemExit(9)

    persons_changed.connect(die)
    try:
        with pytest.raises(SystemExit):
            jobs.perform(str(job.pk))
    finally:
        persons_changed.disconnect(die)
    assert everything() == before
    roster_import.refresh_from_db()
    assert roster_import.state == RosterImport.State.READ
    Job.objects.filter(pk=job.pk).update(heartbeat_at=dt.datetime(2026, 1, 1, tzinfo=dt.UTC))
    assert jobs.sweep() == 1
    assert run_jobs()
    roster_import.refresh_from_db()
    assert roster_import.state == RosterImport.State.APPLIED
    assert Person.objects.count() == 3
    assert Person.objects.get(number="N002").rank == "县处级副职"


@pytest.mark.usefixtures("finance")
def test_a_worker_that_died_after_the_commit_finds_the_work_done(
    city: Unit, department: Account, run_jobs: Run
) -> None:
    roster_import = brought_in([row("韦青", 1)], department, city, run_jobs)
    before = everything()
    Job.objects.filter(pk=roster_import.job_id).update(state=Job.State.QUEUED)
    assert run_jobs()
    job = Job.objects.get(pk=roster_import.job_id)
    assert job.state == Job.State.DONE
    assert everything() == before


@pytest.mark.usefixtures("finance")
def test_reading_that_was_cut_off_begins_anew(city: Unit, department: Account, run_jobs: Run) -> None:
    roster_import = receive(sheet([row("韦青", 1)]), department, city)
    RosterChange.objects.create(roster_import=roster_import, kind="arrival", name="half")
    assert read(roster_import, run_jobs) == {"arrival": 1}
    assert roster_import.changes.get().name == "韦青"


@pytest.mark.usefixtures("finance")
def test_a_full_disk_keeps_nothing_and_says_so(
    city: Unit, department: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    class FullStorage(FileSystemStorage):
        def _save(self, name: str, content: object) -> str:
            raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(StoredFile._meta.get_field("content"), "storage", FullStorage())
    with pytest.raises(Invalid):
        receive(sheet([row("韦青", 1)]), department, city)
    assert not RosterImport.objects.exists()
    assert not Job.objects.exists()


@pytest.mark.usefixtures("finance")
def test_a_dropped_import_leaves_no_rows_and_no_file(
    city: Unit, department: Account, django_capture_on_commit_callbacks: Callable[..., object]
) -> None:
    roster_import = receive(sheet([row("韦青", 1)]), department, city)
    path = files.path_of(roster_import.file)
    assert path.exists()
    with django_capture_on_commit_callbacks(execute=True):  # type: ignore[attr-defined]
        actions.drop_import(roster_import, by=department)
    assert not path.exists()
    assert not roster_import.changes.exists()
    with pytest.raises(Conflict):
        actions.drop_import(roster_import, by=department)


@pytest.mark.usefixtures("finance")
def test_one_piece_of_work_at_a_time(city: Unit, department: Account, run_jobs: Run) -> None:
    roster_import = receive(sheet([row("韦青", 1)]), department, city)
    with pytest.raises(Conflict):
        actions.read_again(roster_import, by=department)
    run_jobs()
    roster_import.refresh_from_db()
    actions.start_applying(roster_import, by=department)
    with pytest.raises(Conflict):
        actions.start_applying(roster_import, by=department)


def test_a_roster_is_never_dated_in_the_future(city: Unit, department: Account) -> None:
    with pytest.raises(Invalid):
        receive(sheet([row("韦青", 1)]), department, city, on=dt.date(2999, 1, 1))


@pytest.mark.parametrize("role", [Role.SCHOOL, Role.LIAISON, Role.TEACHER, Role.AUDITOR])
@pytest.mark.usefixtures("finance")
def test_only_the_department_imports(city: Unit, department: Account, role: str, run_jobs: Run) -> None:
    stranger = make_account(role, city)
    with pytest.raises(Refused):
        receive(sheet([row("韦青", 1)]), stranger, city)
    roster_import = receive(sheet([row("韦青", 1)]), department, city)
    with pytest.raises(Refused):
        actions.drop_import(roster_import, by=stranger)
    run_jobs()
    roster_import.refresh_from_db()
    with pytest.raises(Refused):
        actions.start_applying(roster_import, by=stranger)
    with pytest.raises(Refused):
        actions.apply_roster(roster_import, by=stranger)


def test_a_county_imports_only_its_own_subtree(city: Unit, department: Account, finance: Unit) -> None:
    administrator = make_department(make_unit("北泽县", city))
    with pytest.raises(Refused):
        receive(sheet([row("韦青", 1)]), administrator, city)
    roster_import = receive(sheet([row("韦青", 1)]), department, finance)
    assert not RosterImport.objects.visible_to(administrator).exists()
    with pytest.raises(Refused):
        actions.drop_import(roster_import, by=administrator)


@pytest.mark.usefixtures("finance", "audit_office")
def test_an_older_roster_does_not_overwrite_a_newer_post(city: Unit, department: Account, run_jobs: Run) -> None:
    brought_in([row("韦青", 1, rank="乡科级副职"), row("陆白", 2)], department, city, run_jobs)
    person = Person.objects.get(number="N001")
    actions.promote(person, by=department, from_on=dt.date(2026, 9, 1), rank="乡科级正职")
    before = everything()
    older = receive(
        sheet([row("韦青", 1, "审计局", "乡科级副职", 状态="退休")]),
        department,
        city,
        on=dt.date(2026, 7, 1),
        complete=True,
    )
    assert read(older, run_jobs) == {"leaver": 1, "problem": 1}
    assert older.changes.get(kind="problem").code == "newer"
    assert older.counts["doubtful"] == 1
    assert older.changes.get(kind="leaver").name == "陆白"
    assert everything() == before
