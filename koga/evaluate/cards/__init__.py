"""Findings as published: suppressed where cells are small, with their cards."""
