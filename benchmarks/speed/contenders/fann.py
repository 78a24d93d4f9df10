"""FANN 2.2, the C library, through ctypes.

It has neither Adam nor softmax nor ReLU. Identical work is possible in one kind of case: gradient descent on all rows
with sigmoids, a linear output and half the squared error (`FANN_TRAIN_BATCH` with the linear error function). There,
too, it takes the slope of a sigmoid as if its output were between 0.01 and 0.99, so the rows must be such that it is.
"""

import ctypes
import ctypes.util
import itertools
from typing import Any

import numpy as np

from benchmarks.speed.contenders.base import Contender, Missing
from benchmarks.speed.task import Layers, Settings, Task

LINEAR, SIGMOID = 0, 3  # fann_activationfunc_enum
TRAIN_BATCH = 1  # fann_train_enum
LINEAR_ERROR = 0  # fann_errorfunc_enum


class Connection(ctypes.Structure):
    """struct fann_connection."""

    _fields_ = [("from_neuron", ctypes.c_uint), ("to_neuron", ctypes.c_uint), ("weight", ctypes.c_float)]


def library() -> ctypes.CDLL:
    """Return libfann in its float form, with the types of the functions that are used."""
    path = ctypes.util.find_library("fann")
    if path is None:
        raise Missing("libfann is not installed (Debian and Ubuntu: apt install libfann-dev)")
    fann = ctypes.CDLL(path)
    pointer, unsigned = ctypes.c_void_p, ctypes.c_uint
    fann.fann_create_standard_array.restype = pointer
    fann.fann_create_standard_array.argtypes = [unsigned, ctypes.POINTER(unsigned)]
    fann.fann_create_train.restype = pointer
    fann.fann_create_train.argtypes = [unsigned, unsigned, unsigned]
    fann.fann_set_training_algorithm.argtypes = [pointer, ctypes.c_int]
    fann.fann_set_train_error_function.argtypes = [pointer, ctypes.c_int]
    fann.fann_set_learning_rate.argtypes = [pointer, ctypes.c_float]
    fann.fann_set_learning_momentum.argtypes = [pointer, ctypes.c_float]
    for part in ("hidden", "output"):
        getattr(fann, f"fann_set_activation_function_{part}").argtypes = [pointer, ctypes.c_int]
        getattr(fann, f"fann_set_activation_steepness_{part}").argtypes = [pointer, ctypes.c_float]
    fann.fann_get_total_connections.restype = unsigned
    fann.fann_get_total_connections.argtypes = [pointer]
    fann.fann_get_connection_array.argtypes = [pointer, ctypes.POINTER(Connection)]
    fann.fann_set_weight_array.argtypes = [pointer, ctypes.POINTER(Connection), unsigned]
    fann.fann_train_epoch.restype = ctypes.c_float
    fann.fann_train_epoch.argtypes = [pointer, pointer]
    fann.fann_destroy.argtypes = [pointer]
    fann.fann_destroy_train.argtypes = [pointer]
    return fann


class TrainData(ctypes.Structure):
    """The beginning of struct fann_train_data."""

    _fields_ = [
        ("errno_f", ctypes.c_int),
        ("error_log", ctypes.c_void_p),
        ("errstr", ctypes.c_char_p),
        ("num_data", ctypes.c_uint),
        ("num_input", ctypes.c_uint),
        ("num_output", ctypes.c_uint),
        ("input", ctypes.POINTER(ctypes.POINTER(ctypes.c_float))),
        ("output", ctypes.POINTER(ctypes.POINTER(ctypes.c_float))),
    ]


class Fann(Contender):
    """`fann_train_epoch`; one thread, as it is built."""

    @classmethod
    def check(cls) -> None:
        """Look for the library."""
        library()

    @classmethod
    def variants(cls, cores: int) -> list[dict[str, Any]]:
        """Only one."""
        return [{}]

    @classmethod
    def refuses(cls, settings: Settings) -> str | None:
        """Say what it lacks."""
        s = settings
        if (s.solver, s.hidden, s.output) == ("sgd", "sigmoid", "identity") and s.batch_size == s.n_samples:
            return None
        return "has no Adam, softmax or ReLU: see T-descent and S-descent"

    def __init__(self, task: Task) -> None:
        self._task = task
        self._fann = library()
        self._data = self._fann.fann_create_train(len(task.X), task.X.shape[1], task.Y.shape[1])
        rows = ctypes.cast(self._data, ctypes.POINTER(TrainData)).contents
        for i in range(len(task.X)):
            np.ctypeslib.as_array(rows.input[i], (task.X.shape[1],))[:] = task.X[i]
            np.ctypeslib.as_array(rows.output[i], (task.Y.shape[1],))[:] = task.Y[i]
        sizes = task.settings.sizes
        self._net = self._fann.fann_create_standard_array(len(sizes), (ctypes.c_uint * len(sizes))(*sizes))
        self._set_up()

    def _set_up(self) -> None:
        fann, net = self._fann, self._net
        fann.fann_set_training_algorithm(net, TRAIN_BATCH)
        fann.fann_set_train_error_function(net, LINEAR_ERROR)
        fann.fann_set_learning_rate(net, self._task.settings.learning_rate)
        fann.fann_set_learning_momentum(net, 0.0)
        fann.fann_set_activation_function_hidden(net, SIGMOID)
        fann.fann_set_activation_steepness_hidden(net, 0.5)  # its sigmoid is 1 / (1 + exp(-2 steepness z))
        fann.fann_set_activation_function_output(net, LINEAR)
        fann.fann_set_activation_steepness_output(net, 1.0)

    def _connections(self) -> Any:
        array = (Connection * self._fann.fann_get_total_connections(self._net))()
        self._fann.fann_get_connection_array(self._net, array)
        return array

    def _places(self) -> dict[tuple[int, int], tuple[int, int, int]]:
        """Return where each connection (from, to) belongs: (layer, j, k), with k = n_in for the bias.

        Neurons are numbered through, the bias after each layer's neurons.
        """
        sizes, places, first = self._task.settings.sizes, {}, 0
        for l, (n_in, n_out) in enumerate(itertools.pairwise(sizes)):
            following = first + n_in + 1
            places |= {(first + k, following + j): (l, j, k) for j in range(n_out) for k in range(n_in + 1)}
            first = following
        return places

    def start(self) -> None:
        """Put the start weights in place."""
        packed = [np.column_stack([W, b]) for W, b in self._task.layers]
        array, places = self._connections(), self._places()
        for connection in array:
            l, j, k = places[connection.from_neuron, connection.to_neuron]
            connection.weight = packed[l][j, k]
        self._fann.fann_set_weight_array(self._net, array, len(array))

    def run(self) -> None:
        """Train."""
        for _ in range(self._task.settings.epochs):
            self._fann.fann_train_epoch(self._net, self._data)

    def layers(self) -> Layers:
        """Return the weights."""
        packed = [np.column_stack([W, b]) for W, b in self._task.layers]
        places = self._places()
        for connection in self._connections():
            l, j, k = places[connection.from_neuron, connection.to_neuron]
            packed[l][j, k] = connection.weight
        return [(each[:, :-1].copy(), each[:, -1].copy()) for each in packed]
