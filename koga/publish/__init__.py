"""Statements, sign-off and releases."""
