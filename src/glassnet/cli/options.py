"""Arguments and options that several commands share."""

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
Json = Annotated[bool, typer.Option("--json", help="Print only JSON on stdout.")]
Force = Annotated[bool, typer.Option("--force", help="Replace an existing file.")]
Target = Annotated[
    str | None,
    typer.Option(metavar="COLUMN", show_default=False, help="The target column, if the model does not store its name."),
]
Theme = Annotated[
    str,
    typer.Option(metavar="light|dark|auto", help="Colors; auto follows the reader's preference in SVG and HTML."),
]

Member = Annotated[
    int | None,
    typer.Option("--member", metavar="K", show_default=False, help="Which network of an ensemble, counted from 0."),
]
