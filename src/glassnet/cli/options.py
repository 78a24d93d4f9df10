"""Arguments and options that several commands share, so that they mean and say the same everywhere."""

from pathlib import Path
from typing import Annotated

import typer

Data = Annotated[
    list[str],
    typer.Argument(
        metavar="DATA...",
        show_default=False,
        help="CSV, Parquet, JSON, Excel or zip files, a folder, a quoted pattern, - for stdin, or one SQL query.",
    ),
]
Model = Annotated[Path, typer.Argument(metavar="MODEL", readable=False, show_default=False, help="A .glassnet file.")]
Json = Annotated[bool, typer.Option("--json", help="Print JSON for machines, and nothing else, on stdout.")]
Force = Annotated[bool, typer.Option("--force", help="Replace a file that is already there.")]
Target = Annotated[
    str | None,
    typer.Option(metavar="COLUMN", show_default=False, help="The column that was learned, if the model does not know."),
]
Theme = Annotated[
    str,
    typer.Option(metavar="light|dark|auto", help="Colors; auto follows the reader's preference in SVG and HTML."),
]

Member = Annotated[
    int | None,
    typer.Option("--member", metavar="K", show_default=False, help="Which network of an ensemble, counted from 0."),
]
