"""`python -m koga.cli`, the same as the console script."""

from koga.cli import main

main()
