"""Registers from files into the books."""
