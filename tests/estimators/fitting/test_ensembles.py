"""Several networks side by side: their mean predicts, their spread is uncertainty, and each opens by itself."""

import numpy as np
import pytest

import glassnet as gn
from glassnet.errors import ParameterError

THREE = {"n_networks": 3, "early_stopping": True, "validation_fraction": 0.2}


@pytest.fixture(scope="module")
def three(numbers, small):
    """An ensemble of three classifiers, not to be changed."""
    return small("classifier", **THREE, max_iter=5).fit(*numbers)


@pytest.fixture(scope="module")
def quantities(numbers, small):
    """An ensemble of three regressors, not to be changed."""
    X, _ = numbers
    return small("regressor", **THREE).fit(X, 100 + X[:, 0])


def by_hand(network, A):
    """Probability of the second class by textbook arithmetic in float64."""
    network = network.astype("float64")
    for layer, sigma in network.activation.items():
        A = sigma(A @ network.W[layer].T + network.b[layer])
    return A[:, 0]


def test_probabilities_are_the_mean_over_the_networks(three, numbers):
    """Each network worked by hand from its own weights."""
    A0 = three.encode(numbers[0])
    expected = sum(by_hand(network, A0) for network in three.networks_) / 3

    assert len({network.theta.tobytes() for network in three.networks_}) == 3
    np.testing.assert_allclose(three.predict_proba(numbers[0])[:, 1], expected, rtol=1e-12)
    np.testing.assert_array_equal(three.predict(numbers[0]), (expected >= 0.5).astype(int))
    np.testing.assert_allclose(three.predict_proba(numbers[0]).sum(axis=1), 1.0)


def test_values_are_the_mean_over_the_members(quantities, numbers):
    alone = [quantities.member(k).predict(numbers[0]) for k in range(3)]

    np.testing.assert_allclose(quantities.predict(numbers[0]), np.mean(alone, axis=0), rtol=1e-12)
    np.testing.assert_allclose(quantities.spread(numbers[0]), np.std(alone, axis=0, ddof=1), rtol=1e-9)


def test_spread_of_probabilities(three, numbers):
    """Of two classes both probabilities move alike; where the networks agree there is no spread."""
    spread = three.spread(numbers[0])
    alone = [three.member(k).predict_proba(numbers[0]) for k in range(3)]

    assert spread.shape == (60, 2)
    np.testing.assert_allclose(spread[:, 0], spread[:, 1], rtol=1e-9)
    np.testing.assert_allclose(spread, np.std(alone, axis=0, ddof=1))


def test_the_spread_is_larger_where_nothing_was_seen():
    """Rows inside of the training range, and rows in a gap that it left."""
    X = np.concatenate([np.linspace(-3, -1, 100), np.linspace(1, 3, 100)])[:, None]
    model = gn.GlassRegressor(n_networks=6, random_state=0).fit(X, np.sin(2 * X[:, 0]))

    assert model.spread([[0.0]])[0] > 2 * model.spread(X).mean()


def test_logits_of_an_ensemble_stand_for_its_probabilities(three, small, numbers, mixed):
    """sigmoid and softmax of `decision_function` give `predict_proba` back."""
    np.testing.assert_allclose(
        1 / (1 + np.exp(-three.decision_function(numbers[0]))), three.predict_proba(numbers[0])[:, 1]
    )
    model = small("classifier", n_networks=2).fit(mixed, np.arange(60) % 3)
    e = np.exp(model.decision_function(mixed))
    np.testing.assert_allclose(e / e.sum(axis=1, keepdims=True), model.predict_proba(mixed))


def test_the_first_network_is_the_one_that_trains_alone(small, numbers):
    """Same seed, same rows: without held-out parts an ensemble begins with the single network."""
    several, one = (small("classifier", n_networks=n).fit(*numbers) for n in (3, 1))

    np.testing.assert_array_equal(several.networks_[0].theta, one.network_.theta)
    np.testing.assert_array_equal(several.member(0).predict_proba(numbers[0]), one.predict_proba(numbers[0]))


def test_results_do_not_depend_on_how_many_run_at_a_time(small, numbers):
    models = [small("classifier", **THREE, n_jobs=n_jobs).fit(*numbers) for n_jobs in (1, 3)]

    np.testing.assert_array_equal(*(model.predict_proba(numbers[0]) for model in models))


def test_bagged_networks_hold_out_rows_of_their_own(small):
    """A network that sees y memorizes it; the held-out rows are those whose labels it does not know.

    Each label is a coin toss, told apart by a column of its own, so only rows in training can be known.
    """
    X, y = np.eye(40), np.random.default_rng(0).permutation(np.repeat([0.0, 1.0], 20))
    settings = {**THREE, "preset": "plain", "max_iter": 200, "hidden_layer_sizes": (20,), "learning_rate_init": 0.01,
                "n_iter_no_change": None, "alpha": 0.0}  # fmt: skip

    def unknown(bagged):
        model = small("classifier", **settings, bagged=bagged).fit(X, y)
        last = [gn.Network.with_theta(member.network, member.history.snapshots[200]) for member in model.members_]
        return [frozenset(np.flatnonzero(abs(by_hand(network, X) - y) > 0.3).tolist()) for network in last]

    settings["snapshots"] = 200
    apart, alike = unknown(bagged=True), unknown(bagged=False)
    assert all(1 <= len(rows) <= 8 for rows in [*apart, *alike])
    assert len(frozenset.union(*apart)) > 10 > 8 >= len(frozenset.union(*alike))


