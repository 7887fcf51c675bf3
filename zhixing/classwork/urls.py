from __future__ import annotations

from django.urls import path

from zhixing.classwork.views import groups, lodging, materials

app_name = "classwork"
urlpatterns = [
    path("<int:pk>/groups/", groups.groups, name="groups"),
    path("<int:pk>/groups/draw/", groups.draw, name="draw"),
    path("<int:pk>/list/<str:form>/", groups.class_list, name="class_list"),
    path("<int:pk>/materials/", materials.handouts, name="handouts"),
    path("<int:pk>/lodging/", lodging.lodging, name="lodging"),
    path("<int:pk>/lodging/rooms/", lodging.rooms, name="rooms"),
    path("<int:pk>/lodging/excel/", lodging.book, name="lodging_book"),
    path("rooms/<int:pk>/remove/", lodging.remove_room, name="remove_room"),
    path("stays/<int:pk>/", lodging.stay, name="stay"),
    path("stays/<int:pk>/room/", lodging.put_into, name="put_into"),
    path("materials/", materials.materials, name="materials"),
    path("materials/<int:pk>/", materials.material, name="material"),
    path("handouts/<int:pk>/", materials.handout, name="handout"),
    path("handouts/<int:pk>/copies/", materials.move_copies, name="move_copies"),
]
