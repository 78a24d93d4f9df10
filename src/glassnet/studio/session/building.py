"""A network and its training, built from a project and a setup."""

from collections.abc import Mapping
from itertools import pairwise
from typing import Any

import numpy as np

from glassnet.core.network import Network
from glassnet.data.columns.labels import target_values
from glassnet.data.encoding.encoder import EncodedColumn
from glassnet.data.table import Table
from glassnet.errors import DataError, ParameterError
from glassnet.estimators.fit_in_parts import begin_fit
from glassnet.explanation.subject.from_estimator import of_estimator, prediction_of
from glassnet.explanation.subject.notation import neuron_names
from glassnet.explanation.subject.prediction import of_outputs
from glassnet.explanation.subject.request import Request
from glassnet.settings.train_settings import TrainSettings
from glassnet.studio.messages import HiddenLayer, Limits, Setup
from glassnet.studio.recording.sources import Row, in_words
from glassnet.studio.session.built import Built
from glassnet.studio.session.changed_rows import changed_row
from glassnet.studio.session.controls import AUTO_LOSS
from glassnet.studio.session.courses.course import MOST_EPOCHS, states_to_keep
from glassnet.studio.session.models import built_of_model, row_of_table
from glassnet.studio.session.opened.limits import check_parameters
from glassnet.studio.session.opened.projects import ModelProject, NetworkProject, Project, TableProject
from glassnet.training.timing import seconds_per_epoch
from glassnet.training.train import RunArguments
from glassnet.typing import Array

ENOUGH_TO_HOLD_OUT = 50  # rows
LOSS_OF_CLASSES = ("cross_entropy", "binary_cross_entropy")


def usual_setup(project: Project) -> Setup:
    """Return the setup with which a project opens."""
    if isinstance(project, NetworkProject):
        return _setup_of(project)
    if isinstance(project, ModelProject):
        project = project.to_table()
    n_rows = project.schema.n_rows
    values: dict[str, Any] = {
        "hidden": (HiddenLayer(8, "tanh"),),
        "loss": AUTO_LOSS,
        "solver": "adam",
        "learning_rate_init": 0.01,
        "learning_rate": "constant",
        "batch_size": None,
        "max_iter": 200,
        "alpha": 0.0,
        "dropout": 0.0,
        "validation_fraction": 0.2 if n_rows >= ENOUGH_TO_HOLD_OUT else 0.0,
        "n_iter_no_change": None,
        "random_state": 0,
        "scaled": True,
    }
    return Setup(**{**values, **project.usual})


def build(project: Project, setup: Setup | None, limits: Limits) -> Built:
    """Return the network of a project before its first step.

    Raises
    ------
    GlassnetError
        If the setup or the data do not fit.
    """
    if setup is not None and setup.max_iter > MOST_EPOCHS:
        raise ParameterError(
            f"{setup.max_iter:,} epochs are more than the studio keeps a history of; choose {MOST_EPOCHS:,} at most."
        )
    if isinstance(project, NetworkProject):
        return _of_network(project, setup or _setup_of(project))
    if isinstance(project, ModelProject):
        if setup is None:
            return built_of_model(project)
        project = project.to_table()
    if project.target is None:
        raise DataError(f"{project.title} has no target yet; choose the column that the network is to predict.")
    return _of_table(project, setup or usual_setup(project), limits)


# Tables.


def estimator_of(project: TableProject, setup: Setup) -> Any:
    """Return the unfitted estimator of a setup, with the parameters that the page shows and none of its own."""
    from glassnet.estimators.classifier import GlassClassifier
    from glassnet.estimators.regressor import GlassRegressor

    make: Any = GlassRegressor if project.schema.task == "regression" else GlassClassifier
    return make(**parameters_of(project, setup))


