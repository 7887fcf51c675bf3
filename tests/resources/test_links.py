"""Topics and courses link to competencies; what is needed is told by the link first, and by words only where there is none."""

from __future__ import annotations

from collections.abc import Iterable

import pytest
from django.urls import reverse

from tests.factories import make_account, make_department
from tests.needs.asked import make_framework
from tests.resources.test_banks import MONDAY, Place, signed_in
from tests.resources.test_lists import receive
from zhixing.base.models import AuditEntry
from zhixing.base.problems import Invalid, Refused
from zhixing.base.tables.read import read_sheet
from zhixing.needs.models import Framework, Need, NeedsReckoning
from zhixing.people.models import Role
from zhixing.resources import actions, bank_lists
from zhixing.resources.models import Course, Topic
from zhixing.resources.needed import needed
from zhixing.resources.queries.banks import coverage_for
from zhixing.resources.queries.links import Links, Way, way_of_course, way_of_topic

pytestmark = pytest.mark.django_db


def reckon(framework: Framework, codes: Iterable[str], year: int = 2027) -> NeedsReckoning:
    """A reckoning that found needs of ``codes`` and none of the others."""
    by = framework.unit.accounts.first()
    made = NeedsReckoning.objects.create(
        year=year, framework=framework, unit=framework.unit, by=by, state="ready", digest="0" * 64
    )
    for one in framework.competencies.all():
        weight = 10 if one.code in codes else 0
        Need.objects.create(reckoning=made, competency=one, rank_group="staff", people=9, n=9, weight=weight)
    return made


@pytest.fixture
def place() -> Place:
    return Place()


class TestWhatNeedsTell:
    def test_names_and_codes_are_those_of_the_latest_reckoning_of_the_city(self, place: Place) -> None:
        assert (needed().names, needed().codes) == ({}, None)
        framework = make_framework(place.department)
        assert needed().names == {"A1": "依法行政", "A2": "公文写作"}
        assert needed().codes is None
        reckon(framework, ["A2"], 2026)
        assert needed().codes == {"A2"}
        reckon(framework, ["A1"], 2027)
        reckon(framework, ["A2"], 2026)  # made later, of an earlier year
        assert needed().codes == {"A1"}

    def test_drafts_counties_and_reckonings_under_way_tell_nothing(self, place: Place) -> None:
        make_framework(place.department, "草案", published=False)
        county = make_framework(make_department(place.other), "县框架")
        reckon(county, ["A1"])
        assert (needed().names, needed().codes) == ({}, None)
        framework = make_framework(place.department)
        NeedsReckoning.objects.create(year=2027, framework=framework, unit=place.city, by=place.department)
        assert needed().codes is None


class TestWays:
    def test_the_link_decides_and_words_count_only_without_one(self, place: Place) -> None:
        framework = make_framework(place.department)
        linked = Topic(name="甲", competencies=["A1"])
        idle = Topic(name="乙", competencies=["A2"], stated_in="工作要点")
        lost = Topic(name="丙", competencies=["Z9"], stated_in="工作要点")
        told = needed()
        assert [way_of_topic(one, told) for one in (linked, idle)] == [None, Way.WORDS]  # nothing reckoned yet
        reckon(framework, ["A1"])
        told = needed()
        assert [way_of_topic(one, told) for one in (linked, idle, lost, Topic(name="丁"))] == [
            Way.LINK,
            None,
            Way.WORDS,
            None,
        ]

    def test_a_course_has_its_own_competencies_and_those_of_its_topics(self, place: Place) -> None:
        reckon(make_framework(place.department), ["A1"])
        needy = Topic.objects.create(name="甲", competencies=["A1"])
        idle = Topic.objects.create(name="乙", competencies=["A2"], stated_in="工作要点")
        gone = Topic.objects.create(name="丙", competencies=["A1"], retired_on=MONDAY)
        wanted = {
            place.course("一", topics=[needy]): Way.LINK,
            place.course("二", topics=[], competencies=["A1"]): Way.LINK,
            place.course("三", topics=[place.topic]): Way.WORDS,
            place.course("四", topics=[place.topic], competencies=["A2"]): None,
            place.course("五", topics=[idle]): None,
            place.course("六", topics=[idle, place.topic]): Way.WORDS,
            place.course("七", topics=[gone]): None,
            place.course("八", topics=[needy, place.topic], competencies=["A2"]): Way.LINK,
        }
        told, links = needed(), Links.as_they_stand()
        assert {one: way_of_course(one, told) for one in wanted} == wanted
        by_link = {one for one, way in wanted.items() if way is Way.LINK}
        assert set(Course.objects.filter(links.courses_by_link())) == by_link
        assert set(Course.objects.filter(links.courses())) == {one for one, way in wanted.items() if way}
        assert set(
            Course.objects.filter(links.courses_by_words()) | Course.objects.filter(links.courses_by_link())
        ) == {one for one, way in wanted.items() if way}


