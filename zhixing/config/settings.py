"""Every setting of the product, driven by the environment; docs/reference/settings.md lists the variables."""

from __future__ import annotations

import os
from importlib.metadata import version
from pathlib import Path

from csp.constants import NONE, SELF
from django.utils.translation import gettext_lazy as _

from zhixing.base.addresses import secure_address
from zhixing.config.home import database, home, installation_secrets


def flag(name: str, default: bool) -> bool:
    return os.environ.get(name, "1" if default else "0").lower() in {"1", "true", "yes", "on"}


HOME = home()
SECRETS = installation_secrets(HOME)
PACKAGE = Path(__file__).resolve().parent.parent
VERSION = version("zhixing")

SECRET_KEY = os.environ.get("ZHIXING_SECRET_KEY") or SECRETS["signing"]
ENCRYPTION_KEY = os.environ.get("ZHIXING_ENCRYPTION_KEY") or SECRETS["encryption"]
BLIND_INDEX_KEY = os.environ.get("ZHIXING_BLIND_INDEX_KEY") or SECRETS["blind_index"]
DEBUG = flag("ZHIXING_DEBUG", False)
ALLOWED_HOSTS = os.environ.get("ZHIXING_HOSTS", "localhost,127.0.0.1,[::1]").split(",")
CSRF_FAILURE_VIEW = "zhixing.base.refusals.forged"
CSRF_TRUSTED_ORIGINS = [origin for origin in os.environ.get("ZHIXING_ORIGINS", "").split(",") if origin]
HTTPS = flag("ZHIXING_HTTPS", False)

INSTALLED_APPS = [  # ours before others: our templates replace those of allauth
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.humanize",
    "django.contrib.staticfiles",
    "django.forms",
    "zhixing.people",  # before allauth: its sign-in pages replace allauth's
    "zhixing.base",
    "zhixing.obligations",
    "zhixing.resources",
    "zhixing.needs",
    "zhixing.plans",
    "zhixing.timetables",
    "zhixing.callups",
    "zhixing.classwork",
    "zhixing.attendance",
    "zhixing.evaluations",
    "zhixing.archive",
    "zhixing.portal",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.openid_connect",
    "axes",
    "csp",
    "django_htmx",
    "django_tasks",
    "django_tasks_db",
    "ninja",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "zhixing.base.middleware.CompressMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "zhixing.base.middleware.ChosenLanguageMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "zhixing.people.middleware.OneSessionMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "zhixing.base.middleware.SignInRequiredMiddleware",
    "zhixing.people.middleware.FirstSignInMiddleware",
    "zhixing.base.middleware.ProblemMiddleware",
    "axes.middleware.AxesMiddleware",
]

ROOT_URLCONF = "zhixing.config.urls"
WSGI_APPLICATION = "zhixing.config.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.debug",
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "zhixing.portal.context.page",
            ],
            "builtins": ["django.templatetags.i18n", "django.templatetags.static"],
        },
    }
]
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"

DATABASES = {"default": database(os.environ.get("DATABASE_URL", ""), HOME)}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

LANGUAGE_CODE = "zh-hans"
LOCALE_PATHS = [Path(__file__).parent / "locale"]
LANGUAGES = [("zh-hans", _("Simplified Chinese")), ("en", _("English"))]
TIME_ZONE = os.environ.get("ZHIXING_TIME_ZONE", "Asia/Shanghai")
USE_TZ = True

STATIC_URL = "static/"
STATIC_ROOT = HOME / "static"
MEDIA_ROOT = HOME / "files"
FILE_UPLOAD_PERMISSIONS = 0o600
FILE_UPLOAD_DIRECTORY_PERMISSIONS = 0o700
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "zhixing.base.static_files.StaticFiles"},
}
FILE_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024
DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 5_000
UPLOAD_MAX_BYTES = int(os.environ.get("ZHIXING_UPLOAD_MAX_BYTES", 50 * 1024 * 1024))

