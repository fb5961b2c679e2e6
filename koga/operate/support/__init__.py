"""Programmes and records of support."""
