"""Run the command line with ``python -m segkit``."""

from segkit.cli import main

main()
