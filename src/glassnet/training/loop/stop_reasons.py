"""Reasons for stopping a run."""

from glassnet.core.catalog.activation import Activation
from glassnet.core.catalog.costs import Cost
from glassnet.core.catalog.solvers import Solver
from glassnet.engines.base import Divergence, Problem
from glassnet.training.loop.early_stopping import EarlyStopping
from glassnet.training.loop.recorder import Recorder
from glassnet.training.plan import Plan
from glassnet.wording import counted

SECONDS_TOO_LATE = 0.3  # tolerated excess over a time limit to finish an epoch


def is_late(limit: float, seconds: float, seconds_per_epoch: float) -> bool:
    """Whether a time limit is reached, or one more epoch would exceed it by too much.

    >>> is_late(5.0, 4.0, 0.5), is_late(5.0, 4.0, 2.0), is_late(5.0, 5.1, 0.0)
    (False, True, True)
    """
    return seconds > limit or seconds + seconds_per_epoch > limit + SECONDS_TOO_LATE


def out_of_time(limit: float, recorder: Recorder) -> str:
    """Return the reason for a run that reached its time limit."""
    n = len(recorder.epochs)
    if recorder.seconds > limit:
        return f"the time limit of {limit:g} s was reached in epoch {n}"
    return f"one more epoch after epoch {n} would have passed the time limit of {limit:g} s"


def all_done(n_epochs: int) -> str:
    """Return the reason for a run that finished all its epochs.

    >>> all_done(3), all_done(1)
    ('all 3 epochs done', '1 epoch done')
    """
    return f"{'all ' if n_epochs > 1 else ''}{counted(n_epochs, 'epoch')} done"


def asked(n_epochs: int) -> str:
    """Return the reason for a run stopped by its callback.

    >>> asked(3)
    'the callback asked to stop after epoch 3'
    """
    return f"the callback asked to stop after epoch {n_epochs}"


def interrupted(n_epochs: int) -> str:
    """Return the reason for a run ended by Ctrl-C.

    >>> interrupted(1)
    'interrupted after 1 epoch; the best network so far is kept'
    """
    return f"interrupted after {counted(n_epochs, 'epoch')}; the best network so far is kept"


def why_early(plan: Plan, early_stopping: EarlyStopping) -> tuple[str, str]:
    """Return the word and the sentence for a run that stopped before its last epoch."""
    what, patience = str(plan.monitor).replace("_", " "), counted(plan.patience or 0, "epoch")
    if early_stopping.keeps_best:
        return "early", f"{what} has not improved for {patience}; epoch {early_stopping.epoch} was the best and is kept"
    return "converged", f"training {what} has not improved by more than {plan.tolerance:g} for {patience}"


def diverged(divergence: Divergence, problem: Problem) -> str:
    """Return the reason for a run that met a number that is not finite."""
    searches = problem.solver.builtin_name == "lbfgs"  # its steps never lead to such numbers, so the start has them
    advice = "smaller start weights or scaled inputs" if searches else "a smaller learning rate, or clip=1.0"
    return f"{whence(divergence, problem)}; try {advice}"


def whence(divergence: Divergence, problem: Problem) -> str:
    """Return where a run met its first number that is not finite, and which of the user's own functions computed it."""
    layer, quantity = divergence.layer, divergence.quantity
    makers: list[tuple[str, Activation | Cost | Solver]] = []
    if quantity in ("A", "delta") and layer:
        makers.append(("activation", problem.network.activation[layer]))
    if quantity == "cost" or (quantity == "delta" and layer == problem.network.n_layers):
        makers.append(("cost", problem.cost))
    if quantity in {slot.name for slot in problem.network.layout.slots}:
        makers.append(("solver", problem.solver))
    own = " and ".join(f"{kind} {entry.name!r}" for kind, entry in makers if not entry.is_builtin)
    return f"{divergence}" + (f", computed by your own {own}" if own else "")
