"""`blame`: attributes the error over a data set to neurons, columns, classes and rows."""

from collections.abc import Iterator
from typing import Any

import numpy as np

from glassnet.core.catalog.costs import Cost, resolve_cost
from glassnet.core.catalog.pairs import check_pair, check_targets
from glassnet.core.matrices import as_matrix, as_targets
from glassnet.core.network import Network
from glassnet.errors import ParameterError, ShapeError
from glassnet.explanation.blame.passes import Passes, run_passes
from glassnet.explanation.blame.records import ClassBlame, ColumnBlame, NeuronBlame
from glassnet.explanation.blame.result import Blame
from glassnet.explanation.blame.rows import class_blame, class_rows, quantity_rows
from glassnet.explanation.subject.notation import neuron_names
from glassnet.explanation.subject.subject import in_float64
from glassnet.typing import Array, Spec

Columns = list[tuple[str, int]]  # each column's name and its number of inputs


def blame(model: Any, X: Any, y: Any, *, cost: Spec | None = None, out_of_fold: Any = None) -> Blame:
    r"""Attribute the error over a data set to neurons, columns, classes and rows.

    .. math:: blame_k = \frac1n \sum_i \sum_j \left|\frac{\partial E_i}{\partial w_{jk}}\right|
              = \frac1n \sum_i |a_{ik}| \sum_j |\delta_{ij}|

    Blame is the sum of the absolute gradients of neuron k's outgoing weights. For a single row, the neurons of a layer
    share the same deltas, so the most active one gets the most blame.

    Parameters
    ----------
    model : Network, GlassClassifier or GlassRegressor
        Estimators must be fitted.
    X : table
        Rows in any form that the model accepts; for a `Network` an array (n_rows, n_features).
    y : array
        Targets in the user's units or labels; for a `Network` an array (n_rows, n_out).
    cost : str, tuple or Cost, optional
        One of ``glassnet.costs()``; by default the estimator's cost; required for a `Network`.
    out_of_fold : OutOfFold, optional
        The result of ``glassnet.out_of_fold(model, X, y)``: each row is judged by networks that were not trained on it.
        Without it, the model itself judges the rows and may have memorized their mistakes.

    Returns
    -------
    Blame
        ``.neurons``, ``.columns``, ``.classes``, ``.rows``, ``.suspects``; ``.table("rows")``, ``.to_text()``,
        ``.to_dict()``; printing it shows the text.

    Raises
    ------
    ParameterError
        If the model is invalid or not fitted, the cost is missing or does not fit, or `out_of_fold` has other rows.
    ShapeError
        If X and y do not fit each other or the network.

    Notes
    -----
    Rows of a classifier are ranked by the cross-entropy of their label, the order of cleanlab's default score;
    ``benchmarks/blame/label_errors.py`` compares both.

    Examples
    --------
    >>> import glassnet as gn
    >>> X = [[0.0], [0.1], [0.2], [0.8], [0.9], [1.0]] * 4
    >>> y = ["no", "no", "no", "yes", "yes", "yes"] * 4
    >>> y[5] = "no"  # a mistake
    >>> clf = gn.GlassClassifier((4,), max_iter=60, random_state=0).fit(X, y)
    >>> found = gn.blame(clf, X, y, out_of_fold=gn.out_of_fold(clf, X, y))
    >>> found.rows[0].row, found.rows[0].target, found.rows[0].predicted
    (5, 'no', 'yes')
    """
    if isinstance(model, Network):
        return _of_network(model, X, y, cost, out_of_fold)
    from glassnet.estimators.checks import check_fitted, check_single

    check_fitted(model)
    check_single(model)
    return _of_estimator(model, X, y, cost, out_of_fold)


def _of_network(network: Network, X: Any, y: Any, cost: Spec | None, out_of_fold: Any) -> Blame:
    if cost is None:
        raise ParameterError("a Network has no cost; pass one, such as cost='half_squared_error'.")
    if out_of_fold is not None:
        raise ParameterError("out_of_fold belongs to an estimator, which can be refitted; leave it out for a Network.")
    A0 = np.asarray(as_matrix(X, "X"), dtype=np.float64)
    if A0.shape[1] != network.n_inputs:
        raise ShapeError(f"X has {A0.shape[1]} columns, but this network has {network.n_inputs} inputs.")
    Y = np.asarray(as_targets(y, np.empty((len(A0), network.sizes[-1]))), dtype=np.float64)
    entry = resolve_cost(cost)
    inputs = tuple(f"x{k}" for k in range(1, network.n_inputs + 1))
    outputs = tuple(f"output{j}" for j in range(1, network.sizes[-1] + 1))
    passes = _passes(network, A0, Y, entry)
    rows = quantity_rows(Y, passes.A, np.ones(Y.shape[1]))
    return _gathered(network, passes, entry, [(name, 1) for name in inputs], inputs, outputs, (), rows, False)