def test_all_networks_watch_the_rows_given(small, numbers):
    X, y = numbers
    model = small("classifier", n_networks=2).fit(X[:40], y[:40], eval_set=(X[40:], y[40:]))

    assert [member.calibration.n_rows for member in model.members_] == [20, 20]
    assert model.calibration_ is model.members_[0].calibration


def test_one_member_explains_draws_and_predicts(three, numbers):
    """What shows one network refuses, in a sentence that says how; the members' numbers add up to the ensemble's."""
    row = numbers[0][0]
    for lens in (lambda: gn.draw(three, row), lambda: gn.draw(three), lambda: gn.blame(three, *numbers)):
        with pytest.raises(
            ParameterError, match=r"is the mean of 3 networks, but only one .* try model\.member\(0\), a Glass"
        ):
            lens()
    explained = [gn.explain(three.member(k), row).prediction.probabilities["1"] for k in range(3)]

    assert np.mean(explained) == pytest.approx(three.predict_proba([row])[0, 1], rel=1e-12)
    assert three.member(-1).n_networks == 1
    assert three.n_networks == 3
    gn.draw(three.member(1))


def test_model_file_holds_all_networks(three, quantities, numbers, tmp_path):
    for model in (three, quantities):
        model.save(tmp_path / "model.glassnet")
        again = gn.load(tmp_path / "model.glassnet")

        np.testing.assert_array_equal(again.predict(numbers[0]), model.predict(numbers[0]))
        np.testing.assert_array_equal(again.spread(numbers[0]), model.spread(numbers[0]))
        assert [member.calibration for member in again.members_] == [member.calibration for member in model.members_]
        assert [len(member.history) for member in again.members_] == [len(member.history) for member in model.members_]


def test_predictor_has_the_same_bits(three, quantities, small, numbers, mixed):
    for model in (three, quantities):
        one = model.predictor()
        assert [one.predict(row) for row in numbers[0]] == model.predict(numbers[0]).tolist()
    one = three.predictor()
    np.testing.assert_array_equal([one.predict_proba(row) for row in numbers[0]], three.predict_proba(numbers[0]))
    model = small("classifier", n_networks=2).fit(mixed, np.arange(60) % 3)
    one = model.predictor()
    rows = [one.predict_proba(row) for row in mixed.to_dict("records")]
    np.testing.assert_array_equal(rows, model.predict_proba(mixed))


def test_rows_keep_their_bits_in_any_batch(three, quantities, numbers):
    X = numbers[0]
    for predict in (three.predict_proba, quantities.predict, quantities.spread):
        np.testing.assert_array_equal(np.concatenate([predict(X[k : k + 1]) for k in range(60)]), predict(X))


def test_warm_start_goes_on_with_every_network(small, numbers):
    model = small("classifier", n_networks=2, warm_start=True).fit(*numbers).fit(*numbers)

    assert [len(member.history) for member in model.members_] == [6, 6]
    with pytest.raises(ParameterError, match="n_networks=3, but warm_start=True continues from 2; use n_networks=2"):
        model.set_params(n_networks=3).fit(*numbers)


def test_a_time_limit_is_for_all_networks_together(small, numbers):
    """On one core four networks share it: each ends after about a quarter."""
    model = small("classifier", n_networks=4, n_jobs=1, time_limit=0.4, max_iter=10**6).fit(*numbers)

    assert [member.history.stopped for member in model.members_] == ["time"] * 4
    assert sum(member.history.epochs[-1].seconds for member in model.members_) < 1.0


@pytest.mark.parametrize(
    "parameters, message",
    [
        ({"n_networks": 0}, "n_networks=0 must be a whole number from 1 upwards"),
        ({"bagged": "yes"}, "bagged='yes' must be True or False"),
    ],
)
def test_parameters_that_cannot_work(small, numbers, parameters, message):
    with pytest.raises(ParameterError, match=message):
        small("classifier", **parameters).fit(*numbers)


def test_what_needs_an_ensemble_or_must_not_be_one(small, numbers, three, fitted):
    with pytest.raises(
        ParameterError, match="spread compares the networks of an ensemble, but this model has only one"
    ):
        fitted.spread(numbers[0])
    with pytest.raises(ParameterError, match=r"member\(3\) does not exist: this model has the networks 0 to 2"):
        three.member(3)
    with pytest.raises(ParameterError, match="partial_fit trains a single network, but n_networks=2; use n_networks=1"):
        small("classifier", n_networks=2).partial_fit(*numbers, classes=[0, 1])
