"""The SQLite file of a sweep: a study of optuna's, which optuna-dashboard opens."""

import json
import os
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Any

from glassnet import files
from glassnet.errors import CheckpointError, GlassnetError, first_line
from glassnet.locks import FileLock
from glassnet.sweeping.choosing.proposing import optuna, without_its_warnings

WAIT = 60.0  # seconds, for a dashboard that reads
OPEN = ("synchronous = NORMAL",)
"""A power cut may lose the last trials, which are then trained again; a kill loses nothing."""

STUDY = "glassnet sweep"
ABOUT = "glassnet"
"""The user attribute, of the study and of each trial, in which the file says what a sweep needs to go on."""


class StudyFile:
    """The trials of a sweep in a file, or in memory only."""

    def __init__(self, storage: Any, study_id: int) -> None:
        self._storage, self._study = storage, study_id

    def trials(self) -> list[Any]:
        """Return all trials in the order of their numbers, as optuna.trial.FrozenTrial."""
        found: list[Any] = self._storage.get_all_trials(self._study)
        return sorted(found, key=lambda trial: trial.number)

    def begin(self, params: Mapping[str, Any], distributions: Mapping[str, Any], about: Mapping[str, Any]) -> None:
        """Write a trial that is about to be trained, in one transaction."""
        library = optuna()
        trial = library.trial.create_trial(
            state=library.trial.TrialState.RUNNING,
            params=dict(params),
            distributions=dict(distributions),
            user_attrs=dict(about),
        )
        self._storage.create_new_trial(self._study, template_trial=trial)

    def end(self, trial: Any, values: Mapping[int, float], about: Mapping[str, Any], *, is_whole: bool) -> None:
        """Write the scores of a trial at the rungs, what else is known about it, and last that it has ended."""
        states = optuna().trial.TrialState
        for rung, value in values.items():
            self._storage.set_trial_intermediate_value(trial._trial_id, rung, value)
        self._storage.set_trial_user_attr(trial._trial_id, ABOUT, json.dumps(about))
        last = [values[max(values)]] if values else None
        state = states.COMPLETE if is_whole and last else states.PRUNED
        self._storage.set_trial_state_values(trial._trial_id, state, last)


@contextmanager
def opened(
    path: str | os.PathLike[str] | None,
    direction: str,
    about: Mapping[str, Any],
    distributions: Mapping[str, Any],
) -> Iterator[StudyFile]:
    """Open the file of a sweep, or make it, and keep other processes from going on with the same sweep meanwhile.

    Parameters
    ----------
    path : path or None
        None keeps everything in memory.
    direction : {"minimize", "maximize"}
    about : mapping
        What decides the sweep; a file that is there must say the same.
    distributions : mapping
        What each trial chooses from, as optuna has it.

    Raises
    ------
    CheckpointError
        If the file is damaged, in use, cannot be written, or is of another sweep; the message names the differences.
    """
    library = optuna()
    if path is None:
        storage = library.storages.InMemoryStorage()
        yield StudyFile(storage, _new_study(storage, direction, about))
        return
    place = Path(path)
    if not place.parent.is_dir():
        raise FileNotFoundError(f"there is no folder {str(place.parent)!r}; make it first, or save elsewhere.")
    if place.is_dir():
        raise IsADirectoryError(f"{str(place)!r} is a folder; name a file in it, such as {str(place / 'sweep.db')!r}.")
    with _locked(place):
        files.sweep(place.parent)  # what a process that was killed while it made the file has left
        if not place.exists():
            _make(place, direction, about)
        _check_sqlite(place)
        storage = None
        try:
            with _read_strictly(place):
                storage = _storage(place)
                file = StudyFile(storage, _found(storage, place, about))
                _check_trials(file.trials(), place, distributions)
            with _told(place):
                _journal(place, "WAL")
                yield file
        finally:
            if storage is not None:
                storage.remove_session()
                storage.engine.dispose()
            with suppress(sqlite3.Error):
                _journal(place, "DELETE")


@contextmanager
def _locked(place: Path) -> Iterator[None]:
    try:
        lock = FileLock(place.with_name(place.name + ".lock"))
    except BlockingIOError:
        raise CheckpointError(
            f"{str(place)!r} is in use: another process goes on with this sweep; wait for it, or use another file."
        ) from None
    with lock:
        yield


def _make(place: Path, direction: str, about: Mapping[str, Any]) -> None:
    """Make the file aside and move it, so that a kill leaves a whole file or none."""
    with files.scratch_folder(place.parent) as folder:
        draft = folder / "sweep.db"
        storage = _storage(draft)
        _new_study(storage, direction, about)
        storage.remove_session()
        storage.engine.dispose()
        os.replace(draft, place)


