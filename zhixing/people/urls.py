from __future__ import annotations

from django.urls import path

from zhixing.people.views import privacy

app_name = "people"
urlpatterns = [
    path("imports/<int:pk>/", privacy.notice, name="import"),
    path("privacy/", privacy.notice, name="privacy"),
]
