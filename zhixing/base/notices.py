"""Notices to accounts, in the app and by e-mail. Written in the deed's transaction, sent by a job, each e-mail once."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Protocol

from django.conf import settings
from django.core.mail import EmailMessage, get_connection
from django.db import transaction
from django.utils import timezone

from zhixing.base import jobs
from zhixing.base.models import Notice


class Recipient(Protocol):
    pk: Any
    email: str


def tell(recipients: Iterable[Recipient], kind: str, title: str, *, text: str = "", link: str = "") -> int:
    """Leave one notice for each recipient and queue the e-mails. Returns how many were told."""
    rows = [
        Notice(recipient_id=r.pk, kind=kind, title=title[:200], text=text, link=link, email=r.email or "")
        for r in recipients
    ]
    return tell_each(rows)


def tell_each(rows: list[Notice]) -> int:
    """Leave notices that differ from person to person."""
    with transaction.atomic():
        Notice.objects.bulk_create(rows, batch_size=500)
        if any(row.email for row in rows):
            jobs.start("base.send_notices", label="e-mail", by=None)
    return len(rows)


def unread(account_id: int) -> int:
    return Notice.objects.filter(recipient_id=account_id, read_at=None).count()


@jobs.work("base.send_notices")
def send_notices(handle: jobs.Handle) -> dict[str, int]:
    """Send what waits. A row is marked before it is sent: a crash loses an e-mail (the notice in the app stays) rather than sending it twice."""
    sent = 0
    mails = get_connection()
    while True:
        waiting = list(Notice.objects.filter(emailed_at=None).exclude(email="").order_by("id")[:100])
        if not waiting:
            return {"sent": sent}
        handle.check()
        mine = [n for n in waiting if Notice.objects.filter(pk=n.pk, emailed_at=None).update(emailed_at=timezone.now())]
        mails.send_messages([_mail(n) for n in mine])
        sent += len(mine)


def _mail(notice: Notice) -> EmailMessage:
    link = f"\n\n{settings.SITE_ADDRESS}{notice.link}" if notice.link else ""
    subject = " ".join(notice.title.split())  # a name in it may have been typed on two lines, which no subject may have
    return EmailMessage(subject, f"{notice.text}{link}", to=[notice.email])
