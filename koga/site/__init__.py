"""Public pages of one signed release: no database, no sign-in, nothing but the release's files."""
