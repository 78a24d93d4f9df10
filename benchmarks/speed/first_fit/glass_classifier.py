"""Iris by `GlassClassifier`: `python glass_classifier.py iris.npz`."""

import sys

import numpy as np

import glassnet as gn

with np.load(sys.argv[1]) as iris:
    X, y = iris["X"], iris["y"]
settings = dict(solver="adam", learning_rate_init=1e-2, max_iter=100, batch_size=32, tol=0.0, n_iter_no_change=100)
clf = gn.GlassClassifier((32,), "relu", preset="plain", random_state=0, dtype="float32", engine="cpu", **settings)
print(clf.fit(X, y).score(X, y))
