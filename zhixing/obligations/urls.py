from __future__ import annotations

from django.urls import path

from zhixing.obligations.views import exemptions, policies, standings

app_name = "obligations"
urlpatterns = [
    path("", standings.standings, name="standings"),
    path("refresh/", standings.refresh, name="refresh"),
    path("mine/", standings.mine, name="mine"),
    path("people/<int:pk>/", standings.standing, name="standing"),
    path("people/<int:pk>/ledger/", standings.ledger, name="ledger"),
    path("entries/<int:pk>/reverse/", standings.reverse_entry, name="reverse"),
    path("policies/", policies.policies, name="policies"),
    path("policies/sign/", policies.sign, name="sign"),
    path("policies/<int:pk>/", policies.policy, name="policy"),
    path("exemptions/", exemptions.exemptions, name="exemptions"),
    path("external/", exemptions.exemptions, name="external"),
    path("history/<int:pk>/", exemptions.exemptions, name="history_import"),
    path("exemptions/<int:pk>/withdraw/", exemptions.withdraw, name="withdraw"),
]
