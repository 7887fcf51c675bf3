"""What a view of this app is given."""

from __future__ import annotations

from django.http import HttpRequest
from django_htmx.middleware import HtmxDetails

from zhixing.people.models import Account


class SignedInRequest(HttpRequest):
    """A request that has passed the door: the middleware lets no stranger through to these views."""

    user: Account
    htmx: HtmxDetails
