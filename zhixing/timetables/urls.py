from __future__ import annotations

from django.urls import path

from zhixing.timetables import views

app_name = "timetables"
urlpatterns = [
    path("mine/", views.taught, name="mine"),
    path("teachers/<int:pk>/", views.taught, name="teacher"),
    path("<int:pk>/", views.sessions, name="sessions"),
    path("<int:pk>/lay-out/", views.lay_out, name="lay_out"),
    path("<int:pk>/new/", views.edit, name="create"),
    path("<int:pk>/<int:session_pk>/", views.edit, name="edit"),
    path("<int:pk>/<int:session_pk>/delete/", views.delete, name="delete"),
]
