"""Whether this machine has an accelerator, and whether training on it pays. JAX is imported only if both are likely."""

import sys
from importlib.metadata import entry_points
from importlib.util import find_spec
from typing import Any

from glassnet.engines.base import Problem

LEAST_PARAMETERS = 50_000
"""Below, a step of a small minibatch is over on the cores before an accelerator has started its kernels.

A step starts some 30 kernels of about 3 microseconds each, however small the network. docs/engines.md has the times
of an H100 and of 16 cores.
"""

LEAST_PRODUCTS = 5 * 10**9
"""Rows times parameters of an epoch; below, a run is over before JAX is imported and has compiled it.

That takes about 3 seconds, and an epoch of so many saves about 0.1 seconds.
"""


def pays(problem: Problem, data: Any) -> bool:
    """Whether to train on an accelerator: there is one, and the network and its inputs X are large enough."""
    n_params = problem.network.n_params
    if data is None or n_params < LEAST_PARAMETERS or data.shape[0] * n_params < LEAST_PRODUCTS:
        return False
    return may_have_one() and has_one()


def may_have_one() -> bool:
    """Whether JAX is installed with anything that could drive an accelerator, without importing it.

    JAX itself drives only cores; a plugin package such as jax-cuda12-plugin, or libtpu, drives anything else.
    """
    if find_spec("jax") is None:
        return False
    if "jax" in sys.modules:
        return True
    return bool(entry_points(group="jax_plugins")) or any(find_spec(name) for name in ("jax_plugins", "libtpu"))


def has_one() -> bool:
    """Whether JAX computes on a GPU or TPU by default."""
    import jax

    try:
        return any(device.platform != "cpu" for device in jax.local_devices())
    except RuntimeError:  # an accelerator whose driver does not start, or that another process holds
        return False