def parameters_of(project: TableProject, setup: Setup) -> dict[str, Any]:
    """Return the parameters of the estimator that `fit` trains as the page does."""
    is_regression = project.schema.task == "regression"
    parameters: dict[str, Any] = {
        "hidden_layer_sizes": tuple(layer.size for layer in setup.hidden),
        "solver": setup.solver,
        "learning_rate_init": setup.learning_rate_init,
        "learning_rate": setup.learning_rate,
        "max_iter": setup.max_iter,
        "alpha": setup.alpha,
        "dropout": setup.dropout,
        "early_stopping": setup.validation_fraction > 0,
        "n_iter_no_change": setup.n_iter_no_change,
        "random_state": setup.random_state,
        "preset": "tabular" if setup.scaled else "plain",
        "dtype": "float64",
        "keep": project.schema.names,
    }
    if setup.hidden:
        parameters["activation"] = [layer.activation for layer in setup.hidden]
    if setup.batch_size is not None:
        parameters["batch_size"] = setup.batch_size
    if setup.validation_fraction > 0:
        parameters["validation_fraction"] = setup.validation_fraction
    if setup.scaled:  # what the page has no control for is as in a textbook
        parameters |= {"numeric_embedding": None, "init": "auto", "rates": "equal", "bias_rate": 1.0, "beta_2": 0.999}
    if is_regression and setup.loss != AUTO_LOSS:
        parameters["loss"] = setup.loss
    if not is_regression:
        parameters |= {"label_smoothing": 0.0, "temperature_scaling": False}
    return parameters


def _of_table(project: TableProject, setup: Setup, limits: Limits) -> Built:
    task = project.schema.task
    assert task is not None
    assert project.target is not None
    if task != "regression" and setup.loss not in (AUTO_LOSS, *LOSS_OF_CLASSES):
        raise ParameterError(
            f"cost {setup.loss!r} is for quantities, but {project.target!r} has classes, which train by cross-entropy; "
            f"choose 'auto'."
        )
    if task == "regression" and setup.loss in LOSS_OF_CLASSES:
        raise ParameterError(
            f"cost {setup.loss!r} is for classes, but {project.target!r} is a quantity; choose 'squared_error'."
        )
    rows = project.labeled
    y = target_values(rows, project.schema)
    table = rows.select(project.schema.names)
    check_parameters(_n_at_least(table, setup), limits)
    fit = begin_fit(
        estimator_of(project, setup), table, y, target_name=project.target,
        **_run_settings(setup.solver, _n_at_least(table, setup), setup.max_iter),
    )  # fmt: skip
    network = fit.training.plan.problem.network
    check_parameters(network.n_params, limits)
    model = fit.fitted()
    numbers = np.arange(table.n_rows) if rows.rows is None else np.asarray(rows.rows)
    places = {int(number): place for place, number in enumerate(numbers)}

    def place_of(number: int) -> int:
        if number not in places:
            if number >= project.table.n_rows:
                raise ParameterError(f"row {number} does not exist: the table has the rows 0 to "
                                     f"{project.table.n_rows - 1}.")  # fmt: skip
            raise ParameterError(f"row {number} has no value in the target {project.target!r}; choose another row.")
        return places[number]

    def inputs_with(number: int, values: Mapping[str, Any]) -> Array:
        return model.encode(changed_row(table.take(np.asarray([place_of(number)])), values))

    names = of_estimator(model, table.take(np.asarray([0])), None, Request()).names
    return Built(
        setup=setup,
        training=fit.training,
        names=names,
        task=task,
        numbers=numbers,
        held_out=fit.held_out,
        encoded=fit.encoded,
        row=lambda number: row_of_table(model, table, y, place_of(number), number),
        inputs_with=inputs_with,
        prediction=lambda A: prediction_of(model, A),
        seconds=lambda: fit.estimate.seconds,
        fit=fit,
        table=table,
        target=y,
    )


def _n_at_least(table: Table, setup: Setup) -> int:
    """Return a lower bound on the number of parameters, known before anything is encoded."""
    sizes = [len(table.names), *(layer.size for layer in setup.hidden), 1]
    return sum((n_in + 1) * n_out for n_in, n_out in pairwise(sizes))


