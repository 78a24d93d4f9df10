"""The subject of a diagnosis: from an estimator, a network, or a fitted MLP of scikit-learn."""

from dataclasses import replace
from typing import Any

import numpy as np

from glassnet.core.catalog.activation import Activation
from glassnet.core.catalog.costs import Cost, resolve_cost
from glassnet.core.catalog.pairs import check_pair, check_targets
from glassnet.core.matrices import as_matrix, as_targets
from glassnet.core.network import Network
from glassnet.data.table import Table
from glassnet.diagnosis.stacks import class_numbers_as_columns, is_stack, network_of_stack
from glassnet.diagnosis.steps import steps_of_estimator, steps_of_mlp, steps_of_result
from glassnet.diagnosis.subject import Rows, Settings, Subject, Training
from glassnet.errors import DataError, GlassnetError, ParameterError, ShapeError, first_line
from glassnet.settings.table import OF_ESTIMATORS
from glassnet.training.history import Epoch, Epochs, History
from glassnet.training.result import TrainingResult
from glassnet.typing import Array, Spec

MOST_ROWS = 20_000
EXPECTED = (
    "a Network, the result of gn.train, a GlassClassifier, GlassRegressor, a fitted MLPClassifier or MLPRegressor of "
    "scikit-learn, or a Sequential of PyTorch or Keras was expected"
)
EXP = Activation("exp", np.exp, lambda Z, A: A, range=(0.0, np.inf), formula="exp(z)", when_to_use="positive outputs")
"""The output of scikit-learn for the loss "poisson"."""


def subject_of(model: Any, X: Any, y: Any, new: Any, cost: Spec | None, out_of_fold: Any) -> Subject:
    """Return what the rules look at."""
    if (X is None) != (y is None) or (X is None and new is not None):
        raise ParameterError("X and y belong together; pass both, or neither to look at the weights alone.")
    if X is None and out_of_fold is not None:
        raise ParameterError("out_of_fold has predictions of the rows in X, but there are none; pass X and y.")
    if is_stack(model):
        if cost is None:
            raise ParameterError("a Sequential has no cost; pass one, such as cost='cross_entropy'.")
        model = network_of_stack(model, cost)
        y = None if y is None else class_numbers_as_columns(_answers(y), model, cost)
        new = None if new is None else (_pair(new)[0], class_numbers_as_columns(_answers(_pair(new)[1]), model, cost))
    if isinstance(model, Network):
        return _of_network(model, X, y, new, cost, out_of_fold)
    if isinstance(model, TrainingResult):
        return _of_result(model, X, y, new, cost, out_of_fold)
    if cost is not None:
        raise ParameterError(f"cost={cost!r} was given, but the model has a cost of its own; leave it out.")
    if is_foreign(model):
        return _of_scikit_learn(model, X, y, new, out_of_fold)
    from glassnet.estimators.checks import check_fitted, check_single

    check_fitted(model, EXPECTED)
    check_single(model)
    return _of_estimator(model, X, y, new, out_of_fold)


def _of_network(network: Network, X: Any, y: Any, new: Any, cost: Spec | None, out_of_fold: Any) -> Subject:
    if cost is None:
        raise ParameterError("a Network has no cost; pass one, such as cost='half_squared_error'.")
    if out_of_fold is not None:
        raise ParameterError("out_of_fold belongs to an estimator, which can be refitted; leave it out for a Network.")
    entry = resolve_cost(cost)
    rows, new_rows = _matrices(network, X, y, entry), None
    if new is not None:
        new_rows = _matrices(network, *_pair(new), entry)
    names = tuple(f"x{k}" for k in range(1, network.n_inputs + 1))
    task = task_of(entry, network.sizes[-1])
    classes = tuple(range(max(2, network.sizes[-1]))) if task in ("binary", "multiclass") else ()
    return Subject(_exact(network), entry, rows, new_rows, task, classes, names, Training())


def _of_result(result: TrainingResult, X: Any, y: Any, new: Any, cost: Spec | None, out_of_fold: Any) -> Subject:
    plan = None if result.recording is None else result.recording.plan
    if plan is not None:
        cost = plan.problem.cost if cost is None else cost
    subject = _of_network(result.network, X, y, new, cost, out_of_fold)
    training = Training(history=result.history, steps=steps_of_result(result, 0 if X is None else len(_numbers(X))))
    if plan is not None:
        training = replace(
            training,
            epochs=plan.epochs,
            learning_rate=plan.learning_rate,
            solver=plan.problem.solver.name,
            shuffles=plan.shuffle or plan.problem.solver.full_batch,
            chooses_epoch=str(plan.monitor).startswith("validation"),
        )
    return replace(subject, training=training)


