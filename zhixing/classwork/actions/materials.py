"""Stock and issue of printed materials. A copy is either on the shelf or with one person: every move changes both in one transaction."""

from __future__ import annotations

from collections.abc import Collection

from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _

from zhixing.base import audit
from zhixing.base.asked import written
from zhixing.base.problems import Conflict, Invalid
from zhixing.classwork import permissions, queries
from zhixing.classwork.models import Handout, Issue, Material
from zhixing.people.models import Account, Unit
from zhixing.plans.models import ClassRun

REASON_MAX = 200


@transaction.atomic
def keep_material(institution: Unit, *, name: str, edition: str = "", stock: int = 0, by: Account) -> Material:
    """Enter a title with its copies. Raises ``Conflict`` when the institution has it already."""
    permissions.may_keep_stock(by, institution).require()
    name = written(name, Material.name.field, missing=_("Give the title."))
    edition = written(edition, Material.edition.field)
    if stock < 0:
        raise Invalid(_("There cannot be fewer than no copies."))
    try:
        with transaction.atomic():
            made = Material.objects.create(institution=institution, name=name, edition=edition, stock=stock)
    except IntegrityError as error:
        raise Conflict(_("The institution has this title already.")) from error
    audit.record("classwork.material_kept", made, by=by, stock=stock)
    return made


@transaction.atomic
def move_stock(material: Material, copies: int, reason: str, *, by: Account) -> int:
    """Copies that came in, or (below zero) were lost or written off, with the reason. Returns the copies on the shelf."""
    permissions.may_keep_stock(by, material.institution).require()
    reason = reason.strip()
    if not copies or not reason or len(reason) > REASON_MAX:
        raise Invalid(_("Give the number of copies and the reason."))
    _shift(material, copies)
    audit.record("classwork.stock_moved", material, by=by, copies=copies, reason=reason, stock=material.stock)
    return material.stock


def _shift(material: Material, copies: int) -> None:
    """The one way in which stock changes: by a condition of the database, so that two at once cannot take the same copy."""
    if not Material.objects.filter(pk=material.pk, stock__gte=-copies).update(stock=F("stock") + copies):
        material.refresh_from_db()
        raise Conflict(
            _("There are only %(stock)d copies of “%(name)s”.") % {"stock": material.stock, "name": material}
        )
    material.refresh_from_db()


@transaction.atomic
def plan_handout(class_run: ClassRun, material: Material, *, comes_back: bool = False, by: Account) -> Handout:
    """The class run hands out ``material`` of the institution that holds it."""
    permissions.may_organise(by, class_run).require()
    if material.institution_id != class_run.institution_id:
        raise Invalid(_("This title belongs to another institution."))
    try:
        with transaction.atomic():
            made = Handout.objects.create(class_run=class_run, material=material, comes_back=comes_back)
    except IntegrityError as error:
        raise Conflict(_("The class run hands out this title already.")) from error
    audit.record("classwork.handout_planned", class_run, by=by, material=material.pk)
    return made


@transaction.atomic
def drop_handout(handout: Handout, *, by: Account) -> None:
    """Take a title off the list of the class run; refused once a copy was given to somebody."""
    permissions.may_hand_out(by, handout.class_run).require()
    locked = Handout.objects.select_for_update(of=("self",)).filter(pk=handout.pk).first()
    if locked is None or locked.issues.exists():
        raise Conflict(_("Copies of this title were handed out, so it stays on the list."))
    locked.delete()
    audit.record("classwork.handout_dropped", handout.class_run, by=by, material=handout.material_id)


def _lock(handout: Handout) -> None:
    if Handout.objects.select_for_update(of=("self",)).filter(pk=handout.pk).first() is None:
        raise Conflict(_("This title was taken off the list a moment ago."))


@transaction.atomic
def hand_out(handout: Handout, callups: Collection[int], *, by: Account) -> int:
    """Give one copy to each of ``callups`` (keys) that has none at present. Returns how many were given.

    Raises ``Conflict`` when the stock does not suffice for all: then nobody gets one, and the list can be cut.
    """
    permissions.may_hand_out(by, handout.class_run).require()
    _lock(handout)
    on_list = queries.people_of(handout.class_run).filter(pk__in=callups).values_list("pk", flat=True)
    holding = set(handout.issues.filter(returned_at=None).values_list("callup_id", flat=True))
    given = [key for key in on_list if key not in holding]
    if not given:
        return 0
    _shift(handout.material, -len(given))
    try:
        with transaction.atomic():
            Issue.objects.bulk_create(Issue(handout=handout, callup_id=key, issued_by_id=by.pk) for key in given)
    except IntegrityError as error:
        raise Conflict(_("Somebody else handed out a copy a moment ago. Look at the list again.")) from error
    audit.record("classwork.handed_out", handout.class_run, by=by, material=handout.material_id, callups=given)
    return len(given)


@transaction.atomic
def take_back(handout: Handout, callups: Collection[int], *, by: Account) -> int:
    """Copies come back to the shelf, also of people who left the class. Returns how many."""
    permissions.may_take_back(by, handout.class_run).require()
    _lock(handout)
    out = handout.issues.filter(returned_at=None, callup__in=callups)
    keys = list(out.values_list("callup_id", flat=True))
    returned = out.update(returned_at=timezone.now(), returned_by_id=by.pk)
    if returned:
        _shift(handout.material, returned)
        audit.record("classwork.taken_back", handout.class_run, by=by, material=handout.material_id, callups=keys)
    return returned
