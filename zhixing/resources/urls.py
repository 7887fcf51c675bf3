from __future__ import annotations

from django.urls import URLPattern, path

from zhixing.resources.models import Bank
from zhixing.resources.views import banks, deeds, lists, teachers, topics
from zhixing.resources.views.shelves import SHELVES

app_name = "resources"


def pages_of(bank: Bank) -> list[URLPattern]:
    """What every bank but that of teachers has: the list, a row, and the deeds about it."""
    given = {"bank": bank}
    return [
        path(f"{bank}/", banks.shelf, given, name=bank),
        path(f"{bank}/new/", banks.edit, given, name=f"{bank}_add"),
        path(f"{bank}/<int:pk>/", banks.item, given, name=f"{bank}_item"),
        path(f"{bank}/<int:pk>/edit/", banks.edit, given, name=f"{bank}_edit"),
        path(f"{bank}/<int:pk>/retire/", banks.retire, given, name=f"{bank}_retire"),
        path(f"{bank}/<int:pk>/back/", banks.take_back, given, name=f"{bank}_back"),
    ]


urlpatterns = [
    path("", banks.banks, name="banks"),
    path("teachers/", teachers.teachers, name="teachers"),
    path("teachers/new/", teachers.edit, name="add_teacher"),
    path("teachers/<int:pk>/", teachers.teacher, name="teacher"),
    path("teachers/<int:pk>/edit/", teachers.edit, name="edit_teacher"),
    path("teachers/<int:pk>/account/", teachers.open_account, name="open_account"),
    path("teachers/<int:pk>/retire/", teachers.retire, name="retire_teacher"),
    path("teachers/<int:pk>/back/", teachers.take_back, name="take_teacher_back"),
    path("topics/", topics.topics, name="topics"),
    path("topics/new/", topics.edit_topic, name="add_topic"),
    path("topics/<int:pk>/", topics.edit_topic, name="edit_topic"),
    path("topics/<int:pk>/retire/", topics.retire_topic, name="retire_topic"),
    path("topics/<int:pk>/back/", topics.take_topic_back, name="take_topic_back"),
    path("coverage/", topics.coverage, name="coverage"),
    *(one for bank in SHELVES for one in pages_of(Bank(bank))),
    path("courses/<int:pk>/propose/", deeds.propose, name="propose"),
    path("courses/<int:pk>/review/", deeds.review, name="review"),
    path("courses/<int:pk>/choose/", deeds.choose, name="choose"),
    path("courses/<int:pk>/unchoose/", deeds.unchoose, name="unchoose"),
    path("cases/<int:pk>/move/<str:after>/", deeds.move_case, name="move_case"),
    path("practices/<int:pk>/take-up/", deeds.take_up, name="take_up"),
    path("textbooks/<int:pk>/chapters/", deeds.chapter_topics, name="chapter_topics"),
    path("lists/<str:bank>/", lists.lists, name="lists"),
    path("lists/<str:bank>/blank/", lists.blank, name="blank_list"),
    path("lists/<int:pk>/rows/", lists.bank_list, name="list"),
    path("lists/<int:pk>/problems/", lists.problems, name="list_problems"),
    path("lists/<int:pk>/move/<str:deed>/", lists.move, name="move_list"),
]
