"""Words that several banks, and the timetables above them, have in common."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class Content(models.TextChoices):
    """The four content blocks (内容板块)."""

    THEORY = "theory", _("Theory")
    PARTY_SPIRIT = "party_spirit", _("Party-spirit tempering")
    POLITICAL = "political", _("Political training")
    ABILITY = "ability", _("Ability")


class Method(models.TextChoices):
    """How a session is taught."""

    LECTURE = "lecture", _("Lecture")
    CASE = "case", _("Case analysis")
    SIMULATION = "simulation", _("Sandbox simulation")
    SITE = "site", _("On-site teaching")
    INTERVIEW = "interview", _("Interview and interaction")
    SEMINAR = "seminar", _("Seminar")
    RESEARCH = "research", _("Front-line research")
    ONLINE = "online", _("Online")


class Level(models.TextChoices):
    """For whom: the level of the trainees."""

    BUREAU = "bureau", _("Bureau level")
    COUNTY = "county", _("County level")
    SECTION = "section", _("Section level")
    STAFF = "staff", _("Below section level")


class Bank(models.TextChoices):
    """The resource banks (资源库)."""

    TEACHERS = "teachers", _("Teachers")
    COURSES = "courses", _("Course bank")
    CASES = "cases", _("Cases")
    SITES = "sites", _("Teaching sites")
    TEXTBOOKS = "textbooks", _("Textbooks")
    PRACTICES = "practices", _("Practices")
