from __future__ import annotations

from django.urls import path

from zhixing.classwork import views

app_name = "classwork"
urlpatterns = [
    path("<int:pk>/groups/", views.groups, name="groups"),
    path("<int:pk>/groups/draw/", views.draw, name="draw"),
    path("<int:pk>/list/<str:form>/", views.class_list, name="class_list"),
]
