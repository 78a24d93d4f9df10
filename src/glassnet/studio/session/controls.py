"""The controls of a network and its training: what each does, and what it may be."""

from collections.abc import Mapping
from functools import cache
from typing import Any

import numpy as np

from glassnet.core.catalog.activation import ACTIVATIONS, activations
from glassnet.core.catalog.costs import costs
from glassnet.core.catalog.schedules import SCHEDULES
from glassnet.core.catalog.solvers import solvers
from glassnet.studio.messages import Choice, Control
from glassnet.studio.session.courses.course import MOST_EPOCHS

AUTO_LOSS = "auto"
NO_HIDDEN = ("softmax", "step")  # one mixes a layer, the other has no slope to train by
OTHER_SCHEDULES: Mapping[str, str] = {
    "adaptive": "divided by 5 whenever the patience is over",
    "invscaling": "divided by a power of the number of epochs",
}
SCHEDULE_WORDS: Mapping[str, str] = {
    "constant": "the same at every step",
    "step": "halved every ten epochs",
    "inverse": "divided by 1 + epoch / 10",
    "exponential": "5% less after every epoch",
    "cosine": "along half a cosine down to 0",
    "flat_cosine": "constant for half of the training, then along a cosine down to 0",
    "warm_up": "growing for a tenth of the training, then constant",
    "coslog4": "four waves, each slower than the one before",
}


@cache
def controls() -> tuple[Control, ...]:
    """Return the controls of a `Setup`, in the order of its fields."""
    return (
        Control("hidden", "Neurons", "How many neurons a layer has: more learn finer shapes, and more by heart.",
                least=1, most=4096),
        Control("activation", "Activation",
                "What a neuron makes of its weighted sum; without a bend, many layers do no more than one.",
                _activations()),
        Control("loss", "Cost", "What training makes small: how far the outputs are from the targets.", _costs()),
        Control("solver", "Solver", "How a gradient becomes a step.", _choices(solvers())),
        Control("learning_rate_init", "Learning rate", "How far a step goes: the factor on the gradient.", least=0.0),
        Control("learning_rate", "Schedule", "How the learning rate changes during the training.", _schedules()),
        Control("batch_size", "Batch size", "How many rows take part in one step; empty leaves it to the table.",
                least=1),
        Control("max_iter", "Epochs", "How often training goes through all rows, at most.", least=1,
                most=MOST_EPOCHS),
        Control("alpha", "Penalty",
                "Holds large weights back: alpha / (2 n) times the sum of their squares, for n rows, joins the cost.",
                least=0.0),
        Control("dropout", "Dropout",
                "Share of the neurons of each hidden layer that sit out a step, drawn anew for every step.",
                least=0.0, most=0.95),
        Control("validation_fraction", "Held out",
                "Share of the rows that do not train: they tell when the network begins to learn by heart.",
                least=0.0, most=0.9),
        Control("n_iter_no_change", "Patience", "Training stops after so many epochs without improvement; empty "
                "never stops it.", least=1),
        Control("random_state", "Seed",
                "Where chance begins: initial weights, order of the rows, dropout, and which rows are held out.",
                least=0, most=2**32 - 1),
        Control("scaled", "Scaled", "Scale numbers to about the same size, so that one learning rate suits all "
                "columns; off leaves them as they are in the table."),
    )  # fmt: skip


def _activations() -> tuple[Choice, ...]:
    known = {row["name"]: row["when_to_use"] for row in activations()}
    return tuple(Choice(name, words, _curve(name)) for name, words in known.items() if name not in NO_HIDDEN)


def _curve(name: str) -> tuple[tuple[float, float], ...]:
    Z = np.linspace(-4.0, 4.0, 65)[None, :]  # (1, n_points)
    A = np.asarray(ACTIVATIONS[name](Z))
    return tuple((round(float(z), 4), round(float(a), 6)) for z, a in zip(Z[0], A[0], strict=True))


def _costs() -> tuple[Choice, ...]:
    usual = Choice(AUTO_LOSS, "cross-entropy for classes, the squared error for quantities")
    return (usual, *_choices(costs()))


def _choices(listing: Any) -> tuple[Choice, ...]:
    return tuple(Choice(row["name"], row["when_to_use"]) for row in listing)


def _schedules() -> tuple[Choice, ...]:
    names = {**{name: SCHEDULE_WORDS[name] for name in SCHEDULES}, **OTHER_SCHEDULES}
    return tuple(Choice(name, words) for name, words in names.items())