def _run_settings(solver: str, n_params: int, max_iter: int) -> dict[str, Any]:
    """Return the settings of a run that do not change its numbers, but make its moments quick to open."""
    kept = states_to_keep(n_params)
    if solver == "lbfgs":
        return {"snapshots": max(1, max_iter // (3 * kept))}
    return {"kept_states": kept}


# Networks of a textbook.


def _setup_of(project: NetworkProject) -> Setup:
    """Return the setup that builds a textbook's network; its weights are given, and not drawn."""
    network, settings = project.network, project.settings
    return Setup(
        hidden=tuple(
            HiddenLayer(network.sizes[l], network.activation[l].name) for l in range(1, network.n_layers)
        ),
        loss=settings["cost"],
        solver=settings["solver"],
        learning_rate_init=settings["learning_rate"],
        learning_rate="constant",
        batch_size=None,
        max_iter=settings["epochs"],
        alpha=0.0,
        dropout=0.0,
        validation_fraction=0.0,
        n_iter_no_change=None,
        random_state=0,
        scaled=False,
    )  # fmt: skip


def network_of(project: NetworkProject, setup: Setup) -> Network:
    """Return the project's network, or one of other sizes or activations with drawn weights."""
    own = _setup_of(project)
    if setup.hidden == own.hidden:
        return project.network
    return Network.create(
        [project.network.n_inputs, *(layer.size for layer in setup.hidden), project.network.sizes[-1]],
        hidden=[layer.activation for layer in setup.hidden],
        output=project.network.activation[-1],
        seed=setup.random_state,
    )


def train_arguments_of(project: NetworkProject, setup: Setup) -> dict[str, Any]:
    """Return the arguments of `glassnet.train` that train as the page does, without network and data."""
    if setup.validation_fraction > 0:
        raise ParameterError("this example has too few rows to hold some out; set the share of rows held out to 0.")
    if setup.learning_rate == "invscaling":
        raise ParameterError("the schedule 'invscaling' is for tables; choose 'inverse'.")
    return {
        "cost": project.settings["cost"] if setup.loss == AUTO_LOSS else setup.loss,
        "solver": setup.solver,
        "epochs": setup.max_iter,
        "batch_size": setup.batch_size,
        "learning_rate": None if setup.solver == "lbfgs" else setup.learning_rate_init,
        "schedule": setup.learning_rate,
        "l2": setup.alpha / len(project.X),
        "dropout": setup.dropout,
        "patience": setup.n_iter_no_change,
        "seed": setup.random_state,
    }


def _of_network(project: NetworkProject, setup: Setup) -> Built:
    network = network_of(project, setup)
    arguments = train_arguments_of(project, setup)
    extra = _run_settings(setup.solver, network.n_params, setup.max_iter)
    training = RunArguments(network, project.X, project.Y, TrainSettings(**arguments, **extra)).begun()
    names = neuron_names(network, project.inputs, project.outputs)
    n = len(project.X)

    def checked(number: int) -> int:
        if number >= n:
            raise ParameterError(f"row {number} does not exist: the table has the rows 0 to {n - 1}.")
        return number

    def row(number: int) -> Row:
        x, y = project.X[checked(number)], project.Y[number]
        columns = tuple(
            EncodedColumn(name, value, (), (name,), (value,))
            for name, value in zip(project.inputs, x.tolist(), strict=True)
        )
        return Row(number, columns, x, y, in_words(y, project.outputs))

    def inputs_with(number: int, values: Mapping[str, Any]) -> Array:
        row = Table(project.inputs, tuple(project.X[checked(number)][:, None]))
        return np.column_stack(changed_row(row, values).columns)

    return Built(
        setup=setup,
        training=training,
        names=names,
        task="none",
        numbers=np.arange(n),
        held_out=np.zeros(n, dtype=bool),
        encoded=lambda: (np.asarray(project.X), np.asarray(project.Y)),
        row=row,
        inputs_with=inputs_with,
        prediction=lambda A: of_outputs(names[network.n_layers], A),
        seconds=lambda: (
            setup.max_iter
            * seconds_per_epoch(
                RunArguments(network=network, X=project.X, Y=project.Y, settings=TrainSettings(**arguments))
            )
        ),
    )
