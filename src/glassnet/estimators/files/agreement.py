"""Consistency check of all sizes in a model file, before anything is allocated.

Memory is bounded by the contents of the file: layer sizes must match the parameters in the tensor, and levels and
classes the numbers of inputs and outputs.
"""

from collections.abc import Mapping

import numpy as np
from msgspec import UNSET

from glassnet.core.catalog.activation import ACTIVATIONS, Activation
from glassnet.core.front import Front
from glassnet.core.layout import Layout
from glassnet.data.agreement import (
    check_encoder,
    check_schema,
    check_target,
    expect,
    expect_distinct,
    n_outputs,
    shortened,
)
from glassnet.data.columns.schema import Schema
from glassnet.data.encoding.encoder import Encoder
from glassnet.estimators.files.parameters import Parameters
from glassnet.estimators.files.records import (
    Description,
    HistoryRecord,
    NetworkRecord,
    RegressorDescription,
    report_of,
)
from glassnet.training.saving.own_formulas import activation_of
from glassnet.typing import Array

OUTPUTS = {"binary": ("sigmoid",), "multilabel": ("sigmoid",), "multiclass": ("softmax",)}


TAKE_AUTO = {"engine", "init"}
"""Parameters that may be "auto" in a recipe, because `Network.create` and the engine registry resolve it."""


def check_agreement(description: Description, theta: Array, own: Mapping[str, Activation] | None = None) -> None:
    """Check a description and its parameters; `own` are the custom activations.

    Without `own`, the parameters of custom activations are not checked.

    Raises
    ------
    ModelFileError
        At the first inconsistency.
    """
    expect(bool(np.isfinite(theta).all()), "the tensor", "has parameters that are not finite numbers")
    schema = None if description.schema is None else Schema.from_record(description.schema)
    encoder = Encoder.from_record(description.encoder)
    if schema is not None:
        check_schema(schema)
    check_encoder(encoder, schema)
    check_target(description.target_encoder)
    _check_network(description.network)
    _check_activations(description, {} if own is None else own, knows_own=own is not None)
    _check_parameters(description, theta.size)
    _check_widths(description, encoder)
    _check_task(description, schema)
    _check_recipe(description.recipe)
    _check_columns(description, schema)
    for k, member in enumerate(description.networks):
        _check_history(member.history, f"members[{k}].history", len(description.network.activations))
        n_epochs = len(member.history.epochs)
        expect(member.n_earlier <= n_epochs, f"members[{k}].n_earlier", f"is {member.n_earlier} of {n_epochs} epochs")
    report_of(description)


def front_of(network: NetworkRecord) -> Front | None:
    """Return the front from a file's record."""
    record = network.front
    return None if record is None else Front(record.n_inputs, tuple(record.embedded), record.has_scaling)


def slopes_of(network: NetworkRecord) -> list[bool]:
    """Return for each layer whether it has learned slopes; older files have none."""
    return [False] * len(network.has_bias) if network.has_slope is UNSET else network.has_slope


def _check_network(network: NetworkRecord) -> None:
    n_layers, has_slope = len(network.sizes) - 1, slopes_of(network)
    for name, entries in (
        ("activations", network.activations),
        ("has_bias", network.has_bias),
        ("has_slope", has_slope),
    ):
        expect(len(entries) == n_layers, f"network.{name}", f"has {len(entries)} entries for {n_layers} layers")
    expect(not has_slope[-1], "network.has_slope", "gives slopes to the outputs, which have none")
    front = front_of(network)
    if front is not None:
        _check_front(front, network.sizes[0])


def _check_front(front: Front, width: int) -> None:
    place = "network.front"
    expect(bool(front.kind), place, "does nothing")
    expect_distinct(front.embedded, f"{place}.embedded")
    fits = all(k < front.n_inputs for k in front.embedded)
    expect(fits, f"{place}.embedded", f"names columns that {front.n_inputs} inputs do not have")
    expect(front.n_outputs == width, place, f"makes {front.n_outputs} numbers, but the network takes {width}")


