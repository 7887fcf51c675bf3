"""The notice on personal data (个人信息处理告知): whom an account must have told that it was read, once for each version."""

from __future__ import annotations

from zhixing.people.models import Account, PrivacyAcknowledgement

VERSION = 3
"""Raise it whenever the text of ``people/privacy.html`` says something new: everybody is asked again."""


def has_acknowledged(account: Account) -> bool:
    return PrivacyAcknowledgement.objects.filter(account=account, version=VERSION).exists()
