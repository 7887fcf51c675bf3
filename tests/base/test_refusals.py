"""What Django itself refuses is said in Chinese, on the same page as every other problem."""

from __future__ import annotations

import pytest
from django.conf import LazySettings
from django.test import Client, RequestFactory
from django.urls import reverse

from tests.factories import make_city, make_department
from zhixing.base import refusals


@pytest.mark.django_db
def test_an_unknown_address_is_told_within_the_house(client: Client) -> None:
    client.force_login(make_department(make_city()))
    answer = client.get("/nosuch/")
    assert answer.status_code == 404
    page = answer.content.decode()
    assert "没有这个页面" in page
    assert "zx-nav" in page


@pytest.mark.django_db
def test_a_stranger_sees_the_door_and_no_navigation(client: Client) -> None:
    answer = client.get("/nosuch/")
    assert answer.status_code == 404
    page = answer.content.decode()
    assert "没有这个页面" in page
    assert "zx-nav-item" not in page


@pytest.mark.django_db
def test_a_form_of_an_old_page_is_told_so() -> None:
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(make_department(make_city()))
    answer = strict.post(reverse("base:read_all"), headers={"Referer": "https://testserver/"})
    assert answer.status_code == 403
    assert "页面已过期" in answer.content.decode()


def test_the_page_of_a_bug_asks_no_database() -> None:
    request = RequestFactory().get("/")
    answer = refusals.failed(request)
    assert answer.status_code == 500
    assert "系统出错" in answer.content.decode()


@pytest.mark.django_db
def test_a_broken_request_is_told_so(client: Client, settings: LazySettings) -> None:
    settings.DATA_UPLOAD_MAX_NUMBER_FIELDS = 10
    answer = client.post(reverse("account_login"), {f"field{n}": "" for n in range(11)})
    assert answer.status_code == 400
    assert "请求无法识别" in answer.content.decode()


@pytest.mark.django_db
def test_the_address_of_a_deed_is_no_page_and_says_so(client: Client) -> None:
    client.force_login(make_department(make_city()))
    answer = client.get(reverse("base:read_all"))
    assert (answer.status_code, answer.headers["Allow"]) == (405, "POST")
    page = answer.content.decode()
    assert "该地址用于页面上的按钮操作" in page
    assert "zx-nav" in page
    part = client.get(reverse("base:read_all"), headers={"HX-Request": "true"})
    assert (part.status_code, part.headers["HX-Retarget"]) == (405, "#messages")
    sent = client.post(reverse("resources:blank_list", args=["courses"]))
    assert (sent.status_code, sent.content) == (405, b"")


@pytest.mark.django_db
def test_a_refused_form_leads_back_to_its_page_and_never_to_another_house(client: Client) -> None:
    client.force_login(make_department(make_city()))
    address = reverse("plans:move_plan", args=[1, "approve"])
    came = {"HTTP_REFERER": "http://testserver/classes/annual/1/approval/?q=1"}
    assert 'href="/classes/annual/1/approval/?q=1"' in client.post(address, **came).content.decode()
    assert "返回上一页" not in client.get("/nosuch/", **came).content.decode()
    for elsewhere in ("http://elsewhere.example/classes/", "javascript:alert(1)", ""):
        assert "返回上一页" not in client.post(address, HTTP_REFERER=elsewhere).content.decode()
