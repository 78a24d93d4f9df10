"""The Python program that trains the network of the page again."""

from typing import Any

import numpy as np

from glassnet.core.network import Network
from glassnet.errors import ParameterError
from glassnet.studio.session.building import network_of, parameters_of, train_arguments_of
from glassnet.studio.session.opened.projects import ModelProject, NetworkProject, TableProject
from glassnet.studio.session.taking_away.names import table_name
from glassnet.studio.session.taking_away.shown import Download, Shown

WIDTH = 100


def python_program(shown: Shown) -> Download:
    """Return a program that ends with `network`, the network of the shown moment, with the same bits."""
    return Download("train.py", "text/x-python", as_python(shown).encode())


def as_python(shown: Shown) -> str:
    """Return the text of the program."""
    project = shown.project
    if isinstance(project, ModelProject):
        raise ParameterError("a model that was opened has no training to be repeated; take the model itself.")
    body = _of_network(shown, project) if isinstance(project, NetworkProject) else _of_table(shown, project)
    lines = [
        f'"""{_title(shown)}, trained again: `network` has the same bits as in the studio."""',
        "",
        *body,
        "",
        "print(network)",
        "print(network.theta)",
    ]
    return "\n".join(lines) + "\n"


def _title(shown: Shown) -> str:
    sizes = "-".join(map(str, shown.built.network.sizes))
    name = shown.project.title.replace("\\", "/").replace('"""', "'''").replace("\n", " ")
    return f"A {sizes} network for {name.rstrip(chr(34))}"


def stop_after(shown: Shown) -> int:
    """Return the epoch with which a training has gone far enough to show the moment."""
    return max(1, shown.moment.epoch + (shown.moment.step > 0))


def ends_early(shown: Shown) -> bool:
    """Whether the training has to be stopped before it would end by itself."""
    course = shown.course
    return not (course.finished and course.n_epochs == stop_after(shown)) and stop_after(shown) < course.plan.epochs


def edits(shown: Shown) -> list[str]:
    """Return comments on what no training repeats: weights that were set by hand, and a schedule for more epochs."""
    n_edits, n_changes = shown.course.n_edits, len(shown.course.changes)
    found = []
    if n_edits > 0:
        found.append("# On the page, weights were set by hand, which no training repeats; save the model to keep that.")
    if n_changes > n_edits:
        found.append("# On the page, more epochs were planned when the schedule had ended, which no training repeats.")
    return found


# Tables.


def _of_table(shown: Shown, project: TableProject) -> list[str]:
    setup, target = shown.built.setup, project.target
    assert setup is not None
    assert target is not None
    is_example = project.origin.kind == "example"
    parameters = parameters_of(project, setup)
    is_lbfgs = setup.solver == "lbfgs"
    make = "GlassRegressor" if project.schema.task == "regression" else "GlassClassifier"
    given = {name: repr(value) for name, value in parameters.items()} | {"keep": "schema.names"}
    if is_lbfgs:
        given["snapshots"] = "1"
    if ends_early(shown):
        given["callback"] = f"lambda epoch, network: epoch.epoch >= {stop_after(shown)}"
    return [
        *_imports_of_table(is_example),
        "",
        *_table(project, is_example),
        *_call("schema = infer_schema(", ["table", *_columns(project)]),
        f"rows = labeled_rows(table, {target!r})",
        "X, y = rows.select(schema.names), target_values(rows, schema)",
        "",
        *_call(f"model = gn.{make}(", [f"{name}={value}" for name, value in given.items()]),
        "model.fit(X, y)",
        *edits(shown),
        *_moment(shown, "model.network_", "model.replay(X, y)", "model.history_"),
    ]


def _imports_of_table(is_example: bool) -> list[str]:
    lines = [
        "import glassnet as gn",
        "from glassnet.data.columns.labels import labeled_rows, target_values",
        "from glassnet.data.columns.schema_inference import infer_schema",
    ]
    if is_example:
        return [*lines, "from glassnet.studio.session.opened.examples import open_example"]
    return [*lines, "from glassnet.data.reading.sources import read"]


