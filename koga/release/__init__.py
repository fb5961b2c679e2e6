"""Signed releases: tables, files, hashes, signature, log. No Django, no settings, no network."""
