from __future__ import annotations

from django.urls import path

from zhixing.obligations.views import (
    appeals,
    board,
    effects,
    exemptions,
    external,
    history,
    ledger,
    moments,
    policies,
    standings,
)

app_name = "obligations"
urlpatterns = [
    path("standings/", board.standings, name="standings"),
    path("standings/refresh/", board.refresh, name="refresh"),
    path("standings/list/", standings.standing_list, name="standing_list"),
    path("standings/year-end/", standings.foreseen_list, name="foreseen_list"),
    path("mine/", moments.mine, name="mine"),
    path("standings/<int:pk>/", moments.standing, name="standing"),
    path("standings/<int:pk>/then/", moments.hindsight, name="hindsight"),
    path("standings/<int:pk>/ledger/", ledger.ledger, name="ledger"),
    path("standings/<int:pk>/ledger/merge/", ledger.merge, name="merge_ledgers"),
    path("entries/<int:pk>/reverse/", ledger.reverse_entry, name="reverse"),
    path("entries/<int:pk>/appeal/", appeals.make, name="appeal_entry"),
    path("appeals/", appeals.appeals, name="entry_appeals"),
    path("appeals/<int:pk>/", appeals.appeal, name="entry_appeal"),
    path("appeals/<int:pk>/evidence/", appeals.evidence, name="appeal_evidence"),
    path("policies/", policies.policies, name="policies"),
    path("policies/sign/", policies.sign, name="sign"),
    path("policies/sign/<uuid:job_id>/", policies.draft, name="draft"),
    path("policies/sign/<uuid:job_id>/signed/", policies.sign_draft, name="sign_draft"),
    path("policies/sign/<uuid:job_id>/people/", effects.effects, name="effects"),
    path("policies/sign/<uuid:job_id>/people/<int:pk>/", effects.effect, name="effect"),
    path("policies/<int:pk>/", policies.policy, name="policy"),
    path("exemptions/", exemptions.exemptions, name="exemptions"),
    path("exemptions/new/", exemptions.add, name="add_exemption"),
    path("exemptions/<int:pk>/withdraw/", exemptions.withdraw, name="withdraw"),
    path("external/", external.external, name="external"),
    path("external/new/", external.record_external, name="record_external"),
    path("external/<int:pk>/", external.external_training, name="external_training"),
    path("external/<int:pk>/evidence/", external.evidence, name="evidence"),
    path("external/<int:pk>/<slug:deed>/", external.decide, name="decide_external"),
    path("history/", history.history, name="history"),
    path("history/<int:pk>/", history.history_import, name="history_import"),
    path("history/<int:pk>/problems/", history.problems, name="history_problems"),
    path("history/<int:pk>/<slug:deed>/", history.move, name="history_deed"),
]
