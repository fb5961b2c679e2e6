"""Deals by law: from the factors of a path to money by line and quarter, exact and fast."""
