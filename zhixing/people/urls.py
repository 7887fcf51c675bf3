from __future__ import annotations

from django.urls import path, register_converter

from zhixing.people.views import accounts, careers, days, imports, persons, privacy, tokens, units

register_converter(days.DayConverter, "day")

app_name = "people"
urlpatterns = [
    path("", persons.persons, name="persons"),
    path("<int:pk>/", persons.person, name="person"),
    path("<int:pk>/readings/", persons.readings, name="readings"),
    path("<int:pk>/correct/", careers.correct, name="correct"),
    path("<int:pk>/post/", careers.post, name="post"),
    path("<int:pk>/promote/", careers.promote, name="promote"),
    path("<int:pk>/end/", careers.end_service, name="end_service"),
    path("postings/<int:pk>/end/", careers.close_posting, name="close_posting"),
    path("new/", careers.add, name="add_person"),
    path("find/", persons.find, name="find"),
    path("export/", persons.export, name="export"),
    path("on/", days.go_to_day, {"target": "people:people_on"}, name="go_to_people_on"),
    path("on/<day:day>/", persons.people_on, name="people_on"),
    path("units/", units.units, name="units"),
    path("units/on/", days.go_to_day, {"target": "people:units_on"}, name="go_to_units_on"),
    path("units/on/<day:day>/", units.units_on, name="units_on"),
    path("units/search/", units.unit_search, name="unit_search"),
    path("units/new/", units.open_unit, name="open_unit"),
    path("units/<int:pk>/", units.unit, name="unit"),
    path("units/<int:pk>/rename/", units.rename_unit, name="rename_unit"),
    path("units/<int:pk>/move/", units.move_unit, name="move_unit"),
    path("units/<int:pk>/close/", units.close_unit, name="close_unit"),
    path("units/<int:pk>/edit/", units.edit_unit, name="edit_unit"),
    path("imports/", imports.imports, name="imports"),
    path("imports/new/", imports.new_import, name="new_import"),
    path("imports/<int:pk>/", imports.roster_import, name="import"),
    path("imports/<int:pk>/problems.xlsx", imports.problems, name="import_problems"),
    path("imports/<int:pk>/<slug:deed>/", imports.move, name="import_deed"),
    path("accounts/", accounts.accounts, name="accounts"),
    path("accounts/new/", accounts.open_account, name="open_account"),
    path("accounts/bulk/", accounts.bulk_accounts, name="bulk_accounts"),
    path("accounts/bulk/<uuid:pk>/", accounts.bulk_slips, name="bulk_slips"),
    path("accounts/<int:pk>/", accounts.account, name="account"),
    path("accounts/<int:pk>/edit/", accounts.edit_account, name="edit_account"),
    path("accounts/<int:pk>/password/", accounts.reset_password, name="reset_password"),
    path("accounts/<int:pk>/switch/<int:on>/", accounts.switch_account, name="switch_account"),
    path("tokens/", tokens.tokens, name="tokens"),
    path("tokens/new/", tokens.new_token, name="new_token"),
    path("tokens/<int:pk>/revoke/", tokens.revoke_token, name="revoke_token"),
    path("privacy/", privacy.notice, name="privacy"),
]
