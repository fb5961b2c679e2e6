"""Settings of the books: the desk, the commands that post, the tests."""

import os
import secrets
from pathlib import Path

from koga.web.databases import database
from koga.web.settings_common import *  # noqa: F403
from koga.web.settings_common import templates


def _secret_key() -> str:
    """`KOGA_SECRET_KEY`, else one kept beside the books, so that sessions survive a restart."""
    given = os.environ.get("KOGA_SECRET_KEY")
    if given:
        return given
    file = Path.cwd() / "var" / "secret-key"
    if file.exists():
        return file.read_text()
    if not file.parent.is_dir():
        return secrets.token_urlsafe(50)
    key = secrets.token_urlsafe(50)
    file.touch(mode=0o600)
    file.write_text(key)
    return key


SECRET_KEY = _secret_key()
DEBUG = False
ALLOWED_HOSTS = os.environ.get("KOGA_HOSTS", "localhost,127.0.0.1,[::1],testserver").split(",")
DATABASES = {"default": database()}
AUTH_USER_MODEL = "parties.Person"
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 10},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.staticfiles",
    "koga.pages",
    "koga.operate.parties",
    "koga.operate.ledger",
    "koga.operate.fund",
    "koga.operate.support",
    "koga.operate.imports",
    "koga.operate.outcomes",
    "koga.publish",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "koga.web.middleware.PolicyMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
]
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = False
ROOT_URLCONF = "koga.web.urls_books"
WSGI_APPLICATION = "koga.web.wsgi_books.application"
TEMPLATES = templates("koga.web.middleware.desk_language")
LOGIN_URL = "/desk/sign-in/"
LOGIN_REDIRECT_URL = "/desk/"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_AGE = 8 * 60 * 60
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = os.environ.get("KOGA_HTTPS") == "1"
CSRF_FAILURE_VIEW = "koga.web.errors.csrf_failure"
FILE_UPLOAD_MAX_MEMORY_SIZE = 5 * 2**20
DATA_UPLOAD_MAX_MEMORY_SIZE = 10 * 2**20
