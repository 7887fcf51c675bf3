from __future__ import annotations

from django.urls import path

from zhixing.resources import views

app_name = "resources"
urlpatterns = [
    path("teachers/", views.teachers, name="teachers"),
    path("teachers/new/", views.edit, name="add_teacher"),
    path("teachers/<int:pk>/", views.teacher, name="teacher"),
    path("teachers/<int:pk>/edit/", views.edit, name="edit_teacher"),
    path("teachers/<int:pk>/account/", views.open_account, name="open_account"),
    path("teachers/<int:pk>/retire/", views.retire, name="retire_teacher"),
    path("teachers/<int:pk>/back/", views.take_back, name="take_teacher_back"),
]
