"""Ctrl-C during a fit: the best network is kept, or the estimator is as it was; a grid search stops."""

import numpy as np
import pytest
from sklearn.exceptions import NotFittedError
from sklearn.model_selection import GridSearchCV

import glassnet as gn
from glassnet.errors import ParameterError, TrainingInterrupted
from glassnet.estimators.fitting.interrupted import in_words


def interrupt_after(n_epochs):
    def callback(record, network):
        if record.epoch == n_epochs:
            raise KeyboardInterrupt

    return callback


def raise_interrupt(*_, **__):
    raise KeyboardInterrupt


def same_model(one, other, X):
    assert type(one) is type(other)
    assert set(vars(one)) == set(vars(other))
    np.testing.assert_array_equal(one.predict(X), other.predict(X))


@pytest.mark.parametrize("kind", ["classifier", "regressor"])
def test_the_estimator_is_fitted_by_what_there_was(small, numbers, kind):
    """It predicts as a fit of so many epochs does, and everything that a fit sets is there."""
    X, y = numbers
    model = small(kind, callback=interrupt_after(3), early_stopping=True)
    with pytest.raises(TrainingInterrupted, match="interrupted after 3 epochs; the best network so far is kept") as end:
        model.fit(X, y)

    assert end.value.result is model
    whole = small(kind, early_stopping=True).fit(X, y)
    assert set(vars(model)) == set(vars(whole))
    assert (len(model.history_), model.history_.stopped) == (3, "interrupted")
    assert model.replay(X, y).n_steps == 3 * model.replay(X, y).steps_per_epoch
    model.set_params(callback=None)
    assert len(model.fit(X, y).history_) == len(whole.history_)  # it can be fitted again


@pytest.mark.parametrize(
    "moment",
    [
        "fitting.preparation.infer_schema",
        "fitting.preparation.Encoder.fit",
        "fitting.preparation.Network.create",
        "base.RunArguments.trained",
    ],
)
def test_before_the_first_epoch_the_estimator_is_as_it_was(small, numbers, monkeypatch, moment):
    """Not half of one table and half of another."""
    X, y = numbers
    fitted, fresh = small("classifier").fit(X, y), small("classifier")
    before = fitted.predict(X)
    monkeypatch.setattr(f"glassnet.estimators.{moment}", raise_interrupt)
    for model in (fitted, fresh):
        with pytest.raises(KeyboardInterrupt) as end:
            model.fit(np.hstack([X, X]), y[::-1])
        assert not isinstance(end.value, TrainingInterrupted)

    np.testing.assert_array_equal(fitted.predict(X), before)
    assert fitted.n_features_in_ == X.shape[1]
    with pytest.raises(NotFittedError):
        fresh.predict(X)
    assert not [name for name in vars(fresh) if name.endswith("_")]


def test_after_an_error_the_estimator_is_as_it_was(small, numbers):
    X, y = numbers
    model = small("classifier").fit(X, y)
    before = model.predict(X)
    with pytest.raises(ParameterError, match="learning_rate_init"):
        model.set_params(learning_rate_init=-1.0).fit(np.hstack([X, X]), y)

    np.testing.assert_array_equal(model.predict(X), before)


def test_a_grid_search_stops(small, numbers):
    """At the first fit that is interrupted; it does not score it."""
    fits = []

    class Counting(gn.GlassClassifier):
        def fit(self, X, y, **options):
            fits.append(self)
            return super().fit(X, y, **options)

    # scikit-learn clones the estimator, whose parameters are those of its parent
    model = Counting(**small("classifier", callback=interrupt_after(2)).get_params())
    search = GridSearchCV(model, {"alpha": [0.0, 1e-3]}, cv=2, error_score=0.0)
    with pytest.raises(TrainingInterrupted):
        search.fit(*numbers)

    assert len(fits) == 1
    assert not hasattr(search, "cv_results_")


def test_partial_fit_takes_its_epoch_whole_or_not_at_all(small, numbers, monkeypatch):
    X, y = numbers
    model = small("regressor")
    with monkeypatch.context() as patch:
        patch.setattr("glassnet.training.loop.recorder.Recorder.add_all", raise_interrupt)
        with pytest.raises(KeyboardInterrupt):
            model.partial_fit(X, y)
    assert not [name for name in vars(model) if name.endswith("_")]

    model.partial_fit(X, y)
    before = model.predict(X)
    with monkeypatch.context() as patch:
        patch.setattr("glassnet.training.loop.recorder.Recorder.add_all", raise_interrupt)
        with pytest.raises(KeyboardInterrupt):
            model.partial_fit(X, y)
    np.testing.assert_array_equal(model.predict(X), before)

    with pytest.raises(TrainingInterrupted, match="interrupted after 1 epoch"):
        model.set_params(callback=raise_interrupt).partial_fit(X, y)
    assert len(model.history_) == 2


