"""What becomes of a draft, whatever it is a draft of: changed under its edition, copied from a version, thrown away. All in the caller's transaction."""

from __future__ import annotations

import copy
from typing import Any, TypeVar

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from zhixing.base.problems import Conflict, Text
from zhixing.evaluations.models import Version

V = TypeVar("V", bound=Version)


def change_draft(version: Version, at_edition: int, **fields: Any) -> None:
    """Raises ``Conflict`` unless it is a draft of that edition still."""
    same = type(version)._default_manager.filter(pk=version.pk, state=Version.State.DRAFT, edition=at_edition)
    if not same.update(**fields):
        raise Conflict(_("This draft was changed in another window a moment ago. The page shows it now; look again."))


def copy_as_draft(version: V, *, already: Text) -> V:
    """The next version, as a copy of ``version``. Raises ``Conflict`` (``already``) when a draft is there."""
    whole = version.whole
    type(whole)._default_manager.select_for_update(of=("self",)).get(pk=whole.pk)
    latest = whole.versions.first()
    number = (latest.number if latest else 0) + 1
    try:
        with transaction.atomic():
            return type(version)._default_manager.create(
                **{version.OF: whole}, number=number, document=copy.deepcopy(version.document)
            )
    except IntegrityError:
        raise Conflict(already) from None


def throw_away(version: Version) -> None:
    """What has no other version goes with it. Raises ``Conflict`` when it is a draft no more."""
    whole = version.whole
    if not type(version)._default_manager.filter(pk=version.pk, state=Version.State.DRAFT).delete()[0]:
        raise Conflict(_("Someone else published this draft a moment ago."))
    if not whole.versions.exists():
        whole.delete()
