"""Rules about what training and scores prove: epochs after the best one, differences that can be chance."""

from collections.abc import Iterator

import numpy as np

from glassnet.diagnosis.finding import Finding
from glassnet.diagnosis.rule import Rule
from glassnet.diagnosis.subject import Subject
from glassnet.diagnosis.words import digits
from glassnet.drawing.small.plot import histogram, lines

FEWEST_EPOCHS = 20
LATE = 3.0  # times the best epoch
ABOVE = 0.05  # of the best validation cost
FEWEST = 20  # new rows
A_LITTLE, SURE = 1.0, 2.0  # standard errors by which the network is better, or worse


def past_best(subject: Subject) -> Iterator[Finding]:
    """Yield a finding if training went on long after the best epoch on validation rows, and kept the last one."""
    history = subject.training.history
    if history is None or len(history) < FEWEST_EPOCHS or history.best_epoch != len(history):
        return
    watched = history["validation_cost"]
    if not np.isfinite(watched).all():
        return
    best = int(watched.argmin()) + 1
    tenth = max(2, len(watched) // 10)
    lowest, last = float(watched.min()), float(np.median(watched[-tenth:]))
    noise = float(np.median(np.abs(np.diff(watched[-2 * tenth :]))))  # from one epoch to the next
    if len(watched) < LATE * best or last - lowest < max(ABOVE * lowest, 2 * noise):
        return
    yield Finding(
        "past-best",
        "warning",
        f"epoch {best} of {len(watched)}",
        f"The validation cost was lowest, {digits(lowest)}, after {best} of {len(watched)} epochs, and ended at "
        f"{digits(last)}. The parameters of the last epoch were kept.",
        last / lowest - 1,
        ABOVE,
        "From then on the network learned its rows by heart.",
        f"early_stopping=True, which keeps the best epoch, or max_iter={best}.",
        plot=lines({"validation cost": watched, "cost": history["cost"]}, x="epoch", y="cost"),
    )


def within_noise(subject: Subject) -> Iterator[Finding]:
    """Yield a note if the new rows do not show that the network is better than a linear model."""
    new = subject.new_losses
    if new is None or len(new) < FEWEST or not subject.has_linear or subject.network.n_layers < 2:
        return
    if not np.isfinite(new).all():
        return
    linear = subject.new_losses_of_linear()
    difference = new - linear
    error = float(np.std(difference, ddof=1)) / np.sqrt(len(difference))
    mean = float(np.mean(difference))
    if not error > 0 or not -A_LITTLE * error < mean < SURE * error:
        return
    yield Finding(
        "within-noise",
        "note",
        "the new rows",
        f"On {len(new):,} new rows the cost is {digits(float(np.mean(new)))}, that of a linear model "
        f"{digits(float(np.mean(linear)))}: {digits(abs(mean) / error)} standard errors "
        f"{'more' if mean > 0 else 'less'}.",
        -mean / error,
        A_LITTLE,
        "These rows do not show that the network is any better: a difference of this size can be chance.",
        "Judge by more rows, or by cross-validation: gn.out_of_fold(model, X, y, repeats=3). If it stays like "
        "this, the simpler model is enough.",
        plot=histogram({"new rows": difference}, x="loss of the network minus that of a linear model"),
    )


RULES = (
    Rule(
        "past-best",
        "A training that went on long after its best epoch.",
        "Prechelt 1998, early stopping",
        past_best,
        needs_rows=False,
    ),
    Rule(
        "within-noise",
        "A difference to a linear model that can be chance.",
        "paired comparison of losses; Bouthillier et al. 2021",
        within_noise,
    ),
)
