"""The subject of a fitted estimator: an encoded row of a table, classes and units, and the cost."""

from dataclasses import replace
from typing import Any

import numpy as np

from glassnet.core.catalog.costs import Cost, resolve_cost
from glassnet.core.catalog.pairs import check_pair, check_targets
from glassnet.core.catalog.solvers import resolve_solver
from glassnet.core.forward import Trace, forward
from glassnet.core.network import Network
from glassnet.data.columns.schema_validation import check_columns
from glassnet.data.encoding.target_encoder import TargetEncoder
from glassnet.data.reading.tabular import table_from
from glassnet.data.suggestions import suggestion
from glassnet.data.table import Table
from glassnet.data.typed_values import plain
from glassnet.errors import DataError, ParameterError, ShapeError
from glassnet.estimators.checks import check_fitted, check_single
from glassnet.estimators.fitting.run_settings import train_arguments
from glassnet.estimators.inputs import n_rows, read_X
from glassnet.explanation.subject.notation import notation_of
from glassnet.explanation.subject.prediction import Prediction, of_classes, of_labels, of_quantities
from glassnet.explanation.subject.request import Request
from glassnet.explanation.subject.step import Step, make_step
from glassnet.explanation.subject.subject import Subject, float32_note, in_float64
from glassnet.settings.records import Recipe
from glassnet.typing import Array


def of_estimator(model: Any, row: Any, target: Any, request: Request) -> Subject:
    """Return the subject of a fitted classifier or regressor."""
    check_fitted(model)
    check_single(model)
    cost = request.cost
    if target is None and cost is not None:
        raise ParameterError(f"cost={cost!r} compares outputs with a target, but none was given; pass target=...")
    table = _read_row(model, row)
    encoder, target_encoder, network = model.encoder_, model.target_encoder_, model.network_
    A0 = encoder.transform(table)
    exact = in_float64(network)
    trace = _trace_as_predicted(exact, A0)
    outputs = output_names(target_encoder, getattr(model, "target_name_", None))
    entry: Cost = model.cost_ if cost is None else resolve_cost(cost)
    Y = None if target is None else _encode_target(target_encoder, target)
    if Y is not None:
        check_pair(network.activation[-1], entry, network.sizes[-1])
        check_targets(entry, Y)
    return Subject(
        network=exact,
        trace=trace,
        notation=notation_of(exact, encoder.input_names, outputs, request.notation),
        inputs=tuple(encoder.explain_row(table)),
        prediction=prediction_of(model, trace.A[-1][0]),
        Y=Y,
        cost=None if Y is None else entry,
        target=None if Y is None else _in_words(target_encoder, Y),
        step=_step(model, exact, request),
        encoder=encoder,
        notes=(*float32_note(network, A0, trace), *_temperature_note(model)),
    )


def outputs_of_each(model: Any, row: Any) -> list[Array]:
    """Return A[L] (1, n_out) of each network, bit-identical to the model's predictions."""
    return [A_L for _, A_L in model._outputs_of_each(_read_row(model, row))]


def prediction_of(model: Any, A: Array) -> Prediction:
    """Return outputs (n_out,) as a prediction in the user's labels or units."""
    encoder, target_name = model.target_encoder_, getattr(model, "target_name_", None)
    outputs = output_names(encoder, target_name)
    if encoder.classes is None:
        return of_quantities(encoder, outputs, A)
    if encoder.task == "multilabel":
        return of_labels(encoder, A)
    return of_classes(encoder, outputs, A, target_name if isinstance(target_name, str) else None)


def _read_row(model: Any, row: Any) -> Table:
    """Return the row as a table of the model's columns with one row."""
    if isinstance(row, dict):
        row = {name: value if _is_column(value) else [value] for name, value in row.items()}
    elif hasattr(row, "to_frame") and hasattr(row, "to_dict"):  # a pandas row, df.iloc[0]
        row = {name: [value] for name, value in row.to_dict().items()}
    elif isinstance(row, list | tuple) and not any(_is_column(value) for value in row):
        row = [list(row)]
    elif isinstance(row, np.ndarray) and row.ndim == 1:
        row = row.reshape(1, -1)
    inputs = read_X(model, row, reset=False)
    if n_rows(inputs) != 1:
        raise ShapeError(
            f"row has {n_rows(inputs)} rows, but one row is explained at a time; try X[:1], or X.iloc[[0]] of a frame."
        )
    table = inputs if isinstance(inputs, Table) else table_from(inputs.toarray())
    if model.schema_ is not None:
        return check_columns(table, model.schema_)
    return replace(table, names=tuple(step.name for step in model.encoder_.steps))


def _is_column(value: Any) -> bool:
    return not isinstance(value, str | bytes) and hasattr(value, "__len__")


def _trace_as_predicted(network: Network, A0: Array) -> Trace:
    """Return the trace of one row, bit-identical to `predict`, which also computes every row separately."""
    with np.errstate(all="ignore"):
        return forward(network, A0)


