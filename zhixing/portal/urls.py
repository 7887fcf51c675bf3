from __future__ import annotations

from django.urls import path

from zhixing.portal import views, views_diagnosis

app_name = "portal"
urlpatterns = [
    path("", views.home, name="home"),
    path("foresight/", views.foresight, name="foresight"),
    path("diagnosis/", views_diagnosis.diagnosis, name="diagnosis"),
    path("diagnosis/<int:year>/<str:code>/", views_diagnosis.diagnosis_rows, name="diagnosis_rows"),
    path("trail/", views.trail, name="trail"),
    path("suggestions/", views.suggestions, name="suggestions"),
    path("suggestions/<int:pk>/answer/", views.answer, name="answer"),
]
