from __future__ import annotations

from django.urls import URLPattern, URLResolver, path

from zhixing.attendance.views import (
    appeals,
    approvers,
    class_runs,
    leaves,
    marks,
    mine,
    registers,
    report,
    sheets,
    signing_in,
)
from zhixing.attendance.views import withdrawals as withdrawal_views

app_name = "attendance"
urlpatterns: list[URLPattern | URLResolver] = [
    path("registers/", registers.registers, name="registers"),
    path("registers/<int:pk>/", registers.register, name="register"),
    path("registers/<int:pk>/marks/<int:callup>/", registers.mark, name="mark"),
    path("registers/<int:pk>/rest/", registers.rest, name="rest"),
    path("registers/<int:pk>/close/", registers.close, name="close"),
    path("registers/<int:pk>/projector/", signing_in.projector, name="projector"),
    path("registers/<int:pk>/code/", signing_in.code, name="code"),
    path("sign-in/<str:token>/", signing_in.sign_in, name="sign_in"),
    path("class-runs/<int:pk>/", class_runs.class_run, name="class_run"),
    path("class-runs/<int:pk>/approvers/", approvers.approvers, name="approvers"),
    path("class-runs/<int:pk>/open/", class_runs.open_registers, name="open"),
    path("class-runs/<int:pk>/complete/", class_runs.complete, name="complete"),
    path("class-runs/<int:pk>/<str:on>/sheet/", sheets.sheet, name="sheet"),
    path("class-runs/<int:pk>/<str:on>/sheet.xlsx", sheets.sheet_file, name="sheet_file"),
    path("class-runs/<int:pk>/<str:on>/sheet.pdf", sheets.sheet_pdf, name="sheet_pdf"),
    path("class-runs/<int:pk>/<str:on>/bring-back/", sheets.bring_back, name="bring_back"),
    path("marks/<int:pk>/", marks.detail, name="mark_detail"),
    path("marks/<int:pk>/appeal/", appeals.make, name="make_appeal"),
    path("leaves/", leaves.leaves, name="leaves"),
    path("leaves/new/<int:callup>/", leaves.ask, name="ask_leave"),
    path("leaves/<int:pk>/", leaves.leave, name="leave"),
    path("leaves/<int:pk>/<str:deed>/", leaves.move, name="move_leave"),
    path("withdrawals/", withdrawal_views.withdrawals, name="withdrawals"),
    path("withdrawals/<int:pk>/", withdrawal_views.withdrawal, name="withdrawal"),
    path("appeals/", appeals.appeals, name="appeals"),
    path("appeals/<int:pk>/", appeals.appeal, name="appeal"),
    path("proofs/<str:kind>/<int:pk>/", marks.proof, name="proof"),
    path("mine/", mine.mine, name="mine"),
    path("report/", report.report, name="report"),
]
