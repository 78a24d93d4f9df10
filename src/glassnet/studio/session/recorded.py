"""Sessions that leave a recording of their training when they end."""

import threading
from collections.abc import Callable
from os import PathLike
from pathlib import Path
from time import monotonic
from typing import Any

from glassnet.errors import GlassnetError, ParameterError
from glassnet.files import write_atomically
from glassnet.studio import messages as m
from glassnet.studio.session.session import Session

TRAINS = (m.Play, m.Step, m.Epoch)


class Recorder:
    """Writes the training of a session to a file when the session ends; of several, the one that trained last.

    Parameters
    ----------
    path : str or path
        Its name ends in ``.html``; an existing file is replaced.

    Attributes
    ----------
    told : str
        What became of it, in one sentence.
    """

    def __init__(self, path: str | PathLike[str]) -> None:
        self._path = Path(path)
        if self._path.suffix.lower() != ".html":
            raise ParameterError(
                f"record={str(path)!r} ends in {self._path.suffix or 'nothing'!r}; a recording is a page, such as "
                f"run.html."
            )
        if not self._path.parent.is_dir():
            raise ParameterError(f"record={str(path)!r} is in a folder that does not exist; make it first.")
        self._lock = threading.Lock()
        self._newest = float("-inf")
        self.told = f"Nothing was trained, so {self._path} was not written."

    def keep(self, trained_at: float, make: Callable[[], bytes]) -> None:
        """Write the page that `make` returns, unless a session that trained later was written before."""
        with self._lock:
            if trained_at < self._newest:
                return
            try:
                write_atomically(self._path, make(), example="run.html")
            except (GlassnetError, OSError) as error:
                self.told = f"{self._path} was not written: {error}"
            else:
                self._newest, self.told = trained_at, f"The recording is {self._path}."


class RecordedSession(Session):
    """A session that leaves a recording.

    Parameters
    ----------
    recorder : Recorder
    *arguments
        As for a `Session`.
    """

    def __init__(self, recorder: Recorder, *arguments: Any) -> None:
        self._recorder = recorder
        self._trained_at: float | None = None
        super().__init__(*arguments)

    def handle(self, command: m.FromPage) -> None:
        """Carry out a command, as a `Session` does."""
        super().handle(command)
        if isinstance(command, TRAINS):
            self._trained_at = monotonic()

    def close(self) -> None:
        """Write the recording, then end the session."""
        try:
            if self._trained_at is not None and not self._is_closed:
                self._recorder.keep(self._trained_at, lambda: self.download("recording").content)
        finally:
            super().close()
