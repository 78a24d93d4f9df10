"""The command line. Floor 9: the door that opens the others; thin, no mathematics."""

from glassnet.cli.app import main

__all__ = ["main"]
