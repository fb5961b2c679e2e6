"""Settings of the public site: one signed release, no database, no sign-in, no key of anything."""

import os
import secrets

from koga.web.settings_common import *  # noqa: F403
from koga.web.settings_common import templates

SECRET_KEY = secrets.token_urlsafe(50)  # signs nothing: the site has no sessions and no forms
DEBUG = False
ALLOWED_HOSTS = os.environ.get("KOGA_HOSTS", "*").split(",")
DATABASES: dict[str, object] = {}
KOGA_RELEASE_DIR = os.environ.get("KOGA_RELEASE_DIR", "")
KOGA_CACHE_DIR = os.environ.get("KOGA_CACHE_DIR", "var/cache")
INSTALLED_APPS = ["django.contrib.staticfiles", "koga.pages", "koga.site"]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "koga.web.middleware.PolicyMiddleware",
    "koga.site.answering.ReadingOnly",
]
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = False
ROOT_URLCONF = "koga.web.urls_public"
WSGI_APPLICATION = "koga.web.wsgi_public.application"
TEMPLATES = templates()
