#!/usr/bin/env python
"""Django's commands for the books."""

import os
import sys

from django.core.management import execute_from_command_line

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "koga.web.settings_books")
    execute_from_command_line(sys.argv)
