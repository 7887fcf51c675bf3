"""When a session begins and ends, as aware moments in the installation's own time zone."""

from __future__ import annotations

import datetime as dt

from django.utils import timezone

from zhixing.timetables.models import Session


def begins(session: Session) -> dt.datetime:
    return dt.datetime.combine(session.on, session.begins_at, timezone.get_default_timezone())


def ends(session: Session) -> dt.datetime:
    return dt.datetime.combine(session.on, session.ends_at, timezone.get_default_timezone())