def _table(project: TableProject, is_example: bool) -> list[str]:
    if is_example:
        expression = f", {project.origin.expression!r}" if project.origin.expression else ""
        return [f"table = open_example({project.origin.name!r}{expression}).table"]
    return [f"table = read({table_name(project.origin)!r}).table"]


def _columns(project: TableProject) -> list[str]:
    """Return the arguments that choose the target, the task and the columns."""
    chosen = [f"target={project.target!r}"]
    if project.task is not None:
        chosen.append(f"task={project.task!r}")
    if project.columns is not None:
        drop = [name for name in project.table.names if name != project.target and name not in project.columns]
        chosen += [f"keep={list(project.columns)!r}", f"drop={drop!r}"]
    return chosen


# Networks of a textbook.


def _of_network(shown: Shown, project: NetworkProject) -> list[str]:
    setup = shown.built.setup
    assert setup is not None
    arguments = train_arguments_of(project, setup)
    given = {name: repr(value) for name, value in arguments.items() if value is not None}
    if setup.solver == "lbfgs":
        given["snapshots"] = "1"
    if ends_early(shown):
        given["callback"] = f"lambda epoch, network: epoch.epoch >= {stop_after(shown)}"
    network = network_of(project, setup)
    made = _given(network) if network is project.network else _drawn(network, setup.random_state)
    return [
        "import glassnet as gn",
        "",
        *made,
        f"X = {_listed(project.X)}",
        f"Y = {_listed(project.Y)}",
        *_call("result = gn.train(", ["network", "X", "Y", *(f"{name}={value}" for name, value in given.items())]),
        *edits(shown),
        *_moment(shown, "result.network", "result", "result.history"),
    ]


def _given(network: Network) -> list[str]:
    """Return the lines that make a network of its weights, listed by input as on the page."""
    layers = [
        f"    ({_listed(network.W[l].T)}, {'None' if network.b[l] is None else _listed(network.b[l])}),"
        for l in range(1, network.n_layers + 1)
    ]
    return [
        "weights = [  # of each layer: a list for each input, and the biases",
        *layers,
        "]",
        *_call("network = gn.Network.from_weights(", ["weights", *_activations(network), 'by="input"']),
    ]


def _drawn(network: Network, seed: int) -> list[str]:
    return _call("network = gn.Network.create(", [repr(list(network.sizes)), *_activations(network), f"seed={seed}"])


def _activations(network: Network) -> list[str]:
    names = [network.activation[l].name for l in range(1, network.n_layers + 1)]
    return [f"hidden={names[:-1]!r}", f"output={names[-1]!r}"] if len(names) > 1 else [f"output={names[0]!r}"]


def _listed(values: Any) -> str:
    return repr(np.asarray(values).tolist())


# The end of both.


def _moment(shown: Shown, kept: str, replay: str, history: str) -> list[str]:
    """Return the line that ends with the network of the shown moment."""
    epoch, step = shown.moment.epoch, shown.moment.step
    if shown.course.plan.problem.solver.builtin_name == "lbfgs":
        if epoch == 0:
            return [f"network = {kept}.with_theta({_listed(shown.moment.network.theta)})"]
        return [f"network = {kept}.with_theta({history}.snapshots[{epoch}])"]
    if step:
        return [f"network = {replay}.at(epoch={epoch + 1}, step={step}).network"]
    return [f"network = {replay}.at(epoch={epoch}).network"]


def _call(start: str, arguments: list[str]) -> list[str]:
    """Return a call, on one line if it fits.

    >>> _call("f(", ["a=1", "b=2"])
    ['f(a=1, b=2)']
    """
    line = f"{start}{', '.join(arguments)})"
    if len(line) <= WIDTH:
        return [line]
    return [start, *(f"    {argument}," for argument in arguments), ")"]
