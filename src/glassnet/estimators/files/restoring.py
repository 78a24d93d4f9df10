"""Restores a fitted estimator from a checked description."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from glassnet.core.catalog.activation import Activation
from glassnet.core.layout import Layout
from glassnet.core.network import Network
from glassnet.core.records import ByLayer
from glassnet.data.agreement import expect
from glassnet.data.columns.schema import Schema
from glassnet.data.encoding.encoder import Encoder
from glassnet.data.encoding.target_encoder import TargetEncoder
from glassnet.errors import ModelFileError, ParameterError
from glassnet.escaping import brief
from glassnet.estimators.files.agreement import TAKE_AUTO, front_of, slopes_of
from glassnet.estimators.files.records import Description, NetworkRecord, report_of
from glassnet.estimators.files.values import restored_parameters, unfinite
from glassnet.estimators.fitting.calibration import Calibration
from glassnet.estimators.fitting.member import Member
from glassnet.estimators.fitting.presets import PLAIN
from glassnet.estimators.fitting.recipe import checked_recipe, is_open
from glassnet.settings.records import Recipe
from glassnet.training.history import History
from glassnet.training.saving.own_formulas import activation_of
from glassnet.typing import Array


def restore_model(make: Any, description: Description, theta: Array, own: Mapping[str, Activation]) -> Any:
    """Return the fitted estimator from a description.

    Parameters
    ----------
    make : class
        `GlassClassifier` or `GlassRegressor`.
    description : Description
        Checked by `glassnet.estimators.files.agreement.check_agreement`.
    theta : array of shape (n_networks * n_params,)
    own : dict of str to Activation
        The custom activations.
    """
    model = make(**restored_parameters(description.parameters, own))
    model.schema_ = None if description.schema is None else Schema.from_record(description.schema)
    model.encoder_ = Encoder.from_record(description.encoder)
    model.target_encoder_ = TargetEncoder.from_record(description.target_encoder)
    model.recipe_ = _recipe(model, description, own)
    model.members_ = _members(description, theta, own, model.recipe_)
    model.n_features_in_ = description.n_features_in
    model.data_fingerprint_ = description.data_fingerprint
    if description.feature_names_in is not None:
        model.feature_names_in_ = np.asarray(description.feature_names_in, dtype=object)
    if description.target_name is not None:
        model.target_name_ = description.target_name
    report = report_of(description)
    if report is not None:
        model.report_ = unfinite(report)
    model._seed = 0  # for partial_fit, which continues from the weights with an empty solver memory
    return model


def _recipe(model: Any, description: Description, own: Mapping[str, Activation]) -> Recipe:
    parameters = model.get_params(deep=False)
    values = {
        **parameters,  # parameters missing in older files are off, as in the preset "plain"
        **{name: value for name, value in PLAIN.items() if name in parameters},
        **restored_parameters(description.recipe, own),
    }
    try:
        for name in sorted(values.keys() - TAKE_AUTO):
            if is_open(values[name]):  # it is missing in the file
                raise ParameterError(f"the recipe lacks {name!r}.")
        recipe = checked_recipe(values)
        output, _ = model._output_and_cost()
    except ParameterError as error:
        raise ModelFileError(f"the file's parameters are invalid: {brief(str(error))}") from None
    last = description.network.activations[-1].activation
    expect(last == output, "network.activations", f"end with {last!r}, but the loss needs {output!r}")
    return recipe


def _members(
    description: Description, theta: Array, own: Mapping[str, Activation], recipe: Recipe
) -> tuple[Member, ...]:
    """Return the networks with their histories; `theta` has their parameters in order."""
    records = description.networks
    members = []
    for record, part in zip(records, np.split(theta, len(records)), strict=True):
        calibration = record.calibration
        members.append(
            Member(
                _network(description.network, part, own).with_rates(recipe.rates, biases=recipe.bias_rate),
                History.from_dict(unfinite(record.history)),
                None if calibration is None else Calibration.from_dict(unfinite(calibration)),
                n_earlier=record.n_earlier,
                n_seen=record.n_seen,
            )
        )
    return tuple(members)


def _network(record: NetworkRecord, theta: Array, own: Mapping[str, Activation]) -> Network:
    front = front_of(record)
    layout = Layout.dense(record.sizes, record.has_bias, front, slopes_of(record))
    sigmas: ByLayer[Activation] = ByLayer(
        [activation_of(sigma, own) for sigma in record.activations], name="activation"
    )
    return Network(tuple(record.sizes), sigmas, theta, layout, front)
