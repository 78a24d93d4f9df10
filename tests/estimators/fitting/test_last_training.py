"""The training of an estimator, opened with the same table."""

import pickle
from io import BytesIO

import numpy as np
import pytest
from scipy.sparse import csr_matrix

import glassnet as gn
from glassnet.errors import ReplayError


def thetas(estimator, X, y, **fit):
    """Fit, and return the network's parameters after each epoch, as a callback sees them."""
    seen = []
    estimator.set_params(callback=lambda record, network: seen.append(network.theta.copy()))
    estimator.fit(X, y, **fit)
    estimator.set_params(callback=None)
    return seen


def assert_replays(model, seen, X, y, *more):
    run = model.replay(X, y, *more)
    for epoch in (len(seen), 1, 2):
        np.testing.assert_array_equal(run.at(epoch=epoch).network.theta, seen[epoch - 1])


@pytest.mark.parametrize("kept_states", [0, 2])
def test_a_frame_with_text_and_gaps(penguins, small, kept_states):
    X, y = penguins.drop(columns="species"), penguins["species"]
    model = small("classifier", max_iter=5, dropout=0.2, kept_states=kept_states)

    assert_replays(model, thetas(model, X, y), X, y)


def test_a_regressor(penguins, small):
    rows = penguins.dropna(subset="body_mass_g")
    X, y = rows.drop(columns="body_mass_g"), rows["body_mass_g"]
    model = small("regressor")

    assert_replays(model, thetas(model, X, y), X, y)


def test_a_sparse_matrix(numbers, small):
    X, y = csr_matrix(np.where(np.abs(numbers[0]) < 0.5, 0, numbers[0])), numbers[1]
    model = small("classifier")

    assert_replays(model, thetas(model, X, y), X, y)


def test_rows_held_out_in_training_are_held_out_again(numbers, small):
    """A tenth is watched: the rows of a minibatch count in the rest."""
    model = small("classifier", early_stopping=True, temperature_scaling=False)
    seen = thetas(model, *numbers)
    run = model.replay(*numbers)

    assert_replays(model, seen, *numbers)
    assert len(run.at(epoch=1).data.X) == 54
    np.testing.assert_array_equal(run.at(epoch=model.history_.best_epoch).network.theta, model.network_.theta)


def test_with_rows_of_their_own_to_watch_all_others_train(numbers, small):
    X, y = numbers
    model = small("classifier", early_stopping=True)
    seen = thetas(model, X[:40], y[:40], eval_set=(X[40:], y[40:]))

    assert_replays(model, seen, X[:40], y[:40])
    assert len(model.replay(X[:40], y[:40]).at(epoch=1).data.X) == 40


def test_weights_of_rows_and_classes(numbers, small):
    weights = np.linspace(0.5, 2, 60)
    model = small("classifier", class_weight="balanced", early_stopping=True)
    seen = thetas(model, *numbers, sample_weight=weights)

    assert_replays(model, seen, *numbers, weights)
    for other in (None, weights[::-1]):
        with pytest.raises(
            ReplayError,
            match=r"^sample_weight differs from the last training; pass the same weights, or none if there were none\.$",
        ):
            model.replay(*numbers, other)


def test_a_warm_start_opens_its_last_training(numbers, small):
    """The history goes on; the training opened begins where the first one ended."""
    model = small("classifier", warm_start=True).fit(*numbers)
    between = model.network_.theta.copy()
    seen = thetas(model, *numbers)

    assert len(model.history_) == 6
    assert_replays(model, seen, *numbers)
    np.testing.assert_array_equal(model.replay(*numbers).at(epoch=0).network.theta, between)


def test_a_stream_opens_its_last_rows(numbers, small):
    X, y = numbers
    model = small("classifier", preset="plain", batch_size=7)
    model.partial_fit(X[:30], y[:30], classes=[0, 1])
    model.partial_fit(X[30:], y[30:])
    run = model.replay(X[30:], y[30:])

    assert (run.first_step, run.n_steps) == (5, 5)
    np.testing.assert_array_equal(run.at(epoch=1).network.theta, model.network_.theta)
    with pytest.raises(ReplayError, match=r"^X and y differ from the data of the last training"):
        model.replay(X[:30], y[:30])


@pytest.mark.parametrize("what", ["a value", "a label", "a row less"])
def test_other_tables_are_refused(what, numbers, fitted):
    X, y = numbers[0].copy(), numbers[1].copy()
    if what == "a value":
        X[0, 0] += 1
    elif what == "a label":
        y[0] = 1 - y[0]
    else:
        X, y = X[:-1], y[:-1]
    with pytest.raises(
        ReplayError,
        match=r"^X and y differ from the data of the last training \(fingerprint [0-9a-f]{8} instead of [0-9a-f]{8}\); "
        r"pass the same rows in the same order, unchanged\.$",
    ):
        fitted.replay(X, y)


def test_a_model_holds_no_data(numbers, small):
    """Pickled, a model of 100 times the rows is as large, but for its history."""
    X, y = np.tile(numbers[0], (100, 1)), np.tile(numbers[1], 100)
    model = small("classifier", early_stopping=False, batch_size=200, numeric_embedding=None).fit(X, y)
    pickled = pickle.dumps(model)

    assert len(pickled) < len(pickle.dumps(small("classifier").fit(*numbers))) + 2000
    assert model.members_[0].trained.recording.given is None
    np.testing.assert_array_equal(
        pickle.load(BytesIO(pickled)).replay(X, y).at(epoch=3).network.theta, model.network_.theta
    )


def test_a_model_of_a_file_cannot_be_replayed(numbers, fitted, tmp_path):
    fitted.save(tmp_path / "model.glassnet")
    with pytest.raises(
        ReplayError, match=r"^this model comes from a file, which does not store the training, or its parameters were"
    ):
        gn.load(tmp_path / "model.glassnet").replay(*numbers)


def test_lbfgs_cannot_be_replayed(numbers, small):
    model = small("classifier", solver="lbfgs").fit(*numbers)
    with pytest.raises(
        ReplayError,
        match=r"^the iterations of solver 'lbfgs' are searches along a line, which cannot be replayed; "
        r"snapshots=1 stores the parameters of every epoch in history_\.snapshots\.$",
    ):
        model.replay(*numbers)


def test_the_step_that_diverged(numbers, small):
    model = small("regressor", learning_rate_init=1e18, solver="gd", max_iter=30, clip=None)
    with pytest.warns(UserWarning, match="training diverged"):
        model.fit(numbers[0], numbers[1] * 1e3)
    moment = model.replay(numbers[0], numbers[1] * 1e3).at(step=model.history_.divergence.step)

    assert np.isfinite(moment.network.theta).all()
    assert not (np.isfinite(moment.cost) and np.isfinite(moment.grad).all())


def test_a_row_of_the_table_is_explained_at_a_step(penguins, small):
    """The network of that moment, on the row as the model encodes it."""
    X, y = penguins.drop(columns="species"), penguins["species"]
    model = small("classifier").fit(X, y)
    moment = model.replay(X, y).at(step=10)
    explanation = gn.explain(moment.network, model.encode(X.iloc[[3]])[0], [1.0, 0.0, 0.0], cost=model.cost_)

    A = gn.forward(moment.network.astype("float64"), model.encode(X.iloc[[3]])).A[-1]
    assert explanation.cost.total == pytest.approx(-np.log(A[0, 0]), rel=1e-6)
