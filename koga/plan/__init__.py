"""PLAN: a fund as a data file, and what follows from it. No Django, no database."""
