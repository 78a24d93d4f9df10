"""`glassnet inspect`: the contents of a model file, without loading it."""

from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from glassnet.cli.console import emit_json, say
from glassnet.cli.inputs import refuse_missing_model
from glassnet.cli.options import Json
from glassnet.cli.vocabulary import in_options
from glassnet.errors import ModelFileError


def inspect(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A .glassnet file, whole or damaged.")],
    json: Json = False,
) -> None:
    """Show the contents of a model file without loading it, and the damage if there is any.

    The exit code is 1 if `glassnet` would refuse to load the file.
    """
    from glassnet.estimators.files.inspection import inspect as contents_of

    refuse_missing_model(file)
    contents = contents_of(file)
    if json:
        emit_json(contents.to_dict())
    else:
        say(replace(contents, problem=contents.problem and in_options(contents.problem)).text)
    if contents.problem is not None:
        raise ModelFileError(contents.problem)