def output_names(encoder: TargetEncoder, target_name: Any) -> tuple[str, ...]:
    """Return the class or label of each output, the second one for two classes; else the targets' names."""
    if encoder.classes is not None:
        return encoder.names[-1:] if encoder.task == "binary" else encoder.names
    if isinstance(target_name, str) and encoder.n_out == 1:
        return (target_name,)
    return encoder.names


def _encode_target(encoder: TargetEncoder, target: Any) -> Array:
    """Return Y (1, n_out) of a target: a class, also as text, or one number per target.

    For several labels, the target lists the names of the row's labels, or 0 or 1 for each label.
    """
    if encoder.task == "multilabel":
        return encoder.transform(_indicators(encoder, target))
    if encoder.classes is None:
        try:
            values = np.asarray(target, dtype=np.float64).reshape(1, -1)
        except (TypeError, ValueError):
            raise DataError(
                f"target={target!r} is not a number, but this model is a regressor; pass a number."
            ) from None
        return encoder.transform(values)
    if _is_column(target) and len(target) == 1:
        target = next(iter(target))
    label, labels = plain(target), encoder.classes.tolist()
    position = [k for k, known in enumerate(labels) if known == label] or [
        k for k, known in enumerate(labels) if str(known) == str(label)
    ]
    if not position:
        hint = suggestion(str(label), encoder.names, "the classes are")
        raise DataError(f"target={label!r} is not a class of this model; {hint}")
    return encoder.transform(encoder.classes[position[:1]])


def _indicators(encoder: TargetEncoder, target: Any) -> Array:
    values = [target] if isinstance(target, str) else np.asarray(target).ravel().tolist()
    if not values or not all(isinstance(value, str) for value in values):
        return np.asarray(values, dtype=object).reshape(1, -1) if values else np.zeros((1, encoder.n_out))
    for name in values:
        if name not in encoder.names:
            hint = suggestion(name, encoder.names, "the labels are")
            raise DataError(f"target={name!r} is not a label of this model; {hint}")
    return np.asarray([[int(name in values) for name in encoder.names]])


def _in_words(encoder: TargetEncoder, Y: Array) -> Any:
    """Return the decoded target."""
    if encoder.task == "multilabel":
        return [name for name, one in zip(encoder.names, Y[0].tolist(), strict=True) if one]
    values = encoder.inverse(Y).ravel().tolist()
    return values[0] if len(values) == 1 else values


def _temperature_note(model: Any) -> tuple[str, ...]:
    """Return a note that temperature scaling changed the last layer after training."""
    calibration = model.members_[0].calibration
    if calibration is None or calibration.temperature == 1.0:
        return ()
    return (
        f"After training, the last layer's weights and biases were divided by the temperature "
        f"{calibration.temperature:.6g}, fitted on {calibration.n_rows:,} held-out rows to calibrate probabilities; "
        f"training would continue from the unscaled weights.",
    )


def _step(model: Any, network: Network, request: Request) -> Step:
    """Return a step of the requested or the model's solver; gd replaces one whose step has no formulas."""
    arguments = train_arguments(model.recipe_, 1, held_out=False)
    is_shown = resolve_solver(arguments["solver"]).has_step
    own = arguments["solver"] if is_shown else "gd"
    eta = request.learning_rate
    if eta is None and request.solver is None:
        eta = model.recipe_.learning_rate_init
    state = request.state
    if isinstance(state, str):
        if state != "training" or model.members_[0].state is None:
            raise ParameterError(
                f"state={state!r} cannot be used: "
                + ("this model comes from a file, which does not hold the solver's memory, or its parameters were "
                   "assigned; leave state out." if state == "training" else
                   "pass the result of gn.train, or 'training' for the memory that this model's training ended with.")
            )  # fmt: skip
        state = model.members_[0].state if is_shown or request.solver is not None else None
    solver = own if request.solver is None else request.solver
    return make_step(network, solver, eta, state, request.words + _how_it_trained(model.recipe_))


def _how_it_trained(recipe: Recipe) -> str:
    """Return how the steps of this model's training differed from the shown step."""
    entry = resolve_solver(recipe.solver)
    solver = str(recipe.solver) if isinstance(recipe.solver, tuple) else entry.name
    if entry.builtin_name == "lbfgs":
        return "Training used lbfgs, which uses all rows at once and finds its step by a line search."
    decay_schedule = _on_schedule(recipe.decay_schedule)
    rows = "all rows" if entry.full_batch else f"minibatches of up to {recipe.batch_size} rows"
    extras = [
        "the penalty on large weights" if recipe.alpha or recipe.l1 else "",
        f"the schedule {recipe.learning_rate!r}" if recipe.learning_rate != "constant" else "",
        f"dropout{_on_schedule(recipe.dropout_schedule)}" if recipe.dropout else "",
        f"weight decay{decay_schedule}" if recipe.weight_decay and decay_schedule else "",
        f"labels smoothed by {recipe['label_smoothing']:g}" if recipe.get("label_smoothing") else "",
    ]
    also = ", ".join(extra for extra in extras if extra)
    return f"Training took other steps: {solver} on the mean gradient of {rows}" + (f", with {also}." if also else ".")


def _on_schedule(schedule: Any) -> str:
    return "" if schedule == "constant" else f" on the schedule {schedule!r}"
