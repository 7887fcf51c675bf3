from __future__ import annotations

from django.urls import URLPattern, URLResolver, path

from zhixing.evaluations.views import answering

app_name = "evaluations"
urlpatterns: list[URLPattern | URLResolver] = [
    path("mine/", answering.mine, name="mine"),
    path("answer/<str:token>/", answering.answer, name="answer"),
    path("thanks/", answering.thanks, name="thanks"),
]
