from __future__ import annotations

from django.urls import path

from zhixing.portal import views

app_name = "portal"
urlpatterns = [
    path("", views.home, name="home"),
    path("foresight/", views.foresight, name="foresight"),
    path("trail/", views.trail, name="trail"),
    path("suggestions/", views.suggestions, name="suggestions"),
    path("suggestions/<int:pk>/answer/", views.answer, name="answer"),
]
