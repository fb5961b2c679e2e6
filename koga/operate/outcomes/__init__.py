"""Outcomes of support as they were observed, applications with their scores, registered plans."""
