"""The tools that people put around an estimator: clones, pipelines, searches, pickles; and nobody's arrays change."""

import copy
import gc
import io
import pickle
import weakref

import joblib
import numpy as np
import pandas as pd
import pytest
from scipy import sparse
from sklearn.base import clone
from sklearn.exceptions import NotFittedError
from sklearn.model_selection import GridSearchCV, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

import glassnet as gn


def through_joblib(model):
    buffer = io.BytesIO()
    joblib.dump(model, buffer)
    buffer.seek(0)
    return joblib.load(buffer)


COPIES = {
    "pickle": lambda model: pickle.loads(pickle.dumps(model)),
    "joblib": through_joblib,
    "deepcopy": copy.deepcopy,
    "copy": copy.copy,
}


@pytest.mark.parametrize("how", COPIES)
def test_copies_predict_the_same_bits_and_go_on(how, mixed, small):
    """Also when they are trained on: the solver's memory came along, and the original stays as it is."""
    y = np.arange(60) % 3
    model = small("classifier").fit(mixed, y)
    expected = model.predict_proba(mixed)
    twin = COPIES[how](model)

    np.testing.assert_array_equal(twin.predict_proba(mixed), expected)
    assert twin.history_.to_dict() == model.history_.to_dict()
    twin.partial_fit(mixed, y)
    np.testing.assert_array_equal(model.predict_proba(mixed), expected)
    np.testing.assert_array_equal(model.partial_fit(mixed, y).predict_proba(mixed), twin.predict_proba(mixed))


def test_clone_has_the_parameters_and_no_memory(fitted):
    twin = clone(fitted)

    assert twin.get_params() == fitted.get_params()
    with pytest.raises(NotFittedError):
        twin.predict([[0.0, 0.0, 0.0]])


def test_parameters_stay_as_given(numbers, small):
    """fit writes none of them: "auto" stays "auto", and what it stood for is in `recipe_`."""
    model = small("classifier", alpha="auto")
    before = model.get_params()
    model.fit(*numbers)

    assert model.get_params() == before
    assert isinstance(model.recipe_["alpha"], float)
    assert model.set_params(alpha=2.0).alpha == 2.0
    with pytest.raises(ValueError, match="Invalid parameter 'learning_rte' for estimator GlassClassifier"):
        model.set_params(learning_rte=0.1)


def test_repr_shows_what_was_chosen():
    assert repr(gn.GlassClassifier((8,), alpha=0.5)) == "GlassClassifier(alpha=0.5, hidden_layer_sizes=(8,))"
    assert repr(gn.GlassRegressor()) == "GlassRegressor()"


def test_pipelines_and_searches(numbers, small):
    """Scaled in a pipeline, searched over a grid, refitted with the best."""
    X, y = numbers
    pipeline = make_pipeline(StandardScaler(), small("classifier", max_iter=20, learning_rate_init=0.05))
    search = GridSearchCV(pipeline, {"glassclassifier__alpha": [1e-3, 1e4]}, cv=3).fit(X, y)

    assert search.best_params_ == {"glassclassifier__alpha": 1e-3}
    assert search.best_estimator_.score(X, y) > 0.9


def test_two_processes_find_the_same_scores(mixed, small):
    """cross_val_score(n_jobs=2) on a frame with text and gaps equals one process, number by number."""
    y = (mixed["year"] > 1.2).to_numpy()
    one, two = (cross_val_score(small("classifier", max_iter=10), mixed, y, cv=4, n_jobs=n) for n in (1, 2))

    np.testing.assert_array_equal(one, two)


@pytest.mark.parametrize(
    "random_state", [3, np.random.RandomState(3), np.random.default_rng(3)], ids=["int", "RandomState", "Generator"]
)
def test_random_state_makes_it_repeatable(numbers, small, random_state):
    first, second = (
        small("classifier", random_state=copy.deepcopy(random_state), dropout=0.2).fit(*numbers) for _ in range(2)
    )
    other = small("classifier", random_state=4, dropout=0.2).fit(*numbers)

    np.testing.assert_array_equal(first.network_.theta, second.network_.theta)
    assert not np.array_equal(first.network_.theta, other.network_.theta)


def test_without_random_state_runs_differ(numbers, small):
    first, second = (small("classifier", random_state=None).fit(*numbers) for _ in range(2))

    assert not np.array_equal(first.network_.theta, second.network_.theta)


def parts(X):
    """The arrays that a table consists of."""
    if isinstance(X, pd.DataFrame):
        return [X[name].to_numpy(copy=True) for name in X]
    return [X.data, X.indices, X.indptr] if sparse.issparse(X) else [X]


@pytest.mark.parametrize("hold", [np.asarray, np.float32, np.asfortranarray, sparse.csr_array, pd.DataFrame])
@pytest.mark.parametrize("kind", ["classifier", "regressor"])
def test_the_callers_arrays_are_never_written(numbers, small, hold, kind):
    """X, y and weights are read-only here and the same bits afterwards, whatever is called."""
    X, y = hold(np.where(numbers[0] > -1, numbers[0], 0.0)), numbers[1].astype(float)
    weights = np.ones(60)
    before = [part.copy() for part in (*parts(X), y, weights)]
    for array in (*parts(X), y, weights):
        array.flags.writeable = False
    model = small(kind, early_stopping=True).fit(X, y, weights)
    model.partial_fit(X, y)
    model.predict(X)
    model.score(X, y)
    model.fit(X, y, weights, eval_set=(X, y))

    for part, copy_of_it in zip((*parts(X), y, weights), before):
        np.testing.assert_array_equal(part, copy_of_it)


def test_the_callers_arrays_are_not_kept(small):
    """After fit nothing in the model holds on to the training rows."""

    class Array(np.ndarray):
        """An array that can be watched."""

    X, y, weights = (np.arange(n, dtype=float).view(Array) % 7 for n in (90, 30, 30))
    X = X.reshape(30, 3).view(Array)
    watched = [weakref.ref(array) for array in (X, y, weights)]
    model = small("regressor").fit(X, y, weights, eval_set=(X, y))
    del X, y, weights
    gc.collect()

    assert [reference() for reference in watched] == [None, None, None]
    assert len(pickle.dumps(model)) < 20_000
