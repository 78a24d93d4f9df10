"""`glassnet studio`: the local web page."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from glassnet.cli.console import echo, emit_json, report, working
from glassnet.cli.inputs import refuse_missing_model
from glassnet.cli.options import Json


def studio(
    data: Annotated[
        str | None,
        typer.Argument(metavar="DATA|MODEL", show_default=False, help="A table or a .glassnet file to open first."),
    ] = None,
    target: Annotated[
        str | None, typer.Option(metavar="COLUMN", show_default=False, help="The column of DATA to predict.")
    ] = None,
    record: Annotated[
        Path | None,
        typer.Option(
            metavar="PAGE.html", show_default=False, help="When the studio ends, write the last training as a page."
        ),
    ] = None,
    port: Annotated[int, typer.Option(metavar="N", help="The port; 0 takes any that is free.")] = 0,
    no_browser: Annotated[bool, typer.Option("--no-browser", help="Only print the address.")] = False,
    json: Json = False,
) -> None:
    """Open the studio: a local web page on which a network is built, trained and looked into.

    The first line is its address. The page is served to this machine alone, and only to the browser that opens the
    address first; it loads nothing from elsewhere. Ctrl-C ends it.

    With --record, the last training is written as one page that plays it back without a server: a minute after
    its tab was closed, and at the latest when the studio ends.
    """
    from glassnet.studio.opening import open_studio

    if data is not None and data.lower().endswith(".glassnet"):
        refuse_missing_model(Path(data))
    with working("opening"):
        opened = open_studio(data, target=target, record=record, port=port, browser=False)
    try:
        if json:
            emit_json({"address": opened.address})
        else:
            echo(opened.address)
        sys.stdout.flush()
        report("The studio is open until Ctrl-C.")
        if not no_browser:
            opened.show()
        opened.wait()
    except KeyboardInterrupt:
        report("The studio is closed.")
    finally:
        opened.close()
        if opened.recorder is not None:
            report(opened.recorder.told)
