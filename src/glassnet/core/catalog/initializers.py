r"""Initial weights: functions of (rng, n_in, n_out) that return W of shape (n_out, n_in).

`rng` is the caller's NumPy Generator; its only use is to draw.
Sources: Glorot & Bengio 2010; He et al. 2015; LeCun et al. 1998; Klambauer et al. 2017 (LeCun for SELU).
"""

from collections.abc import Callable
from math import sqrt
from typing import Any

from glassnet.core.catalog.activation import Activation
from glassnet.errors import ParameterError
from glassnet.typing import Array


def glorot_uniform(rng: Any, n_in: int, n_out: int) -> Array:
    r"""Uniform in :math:`\pm\sqrt{6 / (n_{in} + n_{out})}`."""
    bound = sqrt(6.0 / (n_in + n_out))
    return rng.uniform(-bound, bound, (n_out, n_in))


def glorot_normal(rng: Any, n_in: int, n_out: int) -> Array:
    r"""Normal with variance :math:`2 / (n_{in} + n_{out})`."""
    return rng.normal(0.0, sqrt(2.0 / (n_in + n_out)), (n_out, n_in))


def he_uniform(rng: Any, n_in: int, n_out: int) -> Array:
    r"""Uniform in :math:`\pm\sqrt{6 / n_{in}}`."""
    bound = sqrt(6.0 / n_in)
    return rng.uniform(-bound, bound, (n_out, n_in))


def he_normal(rng: Any, n_in: int, n_out: int) -> Array:
    r"""Normal with variance :math:`2 / n_{in}`."""
    return rng.normal(0.0, sqrt(2.0 / n_in), (n_out, n_in))


def lecun_uniform(rng: Any, n_in: int, n_out: int) -> Array:
    r"""Uniform in :math:`\pm\sqrt{3 / n_{in}}`."""
    bound = sqrt(3.0 / n_in)
    return rng.uniform(-bound, bound, (n_out, n_in))


def lecun_normal(rng: Any, n_in: int, n_out: int) -> Array:
    r"""Normal with variance :math:`1 / n_{in}`."""
    return rng.normal(0.0, sqrt(1.0 / n_in), (n_out, n_in))


def uniform_0_1(rng: Any, n_in: int, n_out: int) -> Array:
    """Uniform between 0 and 1, as in many first tutorials; all weights have the same sign, so learning is slow."""
    return rng.uniform(0.0, 1.0, (n_out, n_in))


INITIALIZERS: dict[str, Callable[[Any, int, int], Array]] = {
    f.__name__: f
    for f in (glorot_uniform, glorot_normal, he_uniform, he_normal, lecun_uniform, lecun_normal, uniform_0_1)
}

_RECTIFIERS = ("relu", "leaky_relu", "elu", "gelu", "silu", "mish", "softplus")


def initializer_for(init: str, activation: Activation) -> Callable[[Any, int, int], Array]:
    """Return the initializer named `init`; ``"auto"`` is He for rectifiers, LeCun for SELU and Glorot for the rest.

    Examples
    --------
    >>> from glassnet.core.catalog.activation import ACTIVATIONS
    >>> initializer_for("auto", ACTIVATIONS["relu"]).__name__
    'he_normal'
    """
    if init == "auto":
        if activation.builtin_name in _RECTIFIERS:
            return he_normal
        return lecun_normal if activation.builtin_name == "selu" else glorot_uniform
    if init not in INITIALIZERS:
        raise ParameterError(f"init={init!r} is not known. Choose from: auto, {', '.join(INITIALIZERS)}.")
    return INITIALIZERS[init]
