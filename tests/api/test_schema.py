"""Schemathesis reads the interface's own description and holds it to it, with good input and with bad, on a small city."""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Iterator

import pytest
import schemathesis
from django.core.handlers.wsgi import WSGIHandler
from django.core.signals import request_finished, request_started
from django.db import close_old_connections
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.schemas import APIOperation
from schemathesis.specs.openapi import checks

from tests.factories import make_account
from zhixing.demo.build import build_city
from zhixing.people.actions import create_token
from zhixing.people.models import Role, Unit

pytestmark = [pytest.mark.slow, pytest.mark.django_db]
ON = dt.date(2026, 11, 24)
EXAMPLES = 20
CHECKS = [
    not_a_server_error,
    checks.status_code_conformance,
    checks.content_type_conformance,
    checks.response_headers_conformance,
    checks.response_schema_conformance,
    checks.negative_data_rejection,
    checks.positive_data_acceptance,
    checks.ignored_auth,
    checks.unsupported_method,
]


@pytest.fixture(autouse=True)
def _connection_stays() -> Iterator[None]:
    """A request ends by closing its connection; here that is the one of the test's transaction."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


@pytest.fixture
def token() -> str:
    """Of the auditor of a small city."""
    build_city(people=300, seed=1, on=ON, password="demo-password-1")
    auditor = make_account(Role.AUDITOR, Unit.objects.get(parent=None))
    return create_token("schemathesis", expires_on=timezone.localdate() + dt.timedelta(days=1), by=auditor)[1]


def test_every_address_keeps_its_description(token: str, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.ERROR, "django.request")
    described = schemathesis.openapi.from_wsgi("/api/openapi.json", WSGIHandler())
    described.config.update(headers={"Authorization": f"Bearer {token}", "Accept-Encoding": "identity"})
    operations = [result.ok() for result in described.get_all_operations()]
    assert len(operations) > 10
    for operation in operations:
        for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE):
            hold(operation, mode)


def hold(operation: APIOperation, mode: GenerationMode) -> None:
    """Send generated requests of one mode and check each answer against the description."""

    @settings(max_examples=EXAMPLES, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    @given(case=operation.as_strategy(generation_mode=mode))
    def send(case: schemathesis.Case) -> None:
        case.call_and_validate(checks=CHECKS)

    send()
