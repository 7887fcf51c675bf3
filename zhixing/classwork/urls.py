from __future__ import annotations

from django.urls import path

from zhixing.classwork.views import groups, materials

app_name = "classwork"
urlpatterns = [
    path("<int:pk>/groups/", groups.groups, name="groups"),
    path("<int:pk>/groups/draw/", groups.draw, name="draw"),
    path("<int:pk>/list/<str:form>/", groups.class_list, name="class_list"),
    path("<int:pk>/materials/", materials.handouts, name="handouts"),
    path("materials/", materials.materials, name="materials"),
    path("materials/<int:pk>/", materials.material, name="material"),
    path("handouts/<int:pk>/", materials.handout, name="handout"),
    path("handouts/<int:pk>/copies/", materials.move_copies, name="move_copies"),
]
