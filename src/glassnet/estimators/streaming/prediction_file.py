"""Writes predictions into a file, some rows after the others, and continues where a killed run stopped."""

import hashlib
import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

from sklearn.utils.validation import check_is_fitted

from glassnet.data.reading.finding import STDIN
from glassnet.data.reading.sources import files_read_by
from glassnet.data.reading.sql.query import is_query
from glassnet.data.rows.row_source import RowSource
from glassnet.data.writing.in_parts import WRITERS, PartsWriter, SafeCsvWriter
from glassnet.data.writing.tables import check_ending
from glassnet.errors import ParameterError
from glassnet.estimators.files.saving import describe_model, strict_json
from glassnet.estimators.streaming.new_rows import DataSource, open_rows
from glassnet.estimators.streaming.predictions import names_of_predictions, predictions
from glassnet.files import BESIDE, write_atomically, write_whole
from glassnet.locks import FileLock
from glassnet.typing import Array

ENDING = ".partial"
PROGRESS, LOCK = "progress.json", "lock"
_BLOCK = 1 << 20


def write_predictions(
    model: Any,
    rows: RowSource,
    writer: type[PartsWriter],
    path: Path,
    *,
    with_inputs: bool = False,
    position: dict[str, Any] | None = None,
    start: int = 0,
    note: Callable[[PartsWriter, int], Any] = lambda writer, n_rows: None,
) -> None:
    """Write the predictions of all rows, from row `start` on; call `note` after each part with the rows so far."""
    names = names_of_predictions(model, rows.names, with_inputs=with_inputs)
    with writer(path, names, position) as out:
        for columns in predictions(model, rows, with_inputs=with_inputs, start=start):
            out.add(columns)
            start += len(columns[0])
            note(out, start)
        out.end()


def predict_file(
    model: Any,
    source: DataSource,
    output: str | os.PathLike[str],
    *,
    with_inputs: bool = False,
    spreadsheet_safe: bool = False,
    resume: bool = False,
) -> int:
    r"""Write a prediction for every row of a file, which may be larger than the memory, as `glassnet predict` does.

    Parameters
    ----------
    model : GlassClassifier or GlassRegressor
        A fitted model.
    source : str, path or sequence of them
        CSV, Parquet, JSON, Excel or zip files, a pattern, a folder, or a SQL query over files.
    output : str or path
        A .csv, .parquet or .json file. It is replaced as a whole, once all rows are predicted.
    with_inputs : bool
        Whether to include the columns of the source.
    spreadsheet_safe : bool
        Whether to put ' before texts in CSV that a spreadsheet would run as a formula.
    resume : bool
        Whether to keep the predictions in the folder ``OUTPUT.partial`` until the end, and to continue from there after
        a kill. They are used only if model, content of the files, and options are the same.

    Returns
    -------
    int
        The number of rows.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> reg = gn.GlassRegressor((2,), max_iter=1, random_state=0).fit({"x": [0.0, 1.0]}, [0.0, 1.0])
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     data, output = Path(folder, "data.csv"), Path(folder, "predicted.csv")
    ...     _ = data.write_text("x\n0.5\n0.7\n")
    ...     gn.predict_file(reg, data, output), output.read_text().splitlines()[0]
    (2, 'row,predicted y')
    """
    check_is_fitted(model, "network_")
    place, ending = Path(output), check_ending(Path(output))
    if spreadsheet_safe and ending != ".csv":
        raise ParameterError("spreadsheet_safe applies to CSV only; leave it out, or let the output end in .csv.")
    writer = SafeCsvWriter if spreadsheet_safe else WRITERS[ending]
    unfinished = None
    if resume:
        options = {"with_inputs": with_inputs, "spreadsheet_safe": spreadsheet_safe, "ending": ending}
        unfinished = ResumablePredictions(model, source, place, options)
    rows = open_rows(model, source).rows
    if unfinished is not None:
        unfinished.write(model, rows, writer, with_inputs=with_inputs)
    else:
        write_whole(place, lambda part: write_predictions(model, rows, writer, part, with_inputs=with_inputs))
    return rows.n_rows


