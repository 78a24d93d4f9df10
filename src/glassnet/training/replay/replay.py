"""`Replay`: opens a run at any of its steps, since training is deterministic."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from itertools import chain
from typing import Any

from glassnet.engines.reference import ReferenceEngine
from glassnet.engines.registry import resolve_engine
from glassnet.errors import ParameterError
from glassnet.settings.kinds import WHOLE
from glassnet.training.history import History
from glassnet.training.replay.recording import Recording
from glassnet.training.replay.run_replayer import RunReplayer
from glassnet.training.replay.step_snapshot import Readers, StepSnapshot
from glassnet.training.samples import Data


@dataclass(frozen=True)
class InHistory:
    """A breakpoint that is found from the history alone, without replay."""

    epoch_of: Callable[[History], int | None]


EVERY = ("step", "epoch")


class Replay:
    """A run that can be opened at any of its steps, with bit-identical numbers.

    Returned by ``result.replay()`` or, for an estimator, by ``model.replay(X, y)``. It repeats the steps with the
    engine of the run, from the nearest stored state (``kept_states``) or from the start.

    Attributes
    ----------
    history : History
        The history of the run; every replayed epoch must reproduce it.
    n_steps : int
        Number of steps of the run.
    first_step : int
        0, or the step from which the run continued (``train(..., state=...)``).

    Examples
    --------
    >>> import glassnet as gn
    >>> X, Y = [[0, 0], [0, 1], [1, 0], [1, 1]], [[0], [1], [1], [0]]
    >>> net = gn.Network.create([2, 3, 1], hidden="tanh", seed=1)
    >>> run = gn.train(net, X, Y, cost="binary_cross_entropy", epochs=50, batch_size=2, dropout=0.2).replay()
    >>> run.at(epoch=20, step=1).step, run.at(step=40).epoch
    (39, 20)
    >>> moment = run.first(lambda moment: moment.gradient_norm < 0.3)
    >>> moment.rows.shape, moment.gradients.dW[1].shape, moment.state.solver.m.shape
    ((2,), (3, 2), (13,))
    """

    def __init__(self, recording: Recording, given: tuple[Any, Any, Any] | None = None) -> None:
        plan = recording.plan_for(given)
        problem, dtype = plan.problem, plan.problem.network.theta.dtype
        assert isinstance(plan.data, Data)
        weights = None if plan.data.weights is None else plan.data.weights.astype(dtype)
        data = Data(plan.data.X.astype(dtype, copy=False), plan.data.Y.astype(dtype, copy=False), weights)
        self._plan = plan = replace(plan, data=data)  # converted to the engines' precision once, to share it
        arguments = problem, data.X, data.Y, data.weights
        engine = resolve_engine(recording.engine)(*arguments, n_jobs=recording.n_jobs)
        self._readers = Readers(data, ReferenceEngine(*arguments), engine)
        self._replayer = RunReplayer(recording, plan, engine)
        self.history: History = recording.history
        start = recording.kept[0]
        self.first_step = 0 if start.state is None else start.state.step - start.epochs * plan.steps_per_epoch
        diverged = self.history.divergence
        whole = len(self.history) * plan.steps_per_epoch
        self.n_steps = whole if diverged is None else diverged.step - self.first_step

    @property
    def steps_per_epoch(self) -> int:
        """Number of minibatches per epoch."""
        return self._plan.steps_per_epoch

    def at(self, *, epoch: int | None = None, step: int | None = None) -> StepSnapshot:
        """Open the run between two of its steps.

        Parameters
        ----------
        epoch : int, optional
            Number of the epoch, from 1; 0 is the start. Alone it means the end of the epoch, as in the history.
        step : int, optional
            Number of finished steps of this epoch, 0 to `steps_per_epoch`. Without `epoch`: of the whole run, as in
            ``history.divergence.step``.

        Returns
        -------
        StepSnapshot
            Network and optimizer state, and the next step: its rows, learning rate, gradients and cost.

        Raises
        ------
        ParameterError
            If the run did not reach this step.
        ReplayError
            If the run cannot be reproduced with the same numbers.

        Examples
        --------
        >>> import glassnet as gn
        >>> X, Y = [[0.0], [1.0], [2.0]], [[1.0], [3.0], [5.0]]
        >>> net = gn.Network.create([1, 1], output="identity", seed=0)
        >>> result = gn.train(net, X, Y, cost="half_squared_error", learning_rate=1e9, solver="gd")
        >>> place = result.history.divergence
        >>> f"{place.quantity} in layer {place.layer}"
        'cost in layer 1'
        >>> last = result.replay().at(step=place.step)  # the last network that is finite
        >>> last.step, last.cost
        (17, inf)
        """
        return self._open(self._count(epoch, step))

    def walk(self, *, every: str = "step", start: int = 0) -> Iterator[StepSnapshot]:
        """Yield the run's snapshots in order, the first before any step and the last at its end.

        Parameters
        ----------
        every : {"step", "epoch"}
            Whether to yield a snapshot per step or per epoch.
        start : int
            Number of steps to skip.

        Yields
        ------
        StepSnapshot
            The snapshots in order.

        Examples
        --------
        >>> import glassnet as gn
        >>> net = gn.Network.from_weights([([[0.0]], None)], output="identity")
        >>> settings = dict(cost="half_squared_error", solver="gd", learning_rate=0.5, epochs=3)
        >>> run = gn.train(net, [[1.0]], [[1.0]], **settings).replay()
        >>> [float(moment.network.W[1][0, 0]) for moment in run.walk()]
        [0.0, 0.5, 0.75, 0.875]
        """
        if every not in EVERY:
            raise ParameterError(f"every={every!r} is not known. Choose from: {', '.join(EVERY)}.")
        stride = 1 if every == "step" else self.steps_per_epoch
        ends = () if self.n_steps % stride == 0 else (self.n_steps,)  # a diverged run ends within an epoch
        places = chain(range(0, self.n_steps + 1, stride), ends)
        since = max(start - self.first_step, 0)
        return (self._open(n) for n in places if n >= since)

    def first(
        self, condition: Callable[[StepSnapshot], bool] | InHistory, *, every: str = "step", start: int = 0
    ) -> StepSnapshot | None:
        """Return the first snapshot that satisfies a condition.

        Parameters
        ----------
        condition : callable or InHistory
            One of `glassnet.training.breakpoints`, or your own function from a `StepSnapshot` to True or False.
        every, start
            As in `walk`. With ``every="epoch"``, a condition that holds only within an epoch may be missed.

        Returns
        -------
        StepSnapshot or None
            None if the condition never holds.

        Examples
        --------
        >>> import glassnet as gn
        >>> from glassnet.training.breakpoints import rises
        >>> net = gn.Network.from_weights([([[0.0]], None)], output="identity")
        >>> settings = dict(cost="half_squared_error", solver="gd", learning_rate=0.5, epochs=9)
        >>> run = gn.train(net, [[1.0]], [[1.0]], **settings).replay()
        >>> run.first(lambda moment: moment.cost < 0.01).step
        3
        >>> run.first(rises(3.0, "cost")) is None
        True
        """
        if isinstance(condition, InHistory):
            epoch = condition.epoch_of(self.history)
            return None if epoch is None else self.at(epoch=epoch)
        return next((moment for moment in self.walk(every=every, start=start) if condition(moment)), None)

    def __repr__(self) -> str:
        return f"Replay: {self.n_steps} steps from step {self.first_step} on, {self.steps_per_epoch} in an epoch"

    def _open(self, n: int) -> StepSnapshot:
        """Return the snapshot after `n` steps of this run."""
        replayer, size = self._replayer, self.steps_per_epoch
        state = replayer.go(n)
        epoch = -(-n // size)  # the end of an epoch belongs to that epoch
        return StepSnapshot(
            step=state.step,
            epoch=epoch,
            step_of_epoch=n - max(epoch - 1, 0) * size,
            network=self._plan.problem.network.with_theta(state.theta),
            state=state,
            rows=replayer.rows,
            learning_rate=replayer.rate,
            factors=replayer.factors,
            is_end=n == self.n_steps and self.history.divergence is None,
            steps_per_epoch=size,
            readers=self._readers,
        )

    def _count(self, epoch: int | None, step: int | None) -> int:
        """Return the number of this run's steps before a place."""
        for name, value in (("epoch", epoch), ("step", step)):
            if value is not None and value != 0:
                WHOLE.check(name, value)
        size, first = self.steps_per_epoch, self.first_step
        if epoch is None:
            if step is None:
                raise ParameterError("say where to open the run: at(epoch=3), at(epoch=3, step=10) or at(step=250).")
            if not first <= step <= first + self.n_steps:
                raise ParameterError(
                    f"step={step} is not in this run: it took {self.n_steps} steps, so that step goes from {first} to "
                    f"{first + self.n_steps}."
                )
            return step - first
        if step is not None and not 0 <= step <= (size if epoch else 0):
            raise ParameterError(
                f"step={step} is not in epoch {epoch}, which has {size if epoch else 0} steps; without epoch, step "
                f"counts from the start of the run."
            )
        n = epoch * size if step is None else max(epoch - 1, 0) * size + step
        if n > self.n_steps:
            raise ParameterError(
                f"epoch={epoch}{'' if step is None else f', step={step}'} is not in this run: it ended in epoch "
                f"{-(-self.n_steps // size)}, after {self.n_steps} steps of {size} in an epoch."
            )
        return n
