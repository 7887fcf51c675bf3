"""The pages of allauth that are open here. No sign-up, no reset by e-mail: the department makes accounts and gives passwords anew."""

from __future__ import annotations

from allauth.account import views
from django.urls import include, path

from zhixing.people import identity

CITY = {"provider_id": identity.CITY}

urlpatterns = [
    path("login/", views.login, name="account_login"),
    path("logout/", views.logout, name="account_logout"),
    path("inactive/", views.account_inactive, name="account_inactive"),
    path("reauthenticate/", views.reauthenticate, name="account_reauthenticate"),
    path("password/change/", views.password_change, name="account_change_password"),
    path("2fa/", include("allauth.mfa.urls")),
    path("oidc/city/login/", identity.begin, CITY, name="openid_connect_login"),
    path("oidc/city/login/callback/", identity.come_back, CITY, name="openid_connect_callback"),
    path("oidc/city/join/", identity.join, name="identity_join"),
]
