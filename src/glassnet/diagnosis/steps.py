"""`Steps`: how the steps of a training were taken, so that rules can look at the next one."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from glassnet.core.catalog.penalties import Penalty
from glassnet.core.catalog.solvers import Solver, resolve_solver
from glassnet.core.network import Network
from glassnet.data.encoding.label_smoothing import smooth_labels
from glassnet.typing import Array


@dataclass(frozen=True, eq=False)
class Steps:
    """How the steps of a training were taken.

    Attributes
    ----------
    network : Network
        After the last step, in float64; the network of predictions may be that of an earlier epoch.
    solver : Solver
    batch_size : int
    penalty : Penalty
    dropout : tuple of float
        Rate of each hidden layer.
    smoothing : float
        Share of each target that was spread over all classes.
    is_multilabel : bool
        Whether each column of the targets is a label of its own.
    rows : array of int or None
        The numbers of the rows of training among the user's rows; None if nobody knows.
    """

    network: Network
    solver: Solver
    batch_size: int
    penalty: Penalty
    dropout: tuple[float, ...] = ()
    smoothing: float = 0.0
    is_multilabel: bool = False
    rows: Array | None = None

    def targets(self, Y: Array) -> Array:
        """Return the targets as training had them."""
        return smooth_labels(Y, self.smoothing, multilabel=self.is_multilabel) if self.smoothing else Y


def steps_of_estimator(model: Any, target: Array | None, numbers: Array | None) -> Steps:
    """Return the steps of a fitted estimator's last training.

    `target` has the labels of the user's rows, if there are any, and `numbers` the numbers of these rows, if they are
    not counted from 0.
    """
    from glassnet.estimators.fitting.run_settings import train_arguments

    recipe, member = model.recipe_, model.members_[0]
    rows = None if target is None else training_rows(model, target)
    n_train = max(1, len(rows) if rows is not None else 0 if target is None else len(target))
    settings = train_arguments(recipe, n_train, held_out=False)
    n_hidden = model.network_.n_layers - 1
    dropout = settings["dropout"]
    return Steps(
        network=member.as_trained.astype("float64"),
        solver=settings["solver"],
        batch_size=n_train if settings["batch_size"] is None else settings["batch_size"],
        penalty=Penalty(settings["l1"], settings["l2"]),
        dropout=tuple(dropout) if isinstance(dropout, list | tuple) else (float(dropout),) * n_hidden,
        smoothing=float(getattr(recipe, "label_smoothing", 0.0) or 0.0),
        is_multilabel=model.target_encoder_.task == "multilabel",
        rows=rows if rows is None or numbers is None else numbers[rows],
    )


def training_rows(model: Any, target: Array) -> Array | None:
    """Return the places of the rows that the last fit did not hold out; None if nobody knows.

    A model that comes from a file does not know the seed that they were drawn with.
    """
    from glassnet.estimators.fitting.preparation import hold_out, training_part

    trained = model.members_[0].trained
    if trained is None:
        return None
    held_out = hold_out(model, target, trained.seed, has_eval_set=not trained.holds_out)
    part = training_part(held_out, len(target))
    return np.arange(len(target)) if part is None else part


def steps_of_result(result: Any, n_rows: int) -> Steps | None:
    """Return the steps of the result of `gn.train` on so many rows; None if it has no recording, as with L-BFGS."""
    if result.recording is None:
        return None
    plan, state = result.recording.plan, result.state
    problem = plan.problem
    network = problem.network.with_theta(np.asarray(state.theta)).astype("float64")
    rows = np.arange(n_rows)
    return Steps(network, problem.solver, plan.batch_size, problem.penalty, problem.dropout, rows=rows)


def steps_of_mlp(model: Any, network: Network, n_rows: int) -> Steps | None:
    """Return the steps of a fitted network of scikit-learn, whose penalty depends on the size of its minibatches."""
    if model.solver not in ("sgd", "adam"):
        return None
    batch_size = min(200, max(1, n_rows)) if model.batch_size == "auto" else int(model.batch_size)
    spec: Any = ("adam", {"beta1": model.beta_1, "beta2": model.beta_2, "epsilon": model.epsilon})
    if model.solver == "sgd":
        moved = ("nesterov" if model.nesterovs_momentum else "momentum", {"mu": model.momentum})
        spec = moved if model.momentum else "sgd"
    return Steps(network, resolve_solver(spec), batch_size, Penalty(l2=model.alpha / batch_size))
