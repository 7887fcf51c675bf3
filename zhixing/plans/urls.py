from __future__ import annotations

from django.urls import path

from zhixing.plans import views, views_import

app_name = "plans"
urlpatterns = [
    path("", views.class_runs, name="class_runs"),
    path("new/", views.create, name="create"),
    path("imports/", views_import.imports, name="imports"),
    path("imports/<int:pk>/", views_import.class_list, name="import"),
    path("imports/<int:pk>/problems/", views_import.problems, name="problems"),
    path("imports/<int:pk>/<str:deed>/", views_import.move, name="move_import"),
    path("<int:pk>/", views.class_run, name="class_run"),
    path("<int:pk>/edit/", views.edit, name="edit"),
    path("<int:pk>/quotas/", views.quotas, name="quotas"),
    path("<int:pk>/eligible/", views.eligible, name="eligible"),
    path("<int:pk>/<str:deed>/", views.move, name="move"),
]