def _of_estimator(model: Any, X: Any, y: Any, new: Any, out_of_fold: Any) -> Subject:
    encoder, recipe, given = model.target_encoder_, model.recipe_, model.get_params(deep=False)
    training = Training(
        history=model.history_,
        epochs=recipe.max_iter,
        learning_rate=recipe.learning_rate_init,
        solver=str(recipe.solver),
        shuffles=recipe.shuffle,
        chooses_epoch=bool(recipe["early_stopping"]),
        weighs_classes=getattr(recipe, "class_weight", None) is not None,
        settings=Settings(given, dict(recipe), {name: OF_ESTIMATORS[name].default for name in given}),
    )
    rows = _encoded(model, X, y)
    n_rows = len(rows)
    training = replace(training, n_rows=n_rows, steps=steps_of_estimator(model, rows.target, rows.numbers))
    places = _some(n_rows)
    unseen = None
    if out_of_fold is not None:
        from glassnet.estimators.judging.out_of_fold import OutOfFold

        if not isinstance(out_of_fold, OutOfFold) or len(out_of_fold.predictions) != n_rows:
            raise ParameterError(
                "out_of_fold must be the result of gn.out_of_fold(model, X, y) for the same rows; make it from them."
            )
        unseen = out_of_fold.predictions[places]
    return Subject(
        network=_exact(model.network_),
        cost=model.cost_,
        rows=rows.part(places),
        new_rows=None if new is None else _encoded(model, *_pair(new)),
        task=encoder.task,
        classes=() if encoder.classes is None else tuple(encoder.classes.tolist()),
        input_names=tuple(model.encoder_.input_names),
        training=training,
        out_of_fold=unseen,
    )


def _encoded(model: Any, X: Any, y: Any) -> Rows:
    if X is None:
        return no_rows(model.network_)
    from glassnet.estimators.inputs import read_X, read_y

    inputs = model._columns_of(read_X(model, X, reset=False))
    A0 = model.encoder_.transform(inputs)
    A0 = np.asarray(A0.toarray() if hasattr(A0, "toarray") else A0, dtype=np.float64)
    target = read_y(y, multi_output=True)
    if len(target) != len(A0):
        raise ShapeError(f"X has {len(A0)} rows, but y has {len(target)}; give one target per row.")
    table = inputs if isinstance(inputs, Table) else None
    Y = np.asarray(model.target_encoder_.transform(target), dtype=np.float64)
    return Rows(A0, Y, table, target, None if table is None else table.rows)


def is_foreign(model: Any) -> bool:
    """Return whether a model is a network of scikit-learn."""
    return type(model).__module__.startswith("sklearn.neural_network") and hasattr(model, "hidden_layer_sizes")


def _of_scikit_learn(model: Any, X: Any, y: Any, new: Any, out_of_fold: Any) -> Subject:
    if not hasattr(model, "coefs_"):
        raise ParameterError(f"this {type(model).__name__} is not fitted yet; call fit(X, y) first.")
    if out_of_fold is not None:
        raise ParameterError("out_of_fold belongs to an estimator of glassnet; leave it out.")
    try:
        return _of_fitted_mlp(model, X, y, new)
    except GlassnetError:
        raise
    except (AttributeError, TypeError) as error:  # of what scikit-learn itself has written
        raise ParameterError(
            f"this {type(model).__name__} lacks what fit leaves ({first_line(error)}); fit it again."
        ) from None


def _of_fitted_mlp(model: Any, X: Any, y: Any, new: Any) -> Subject:
    if len(model.coefs_) != len(model.intercepts_):
        raise ParameterError(
            f"this {type(model).__name__} has {len(model.coefs_)} coefs_, but {len(model.intercepts_)} intercepts_; "
            f"fit it again."
        )
    names: dict[str, Spec] = {"logistic": "sigmoid", "exp": EXP}
    network = Network.from_weights(
        [(np.asarray(W).T, np.asarray(b)) for W, b in zip(model.coefs_, model.intercepts_, strict=True)],
        hidden=names.get(model.activation, model.activation),
        output=names.get(model.out_activation_, model.out_activation_),
    )
    loss = {"squared_error": "half_squared_error", "log_loss": "cross_entropy"}.get(model.loss, model.loss)
    loss = "binary_cross_entropy" if loss == "cross_entropy" and model.out_activation_ == "logistic" else loss
    entry = resolve_cost(loss)
    is_classifier = hasattr(model, "classes_")
    multilabel = is_classifier and model._label_binarizer.y_type_.startswith("multilabel")
    task = "regression" if not is_classifier else "multilabel" if multilabel else task_of(entry, network.sizes[-1])

    def rows_of(X: Any, y: Any) -> Rows:
        if X is None:
            return no_rows(network)
        target = _answers(y)
        if is_classifier and not multilabel:
            target = target[:, 0] if target.ndim == 2 and target.shape[1] == 1 else target
            if target.ndim != 1:
                raise ShapeError(f"y has shape {target.shape}, but classes must be one column; try y[:, 0].")
            known = set(np.asarray(model.classes_).tolist())
            unknown = [label for label in target.tolist() if label not in known][:1]
            if unknown:
                raise DataError(
                    f"y has the class {unknown[0]!r}, which the model was not trained on; leave the row out."
                )
        if multilabel and target.shape[1:] != (network.sizes[-1],):
            raise ShapeError(
                f"y has shape {target.shape}, but the model has {network.sizes[-1]} labels, a column each."
            )
        Y = model._label_binarizer.transform(target) if is_classifier and len(target) else target
        rows = _matrices(network, X, Y, entry)
        return Rows(rows.A0, rows.Y, None, target)

    costs, given = list(getattr(model, "loss_curve_", ())), model.get_params(deep=False)
    epochs = Epochs(
        Epoch(k, float(cost), 0.0, None, None, None, float(model.learning_rate_init), 0.0, 0.0)
        for k, cost in enumerate(costs, start=1)
    )
    stopped = "epochs" if len(costs) >= model.max_iter else "converged"
    training = Training(
        history=History(epochs, stopped, "", len(costs)) if costs else None,
        epochs=model.max_iter,
        learning_rate=model.learning_rate_init,
        solver=str(model.solver),
        shuffles=model.shuffle,
        chooses_epoch=model.early_stopping,
        n_rows=0 if X is None else len(_answers(y)),
        settings=Settings(given, given, type(model)().get_params(deep=False)),
    )
    columns = getattr(model, "feature_names_in_", None)
    inputs = tuple(map(str, columns)) if columns is not None else tuple(f"x{k}" for k in range(network.n_inputs))
    rows, new_rows = rows_of(X, y), None if new is None else rows_of(*_pair(new))
    training = replace(training, steps=steps_of_mlp(model, network, len(rows)))
    classes = tuple(np.asarray(model.classes_).tolist()) if task in ("binary", "multiclass") else ()
    return Subject(network, entry, rows, new_rows, task, classes, inputs, training)


