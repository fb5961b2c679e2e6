"""Signed releases: tables, files, hashes, signature, log. No Django; `verify` needs nothing else."""
