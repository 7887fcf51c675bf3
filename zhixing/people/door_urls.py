"""The pages of allauth that are open here. No sign-up, no reset by e-mail: the department makes accounts and gives passwords anew."""

from __future__ import annotations

from allauth.account import views
from allauth.socialaccount.providers.openid_connect import views as openid_connect
from django.urls import include, path

from zhixing.people import identity

CITY = {"provider_id": "city"}
"""The one identity service there is (``settings.SOCIALACCOUNT_PROVIDERS``)."""

urlpatterns = [
    path("login/", views.login, name="account_login"),
    path("logout/", views.logout, name="account_logout"),
    path("inactive/", views.account_inactive, name="account_inactive"),
    path("reauthenticate/", views.reauthenticate, name="account_reauthenticate"),
    path("password/change/", views.password_change, name="account_change_password"),
    path("2fa/", include("allauth.mfa.urls")),
    path("oidc/city/login/", identity.begin, CITY, name="openid_connect_login"),
    path("oidc/city/login/callback/", openid_connect.callback, CITY, name="openid_connect_callback"),
]
