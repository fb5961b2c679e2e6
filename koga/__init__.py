"""koga: run a public growth fund in the open."""

__version__ = "0.1.0"
