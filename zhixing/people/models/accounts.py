"""Accounts and their roles. A person may have an account; an account need not be a person of the roster (a visiting teacher, an auditor)."""

from __future__ import annotations

from typing import Any, Self

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from zhixing.people.models.units import Unit


class Role(models.TextChoices):
    DEPARTMENT = "department", _("Department administrator")
    SCHOOL = "school", _("Training institution staff")
    LIAISON = "liaison", _("Unit liaison")
    TRAINEE = "trainee", _("Trainee")
    TEACHER = "teacher", _("Teacher")
    AUDITOR = "auditor", _("Auditor")


OWN_AFFAIRS = frozenset({Role.TRAINEE, Role.TEACHER})
"""Roles that look after their own affairs; all others answer for other people."""


class AccountQuerySet(models.QuerySet["Account"]):
    def visible_to(self, user: Account) -> Self:
        """Department administrators and auditors see the accounts of their subtree; those at the root also accounts without any unit."""
        if not (user.is_department or user.is_auditor) or user.scope_unit is None:
            return self.filter(pk=user.pk)
        below = Q(scope_unit__path__startswith=user.scope_unit.path) | Q(
            scope_unit=None, person__unit__path__startswith=user.scope_unit.path
        )
        return self.filter(below | Q(scope_unit=None, person=None) if user.sees_the_city else below)


class AccountManager(BaseUserManager["Account"].from_queryset(AccountQuerySet)):  # type: ignore[misc]
    def create_account(self, username: str, password: str | None, role: str, **fields: Any) -> Account:
        """Make an account; without a password nobody can sign in until one is set."""
        account: Account = self.model(username=username, role=role, **fields)
        account.set_password(password)
        account.save(using=self._db)
        return account


class Account(AbstractBaseUser):
    """A sign-in with one role and one scope: ``scope_unit`` and everything below it.

    ``own_class_runs_only``: staff of an institution who run only the class runs that name them, such as a class head (班主任).
    """

    username = models.CharField(_("user name"), max_length=60, unique=True)
    name = models.CharField(_("name"), max_length=60)
    email = models.EmailField(_("e-mail"), blank=True)
    role = models.CharField(_("role"), max_length=12, choices=Role.choices)
    scope_unit = models.ForeignKey(Unit, models.PROTECT, null=True, blank=True, related_name="accounts")
    person = models.OneToOneField("people.Person", models.PROTECT, null=True, blank=True, related_name="account")
    is_active = models.BooleanField(default=True)
    must_change_password = models.BooleanField(default=False)
    one_session = models.BooleanField(default=False)
    own_class_runs_only = models.BooleanField(default=False)
    session_key = models.CharField(max_length=40, blank=True)
    date_joined = models.DateTimeField(auto_now_add=True)

    objects = AccountManager()

    USERNAME_FIELD = "username"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS = ["name", "role"]

    class Meta:
        verbose_name = _("account")
        ordering = ("username",)
        constraints = (
            models.CheckConstraint(
                condition=~Q(role="trainee") | Q(person__isnull=False), name="account_trainee_is_a_person"
            ),
        )

    def __str__(self) -> str:
        return self.name or self.username

    def get_full_name(self) -> str:
        return self.name

    def get_short_name(self) -> str:
        return self.name

    @property
    def answers_for_others(self) -> bool:
        return self.role not in OWN_AFFAIRS

    @property
    def is_department(self) -> bool:
        return self.role == Role.DEPARTMENT

    @property
    def sees_the_city(self) -> bool:
        """Whether the scope is the whole tree: what belongs to no unit is theirs only."""
        return self.scope_unit is not None and self.scope_unit.parent_id is None

    @property
    def is_auditor(self) -> bool:
        return self.role == Role.AUDITOR

    @property
    def is_school(self) -> bool:
        return self.role == Role.SCHOOL

    @property
    def is_class_head(self) -> bool:
        """Whether of the class runs of the institution only those that name this account are its own."""
        return self.is_school and self.own_class_runs_only

    @property
    def is_liaison(self) -> bool:
        return self.role == Role.LIAISON

    @property
    def is_trainee(self) -> bool:
        return self.role == Role.TRAINEE

    @property
    def is_teacher(self) -> bool:
        return self.role == Role.TEACHER


class PrivacyAcknowledgement(models.Model):
    """That an account has read one version of the privacy notice (个人信息处理告知), and when."""

    account = models.ForeignKey(Account, models.CASCADE, related_name="acknowledgements")
    version = models.PositiveSmallIntegerField()
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("account", "version"), name="privacy_acknowledged_once_per_version"),
        )

    def __str__(self) -> str:
        return f"{self.account_id} read version {self.version}"