def _check_activations(description: Description, own: Mapping[str, Activation], *, knows_own: bool) -> None:
    named = description.own_activations
    expect_distinct(named, "own_activations")
    for name in named:
        expect(name not in ACTIVATIONS, "own_activations", f"has {shortened(name)}, which is built in")
    for layer, record in enumerate(description.network.activations, start=1):
        has_formula = record.formula is not None
        known = record.activation in ACTIVATIONS or record.activation in named or has_formula
        place = f"network.activations[{layer - 1}]"
        expect(known, place, f"is {shortened(record.activation)}, which is not known")
        if record.activation in ACTIVATIONS or knows_own or has_formula:
            activation_of(record, own)
    last = description.network.activations[-1].activation
    task = description.target_encoder.task
    allowed = OUTPUTS.get(task, ("identity", "softplus"))
    needed = f"is {shortened(last)}, but {task} needs {' or '.join(allowed)}"
    is_builtin = description.network.activations[-1].formula is None  # as the names allowed are in the catalog
    expect(last in allowed and is_builtin, "network.activations[-1]", needed)


def _check_parameters(description: Description, n_given: int) -> None:
    """Check the sizes against the parameters in the tensor, before anything is allocated."""
    members, sizes = description.networks, description.network.sizes
    expect(len(members) > 0, "the description", "has neither members nor a history")
    each, rest = divmod(n_given, len(members))
    expect(rest == 0, "members", f"are {len(members)} networks of equal size, but the tensor has {n_given} parameters")
    network = description.network
    needed = Layout.dense(sizes, network.has_bias, front_of(network), slopes_of(network)).n_params
    words = "-".join(map(str, sizes)) if len(sizes) <= 12 else f"of {len(sizes)} layers"
    expect(
        needed == each, "network.sizes", f"{words} need {needed} parameters, but the tensor has {each} for each network"
    )


def _check_widths(description: Description, encoder: Encoder) -> None:
    network = description.network
    n_inputs = network.sizes[0] if network.front is None else network.front.n_inputs
    expect(
        encoder.n_inputs == n_inputs,
        "encoder.steps",
        f"make {encoder.n_inputs} inputs, but the network takes {n_inputs}",
    )
    n_out, wanted = network.sizes[-1], n_outputs(description.target_encoder)
    expect(wanted == n_out, "target_encoder", f"needs {wanted} outputs, but the network has {n_out}")
    given = description.recipe.n_networks
    n_members = len(description.networks)
    expect(given in (UNSET, n_members), "recipe.n_networks", f"is {given}, but there are {n_members} members")


def _check_recipe(recipe: Parameters) -> None:
    """Check that a recipe leaves nothing to the preset."""
    for name in sorted(set(recipe.__struct_fields__) - TAKE_AUTO):
        expect(getattr(recipe, name) != "auto", f"recipe.{name}", "is 'auto', but a recipe needs a final value")


def _check_task(description: Description, schema: Schema | None) -> None:
    quantities = description.target_encoder.task == "regression"
    fits = quantities == isinstance(description, RegressorDescription)
    expect(fits, "target_encoder.task", f"is {description.target_encoder.task!r}, which does not match the estimator")
    if schema is not None and schema.task is not None:
        expect(
            quantities == (schema.task == "regression"), "schema.task", f"is {schema.task!r}, but the encoder's is not"
        )


def _check_columns(description: Description, schema: Schema | None) -> None:
    """Check the columns of X against those of the encoder and the schema."""
    n_features, names = description.n_features_in, description.feature_names_in
    n_steps = len(description.encoder.steps)
    if names is not None:
        expect(len(names) == n_features, "feature_names_in", f"has {len(names)} names for {n_features} columns")
        expect_distinct(names, "feature_names_in")
    takes_all = schema is None or schema.is_array
    fits = n_features == n_steps if takes_all else n_features >= n_steps
    expect(fits, "n_features_in", f"is {n_features}, but the encoder reads {n_steps} columns")
    if schema is not None and names is not None:
        missing = sorted(set(schema.names) - set(names))
        expect(not missing, "feature_names_in", f"lacks the column {shortened(missing[0])}" if missing else "")


def _check_history(history: HistoryRecord, place: str, n_layers: int) -> None:
    n = len(history.epochs)
    counted = all(epoch.epoch == k for k, epoch in enumerate(history.epochs, start=1))
    expect(counted, f"{place}.epochs", "are not numbered from 1")
    expect(history.best_epoch <= n, f"{place}.best_epoch", f"is {history.best_epoch} of {n}")
    divergence = history.divergence
    expect(
        divergence is None or divergence.layer <= n_layers, f"{place}.divergence", "is in a layer that does not exist"
    )
