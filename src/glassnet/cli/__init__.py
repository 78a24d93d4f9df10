"""The command line: a thin layer over the library, without mathematics. Floor 9."""

import sys
from collections.abc import Sequence

from glassnet.cli.process import INTERRUPTED, end_at_once_on_interrupt, without_pandas


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code; the console script `glassnet` calls it.

    Parameters
    ----------
    arguments : sequence of str, optional
        The words after `glassnet`. By default the command line of the process; the streams and signals of the process
        are then set up too.

    Examples
    --------
    >>> main(["truth-table", "x*y", "--csv"])
    x,y,F
    0,0,0
    0,1,0
    1,0,0
    1,1,1
    0
    """
    try:
        if arguments is None:
            end_at_once_on_interrupt()
            with without_pandas():
                from glassnet.cli.app import run_program

            return run_program(sys.argv[1:])
        from glassnet.cli.app import run

        return run(arguments)
    except KeyboardInterrupt:
        if sys.stderr is not None:
            sys.stderr.write(f"Error: {INTERRUPTED}\n")
        return 1


__all__ = ["main"]