def _numbers(X: Any) -> Array:
    """Return rows as finite numbers."""
    try:
        A0 = np.asarray(as_matrix(X.toarray() if hasattr(X, "toarray") else X, "X"), dtype=np.float64)
    except (TypeError, ValueError) as error:
        if isinstance(error, GlassnetError):
            raise
        raise DataError(f"X has values that are no numbers ({error}); encode them as for the training.") from None
    bad = np.argwhere(~np.isfinite(A0))
    if len(bad):
        row, column = bad[0].tolist()
        raise DataError(
            f"X has {A0[row, column]} in row {row}, column {column} (counted from 0), but a network takes finite "
            f"numbers; leave such rows out, or fill the gaps."
        )
    return A0


def _answers(y: Any) -> Array:
    """Return targets as an array with one entry for each row."""
    try:
        found = np.asarray(y.toarray() if hasattr(y, "toarray") else y)
    except ValueError as error:
        raise DataError(f"y cannot be read as an array ({first_line(error)}); pass one target per row.") from None
    if found.ndim == 0:
        raise DataError(
            f"y is of the type {type(y).__name__}, but a list or an array of one target per row was expected; try "
            f"list(...)."
        )
    return found


def no_rows(network: Network) -> Rows:
    """Return rows for a network, of which there are none."""
    return Rows(np.empty((0, network.n_inputs)), np.empty((0, network.sizes[-1])))


def _matrices(network: Network, X: Any, y: Any, cost: Cost) -> Rows:
    if X is None:
        return no_rows(network)
    A0, target = _numbers(X), _answers(y)
    if len(A0) != len(target):
        raise ShapeError(f"X has {len(A0)} rows, but y has {len(target)}; give one target per row.")
    if len(A0) == 0:
        raise DataError("X has no rows, but at least one is needed; leave X and y out to look at the weights alone.")
    if A0.shape[1] != network.n_inputs:
        raise ShapeError(f"X has {A0.shape[1]} columns, but this network has {network.n_inputs} inputs.")
    try:
        Y = np.asarray(as_targets(target, np.empty((len(A0), network.sizes[-1]))), dtype=np.float64)
    except (TypeError, ValueError) as error:
        if isinstance(error, GlassnetError):
            raise
        raise DataError(f"y has values that are no numbers ({first_line(error)}); encode them as numbers.") from None
    check_pair(network.activation[network.n_layers], cost, network.sizes[-1])
    check_targets(cost, Y)
    return Rows(A0, Y).part(_some(len(A0)))


def task_of(cost: Cost, n_out: int) -> str:
    """Return the task of a network with this cost and so many outputs."""
    if cost.builtin_name == "cross_entropy":
        return "multiclass"
    if cost.builtin_name == "binary_cross_entropy":
        return "binary" if n_out == 1 else "multilabel"
    return "regression"


def _pair(new: Any) -> tuple[Any, Any]:
    if not isinstance(new, tuple | list) or len(new) != 2:
        raise ParameterError("validation must be a pair (X, y) of rows that the model was not trained on.")
    return new[0], new[1]


def _exact(network: Network) -> Network:
    return network.astype("float64")


def _some(n_rows: int) -> Array:
    """Return the numbers of the rows that are looked at, in their order."""
    if n_rows <= MOST_ROWS:
        return np.arange(n_rows)
    return np.sort(np.random.default_rng(0).permutation(n_rows)[:MOST_ROWS])
