"""Funds in the books: who runs them, what went in and out, what they are worth."""
