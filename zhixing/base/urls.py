from __future__ import annotations

from django.conf import settings
from django.urls import path

from zhixing.base import views

app_name = "base"
urlpatterns = [
    path("notices/", views.notices, name="notices"),
    path("notices/<int:pk>/", views.notice, name="notice"),
    path("notices/read/", views.read_all, name="read_all"),
    path("notices/bell/", views.notice_bell, name="notice_bell"),
    path("jobs/", views.jobs, name="jobs"),
    path("jobs/<uuid:pk>/", views.job, name="job"),
    path("jobs/<uuid:pk>/cancel/", views.cancel_job, name="cancel_job"),
    path("healthz", views.health, name="health"),
]
if settings.DEBUG:
    from zhixing.base import style

    urlpatterns.append(path("style/", style.page, name="style"))