def test_the_second_training_is_lost_but_not_the_first(small, numbers, monkeypatch):
    """With refit=True: the networks of the first training are whole, those of the second are not."""
    X, y = numbers
    settings = {"early_stopping": True, "n_iter_no_change": 3}
    first = small("classifier", **settings).fit(X, y)
    # _refit puts its own callback in the place of the user's, so the interrupt is sent by the loop
    model = small("classifier", **settings, refit=True)
    run_all, rounds = model._run_all, []

    def in_the_second(runs, train):
        rounds.append(len(runs))
        if len(rounds) == 2:
            runs = [run.with_settings(callback=interrupt_after(1)) for run in runs]
        return run_all(runs, train)

    monkeypatch.setattr(model, "_run_all", in_the_second)
    with pytest.raises(TrainingInterrupted, match="the network of the first training is kept"):
        model.fit(X, y)

    assert rounds == [1, 1]
    np.testing.assert_array_equal(model.predict_proba(X), first.predict_proba(X))


def test_a_warm_start_goes_on_from_the_interrupted_fit(small, numbers):
    X, y = numbers
    model = small("classifier", warm_start=True, callback=interrupt_after(4), max_iter=20)
    for n_epochs in (4, 8):
        with pytest.raises(TrainingInterrupted):
            model.fit(X, y)
        assert len(model.history_) == n_epochs


def test_an_interrupt_while_the_result_is_put_together_costs_nothing(small, numbers, monkeypatch):
    """The training is over; the work after it is done again, and then the interrupt comes through."""
    X, y = numbers
    whole = small("classifier").fit(X, y)
    model = small("classifier")
    decide, calls = gn.GlassClassifier._decide, []

    def once(*given):
        calls.append(given)
        if len(calls) == 1:
            raise KeyboardInterrupt
        decide(*given)

    monkeypatch.setattr(gn.GlassClassifier, "_decide", once)
    with pytest.raises(TrainingInterrupted, match="interrupted when all networks were trained; they are kept"):
        model.fit(X, y)
    same_model(model, whole, X)


class Ensemble:
    """Trains the first networks to their end, some of the others in part, and then is interrupted."""

    def __init__(self, epochs):
        self.epochs = epochs  # of each network; None stands for one that has not begun

    def __call__(self, runs, **_):
        results = []
        for make, n in zip(runs, self.epochs, strict=True):
            try:
                callback = interrupt_after(n) if n is not None else raise_interrupt
                results.append(make().with_settings(callback=callback if n != "all" else None).trained())
            except TrainingInterrupted as end:
                results.append(end.result if n is not None else None)
        raise TrainingInterrupted("", results)


@pytest.mark.parametrize(
    "epochs, kept, words",
    [
        (["all", "all", 2, None], [0, 1], "interrupted when 2 of 4 networks were trained; these are kept"),
        ([3, None, 2, None], [0, 2], "interrupted before any of the 4 networks was trained; the 2 unfinished ones"),
    ],
)
@pytest.mark.parametrize("early_stopping", [False, True])
def test_an_ensemble_keeps_what_is_worth_it(small, numbers, monkeypatch, tmp_path, epochs, kept, words, early_stopping):
    """Networks that are trained; beside them, half-trained ones would spoil the mean. If there are none, those begun."""
    X, y = numbers
    whole = small("classifier", n_networks=4, early_stopping=early_stopping).fit(X, y)
    model = small("classifier", n_networks=4, early_stopping=early_stopping)
    monkeypatch.setattr("glassnet.estimators.base.train_many", Ensemble(epochs))
    with pytest.raises(TrainingInterrupted, match=words):
        model.fit(X, y)

    assert len(model.members_) == len(kept)
    for k, member in zip(kept, model.members_, strict=True):
        if epochs[k] == "all":
            np.testing.assert_array_equal(member.network.theta, whole.members_[k].network.theta)
        else:
            assert len(member.history) == epochs[k]
    model.save(tmp_path / "m.glassnet")
    np.testing.assert_array_equal(gn.load(tmp_path / "m.glassnet").predict_proba(X), model.predict_proba(X))


def test_a_warm_start_of_an_ensemble_keeps_all_its_networks(small, numbers, monkeypatch):
    X, y = numbers
    model = small("classifier", n_networks=3, warm_start=True, max_iter=5).fit(X, y)
    before = [member.network.theta for member in model.members_]
    monkeypatch.setattr("glassnet.estimators.base.train_many", Ensemble(["all", 2, None]))
    with pytest.raises(TrainingInterrupted):
        model.fit(X, y)

    assert [len(member.history) for member in model.members_] == [10, 7, 5]
    np.testing.assert_array_equal(model.members_[2].network.theta, before[2])


def test_out_of_fold_keeps_nothing(small, numbers):
    """What a refit leaves would be no answer."""
    with pytest.raises(KeyboardInterrupt) as end:
        gn.out_of_fold(small("classifier", callback=interrupt_after(2)), *numbers, folds=3)
    assert not isinstance(end.value, TrainingInterrupted)


def test_one_network_is_told_by_its_history(small, numbers):
    model = small("classifier").fit(*numbers)
    assert in_words([model.members_[0]]) == model.history_.stop_reason
