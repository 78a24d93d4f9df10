from fractions import Fraction

import numpy as np
import pytest

from glassnet.core.catalog.activation import ACTIVATIONS, resolve_activation
from glassnet.core.catalog.costs import COSTS, Cost, resolve_cost
from glassnet.core.catalog.schedules import resolve_schedule
from glassnet.core.catalog.solvers import resolve_solver
from glassnet.errors import ParameterError


def test_a_name_is_its_record():
    assert resolve_activation("relu") == ACTIVATIONS["relu"]
    assert resolve_cost("huber") == COSTS["huber"]


@pytest.mark.parametrize("spec", [("leaky_relu", {"slope": 0.3}), ["leaky_relu", {"slope": 0.3}]])
def test_parameters_come_with_the_name(spec):
    """As a tuple in Python, as a list in JSON."""
    assert resolve_activation(spec)(np.asarray([[-2.0, 2.0]])).tolist() == [[-0.6, 2.0]]


def test_a_parameter_of_the_table_stays_as_it_is():
    resolve_activation(("leaky_relu", {"slope": 0.3}))

    assert ACTIVATIONS["leaky_relu"].parameters == {"slope": 0.01}


def test_a_record_is_taken_as_it_is():
    own = Cost("cubed", lambda A, Y: abs(A - Y) ** 3, lambda A, Y: 3 * (A - Y) * abs(A - Y))

    assert resolve_cost(own) is own


@pytest.mark.parametrize(("alias", "name"), [("logistic", "sigmoid"), ("linear", "identity"), ("swish", "silu")])
def test_other_names_of_activations(alias, name):
    assert resolve_activation(alias).name == name


@pytest.mark.parametrize(
    ("alias", "name"),
    [("mean_squared_error", "squared_error"), ("mse", "squared_error"), ("log_loss", "cross_entropy")],
)
def test_other_names_of_costs(alias, name):
    assert resolve_cost(alias).name == name


@pytest.mark.parametrize("spec", ["relu", ("leaky_relu", {"slope": 0.25})])
def test_what_a_file_stores_brings_it_back(spec):
    entry = resolve_activation(spec)

    assert resolve_activation(entry.spec) == entry
    assert entry.spec == spec


@pytest.mark.parametrize("resolve", [resolve_cost, resolve_solver, resolve_schedule])
@pytest.mark.parametrize("place", [0, 1, 2])
def test_every_kind_of_record_has_a_spec(resolve, place):
    names = {resolve_cost: ["error", "huber", "pinball"], resolve_solver: ["gd", "momentum", "adamw"]}
    name = names.get(resolve, ["constant", "step", "warm_up"])[place]
    entry = resolve(name)

    assert resolve(entry.spec) == entry
    assert (entry.spec if isinstance(entry.spec, str) else entry.spec[0]) == name


@pytest.mark.parametrize("value", [np.float32(0.5), np.float64(0.5), Fraction(1, 2), np.int64(1)])
def test_numbers_of_other_libraries_are_numbers(value):
    parameters = resolve_activation(("leaky_relu", {"slope": value})).parameters

    assert parameters == {"slope": float(value)}
    assert type(parameters["slope"]) is float  # a file can store it


@pytest.mark.parametrize(
    ("resolve", "spec", "message"),
    [
        (resolve_activation, "rely", r"activation 'rely' is not known\. Did you mean 'relu'\? Choose from: step, "),
        (resolve_cost, "crossentropy", r"cost 'crossentropy' is not known\. Did you mean 'cross_entropy'\?"),
        (resolve_solver, "zzz", r"^solver 'zzz' is not known\. Choose from: gd, sgd, .*lbfgs\.$"),
        (resolve_schedule, "cosin", r"schedule 'cosin' is not known\. Did you mean 'cosine'\?"),
        (resolve_activation, None, r"activation=None cannot be read; write a name such as 'relu', or a name with its"),
        (resolve_activation, ("relu",), r"activation=\('relu',\) cannot be read"),
        (resolve_activation, ("leaky_relu", 0.1), r"cannot be read; .*\('leaky_relu', \{'slope': 0\.1\}\)"),
        (resolve_activation, (1, {}), r"activation=\(1, \{\}\) cannot be read"),
        (
            resolve_activation,
            ("leaky_relu", {"alpha": 0.1}),
            r"^activation 'leaky_relu' has no parameter 'alpha'; it takes: slope\.$",
        ),
        (resolve_activation, ("relu", {"slope": 1}), r"^activation 'relu' has no parameter 'slope'; it takes none\.$"),
        (resolve_solver, ("adam", {"mu": 0.9}), r"has no parameter 'mu'; it takes: beta1, beta2, epsilon\.$"),
        (resolve_cost, ("huber", {"delta": "1"}), r"^cost 'huber': delta = '1' must be a finite number\.$"),
        (resolve_cost, ("huber", {"delta": True}), r"delta = True must be a finite number"),
        (resolve_cost, ("huber", {"delta": float("nan")}), r"delta = nan must be a finite number"),
        (resolve_cost, ("huber", {"delta": float("inf")}), r"delta = inf must be a finite number"),
        (resolve_cost, ("huber", {"delta": np.ones(2)}), r"delta = array\(\[1\., 1\.\]\) must be a finite number"),
    ],
)  # fmt: skip
def test_what_cannot_be_chosen_is_told(resolve, spec, message):
    with pytest.raises(ParameterError, match=message):
        resolve(spec)
