"""The public site as a WSGI application; `KOGA_RELEASE_DIR` names the release it shows."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "koga.web.settings_public")
application = get_wsgi_application()
