from __future__ import annotations

from django.urls import URLPattern, URLResolver, path

from zhixing.evaluations.views import answering, assessments, quality, systems

app_name = "evaluations"
urlpatterns: list[URLPattern | URLResolver] = [
    path("mine/", answering.mine, name="mine"),
    path("answer/<str:token>/", answering.answer, name="answer"),
    path("thanks/", answering.thanks, name="thanks"),
    path("systems/", systems.systems, name="systems"),
    path("systems/take/<slug:name>/", systems.take_system, name="take_system"),
    path("systems/<int:pk>/", systems.system, name="system"),
    path("systems/<int:pk>/edit/", systems.edit_system, name="edit_system"),
    path("systems/<int:pk>/begin/", systems.begin_system_draft, name="begin_system_draft"),
    path("systems/<int:pk>/drop/", systems.drop_system_draft, name="drop_system_draft"),
    path("systems/<int:pk>/publish/", systems.publish_system, name="publish_system"),
    path("assessments/", assessments.assessments, name="assessments"),
    path("assessments/begin/<slug:of>/", assessments.begin, name="begin_assessment"),
    path("assessments/beside/<int:version>/<int:year>/", assessments.compare, name="compare"),
    path("assessments/<int:pk>/", assessments.assessment, name="assessment"),
    path("assessments/<int:pk>/step/<slug:word>/", assessments.step, name="step"),
    path("assessments/<int:pk>/judge/<slug:code>/", assessments.judge, name="judge"),
    path("assessments/<int:pk>/papers/<slug:code>/new/", assessments.hand_in, name="hand_in_proof"),
    path("assessments/<int:pk>/proofs/<int:proof>/", assessments.proof, name="proof"),
    path("assessments/<int:pk>/appeal/<slug:code>/", assessments.appeal, name="appeal_result"),
    path("assessments/<int:pk>/improve/", quality.ask, name="ask_improvement"),
    path("quality/", quality.improvements, name="improvements"),
    path("quality/<int:pk>/", quality.quality_file, name="quality_file"),
    path("quality/tasks/<int:pk>/report/", quality.report, name="report_improvement"),
    path("quality/tasks/<int:pk>/<slug:word>/", quality.close, name="close_improvement"),
    path("assessments/<int:pk>/decide/<int:appeal>/", assessments.decide, name="decide_result_appeal"),
]
