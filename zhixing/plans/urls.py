from __future__ import annotations

from django.urls import path

from zhixing.plans.views import class_lists, class_runs

app_name = "plans"
urlpatterns = [
    path("", class_runs.class_runs, name="class_runs"),
    path("new/", class_runs.create, name="create"),
    path("imports/", class_lists.imports, name="imports"),
    path("imports/<int:pk>/", class_lists.class_list, name="import"),
    path("imports/<int:pk>/problems/", class_lists.problems, name="problems"),
    path("imports/<int:pk>/<str:deed>/", class_lists.move, name="move_import"),
    path("<int:pk>/", class_runs.class_run, name="class_run"),
    path("<int:pk>/edit/", class_runs.edit, name="edit"),
    path("<int:pk>/quotas/", class_runs.quotas, name="quotas"),
    path("<int:pk>/eligible/", class_runs.eligible, name="eligible"),
    path("<int:pk>/<str:deed>/", class_runs.move, name="move"),
]