def _storage(place: Path) -> Any:
    """Return optuna's storage; a path may have any character, so it is passed beside the URL."""
    target = str(place.absolute())

    def connected() -> sqlite3.Connection:
        connection = sqlite3.connect(target, check_same_thread=False, timeout=WAIT)
        for pragma in OPEN:
            connection.execute(f"PRAGMA {pragma}").fetchall()
        return connection

    with without_its_warnings():
        return optuna().storages.RDBStorage("sqlite://", engine_kwargs={"creator": connected})


def _journal(place: Path, mode: str) -> None:
    """Choose how transactions are written.

    With "WAL", none waits for the disk; "DELETE" leaves one file, which any program can read, also where it may not
    write.
    """
    # a dashboard that has the file open may keep it as it is
    with closing(sqlite3.connect(place, timeout=WAIT if mode == "WAL" else 1.0)) as connection:
        if connection.execute("PRAGMA journal_mode").fetchone()[0].upper() != mode:
            connection.execute(f"PRAGMA journal_mode = {mode}").fetchall()


@contextmanager
def _told(place: Path) -> Iterator[None]:
    """Turn errors of the database into a sentence."""
    try:
        yield
    except (optuna().exceptions.StorageInternalError, sqlite3.Error) as error:
        reason = getattr(error.__cause__, "orig", None) or error
        raise CheckpointError(
            f"{str(place)!r} cannot be read or written: {first_line(reason)}; what it holds is kept: make room, "
            f"or permit writing, and repeat the call."
        ) from None


@contextmanager
def _read_strictly(place: Path) -> Iterator[None]:
    """Refuse a database whose contents optuna cannot read, whatever it stumbles over."""
    try:
        with _told(place):
            yield
    except GlassnetError:
        raise
    except Exception as error:
        raise CheckpointError(
            f"{str(place)!r} does not hold what a sweep writes: {type(error).__name__}: {first_line(error)}; restore a "
            f"copy, or begin with another file."
        ) from None


def _new_study(storage: Any, direction: str, about: Mapping[str, Any]) -> int:
    kinds = optuna().study.StudyDirection
    study: int = storage.create_new_study([kinds[direction.upper()]], STUDY)
    storage.set_study_user_attr(study, ABOUT, json.dumps(about))
    return study


def _check_sqlite(place: Path) -> None:
    """Raise if the file is no database, or a damaged one."""
    try:
        with closing(sqlite3.connect(f"{place.absolute().as_uri()}?mode=rw", uri=True)) as connection:
            found = connection.execute("PRAGMA quick_check").fetchone()[0]
            tables = {row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
            others = connection.execute(
                "SELECT type, name FROM sqlite_master WHERE type NOT IN ('table', 'index')"
            ).fetchall()  # they would run whenever the file is read or written
    except sqlite3.DatabaseError as error:
        raise CheckpointError(
            f"{str(place)!r} is not the file of a sweep: {first_line(error)}; use another file, or remove it."
        ) from None
    if found != "ok":
        raise CheckpointError(f"{str(place)!r} is damaged: {found}; restore a copy, or begin with another file.")
    if "studies" not in tables:
        raise CheckpointError(f"{str(place)!r} is a database, but holds no sweep; use another file.")
    if others:
        raise CheckpointError(
            f"{str(place)!r} has the {others[0][0]} {others[0][1]!r}, which no sweep makes; restore a copy, or begin "
            f"with another file."
        )


def _check_trials(trials: list[Any], place: Path, distributions: Mapping[str, Any]) -> None:
    """Raise if another program has added trials, or changed them."""
    for number, trial in enumerate(trials):
        if trial.number != number or trial.distributions != distributions:
            raise CheckpointError(
                f"{str(place)!r} has a trial {trial.number} that is not of this sweep; another program has changed the "
                f"file: restore a copy, or begin with another one."
            )


def _found(storage: Any, place: Path, about: Mapping[str, Any]) -> int:
    """Return the study in a file, after checking that it is of the same sweep."""
    studies = {study.study_name: study for study in storage.get_all_studies()}
    if STUDY not in studies:
        raise CheckpointError(f"{str(place)!r} holds studies of optuna, but no sweep of glassnet; use another file.")
    study = studies[STUDY]
    try:
        known = json.loads(study.user_attrs[ABOUT])
    except (KeyError, TypeError, ValueError):
        raise CheckpointError(f"{str(place)!r} does not say what its sweep is about; use another file.") from None
    wanted = json.loads(json.dumps(about))
    if not isinstance(known, dict) or known != wanted:
        differing = [name for name in wanted if not isinstance(known, dict) or known.get(name) != wanted[name]]
        what = ", ".join(name.replace("_", " ") for name in differing) or "version"
        raise CheckpointError(
            f"{str(place)!r} is of another sweep: it differs in {what}; repeat that call, or use another file."
        )
    found: int = study._study_id
    return found
