"""The first account of an installation: a department administrator of the whole city, and the policy that a city begins with."""

from __future__ import annotations

import getpass
import os
from typing import Any

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction

from zhixing.base import audit
from zhixing.obligations.actions import enqueue_refresh, install_shipped_policy
from zhixing.obligations.models import Policy
from zhixing.people.models import Account, Person, Role, Unit, UnitPlacement


class Command(BaseCommand):
    help = (
        "Make the first department administrator, the city itself when there are no units yet, "
        "and the national policy when there is none."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--username", required=True)
        parser.add_argument("--name", required=True, help="The name shown on pages.")
        parser.add_argument("--city", default="", help="The name of the root unit; needed when there are no units yet.")

        parser.add_argument(
            "--without-policy",
            action="store_true",
            help="Leave it to the department to sign a policy; until then nobody owes hours.",
        )

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
            policy = None if options["without_policy"] else self._install_policy()
        self.stdout.write(f"{account.username} administers {city.name}")
        if policy is not None:
            self.stdout.write(
                f"the national policy is installed: {policy.title} ({policy}); sign the city's own when it has one"
            )
        elif not Policy.objects.exists():
            self.stdout.write("no policy is in force, so nobody owes hours until the department signs one")

    def _install_policy(self) -> Policy | None:
        """The shipped policy in a city that has none; whoever is known already is counted under it."""
        if Policy.objects.exists():
            return None
        policy = install_shipped_policy()
        if Person.objects.exists():
            enqueue_refresh(None)
        return policy

    def _make_city(self, name: str) -> Unit:
        if not name:
            raise CommandError("there are no units yet: give the name of the city with --city")
        city = Unit.objects.create(code="0", name=name, kind=Unit.Kind.CITY, path="00001.")
        UnitPlacement.objects.create(unit=city, parent=None, name=name, from_on=city.opened_on)
        return city
