"""The result of `glassnet.train`."""

from dataclasses import dataclass, field, replace

from glassnet.core.network import Network
from glassnet.engines.base import State
from glassnet.errors import ReplayError
from glassnet.training.history import History
from glassnet.training.replay.recording import Recording
from glassnet.training.replay.replay import Replay
from glassnet.training.replay.step_snapshot import StepSnapshot
from glassnet.typing import Array

STREAMED = (
    "a training on streamed rows cannot be replayed, since they do not stay in memory; train on some of the rows in "
    "memory, or use snapshots=1, which stores the parameters of every epoch in the history."
)


@dataclass(frozen=True, eq=False)
class TrainingResult:
    """A trained network, its history, and the state from which training can continue.

    Attributes
    ----------
    network : Network
        With the parameters of the best epoch if a validation set was monitored, else of the last one.
    history : History
        One record per epoch, and the reason for stopping.
    state : State
        The solver's memory at the end; ``train(..., state=result.state)`` continues from there.
    recording : Recording or None
        Used by `replay` and `at`; None for ``solver="lbfgs"`` and for streamed rows. It references X, Y and
        weights and so holds them in memory; copies and pickles do not.
    is_streamed : bool
        Whether the rows were read anew in each epoch, because they did not fit into the memory.
    """

    network: Network
    history: History
    state: State = field(repr=False)
    recording: Recording | None = field(repr=False, default=None)
    is_streamed: bool = field(repr=False, default=False)

    def without_data(self) -> "TrainingResult":
        """Return the result without references to its data, to which `replay` then needs them."""
        return self if self.recording is None else replace(self, recording=self.recording.without_data())

    def replay(self, X: Array = None, Y: Array = None, *, weights: Array | None = None) -> Replay:
        """Return a `Replay` that opens the run at any of its steps.

        Parameters
        ----------
        X, Y, weights : arrays, optional
            The data of the run, needed for pickled and copied results, which do not contain them.

        Returns
        -------
        Replay
            With ``at(epoch=, step=)``, ``first(condition)`` and ``walk()``.

        Raises
        ------
        ReplayError
            If the data are not those of the run, or the solver was "lbfgs".

        Examples
        --------
        >>> import glassnet as gn
        >>> X, Y = [[0, 0], [0, 1], [1, 0], [1, 1]], [[0], [1], [1], [1]]
        >>> result = gn.train(gn.Network.create([2, 1], seed=0), X, Y, cost="binary_cross_entropy", epochs=5)
        >>> bool((result.replay().at(epoch=5).network.theta == result.network.theta).all())
        True
        """
        if self.is_streamed:
            raise ReplayError(STREAMED)
        if self.recording is None:
            raise ReplayError(
                "the iterations of solver 'lbfgs' are searches along a line, which cannot be replayed; "
                "train(..., snapshots=1) stores the parameters of every epoch in history.snapshots."
            )
        return Replay(self.recording, None if X is None else (X, Y, weights))

    def at(self, *, epoch: int | None = None, step: int | None = None) -> StepSnapshot:
        """Open the run between two of its steps. For several places, call `replay` once.

        Parameters
        ----------
        epoch, step : int, optional
            The end of this epoch, from 1, with 0 for the start; with both, after `step` steps of the epoch; with `step`
            alone, after `step` steps of the run.

        Returns
        -------
        StepSnapshot
            Network and optimizer state, and the next step: its rows, learning rate, gradients and cost.

        Raises
        ------
        ParameterError
            If the run did not reach this step.
        ReplayError
            If the data have changed, or the solver was "lbfgs".

        Examples
        --------
        >>> import glassnet as gn
        >>> net = gn.Network.from_weights([([[0.0]], None)], output="identity")
        >>> result = gn.train(net, [[1.0]], [[1.0]], cost="half_squared_error", solver="gd", learning_rate=0.5)
        >>> opened = result.at(epoch=2)  # 0, 0.5, 0.75: half of what is missing at each step
        >>> float(opened.network.W[1][0, 0]), float(opened.gradients.dW[1][0, 0]), opened.learning_rate
        (0.75, -0.25, 0.5)
        """
        return self.replay().at(epoch=epoch, step=step)