def _of_estimator(model: Any, X: Any, y: Any, cost: Spec | None, out_of_fold: Any) -> Blame:
    from glassnet.estimators.inputs import read_y
    from glassnet.explanation.subject.from_estimator import output_names

    encoder, target_encoder, network = model.encoder_, model.target_encoder_, model.network_
    A0 = model.encode(X)
    A0 = np.asarray(A0.toarray() if hasattr(A0, "toarray") else A0, dtype=np.float64)
    target = read_y(y, multi_output=True)
    if len(target) != len(A0):
        raise ShapeError(f"X has {len(A0)} rows, but y has {len(target)}; give one target per row.")
    Y = target_encoder.transform(target)
    entry = model.cost_ if cost is None else resolve_cost(cost)
    passes = _passes(network, A0, Y, entry)
    columns: Columns = [(step.name, len(step.input_names)) for step in encoder.steps]
    outputs = output_names(target_encoder, getattr(model, "target_name_", None))
    classes = target_encoder.classes
    unseen = None if out_of_fold is None else _checked(out_of_fold, len(Y), classes)
    by_class: tuple[ClassBlame, ...] = ()
    if classes is None:
        units = (target.reshape(len(Y), -1), target_encoder.inverse(passes.A).reshape(len(Y), -1))
        rows = quantity_rows(units[0], units[1] if unseen is None else unseen, target_encoder.scales)
    elif target_encoder.task == "multilabel":  # the distance of each label's probability from the truth
        rows = quantity_rows(Y, passes.A if unseen is None else unseen, np.ones(Y.shape[1]))
    else:
        shares = np.hstack([1.0 - passes.A, passes.A]) if target_encoder.task == "binary" else passes.A
        rows = class_rows(target, classes, shares if unseen is None else unseen)
        by_class = class_blame(rows, classes, passes.losses, target)
    return _gathered(network, passes, entry, columns, encoder.input_names, outputs, by_class, rows, unseen is not None)


def _passes(network: Network, A0: Array, Y: Array, entry: Cost) -> Passes:
    check_pair(network.activation[-1], entry, network.sizes[-1])
    check_targets(entry, Y)
    return run_passes(in_float64(network), A0, Y, entry)


def _checked(out_of_fold: Any, n_rows: int, classes: Array | None) -> Array:
    """Return the out-of-fold predictions, after checking their rows and classes."""
    from glassnet.estimators.judging.out_of_fold import OutOfFold

    if not isinstance(out_of_fold, OutOfFold):
        raise ParameterError(
            f"out_of_fold is a {type(out_of_fold).__name__}; pass what gn.out_of_fold(model, X, y) returned."
        )
    if len(out_of_fold.predictions) != n_rows:
        raise ParameterError(
            f"out_of_fold has {len(out_of_fold.predictions)} rows, but X has {n_rows}; make it from the same X and y."
        )
    own = None if out_of_fold.classes is None else out_of_fold.classes.tolist()
    if own != (None if classes is None else classes.tolist()):
        raise ParameterError("out_of_fold has other classes than this model; make it from the rows of its fit.")
    return out_of_fold.predictions


def _gathered(
    network: Network, passes: Passes, entry: Cost, columns: Columns, inputs: tuple[str, ...], outputs: tuple[str, ...],
    by_class: Any, rows: Any, is_out_of_fold: bool,
) -> Blame:  # fmt: skip
    names = neuron_names(network, inputs, outputs)
    neurons = [each for l in range(network.n_layers, 0, -1) for each in _neurons(passes, names[l], l)]
    return Blame(
        cost=float(passes.losses.mean()),
        cost_name=entry.name,
        n_rows=len(passes.losses),
        neurons=tuple(neurons),
        columns=tuple(sorted(_columns(passes, columns), key=lambda each: -each.blame)),
        classes=by_class,
        rows=rows,
        is_out_of_fold=is_out_of_fold,
    )


def _neurons(passes: Passes, names: tuple[str, ...], l: int) -> list[NeuronBlame]:
    total = float(passes.outward[l].sum()) or 1.0
    values = zip(passes.activity[l].tolist(), passes.signal[l].tolist(), passes.outward[l].tolist())
    found = [NeuronBlame(l, name, a, d, b, b / total) for name, (a, d, b) in zip(names, values, strict=True)]
    return sorted(found, key=lambda each: -each.blame)


def _columns(passes: Passes, columns: Columns) -> Iterator[ColumnBlame]:
    total, at = float(passes.outward[0].sum()) or 1.0, 0
    for name, width in columns:
        inputs = slice(at, at + width)
        pull, carried = float(passes.signal[0][inputs].sum()), float(passes.outward[0][inputs].sum())
        yield ColumnBlame(name, width, pull, carried, carried / total)
        at += width
