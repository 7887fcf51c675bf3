"""The first account of an installation: a department administrator of the whole city."""

from __future__ import annotations

import getpass
import os
from typing import Any

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction

from zhixing.base import audit
from zhixing.people.models import Account, Role, Unit, UnitPlacement


class Command(BaseCommand):
    help = "Make the first department administrator, and the city itself when there are no units yet."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--username", required=True)
        parser.add_argument("--name", required=True, help="The name shown on pages.")
        parser.add_argument("--city", default="", help="The name of the root unit; needed when there are no units yet.")

    def handle(self, *args: Any, **options: Any) -> None:
        """The password is asked for, or taken from ``ZHIXING_ADMIN_PASSWORD``; never from the command line."""
        password = os.environ.get("ZHIXING_ADMIN_PASSWORD") or getpass.getpass("Password: ")
        try:
            validate_password(password)
        except ValidationError as error:
            raise CommandError(" ".join(error.messages)) from error
        if Account.objects.filter(username=options["username"]).exists():
            raise CommandError("this user name is taken")
        with transaction.atomic():
            city = Unit.objects.filter(parent=None).first() or self._make_city(options["city"])
            account = Account.objects.create_account(
                options["username"], password, Role.DEPARTMENT, name=options["name"], scope_unit=city
            )
            audit.record("people.administrator_created", account, by=None)
        self.stdout.write(f"{account.username} administers {city.name}")

    def _make_city(self, name: str) -> Unit:
        if not name:
            raise CommandError("there are no units yet: give the name of the city with --city")
        city = Unit.objects.create(code="0", name=name, kind=Unit.Kind.CITY, path="00001.")
        UnitPlacement.objects.create(unit=city, parent=None, name=name, from_on=city.opened_on)
        return city
