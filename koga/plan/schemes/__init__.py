"""A scheme file: its declared format, reading, checking, changing and writing it."""
