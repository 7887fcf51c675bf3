"""Registers and their marks."""

from __future__ import annotations

import datetime as dt

from django.db.models import QuerySet
from ninja import Router, Schema
from ninja.pagination import paginate

from zhixing.attendance.models import Mark, Register
from zhixing.base.problems import NotFound
from zhixing.people.views.request import SignedInRequest

router = Router(tags=["registers"])


class RegisterOut(Schema):
    id: int
    session_id: int
    class_run_id: int
    on: dt.date
    half: str
    state: str

    @staticmethod
    def resolve_class_run_id(register: Register) -> int:
        return register.session.class_run_id

    @staticmethod
    def resolve_on(register: Register) -> dt.date:
        return register.session.on

    @staticmethod
    def resolve_half(register: Register) -> str:
        return register.session.half


class MarkOut(Schema):
    person_id: int
    status: str
    tenths: int

    @staticmethod
    def resolve_person_id(mark: Mark) -> int:
        return mark.callup.person_id


@router.get("", response=list[RegisterOut], summary="Registers of the scope")
@paginate
def registers(request: SignedInRequest, class_run_id: int | None = None) -> QuerySet[Register]:
    rows = Register.objects.visible_to(request.user).select_related("session").order_by("id")
    return rows.filter(session__class_run=class_run_id) if class_run_id is not None else rows


@router.get("/{register_id}/marks", response=list[MarkOut], summary="Marks of a register")
def marks(request: SignedInRequest, register_id: int) -> QuerySet[Mark]:
    register = Register.objects.visible_to(request.user).filter(pk=register_id).first()
    if register is None:
        raise NotFound
    return register.marks.select_related("callup").order_by("id")
