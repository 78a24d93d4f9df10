"""What a reader can take away: one function for each kind."""

from collections.abc import Callable, Mapping

from glassnet.data.suggestions import suggestion
from glassnet.errors import ParameterError
from glassnet.studio.session.taking_away.files import model_file, picture, recording, table_file, workbook
from glassnet.studio.session.taking_away.python import python_program
from glassnet.studio.session.taking_away.shell import shell_command
from glassnet.studio.session.taking_away.shown import Download, Shown

DOWNLOADS: Mapping[str, Callable[[Shown], Download]] = {
    "model": model_file,
    "table": table_file,
    "picture.svg": picture("svg", "image/svg+xml"),
    "picture.png": picture("png", "image/png"),
    "workbook": workbook,
    "python": python_program,
    "shell": shell_command,
    "recording": recording,
}
"""From the kind of a download to the function that makes it."""


def download(kind: str, shown: Shown) -> Download:
    """Return a download of what is on the page.

    Raises
    ------
    ParameterError
        If there is no such kind, or nothing of this kind yet.
    """
    if kind not in DOWNLOADS:
        raise ParameterError(f"there is no download {kind!r}; {suggestion(kind, tuple(DOWNLOADS))}")
    return DOWNLOADS[kind](shown)
