from __future__ import annotations

from django.urls import path

from zhixing.archive import views

app_name = "archive"
urlpatterns = [
    path("", views.records, name="records"),
    path("mine/", views.mine, name="mine"),
    path("units/<int:unit_pk>/", views.unit_sheet, name="unit_sheet"),
    path("<int:pk>/", views.record, name="record"),
    path("<int:pk>/pdf/", views.record_pdf, name="record_pdf"),
]
