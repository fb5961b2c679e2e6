"""Settings both processes share: templates, language, headers. Nothing secret."""

from pathlib import Path

KOGA_ROOT = Path(__file__).resolve().parents[1]

USE_TZ = True
TIME_ZONE = "Asia/Seoul"
USE_I18N = False
LANGUAGE_CODE = "ko"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
STATIC_URL = "/static/"
X_FRAME_OPTIONS = "DENY"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
CONTENT_SECURITY_POLICY = (
    "default-src 'none'; img-src 'self' data:; style-src 'self'; script-src 'self'; "
    "font-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'"
)

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "handlers": {"console": {"class": "logging.StreamHandler"}},
    "root": {"handlers": ["console"], "level": "WARNING"},
}


def templates(*context_processors: str) -> list[dict[str, object]]:
    """Django templates with koga's words built in."""
    return [
        {
            "BACKEND": "django.template.backends.django.DjangoTemplates",
            "APP_DIRS": True,
            "OPTIONS": {
                "builtins": ["koga.pages.templatetags.words"],
                "context_processors": list(context_processors),
            },
        }
    ]
