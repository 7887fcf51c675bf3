from __future__ import annotations

from django.urls import path

from zhixing.archive.views import extracts
from zhixing.archive.views import records as views

app_name = "archive"
urlpatterns = [
    path("", views.records, name="records"),
    path("mine/", views.mine, name="mine"),
    path("extracts/", extracts.extracts, name="extracts"),
    path("extracts/<int:pk>/", extracts.extract, name="extract"),
    path("extracts/<int:pk>/file/", extracts.extract_file, name="extract_file"),
    path("extracts/<int:pk>/again/", extracts.extract_again, name="extract_again"),
    path("units/<int:unit_pk>/", views.unit_sheet, name="unit_sheet"),
    path("<int:pk>/", views.record, name="record"),
    path("<int:pk>/pdf/", views.record_pdf, name="record_pdf"),
]
