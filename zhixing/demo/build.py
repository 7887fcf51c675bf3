"""Put the demonstration city together, in an empty database and in one transaction."""

from __future__ import annotations

import datetime as dt
import json
import os
import secrets
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
from django.db import transaction

from zhixing.demo.accounts import Login, make_accounts
from zhixing.demo.annual import make_annual_plans
from zhixing.demo.assessed import make_assessments
from zhixing.demo.banks import link_topics, make_banks
from zhixing.demo.busy import Busy
from zhixing.demo.consequences import make_consequences
from zhixing.demo.courses import days_of, make_class_runs
from zhixing.demo.history import make_history
from zhixing.demo.needs import make_needs, reckon_needs
from zhixing.demo.next_year import finish_draft, make_draft
from zhixing.demo.people import make_people
from zhixing.demo.registers import choose_held, make_registers
from zhixing.demo.studies import make_studies
from zhixing.demo.surveys import make_surveys
from zhixing.demo.units import Body, plan_city
from zhixing.obligations.actions import install_shipped_policy, refresh_standings
from zhixing.people.models import Account, Unit, UnitPlacement
from zhixing.plans.models import ClassRun

FOUNDED = dt.date(1986, 1, 1)
Say = Callable[[str], None]


def build_city(
    *, people: int, seed: int, on: dt.date, password: str | None = None, say: Say = lambda _text: None
) -> list[Login]:
    """Make the whole city as it stands on ``on``; the same arguments give the same city, whenever it is made. Returns one login per role.

    Only what protects (password hashes, sealed ID numbers) and the moments at which rows were truly made differ.

    Raises ``ValueError`` when the database already holds units: nothing of a real city is ever touched.
    """
    if Unit.objects.exists():
        raise ValueError("the database already holds units; the demonstration city needs an empty one")
    rng = np.random.default_rng(seed)
    with transaction.atomic():
        say("units")
        bodies = make_units(rng)
        say("people")
        everyone = make_people(rng, bodies, people, on)
        say("class runs")
        runs = make_class_runs(rng, bodies, on)
        held = choose_held(runs.starts, runs.ends, runs.keys, on)
        ClassRun.objects.filter(pk__in={*held, runs.under_way}).update(state=ClassRun.State.CALLED)
        logins = make_accounts(bodies, everyone, password or secrets.token_urlsafe(9))
        say("five years of training history")
        busy = Busy()
        trainee = Account.objects.get(username="xueyuan").person_id
        busy.take(*days_of(runs, runs.under_way), [trainee])  # keeps the days for which the trainee will be called
        make_history(rng, everyone, runs, on, held, busy)
        say("policy")
        install_shipped_policy()
        say("registers")
        make_registers(rng, everyone, runs, held, on, busy)
        say("surveys")
        make_surveys(rng, on)
        say("assessments")
        make_assessments(rng, on)
        say("resource banks")
        make_banks(rng, on)
        say("consequences")
        make_consequences(rng, on)
        make_studies(seed, on)
        say("needs")
        make_needs(np.random.default_rng(seed + 1), on)
        link_topics()
        say("annual plans")
        make_draft(on, make_annual_plans(on))
    _reckon(on, say)
    return logins


def _reckon(on: dt.date, say: Say) -> None:
    """What the worker of a real city reckons at night."""
    say("standings")
    refresh_standings(None, on=on)
    say("what the city needs")
    reckon_needs(on)
    finish_draft(on)


def make_units(rng: np.random.Generator) -> list[Body]:
    """Make the unit tree; bodies come back in tree order, each with its row."""
    bodies = list(plan_city(rng).walk())
    for number, (body, path) in enumerate(zip(bodies, _paths(bodies), strict=True), 1):
        parent = body.parent.unit if body.parent else None
        body.made = Unit.objects.create(
            code=f"YL{number:03d}",
            name=body.name,
            kind=body.kind,
            parent=parent,
            path=path,
            position=number,
            opened_on=FOUNDED,
        )
    UnitPlacement.objects.bulk_create(
        UnitPlacement(unit=b.unit, parent=b.parent.unit if b.parent else None, name=b.name, from_on=FOUNDED)
        for b in bodies
    )
    return bodies


def _paths(bodies: list[Body]) -> Iterator[str]:
    known: dict[int, str] = {}
    for number, body in enumerate(bodies, 1):
        known[id(body)] = f"{known[id(body.parent)] if body.parent else ''}{number:05d}."
        yield known[id(body)]


def keep_logins(logins: list[Login], path: Path) -> None:
    """Write the logins where only the owner can read them; ``zhixing run`` shows them."""
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:
        json.dump([login._asdict() for login in logins], file, ensure_ascii=False, indent=1)
