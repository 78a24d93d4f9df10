"""`glassnet truth-table`: the truth table of a Boolean function as data."""

from pathlib import Path
from typing import Annotated

import typer

from glassnet.cli.console import echo, emit, emit_json, report
from glassnet.cli.files import check_output
from glassnet.cli.options import Force, Json
from glassnet.data import boolean
from glassnet.data.writing.tables import check_ending, write_table
from glassnet.files import write_whole


def truth_table(
    expression: Annotated[
        str, typer.Argument(show_default=False, help="Such as 'x*y + ~z', \"xy + z'\" or 'a xor not b'.")
    ],
    csv: Annotated[bool, typer.Option("--csv", help="Print CSV.")] = False,
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", metavar="FILE", readable=False, help="Write a .csv, .parquet or .json file."),
    ] = None,
    force: Force = False,
    json: Json = False,
) -> None:
    """Print the truth table of a Boolean function: all combinations of its variables, and its value F.

    Write not as ~x, !x or x'; and as x*y, x&y or xy; xor as x^y; or as x+y or x|y. The words work, too.
    """
    found = boolean.truth_table(expression)
    if output is not None:
        _write(found, output, force)
    if json:
        emit_json(
            {
                "expression": found.expression,
                "variables": list(found.variables),
                "X": found.X.astype(int).tolist(),
                "F": found.F.astype(int).tolist(),
            }
        )
    elif csv:
        emit(found.to_csv())
    elif output is None:
        echo(found.to_text())


def _write(found: boolean.TruthTable, output: Path, force: bool) -> None:
    ending = check_ending(output)
    check_output(output, force=force)
    written = found.to_table()
    write_whole(output, lambda part: write_table(part, ending, written.names, written.columns))
    report(f"{written.n_rows} rows written to {output}")
