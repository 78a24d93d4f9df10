"""The SQLite file of a sweep: a study of optuna's, which optuna-dashboard opens."""

import json
import os
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from glassnet import files
from glassnet.errors import CheckpointError, first_line
from glassnet.locks import FileLock
from glassnet.sweeping.proposing import optuna, without_its_warnings

WAIT = 60.0  # seconds, for a dashboard that reads
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

    def begin(self, params: Mapping[str, Any], distributions: Mapping[str, Any], about: Mapping[str, Any]) -> Any:
        """Write a trial that is about to be trained, in one transaction, and return it."""
        library = optuna()
        trial = library.trial.create_trial(
            state=library.trial.TrialState.RUNNING,
            params=dict(params),
            distributions=dict(distributions),
            user_attrs=dict(about),
        )
        return self._storage.get_trial(self._storage.create_new_trial(self._study, template_trial=trial))

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
def opened(path: str | os.PathLike[str] | None, direction: str, about: Mapping[str, Any]) -> Iterator[StudyFile]:
    """Open the file of a sweep, or make it, and keep other processes from going on with the same sweep meanwhile.

    Parameters
    ----------
    path : path or None
        None keeps everything in memory.
    direction : {"minimize", "maximize"}
    about : mapping
        What decides the sweep; a file that is there must say the same.

    Raises
    ------
    CheckpointError
        If the file is damaged, in use, or of another sweep; the message names the differences.
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
        storage = _storage(place)
        try:
            yield StudyFile(storage, _found(storage, place, about))
        finally:
            storage.remove_session()
            storage.engine.dispose()


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
    with without_its_warnings():
        return optuna().storages.RDBStorage(
            "sqlite://",
            engine_kwargs={"creator": lambda: sqlite3.connect(target, check_same_thread=False, timeout=WAIT)},
        )


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
    except sqlite3.DatabaseError as error:
        raise CheckpointError(
            f"{str(place)!r} is not the file of a sweep: {first_line(error)}; use another file, or remove it."
        ) from None
    if found != "ok":
        raise CheckpointError(f"{str(place)!r} is damaged: {found}; restore a copy, or begin with another file.")
    if "studies" not in tables:
        raise CheckpointError(f"{str(place)!r} is a database, but holds no sweep; use another file.")


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
