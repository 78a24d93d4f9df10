"""Iris by `gn.train`: `python glassnet_train.py iris.npz`."""

import sys

import numpy as np

import glassnet as gn

with np.load(sys.argv[1]) as iris:
    X, y = iris["X"], iris["y"]
network = gn.Network.create([4, 32, 3], hidden="relu", output="softmax", dtype="float32", seed=0)
arguments = dict(cost="cross_entropy", solver="adam", learning_rate=1e-2, epochs=100, batch_size=32, seed=0)
result = gn.train(network, X, np.eye(3)[y], engine="cpu", **arguments)
print(np.mean(gn.forward(result.network, X).A[-1].argmax(axis=1) == y))
