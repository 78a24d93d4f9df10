"""Rules about the start and the steps of training: the first cost, how far weights can have moved, 16 rows by heart."""

from collections.abc import Iterator

import numpy as np

from glassnet.core.forward import forward
from glassnet.core.network import Network
from glassnet.diagnosis.finding import Finding
from glassnet.diagnosis.rule import Rule
from glassnet.diagnosis.subject import Rows, Subject
from glassnet.diagnosis.words import digits, percent
from glassnet.drawing.small.plot import lines
from glassnet.errors import GlassnetError
from glassnet.training.history import Epoch
from glassnet.training.train import train
from glassnet.typing import Array

FEWEST = 30  # rows
FIRST = 10.0  # times the cost of the best constant
MOVED = 0.01  # of the size of the weights
BY_ONE_RATE = ("adam", "adamw", "nadam")  # solvers that move a weight by about the learning rate
BY_GRADIENT = ("gd", "sgd", "momentum", "nesterov")
N_ROWS, STEPS, RATES = 16, 300, (0.01, 0.001, 0.1)
BY_THEN, STUCK = 100, 0.9  # steps after which a network with this share of the constant's cost is not continued
MOST_SEEN = 2000  # rows from which the 16 are chosen
BY_HEART = 0.05  # of the constant's cost on these rows
ROOM = 4  # parameters for each number to be remembered
SMALL, MOST_PARAMS = 20_000, 300_000


def first_cost(subject: Subject) -> Iterator[Finding]:
    """Yield a finding if the cost of the first epoch is far above that of always predicting the mean."""
    history, training = subject.training.history, subject.training
    if history is None or not len(history) or training.weighs_classes or len(subject.rows) < FEWEST:
        return
    first = float(history["cost"][0])
    constant = float(np.mean(subject.losses_of_constant(subject.rows)))
    if not constant > 0 or not np.isfinite(first) or first < FIRST * constant:
        return
    is_quantity = subject.task == "regression"
    yield Finding(
        "first-cost",
        "warning",
        "the outputs at the start",
        f"The cost of the first epoch is {digits(first)}, {digits(first / constant)} times that of always predicting "
        f"{'the mean' if is_quantity else 'the shares of the classes'} ({digits(constant)}).",
        first / constant,
        FIRST,
        "Training begins far from the targets: its first steps are large, and go into what one constant would say.",
        "preset='tabular', which standardizes the target, or TransformedTargetRegressor; if the target is scaled, a "
        "smaller init or learning rate."
        if is_quantity
        else "Scaled inputs (preset='tabular'), a smaller init or learning rate.",
        plot=lines({"cost": history["cost"]}, x="epoch", y="cost", threshold=constant),
    )


def hardly_moved(subject: Subject) -> Iterator[Finding]:
    """Yield a finding if the weights cannot have moved by more than a small share of their size."""
    farthest, training = _farthest(subject), subject.training
    if farthest is None or not np.isfinite(farthest) or farthest >= MOVED:
        return
    rate = training.learning_rate
    factor = min(1000.0, max(10.0, 0.3 / farthest)) if farthest > 0 else 1000.0
    yield Finding(
        "hardly-moved",
        "error",
        "the weights of all layers",
        f"In {len(training.history or ()):,} epochs, steps of these sizes can have moved the weights by "
        f"{percent(farthest)} of their own size at most (root mean squares).",
        farthest,
        MOVED,
        "The network is still about the one it was before training.",
        "A larger learning rate, or more epochs (max_iter=...)."
        if rate is None
        else f"learning_rate_init={rate * factor:.1g}, or many more epochs (max_iter=...).",
    )