class TestWriting:
    def test_unknown_codes_are_refused_and_those_of_a_past_framework_stay(self, place: Place) -> None:
        make_framework(place.department)
        with pytest.raises(Invalid, match="X1"):
            actions.save_topic({"name": "甲", "competencies": ["A1", "X1"]}, by=place.department)
        with pytest.raises(Invalid, match="X1"):
            place.course(competencies=["X1"])
        assert not Course.objects.exists()
        topic = actions.save_topic({"name": "甲", "competencies": ["A2", "A1", "A1"]}, by=place.department)
        assert topic.competencies == ["A1", "A2"]
        assert AuditEntry.objects.get(action="resources.topic_saved").details["competencies"] == ["A1", "A2"]
        Topic.objects.filter(pk=topic.pk).update(competencies=["A1", "OLD"])
        topic.refresh_from_db()
        actions.save_topic({"competencies": ["OLD", "A2"]}, by=place.department, topic=topic)
        assert topic.competencies == ["A2", "OLD"]
        with pytest.raises(Refused):
            actions.save_topic({"competencies": []}, by=place.office, topic=topic)

    def test_a_list_brings_codes_and_tells_those_that_no_framework_has(self, place: Place) -> None:
        make_framework(place.department)
        headings = ["课程名称", "内容板块", "能力编码"]
        rows: tuple[list[object], ...] = (["甲课", "能力", "A2、A1"], ["乙课", "能力", "A1、X9"])
        made = receive(place.office, *rows, headings=headings)
        assert [(one["row"], one["column"], one["treatment"]) for one in made.problems] == [(3, "能力编码", "doubtful")]
        assert "X9" in made.problems[0]["reason"]
        assert "能力框架" in made.problems[0]["reason"] + made.problems[0]["mend"]
        bank_lists.apply_list(made, by=place.office)
        assert dict(Course.objects.values_list("title", "competencies")) == {"甲课": ["A1", "A2"], "乙课": ["A1"]}
        again = receive(place.office, *rows, headings=headings)
        assert len(bank_lists.preview(again, place.office).same) == 2
        blank = receive(place.office, ["甲课", "能力", ""], headings=headings)
        bank_lists.apply_list(blank, by=place.office)
        assert Course.objects.get(title="甲课").competencies == ["A1", "A2"]


class TestCoverage:
    def test_links_come_before_words_and_each_says_which(self, place: Place) -> None:
        reckon(make_framework(place.department), ["A1", "A2"])
        wanted = Topic.objects.create(name="法治", competencies=["A1"])
        found = coverage_for(place.office)
        assert {one.topic: one.way for one in found.topics} == {wanted: Way.LINK, place.topic: Way.WORDS}
        assert found.without_course == found.topics
        assert [code for code, _name in found.bare] == ["A1", "A2"]
        place.course(topics=[wanted])
        place.course("写作课", topics=[], competencies=["A2"])
        assert coverage_for(place.office).bare == []
        Course.objects.filter(title="写作课").update(standing="drop")
        assert coverage_for(place.office).bare == [("A2", "公文写作")]
        assert coverage_for(make_account(Role.SCHOOL, place.other)).bare == [("A1", "依法行政"), ("A2", "公文写作")]

    def test_a_course_without_a_need_says_whether_a_link_or_nothing_tells_so(self, place: Place) -> None:
        reckon(make_framework(place.department), ["A1"])
        linked = place.course("写作课", competencies=["A2"])
        idle = place.course("书法课", topics=[])
        assert [(one, list(names)) for one, names in coverage_for(place.office).needless] == [
            (idle, []),
            (linked, ["公文写作"]),
        ]
        page = signed_in(place.office).get(reverse("resources:coverage")).content.decode()
        assert "按能力对应：公文写作目前没有需求" in page
        assert "未对应能力，也无需求出处" in page
        assert "按需求出处" in page
        assert "按需求出处" in str(
            read_sheet(
                signed_in(place.office).get(reverse("resources:coverage") + "?export=coverage").content, "coverage.xlsx"
            )
        )


class TestPages:
    def test_the_form_of_a_topic_offers_competencies_by_name(self, place: Place) -> None:
        client, url = signed_in(place.department), reverse("resources:edit_topic", args=[place.topic.pk])
        assert "尚未发布能力框架" in client.get(url).content.decode()
        make_framework(place.department)
        page = client.get(url).content.decode()
        assert "A1 依法行政" in page
        assert 'x-data="picker"' in page
        given = {"name": "基层治理", "gap": "skill", "stated_in": "工作要点"}
        assert client.post(url, {**given, "competencies": ["X1"]}).status_code == 422
        assert client.post(url, {**given, "competencies": ["A1", "A2"]}).status_code == 302
        place.topic.refresh_from_db()
        assert place.topic.competencies == ["A1", "A2"]
        Topic.objects.update(competencies=["A1", "OLD"])
        page = client.get(url).content.decode()
        assert "OLD（现行能力框架中已无此项）" in page
        assert client.post(url, given).status_code == 302
        place.topic.refresh_from_db()
        assert place.topic.competencies == []

    def test_topics_and_courses_show_what_they_link_to_and_whether_it_is_needed(self, place: Place) -> None:
        reckon(make_framework(place.department), ["A1"])
        Topic.objects.filter(pk=place.topic.pk).update(competencies=["A2"])
        wanted = Topic.objects.create(name="法治", competencies=["A1"])
        course = place.course(topics=[wanted], competencies=["A2"])
        office = signed_in(place.office)
        page = office.get(reverse("resources:topics")).content.decode()
        assert "公文写作" in page
        needy = office.get(reverse("resources:topics") + "?need=yes").content.decode()
        assert "法治" in needy
        assert "基层治理" not in needy
        assert "按能力对应" in needy
        assert "基层治理" in office.get(reverse("resources:topics") + "?need=no").content.decode()
        teacher = signed_in(make_account(Role.TEACHER, place.school))
        for client in (office, teacher):
            if client is teacher:
                Course.objects.update(institution=None)
            page = client.get(reverse("resources:courses_item", args=[course.pk])).content.decode()
            assert "依法行政、公文写作" in page
            assert "按能力对应" in page
