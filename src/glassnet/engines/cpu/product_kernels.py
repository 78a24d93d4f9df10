"""The three matrix products of a step: BLAS where it pays, plain loops where the matrices are tiny."""

import numpy as np
from numba import njit

from glassnet.engines.cpu.flags import OPTIONS

TINY = 4096  # multiplications below which a call into BLAS costs more than it saves


@njit(**OPTIONS)
def weigh(A, W, Z):  # core.forward: Z = A @ W.T
    n, n_in = A.shape
    n_out = W.shape[0]
    if n * n_in * n_out > TINY:
        np.dot(A, W.T, Z)
        return
    for i in range(n):
        for j in range(n_out):
            total = Z.dtype.type(0)
            for k in range(n_in):
                total += A[i, k] * W[j, k]
            Z[i, j] = total


@njit(**OPTIONS)
def blame_weights(delta, A, dW):  # core.backward: dW = delta.T @ A, not yet divided by n
    n, n_out = delta.shape
    n_in = A.shape[1]
    if n * n_in * n_out > TINY:
        np.dot(delta.T, A, dW)
        return
    dW[:] = 0
    for i in range(n):
        for j in range(n_out):
            d = delta[i, j]
            for k in range(n_in):
                dW[j, k] += d * A[i, k]


@njit(**OPTIONS)
def blame_below(delta, W, dA):  # core.backward: dA = delta @ W
    n, n_out = delta.shape
    n_in = W.shape[1]
    if n * n_in * n_out > TINY:
        np.dot(delta, W, dA)
        return
    dA[:] = 0
    for i in range(n):
        for j in range(n_out):
            d = delta[i, j]
            for k in range(n_in):
                dA[i, k] += d * W[j, k]
