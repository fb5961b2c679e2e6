"""What funds returned, beside an index."""
