from __future__ import annotations

from django.urls import URLPattern, URLResolver, path

from zhixing.needs.views import answering, board, evidence, frameworks, priorities, surveys, wanted, work_problems

app_name = "needs"
urlpatterns: list[URLPattern | URLResolver] = [
    path("", board.board, name="board"),
    path("reckon/", board.reckon, name="reckon"),
    path("reckonings/<int:pk>/", board.needs, name="needs"),
    path("need/<int:pk>/", board.need, name="need"),
    path("reckonings/<int:pk>/wants/", wanted.wants, name="wants"),
    path("evidence/", evidence.evidence, name="evidence"),
    path("evidence/<int:pk>/<slug:deed>/", evidence.move, name="move_evidence"),
    path("mine/", answering.mine, name="mine"),
    path("answer/<str:token>/", answering.answer, name="answer"),
    path("frameworks/", frameworks.frameworks, name="frameworks"),
    path("frameworks/new/", frameworks.create, name="create_framework"),
    path("frameworks/template.xlsx", frameworks.template, name="framework_template"),
    path("frameworks/<int:pk>/", frameworks.framework, name="framework"),
    path("frameworks/<int:pk>/book.xlsx", frameworks.book, name="framework_book"),
    path("frameworks/<int:pk>/competencies/new/", frameworks.add_competency, name="add_competency"),
    path("frameworks/<int:pk>/posts/new/", frameworks.add_required, name="add_required"),
    path("frameworks/<int:pk>/<slug:deed>/", frameworks.move, name="move_framework"),
    path("competencies/<int:pk>/", frameworks.edit_competency, name="edit_competency"),
    path("competencies/<int:pk>/remove/", frameworks.remove_competency, name="remove_competency"),
    path("posts/<int:pk>/remove/", frameworks.remove_required, name="remove_required"),
    path("priorities/", priorities.priorities, name="priorities"),
    path("priorities/new/", priorities.enter, name="enter_priority"),
    path("priorities/<int:pk>/withdraw/", priorities.withdraw, name="withdraw_priority"),
    path("surveys/", surveys.surveys, name="surveys"),
    path("surveys/new/", surveys.prepare, name="prepare_survey"),
    path("surveys/<int:pk>/", surveys.survey, name="survey"),
    path("surveys/<int:pk>/<slug:deed>/", surveys.move, name="move_survey"),
    path("problems/", work_problems.problems, name="problems"),
    path("problems/new/", work_problems.enter, name="enter_problem"),
    path("problems/<int:pk>/", work_problems.problem, name="problem"),
    path("problems/<int:pk>/weigh/", work_problems.weigh, name="weigh_problem"),
    path("problems/<int:pk>/merge/", work_problems.merge, name="merge_problem"),
    path("problems/<int:pk>/answer/", work_problems.answer, name="answer_problem"),
    path("problems/<int:pk>/part/", work_problems.part, name="part_problem"),
]
