"""The words of the domain: money, units, dates, problems, entries. No I/O beyond its own tables."""
