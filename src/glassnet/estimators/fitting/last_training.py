"""The last training of an estimator, opened again: the same rows, encoded and held out as they were then."""

from dataclasses import dataclass

from glassnet.data.fingerprint import fingerprint
from glassnet.errors import ReplayError
from glassnet.estimators.inputs import Inputs
from glassnet.training.replay.recording import Recording
from glassnet.training.replay.replay import Replay
from glassnet.typing import Array


@dataclass(frozen=True, eq=False)
class Trained:
    """What an estimator remembers of its last training.

    Attributes
    ----------
    recording : Recording or None
        Without the data; None for ``solver="lbfgs"``.
    seed : int
        Of the training, and of the rows held out.
    holds_out : bool
        Whether training itself put rows aside to watch.
    """

    recording: Recording | None
    seed: int
    holds_out: bool


def check_replayable(trained: Trained | None, inputs: Inputs, target: Array, known: str) -> tuple[Trained, Recording]:
    """Return what is known of a training with these inputs and target, `known` being the fingerprint of its own.

    Raises
    ------
    ReplayError
        If nothing is known, or the data are others.
    """
    if trained is None:
        raise ReplayError("a model file does not hold how the model was trained; fit the model again to replay it.")
    if trained.recording is None:
        raise ReplayError(
            "solver 'lbfgs' keeps its memory of the curvature to itself, so that its steps cannot be opened; "
            "snapshots=1 keeps the parameters of every epoch in history_.snapshots."
        )
    found = fingerprint(inputs, target)
    if found != known:
        raise ReplayError(
            f"X and y are not those of the last training: their fingerprint is {found[:8]}, that of the training "
            f"{known[:8]}; pass the same rows in the same order, unchanged."
        )
    return trained, trained.recording


def replay_of(recording: Recording, X: Array, Y: Array, weights: Array | None) -> Replay:
    """Return the run on encoded rows.

    Raises
    ------
    ReplayError
        If the rows weigh otherwise than in training; that they are the same was checked before.
    """
    try:
        return Replay(recording, (X, Y, weights))
    except ReplayError:
        raise ReplayError(
            "sample_weight is not that of the last training; pass the same weights, or none if there were none."
        ) from None


def forget_data(recording: Recording | None) -> Recording | None:
    """Return a recording that does not hold on to the encoded table: a model must not be as large as its data."""
    return None if recording is None else recording.without_data()
