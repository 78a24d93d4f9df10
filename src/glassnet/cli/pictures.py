"""Pictures that the command line writes."""

from pathlib import Path

from glassnet.cli.files import check_output
from glassnet.drawing.picture import Picture
from glassnet.drawing.saving import kind_of
from glassnet.drawing.theme import check_theme


def check_picture(output: Path | None, theme: str, *, force: bool) -> None:
    """Reject an invalid theme, file suffix or path before any work is done."""
    check_theme(theme)
    if output is not None:
        kind_of(output)
        check_output(output, force=force)


def write_picture(picture: Picture, output: Path) -> None:
    """Write a picture, whole or not at all."""
    picture.save(output)
