from __future__ import annotations

from django.urls import path

from zhixing.people.views import privacy

app_name = "people"
urlpatterns = [
    path("privacy/", privacy.notice, name="privacy"),
]
