"""Iris by scikit-learn: `python scikit_learn.py iris.npz`."""

import sys
import warnings

import numpy as np
from sklearn.exceptions import ConvergenceWarning
from sklearn.neural_network import MLPClassifier

warnings.simplefilter("ignore", ConvergenceWarning)
with np.load(sys.argv[1]) as iris:
    X, y = iris["X"], iris["y"]
settings = dict(solver="adam", learning_rate_init=1e-2, max_iter=100, batch_size=32, tol=0.0, n_iter_no_change=100)
clf = MLPClassifier((32,), "relu", random_state=0, **settings)
print(clf.fit(X, y).score(X, y))