class ResumablePredictions:
    """A file of predictions that a later run continues if this one is killed.

    Until all rows are predicted, they are in the folder ``OUTPUT.partial``, with the fingerprint of the model, the data
    and the options. The output itself is there at the end, as a whole.

    Parameters
    ----------
    model : GlassClassifier or GlassRegressor
    source : str, path or sequence of them
        Files, whose content is compared with that of the killed run.
    output : Path
    options : dict
        Whatever else decides the bytes of the output.

    Attributes
    ----------
    n_before : int
        Number of rows that an earlier run has predicted.
    is_anew : bool
        Whether there were predictions of another model, of other data or with other options, which are not used.
    is_changed : bool
        Whether there were predictions of the same task, which were cut or edited afterwards and are not used.

    Raises
    ------
    ParameterError
        If the folder has other files, which would be removed with it at the end.
    """

    def __init__(self, model: Any, source: DataSource, output: Path, options: dict[str, Any]) -> None:
        refuse_unrepeatable(source)
        self._output = Path(os.path.realpath(output))
        self._folder = self._output.with_name(self._output.name + ENDING)
        self._part, self._writer = self._folder / f"rows{self._output.suffix}", WRITERS[options["ending"]]
        self._refuse_foreign()
        self._task = _task(model, source, options)
        found = self._progress()
        self.is_anew = found is not None and found.get("task") != self._task
        self._position: dict[str, Any] | None = None
        self.n_before, self.is_changed = 0, False
        if found is not None and not self.is_anew:
            self.is_changed = not self._is_unchanged(found)
            if not self.is_changed:
                self._position, self.n_before = found["position"], found["n_rows"]

    def write(self, model: Any, rows: RowSource, writer: type[PartsWriter], *, with_inputs: bool) -> None:
        """Predict the rows that are left, and move the result to its place."""
        self._folder.mkdir(exist_ok=True)
        with self._locked():
            if self.n_before == 0:
                self._clear()
            write_predictions(
                model,
                rows,
                writer,
                self._part,
                with_inputs=with_inputs,
                position=self._position,
                start=self.n_before,
                note=self._note,
            )
            write_whole(self._output, lambda whole: os.replace(self._part, whole))
        shutil.rmtree(self._folder, ignore_errors=True)

    def _locked(self) -> FileLock:
        try:
            return FileLock(self._folder / LOCK)
        except BlockingIOError:
            raise ParameterError(
                f"another run is writing {str(self._output)!r} right now; wait for its end, or choose another output."
            ) from None

    def _note(self, writer: PartsWriter, n_rows: int) -> None:
        position = writer.position()
        digest = _digest_of(self._task, n_rows, position)
        record = {"task": self._task, "n_rows": n_rows, "position": position, "sha256": digest}
        write_atomically(self._folder / PROGRESS, json.dumps(record).encode())

    def _progress(self) -> dict[str, Any] | None:
        try:
            found = json.loads((self._folder / PROGRESS).read_bytes())
        except (OSError, ValueError):
            return None
        return found if isinstance(found, dict) and {"task", "n_rows", "position"} <= set(found) else {}

    def _is_unchanged(self, found: dict[str, Any]) -> bool:
        n_rows = found["n_rows"]
        is_number = isinstance(n_rows, int) and not isinstance(n_rows, bool) and n_rows > 0
        is_whole = found.get("sha256") == _digest_of(found["task"], n_rows, found["position"])
        return is_number and is_whole and self._writer.is_at(self._part, found["position"])

    def _refuse_foreign(self) -> None:
        """Raise a ParameterError if the folder is not one that an earlier run has made."""
        if not os.path.lexists(self._folder):
            return
        is_folder = self._folder.is_dir() and not self._folder.is_symlink()
        names = sorted(path.name for path in self._folder.iterdir()) if is_folder else []
        foreign = [name for name in names if not name.startswith((PROGRESS, LOCK, self._part.name, BESIDE))]
        if is_folder and not foreign:
            return
        what = f"has the file {foreign[0]!r}, which is not of a run" if is_folder else "is not a folder"
        raise ParameterError(
            f"{str(self._folder)!r}, where predictions are kept until the end, {what}; move it, or choose another "
            f"output."
        )

    def _clear(self) -> None:
        for path in self._folder.iterdir():
            if path.is_dir():  # of a killed run that was writing its progress
                shutil.rmtree(path)
            elif path.name != LOCK:
                path.unlink()


def refuse_unrepeatable(source: DataSource) -> None:
    """Raise a ParameterError if a second run may find other rows than the first.

    >>> refuse_unrepeatable("data.csv")
    """
    entries = [source] if isinstance(source, str | os.PathLike) else list(source)
    if STDIN in entries:
        raise ParameterError("stdin cannot be read again by a later run; name a file, or leave resume out.")
    if any(isinstance(entry, str) and is_query(entry) for entry in entries):
        raise ParameterError(
            "a query may return its rows in another order when it runs again; write its result to a file first, or "
            "leave resume out."
        )


def _task(model: Any, source: DataSource, options: dict[str, Any]) -> str:
    """Return the fingerprint of everything that decides the predictions."""
    digest = hashlib.sha256(strict_json(describe_model(model, "")).encode())
    for network in model.networks_:
        digest.update(_bytes(network.theta))
    digest.update(json.dumps(options, sort_keys=True).encode())
    for path in files_read_by(source):
        digest.update(str(path.stat().st_size).encode() + b":")
        with path.open("rb") as file:
            while block := file.read(_BLOCK):
                digest.update(block)
    return digest.hexdigest()


def _digest_of(task: str, n_rows: int, position: Any) -> str:
    """Return a digest of a run's progress."""
    return hashlib.sha256(json.dumps([task, n_rows, position], sort_keys=True).encode()).hexdigest()


def _bytes(theta: Array) -> bytes:
    return bytes(theta.tobytes())
