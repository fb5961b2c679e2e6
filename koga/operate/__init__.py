"""The books: imports > support > ledger > parties. Imports run downwards only."""
