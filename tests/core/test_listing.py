import pytest

import glassnet as gn
from glassnet.core.records import Listing
from glassnet.errors import ParameterError

TWO = Listing(({"name": "a", "when_to_use": "x < 1"}, {"name": "longer", "when_to_use": "y"}))


def test_a_row_is_found_by_its_name():
    assert TWO["longer"] == {"name": "longer", "when_to_use": "y"}
    assert (TWO.names, len(TWO), [row["name"] for row in TWO]) == (("a", "longer"), 2, ["a", "longer"])


def test_an_unknown_row_is_an_error_with_all_names():
    with pytest.raises(ParameterError, match=r"^'b' is not in this table; it has: a, longer\.$"):
        TWO["b"]


def test_it_prints_as_aligned_columns():
    assert str(TWO) == "name    when_to_use\na       x < 1\nlonger  y"
    assert repr(TWO) == str(TWO)


def test_a_notebook_gets_an_escaped_table():
    html = TWO._repr_html_()

    assert html.startswith("<table><thead><tr><th>name</th><th>when to use</th></tr>")
    assert "<td>x &lt; 1</td>" in html


def test_plain_data_is_a_copy():
    TWO.to_dict()[0]["name"] = "changed"

    assert TWO.names == ("a", "longer")


@pytest.mark.parametrize("table", [gn.activations(), gn.costs(), gn.solvers()], ids=["activations", "costs", "solvers"])
def test_the_public_tables_leave_no_cell_empty(table):
    """Only a solver's parameters may be empty: plain gradient descent has none."""
    empty = [(row["name"], head) for row in table for head, cell in row.items() if not cell and head != "parameters"]

    assert len(table) >= 9
    assert empty == []


def test_the_public_tables_have_the_promised_names():
    """The names in the documentation, which users and model files rely on."""
    assert set(gn.activations().names) == {
        *("step", "identity", "sigmoid", "tanh", "relu", "leaky_relu", "elu", "selu", "gelu", "silu", "mish"),
        *("softplus", "softsign", "hard_sigmoid", "softmax"),
    }
    assert set(gn.costs().names) == {
        *("error", "absolute_error", "half_squared_error", "squared_error", "huber", "binary_cross_entropy"),
        *("cross_entropy", "poisson", "pinball"),
    }
    assert set(gn.solvers().names) == {
        *("gd", "sgd", "momentum", "nesterov", "adagrad", "rmsprop", "adam", "adamw", "nadam", "rprop", "lbfgs"),
    }


@pytest.mark.parametrize(
    ("name", "shown"),
    [("sigmoid", "(0, 1)"), ("relu", "[0, inf)"), ("hard_sigmoid", "[0, 1]"), ("identity", "(-inf, inf)")],
)
def test_ranges_are_written_with_open_and_closed_ends(name, shown):
    assert gn.activations()[name]["range"] == shown
