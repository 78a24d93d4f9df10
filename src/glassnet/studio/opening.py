"""`open_studio`: the live page, opened from Python, from a notebook or from the command line."""

import os
from importlib.util import find_spec
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING, Any

from glassnet.errors import MissingExtraError, ParameterError
from glassnet.installing import needs
from glassnet.training.result import TrainingResult

if TYPE_CHECKING:
    from glassnet.studio.server.launching import Studio
    from glassnet.studio.session.opened.projects import Project


def open_studio(
    model_or_data: Any = None,
    *,
    target: str | None = None,
    record: str | os.PathLike[str] | None = None,
    port: int = 0,
    browser: bool = True,
) -> "Studio":
    """Open the studio: a local web page on which a network is built, trained and looked into.

    The page is served by this process, to this machine alone, and only to the browser that opens its address first. It
    loads nothing from elsewhere. Each of its tabs has a network of its own.

    Parameters
    ----------
    model_or_data : GlassClassifier, GlassRegressor, table or path, optional
        What the page opens first: a fitted model, a frame, an array, a dictionary of columns, or the path of a model
        file or of a table. Without it, the reader chooses on the page.
    target : str, optional
        The column to predict; it can be chosen on the page, too.
    record : str or path, optional
        Where to write the last training as a page that plays it back, such as "run.html". It is written a minute
        after a page was closed, and at the latest when the studio ends.
    port : int
        The port; 0 takes any that is free.
    browser : bool
        Whether to open the address in the browser.

    Returns
    -------
    Studio
        ``.address`` is what to open, token included, ``.wait()`` waits for the end, and ``.close()`` ends the studio.
        Notebooks show it as a link. It also ends with the process.

    Raises
    ------
    MissingExtraError
        If the extra ``studio`` is not installed.
    ParameterError
        If the port or the place of the recording cannot be used, or nothing can be opened that way.
    DataError
        If the table cannot be read, or is too large for a page.

    Examples
    --------
    >>> import glassnet as gn
    >>> studio = gn.open_studio("examples/penguins.csv", target="species", browser=False)
    >>> studio.address
    'http://127.0.0.1:.../?token=...'
    >>> studio.close()
    """
    for package in ("starlette", "uvicorn", "websockets"):
        if find_spec(package) is None:
            raise MissingExtraError(needs("the studio", package, "studio"))
    from glassnet.studio.server.launching import Studio
    from glassnet.studio.session.opened.limits import USUAL
    from glassnet.studio.session.recorded import RecordedSession, Recorder
    from glassnet.studio.session.session import Session

    recorder = None if record is None else Recorder(record)
    start = _start(model_or_data, target)

    def session(tell: Any) -> Session:
        return Session(tell, USUAL, start) if recorder is None else RecordedSession(recorder, tell, USUAL, start)

    studio = Studio(session, port=port, recorder=recorder)
    Thread(target=_compile, name="glassnet studio compiler", daemon=True).start()
    if browser:
        studio.show()
    return studio


def _compile() -> None:
    """Compile the engine where this is not done yet, while the page loads and its reader looks around."""
    from glassnet.engines.cpu.warming import warm_up_if_cold

    warm_up_if_cold()


def _start(given: Any, target: str | None) -> "Project | None":
    """Return what each tab opens first; a table is read once for all of them, so that an error shows at once."""
    from glassnet.studio.session.opened.files import MODEL, open_file
    from glassnet.studio.session.opened.limits import USUAL, check_table
    from glassnet.studio.session.opened.projects import Origin, model_project, table_project

    if given is None:
        if target is not None:
            raise ParameterError(f"target={target!r} is a column, but no table was given; name one.")
        return None
    if isinstance(given, str | os.PathLike):
        path = Path(given)
        if target is not None and path.suffix.lower() == MODEL:
            raise _targets_are_for_tables(target)
        return open_file(path, path.name, USUAL, target=target)
    if isinstance(given, TrainingResult):
        raise ParameterError(
            "the studio opens a model or a table, not the result of a training; try gn.playback(result), which shows "
            "it in the same way."
        )
    if hasattr(given, "get_params"):
        from glassnet.estimators.checks import check_fitted

        check_fitted(given, "the studio opens a fitted GlassClassifier or GlassRegressor, or a table")
        if target is not None:
            raise _targets_are_for_tables(target)
        return model_project("Model", Origin("model", "Model"), given)
    from glassnet.data.reading.tabular import table_from

    table = table_from(given)
    check_table(table, USUAL)
    return table_project("Table", Origin("table", "Table"), table, target=target)


def _targets_are_for_tables(target: str) -> ParameterError:
    return ParameterError(f"target={target!r} is for a table; a model knows its own, so leave it out.")
