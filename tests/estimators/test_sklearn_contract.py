"""scikit-learn's own checks of its contract, on both estimators."""

from sklearn.utils.estimator_checks import parametrize_with_checks

import glassnet as gn

# Named by scikit-learn itself as unfit for estimators whose minibatches depend on the number of rows, its own MLP among
# them: a weight of 2 and a row given twice lead to other minibatches, though to the same cost.
MINIBATCHES_DIFFER = {
    "check_sample_weight_equivalence_on_dense_data": "minibatches depend on the number of rows",
    "check_sample_weight_equivalence_on_sparse_data": "minibatches depend on the number of rows",
}

SMALL = {"hidden_layer_sizes": (16,), "max_iter": 100, "batch_size": 16, "learning_rate_init": 0.01}


@parametrize_with_checks(
    [gn.GlassClassifier(**SMALL), gn.GlassRegressor(**SMALL)], expected_failed_checks=lambda _: MINIBATCHES_DIFFER
)
def test_scikit_learn_contract(estimator, check):
    """Every check of scikit-learn passes but the two that it excuses its own MLP from."""
    check(estimator)