AUTH_USER_MODEL = "people.Account"
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "allauth.account.auth_backends.AuthenticationBackend",
]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
ACCOUNT_LOGIN_METHODS = {"username"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_ADAPTER = "zhixing.people.door.AccountAdapter"
ACCOUNT_LOGOUT_ON_GET = False
ACCOUNT_SESSION_REMEMBER = False
ACCOUNT_RATE_LIMITS = False  # django-axes locks out; two counters would contradict each other
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes"]
MFA_TOTP_ISSUER = "Zhixing"
MFA_FORMS = {
    "authenticate": "zhixing.people.door.SecondStepForm",
    "reauthenticate": "zhixing.people.door.SecondStepAgainForm",
}
IDENTITY_URL = secure_address(os.environ.get("ZHIXING_IDENTITY_URL", ""))  # the city's identity service; empty: none
IDENTITY_CLAIM = os.environ.get("ZHIXING_IDENTITY_CLAIM", "preferred_username")
SOCIALACCOUNT_ADAPTER = "zhixing.people.identity.IdentityAdapter"
SOCIALACCOUNT_PROVIDERS = {
    "openid_connect": {
        "OAUTH_PKCE_ENABLED": True,
        # On a shared computer the service must ask who is there, not take whoever sat there before.
        "AUTH_PARAMS": {"prompt": "login"} if flag("ZHIXING_IDENTITY_ASK", True) else {},
        "SCOPE": ["openid", "email" if IDENTITY_CLAIM == "email" else "profile"],
        "APPS": [
            {
                "provider_id": "city",
                "name": os.environ.get("ZHIXING_IDENTITY_NAME", "统一身份认证"),
                "client_id": os.environ.get("ZHIXING_IDENTITY_CLIENT", ""),
                "secret": os.environ.get("ZHIXING_IDENTITY_SECRET", ""),
                "settings": {"server_url": IDENTITY_URL},
            }
        ]
        if IDENTITY_URL
        else [],
    }
}
AXES_FAILURE_LIMIT = int(os.environ.get("ZHIXING_SIGN_IN_TRIES", 5))
AXES_COOLOFF_TIME = float(os.environ.get("ZHIXING_LOCKED_HOURS", 0.5))
AXES_LOCKOUT_PARAMETERS = ["username"]
AXES_USERNAME_CALLABLE = "zhixing.people.door.name_tried"
AXES_RESET_ON_SUCCESS = True
AXES_LOCKOUT_CALLABLE = "zhixing.people.door.locked_out"
AXES_VERBOSE = False
AXES_IPWARE_META_PRECEDENCE_ORDER = ["REMOTE_ADDR"]
ONE_SESSION_PER_ACCOUNT = flag("ZHIXING_ONE_SESSION", False)
SESSION_COOKIE_AGE = int(os.environ.get("ZHIXING_SESSION_SECONDS", 8 * 3600))
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
SESSION_COOKIE_HTTPONLY = True
SECURE_HSTS_SECONDS = 31_536_000 if HTTPS else 0
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if HTTPS else None
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "form-action": [SELF],
        "manifest-src": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
    }
}

TASKS = {
    "default": {
        "BACKEND": "django_tasks_db.DatabaseBackend",
        "QUEUES": ["default"],
    }
}

JOB_STALE_SECONDS = float(os.environ.get("ZHIXING_JOB_STALE_SECONDS", 45))  # silence after which a job is queued again

EMAIL_BACKEND = os.environ.get("ZHIXING_EMAIL_BACKEND", "django.core.mail.backends.console.EmailBackend")
EMAIL_FILE_PATH = HOME / "mail"  # of the backend that writes files
EMAIL_HOST = os.environ.get("ZHIXING_EMAIL_HOST", "localhost")
EMAIL_PORT = int(os.environ.get("ZHIXING_EMAIL_PORT", 25))
EMAIL_HOST_USER = os.environ.get("ZHIXING_EMAIL_USER", "")
EMAIL_HOST_PASSWORD = os.environ.get("ZHIXING_EMAIL_PASSWORD", "")
EMAIL_USE_TLS = flag("ZHIXING_EMAIL_TLS", False)
DEFAULT_FROM_EMAIL = os.environ.get("ZHIXING_EMAIL_FROM", "zhixing@localhost")
SITE_ADDRESS = os.environ.get("ZHIXING_ADDRESS", "http://127.0.0.1:8000")

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "{asctime} {levelname} {name} {message}", "style": "{"}},
    "filters": {
        "links": {"()": "zhixing.base.personal_links.BlankLinks"},
    },
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line", "filters": ["links"]}},
    "root": {"handlers": ["console"], "level": os.environ.get("ZHIXING_LOG", "WARNING")},
}
SILENCED_SYSTEM_CHECKS = [
    "axes.W006"
]  # locked out by user name whatever the address: a botnet gets no more tries than a laptop
