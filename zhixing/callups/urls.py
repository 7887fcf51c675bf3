from __future__ import annotations

from django.urls import path

from zhixing.callups.views import callups, lists, make_ups, papers, people, replies, runs

app_name = "callups"
urlpatterns = [
    path("runs/", runs.runs, name="runs"),
    path("runs/new/", runs.create, name="create"),
    path("runs/<int:pk>/", runs.run, name="run"),
    path("runs/<int:pk>/edit/", runs.change, name="change"),
    path("runs/<int:pk>/publish/", runs.publish, name="publish"),
    path("runs/<int:pk>/<str:deed>/do/", runs.move, name="move"),
    path("runs/<int:pk>/units/", people.units, name="units"),
    path("runs/<int:pk>/units/<int:unit_pk>/", people.unit, name="unit"),
    path("runs/<int:pk>/ours/", people.ours, name="ours"),
    path("runs/<int:pk>/why/<int:person_pk>/<int:class_run_pk>/", people.why, name="why"),
    path("runs/<int:pk>/classes/<int:class_run_pk>/", lists.class_list, name="class_list"),
    path("runs/<int:pk>/classes/<int:class_run_pk>/left-out/", lists.left_out, name="left_out"),
    path("runs/<int:pk>/classes/<int:class_run_pk>/waiting/", lists.waiting, name="waiting"),
    path("runs/<int:pk>/classes/<int:class_run_pk>/pin/", lists.pin, name="pin"),
    path("runs/<int:pk>/classes/<int:class_run_pk>/fill/", lists.fill, name="fill"),
    path("runs/<int:pk>/classes/<int:class_run_pk>/people/", lists.find_people, name="find_people"),
    path("classes/<int:class_run_pk>/", lists.latest, name="latest"),
    path("runs/<int:pk>/pins/", lists.pins, name="pins"),
    path("pins/<int:pk>/remove/", lists.unpin, name="unpin"),
    path("runs/<int:pk>/papers/", papers.papers, name="papers"),
    path("runs/<int:pk>/papers/all/", papers.everything, name="papers_zip"),
    path("papers/<int:pk>/<str:form>/", papers.paper, name="paper"),
    path("templates/", papers.templates, name="templates"),
    path("templates/<str:kind>/", papers.template, name="template"),
    path("replies/", replies.replies, name="replies"),
    path("replies/accept/", replies.accept_selected, name="accept_selected"),
    path("replies/<int:pk>/decide/", replies.decide, name="decide"),
    path("replies/<int:pk>/proof/", replies.proof, name="proof"),
    path("mine/", callups.mine, name="mine"),
    path("mine/not-called/", callups.not_called, name="not_called"),
    path("make-ups/", make_ups.make_ups, name="make_ups"),
    path("make-ups/<int:pk>/waive/", make_ups.waive, name="waive"),
    path("<int:pk>/", callups.callup, name="callup"),
    path("<int:pk>/accept/", callups.accept, name="accept"),
    path("<int:pk>/leave/", callups.leave, name="leave"),
    path("<int:pk>/substitute/", callups.substitute, name="substitute"),
    path("<int:pk>/colleagues/", callups.colleagues, name="colleagues"),
    path("<int:pk>/withdraw/", callups.withdraw, name="withdraw"),
    path("<int:pk>/keep/", callups.keep, name="keep"),
    path("<int:pk>/receipt/", callups.receipt, name="receipt"),
]
