"""Replay of an estimator's last training, with the same encoded rows and validation set."""

from dataclasses import dataclass

from glassnet.data.fingerprint import fingerprint
from glassnet.errors import ReplayError
from glassnet.estimators.inputs import Inputs
from glassnet.training.replay.recording import Recording
from glassnet.training.replay.replay import Replay
from glassnet.training.result import STREAMED
from glassnet.typing import Array


@dataclass(frozen=True, eq=False)
class Trained:
    """The record of an estimator's last training.

    Attributes
    ----------
    recording : Recording or None
        Without the data; None for ``solver="lbfgs"``.
    seed : int
        Seed of the training and of the validation set.
    holds_out : bool
        Whether training held out a validation set itself.
    is_of_part : bool
        Whether these were some rows of the table whose fingerprint the model has.
    is_streamed : bool
        Whether the rows were read anew in each epoch.
    """

    recording: Recording | None
    seed: int
    holds_out: bool
    is_of_part: bool = False
    is_streamed: bool = False


def check_replayable(trained: Trained | None, inputs: Inputs, target: Array, known: str) -> tuple[Trained, Recording]:
    """Return the record of a training after checking the data; `known` is the fingerprint of its table.

    If it was a part of that table, only `replay_of` can tell whether the rows are the same.

    Raises
    ------
    ReplayError
        If there is no record, or the data differ.
    """
    if trained is None:
        raise ReplayError(
            "this model comes from a file, which does not store the training, or its parameters were assigned; fit it "
            "again to replay it."
        )
    if trained.is_streamed:
        raise ReplayError(STREAMED)
    if trained.recording is None:
        raise ReplayError(
            "the iterations of solver 'lbfgs' are searches along a line, which cannot be replayed; snapshots=1 stores "
            "the parameters of every epoch in history_.snapshots."
        )
    if trained.is_of_part:
        return trained, trained.recording
    found = fingerprint(inputs, target)
    if found != known:
        raise ReplayError(
            f"X and y differ from the data of the last training (fingerprint {found[:8]} instead of {known[:8]}); pass "
            f"the same rows in the same order, unchanged."
        )
    return trained, trained.recording


def replay_of(recording: Recording, X: Array, Y: Array, weights: Array | None, *, is_of_part: bool) -> Replay:
    """Return the replay on encoded rows.

    Raises
    ------
    ReplayError
        If the data differ from those in training: the sample weights, or the rows if they were not checked before.
    """
    try:
        return Replay(recording, (X, Y, weights))
    except ReplayError:
        raise ReplayError(
            "X and y differ from the data of the last training, which were the training rows of a split table; pass "
            "these alone, in the same order: model.replay(*table.part(table.parts.train))."
            if is_of_part
            else "sample_weight differs from the last training; pass the same weights, or none if there were none."
        ) from None
