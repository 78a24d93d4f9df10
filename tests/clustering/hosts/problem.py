"""The training that the processes of a cluster share, and the same in one process."""

from dataclasses import replace

import numpy as np

import glassnet as gn
from glassnet.clustering.comm import LocalComm
from glassnet.clustering.lanes.training import TrainTogether
from glassnet.settings.train_settings import TrainSettings
from glassnet.training.train import RunArguments

N_ROWS, EPOCHS, BATCH = 4_001, 3, 64  # rows that no number of processes divides


def run_arguments(dtype):
    rng = np.random.default_rng(0)
    X = rng.standard_normal((N_ROWS + 500, 20))
    y = (np.tanh(X @ rng.standard_normal(20)) + 0.1 * rng.standard_normal(len(X)) > 0).astype(float)
    network = gn.Network.create([20, 24, 16, 1], hidden="tanh", output="sigmoid", dtype=dtype, seed=1)
    settings = TrainSettings(
        cost="binary_cross_entropy", solver="adam", epochs=EPOCHS, batch_size=BATCH, dropout=0.1, seed=5, n_jobs=1
    )
    held_out = X[N_ROWS:].astype(dtype), y[N_ROWS:]
    return RunArguments(
        network=network, X=X[:N_ROWS].astype(dtype), Y=y[:N_ROWS], settings=settings, validation=held_out
    )


def trained(dtype, comm=None, checkpoint=None, stop=None):
    run = replace(run_arguments(dtype), checkpoint=checkpoint, checkpoint_every=0.0)
    return TrainTogether(comm or LocalComm(), stop=stop)(run)
