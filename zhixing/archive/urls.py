from __future__ import annotations

from django.urls import path

from zhixing.archive.views import checks, extracts
from zhixing.archive.views import records as views

app_name = "archive"
urlpatterns = [
    path("", views.records, name="records"),
    path("mine/", views.mine, name="mine"),
    path("checks/", checks.checks, name="checks"),
    path("checks/selected/", checks.check_selected, name="check_selected"),
    path("checks/<int:pk>/", checks.check, name="check"),
    path("checks/<int:pk>/pdf/", checks.check_pdf, name="check_pdf"),
    path("checks/<int:pk>/excel/", checks.check_book, name="check_book"),
    path("extracts/", extracts.extracts, name="extracts"),
    path("extracts/<int:pk>/", extracts.extract, name="extract"),
    path("extracts/<int:pk>/file/", extracts.extract_file, name="extract_file"),
    path("extracts/<int:pk>/again/", extracts.extract_again, name="extract_again"),
    path("extracts/<int:pk>/destroy/", extracts.extract_destroy, name="extract_destroy"),
    path("units/<int:unit_pk>/", views.unit_sheet, name="unit_sheet"),
    path("<int:pk>/", views.record, name="record"),
    path("<int:pk>/pdf/", views.record_pdf, name="record_pdf"),
]