def _farthest(subject: Subject) -> float | None:
    """Return how far the weights can have moved at most, in shares of their size; None if that is unknown.

    Steps of Adam move a weight by about the learning rate, those of gradient descent by the rate times the gradient;
    momentum makes them up to 1 / (1 - mu) times as long.
    """
    history, training = subject.training.history, subject.training
    steps = training.steps
    if history is None or not len(history) or steps is None or not training.n_rows:
        return None
    slots = [slot for slot in subject.network.layout.slots if slot.name == "W" and not slot.frozen]
    weights = [subject.network.theta[slot.offset : slot.offset + slot.size] for slot in slots]
    if not slots:
        return None
    size, n = float(np.linalg.norm(np.concatenate(weights))), sum(slot.size for slot in slots)
    n_steps = -(-(training.n_rows if steps.rows is None else len(steps.rows)) // steps.batch_size)
    rates = max(slot.factor for slot in slots) * history["learning_rate"]
    if steps.solver.builtin_name in BY_ONE_RATE:
        lengths = rates * np.sqrt(n)
    elif steps.solver.builtin_name in BY_GRADIENT and history["gradient_norm"].any():
        lengths = rates * history["gradient_norm"] / (1 - float(steps.solver.parameters.get("mu", 0.0)))
    else:
        return None
    return float(n_steps * np.sum(lengths)) / size if size > 0 else None


def cannot_memorize(subject: Subject) -> Iterator[Finding]:
    """Yield a finding if a new network of this kind cannot learn 16 of the rows by heart.

    A network that cannot do that will not learn all rows either, whatever the settings of its training: something in
    its structure or its inputs is in the way.
    """
    network = subject.network
    if not subject.has_judged_cost or network.n_layers < 2 or network.n_params > MOST_PARAMS:
        return
    rows = _few(subject)
    if rows is None or network.n_params < ROOM * N_ROWS * rows.Y.shape[1]:
        return
    constant = float(
        np.mean(subject.cost.of_outputs(np.broadcast_to(rows.Y.mean(axis=0), rows.Y.shape), rows.Y).sum(axis=1))
    )
    shares: dict[str, Array] = {}
    for rate in RATES:
        costs = _costs_by_heart(subject, rows, rate, constant)
        if costs is None or float(costs.min()) < BY_HEART * constant:
            return
        shares[f"learning rate {rate:g}"] = costs / constant
    best = min(float(share.min()) for share in shares.values())
    yield Finding(
        "cannot-memorize",
        "warning",
        "the whole network",
        f"New networks of these sizes and activations were trained on {len(rows)} of the rows alone, up to {STEPS} "
        f"steps with each of {len(RATES)} learning rates. The best one still has {percent(best)} of a constant's cost.",
        best,
        BY_HEART,
        "What cannot learn so few rows by heart will not learn all of them: layers or units, activations or the scale "
        "of the inputs are in the way, not the settings of training.",
        "Scaled inputs (preset='tabular'), fewer or wider hidden layers (hidden_layer_sizes=...), or "
        "activation='silu'.",
        plot=lines(shares, x="step", y="cost, in shares of a constant's", threshold=BY_HEART),
    )


def _few(subject: Subject) -> Rows | None:
    """Return a few rows with different inputs, of all classes in turn; None if there are too few, or all are alike."""
    rng = np.random.default_rng(0)
    seen = rng.permutation(len(subject.rows))[:MOST_SEEN]
    _, first = np.unique(subject.rows.A0[seen], axis=0, return_index=True)
    if len(first) < N_ROWS:
        return None
    places = seen[rng.permutation(first)]
    if subject.task in ("binary", "multiclass"):
        Y = subject.rows.Y[places]
        kind = np.rint(Y[:, 0]).astype(int) if Y.shape[1] == 1 else Y.argmax(axis=1)
        turn = np.empty(len(kind), np.int64)
        for each in np.unique(kind):
            turn[kind == each] = np.arange(int(np.sum(kind == each)))
        places = places[np.argsort(turn, kind="stable")]
    few = subject.rows.part(np.sort(places[:N_ROWS]))
    return few if np.ptp(few.Y, axis=0).any() else None


def _costs_by_heart(subject: Subject, rows: Rows, rate: float, constant: float) -> Array | None:
    """Return the costs of a new network while it is trained on the few rows; None if there is no such network.

    A small one is trained by the reference engine, which need not be compiled first.
    """
    old = subject.network
    A0 = forward(old, rows.A0).A[0]

    def is_clear(epoch: Epoch, network: Network) -> bool:
        return epoch.cost < BY_HEART * constant or (epoch.epoch == BY_THEN and epoch.cost > STUCK * constant)

    activation = [old.activation[l] for l in range(1, old.n_layers + 1)]
    try:
        network = Network.create(
            [A0.shape[1], *old.sizes[1:]], hidden=activation[:-1], output=activation[-1],
            bias=old.b[old.n_layers] is not None, seed=0,
        )  # fmt: skip
        result = train(
            network, A0, rows.Y, cost=subject.cost, learning_rate=rate, epochs=STEPS, batch_size=len(A0), metric=None,
            callback=is_clear, engine="reference" if network.n_params <= SMALL else "auto",
            seed=0,
        )  # fmt: skip
    except GlassnetError:
        return None
    costs = np.full(STEPS, np.inf)  # which it has after it diverged
    costs[: len(result.history)] = np.nan_to_num(result.history["cost"], nan=np.inf)
    return costs


RULES = (
    Rule(
        "first-cost",
        "A first cost far above that of always predicting the mean.",
        "Karpathy's recipe, 2019",
        first_cost,
    ),
    Rule(
        "hardly-moved",
        "Steps too small or too few to have moved the weights.",
        "ratio of updates to weights, as in Karpathy's lectures, 2022",
        hardly_moved,
    ),
    Rule(
        "cannot-memorize",
        "A structure that cannot learn 16 rows by heart.",
        "Karpathy's recipe, 2019; TheDeepChecker (Ben Braiek & Khomh 2023)",
        cannot_memorize,
    ),
)
