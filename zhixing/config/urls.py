"""Where each app's pages live."""

from __future__ import annotations

from django.urls import include, path

from zhixing.config.api import api

urlpatterns = [
    path("", include("zhixing.portal.urls")),
    path("", include("zhixing.base.urls")),
    path("accounts/", include("zhixing.people.door_urls")),
    path("api/", api.urls),
    path("language/", include("django.conf.urls.i18n")),
    path("people/", include("zhixing.people.urls")),
    path("obligations/", include("zhixing.obligations.urls")),
    path("resources/", include("zhixing.resources.urls")),
    path("classes/", include("zhixing.plans.urls")),
    path("needs/", include("zhixing.needs.urls")),
    path("callups/", include("zhixing.callups.urls")),
    path("sessions/", include("zhixing.timetables.urls")),
    path("classwork/", include("zhixing.classwork.urls")),
    path("attendance/", include("zhixing.attendance.urls")),
    path("evaluations/", include("zhixing.evaluations.urls")),
    path("records/", include("zhixing.archive.urls")),
]

handler400 = "zhixing.base.refusals.bad_request"
handler403 = "zhixing.base.refusals.refused"
handler404 = "zhixing.base.refusals.not_found"
handler500 = "zhixing.base.refusals.failed"
