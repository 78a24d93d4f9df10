r"""Activation functions and their derivatives, in pairs: `tanh`, `tanh_prime`; below each pair its two formulas.

Each takes the pre-activations `Z` (n_batch, n_out); each derivative takes `Z` and the activations `A = sigma(Z)` and
uses the simpler one. The formulas, such as `TANH` and `TANH_PRIME` in z and a, are shown to readers and exported to
other languages; the functions compute the same without overflow. Branches test only the real part, so that every
function also accepts complex numbers: the gradient check shocks a weight by :math:`10^{-30} i` and reads off the
derivative without cancellation.

Sources: Glorot & Bengio 2010 (softsign, tanh), Nair & Hinton 2010 (ReLU), Maas et al. 2013 (leaky ReLU), Clevert et al.
2015 (ELU), Klambauer et al. 2017 (SELU), Hendrycks & Gimpel 2016 (GELU), Elfwing et al. 2017 (SiLU), Misra 2019 (Mish).
"""

from glassnet.arrays import namespace
from glassnet.core.expressions.tree import Number, Same, clip, exp, largest, let, letters, log, over, where
from glassnet.core.expressions.tree import tanh as tanh_of
from glassnet.typing import Array

SELU_SCALE = 1.0507009873554805
SELU_ALPHA = 1.6732632423543772
GELU_SLOPE = 0.7978845608028654  # sqrt(2 / pi)
GELU_CUBIC = 0.044715

z, a = letters("z a")
z_j, z_k, a_j, a_k = letters("z_j z_k a_j a_k")


def _real(Z: Array) -> Array:
    xp = namespace(Z)
    return xp.real(Z) if xp.isdtype(Z.dtype, "complex floating") else Z


def _magnitude(Z: Array) -> Array:
    xp = namespace(Z)
    return xp.where(_real(Z) >= 0, Z, -Z)


def _constant(Z: Array, value: float) -> Array:
    xp = namespace(Z)
    return xp.full(Z.shape, value, dtype=Z.dtype)


def step(Z: Array) -> Array:
    """1 from 0 upwards, 0 below: the perceptron's threshold."""
    xp = namespace(Z)
    return xp.where(_real(Z) >= 0, _constant(Z, 1.0), _constant(Z, 0.0))


def step_prime(Z: Array, A: Array) -> Array:
    """0 everywhere: no gradient passes, which is why it cannot be trained."""
    return _constant(Z, 0.0)


STEP = where(z >= 0, 1, 0)
STEP_PRIME = Number(0)


def identity(Z: Array) -> Array:
    """z itself: for regression outputs."""
    return Z


def identity_prime(Z: Array, A: Array) -> Array:
    """1."""
    return _constant(Z, 1.0)


IDENTITY = z
IDENTITY_PRIME = Number(1)


def sigmoid(Z: Array) -> Array:
    r""":math:`1 / (1 + e^{-z})`, computed from :math:`e^{-|z|}` so that nothing overflows."""
    xp = namespace(Z)
    e = xp.exp(-_magnitude(Z))
    return xp.where(_real(Z) >= 0, 1.0 / (1.0 + e), e / (1.0 + e))


def sigmoid_prime(Z: Array, A: Array) -> Array:
    """a (1 - a)."""
    return A * (1.0 - A)


SIGMOID = 1 / (1 + exp(-z))
SIGMOID_PRIME = a * (1 - a)


def tanh(Z: Array) -> Array:
    r""":math:`(e^z - e^{-z}) / (e^z + e^{-z})`."""
    return namespace(Z).tanh(Z)


def tanh_prime(Z: Array, A: Array) -> Array:
    """1 - a²."""
    return 1.0 - A * A


TANH = (exp(z) - exp(-z)) / (exp(z) + exp(-z))
TANH_PRIME = 1 - a**2


def relu(Z: Array) -> Array:
    """max(0, z)."""
    xp = namespace(Z)
    return xp.where(_real(Z) > 0, Z, _constant(Z, 0.0))


def relu_prime(Z: Array, A: Array) -> Array:
    """1 where z > 0, else 0 (also at 0)."""
    xp = namespace(Z)
    return xp.where(_real(Z) > 0, _constant(Z, 1.0), _constant(Z, 0.0))


RELU = largest(0, z)
RELU_PRIME = where(z > 0, 1, 0)


def leaky_relu(Z: Array, slope: float = 0.01) -> Array:
    """z where z > 0, else slope · z."""
    return namespace(Z).where(_real(Z) > 0, Z, slope * Z)


def leaky_relu_prime(Z: Array, A: Array, slope: float = 0.01) -> Array:
    """1 where z > 0, else the slope."""
    return namespace(Z).where(_real(Z) > 0, _constant(Z, 1.0), _constant(Z, slope))


(slope,) = letters("slope")
LEAKY_RELU = where(z > 0, z, slope * z)
LEAKY_RELU_PRIME = where(z > 0, 1, slope)


def elu(Z: Array, alpha: float = 1.0) -> Array:
    r"""z where z > 0, else :math:`\alpha (e^z - 1)`."""
    xp = namespace(Z)
    return xp.where(_real(Z) >= 0, Z, alpha * xp.expm1(-_magnitude(Z)))


def elu_prime(Z: Array, A: Array, alpha: float = 1.0) -> Array:
    """1 where z > 0, else a + alpha."""
    return namespace(Z).where(_real(Z) > 0, _constant(Z, 1.0), A + alpha)


(alpha,) = letters("alpha")
ELU = where(z > 0, z, alpha * (exp(z) - 1))
ELU_PRIME = where(z > 0, 1, a + alpha)


def selu(Z: Array) -> Array:
    """ELU with the scale and alpha that keep mean 0 and variance 1 through the layers."""
    return SELU_SCALE * elu(Z, SELU_ALPHA)


def selu_prime(Z: Array, A: Array) -> Array:
    """The scale where z > 0, else a + scale · alpha."""
    return namespace(Z).where(_real(Z) > 0, _constant(Z, SELU_SCALE), A + SELU_SCALE * SELU_ALPHA)


SELU = SELU_SCALE * where(z > 0, z, SELU_ALPHA * (exp(z) - 1))
SELU_PRIME = where(z > 0, SELU_SCALE, a + SELU_SCALE * SELU_ALPHA)


def gelu(Z: Array) -> Array:
    r""":math:`\frac z2 (1 + \tanh(\sqrt{2/\pi}\,(z + 0.044715 z^3)))`, the tanh form."""
    return 0.5 * Z * (1.0 + namespace(Z).tanh(GELU_SLOPE * (Z + GELU_CUBIC * Z * Z * Z)))


def gelu_prime(Z: Array, A: Array) -> Array:
    """Product rule on the tanh form."""
    t = namespace(Z).tanh(GELU_SLOPE * (Z + GELU_CUBIC * Z * Z * Z))
    return 0.5 * (1.0 + t) + 0.5 * Z * (1.0 - t * t) * GELU_SLOPE * (1.0 + 3.0 * GELU_CUBIC * Z * Z)


s, t = letters("s t")
GELU = z / 2 * (1 + tanh_of(GELU_SLOPE * (z + GELU_CUBIC * z**3)))
GELU_PRIME = let(
    (1 + t) / 2 + GELU_SLOPE / 2 * z * (1 - t**2) * (1 + 3 * GELU_CUBIC * z**2),
    t=tanh_of(GELU_SLOPE * (z + GELU_CUBIC * z**3)),
)


def silu(Z: Array) -> Array:
    """z · sigmoid(z), also called swish."""
    return Z * sigmoid(Z)


def silu_prime(Z: Array, A: Array) -> Array:
    """s + a (1 - s) with s = sigmoid(z)."""
    s = sigmoid(Z)
    return s + A * (1.0 - s)


SILU = z / (1 + exp(-z))
SILU_PRIME = let(s + a * (1 - s), s=1 / (1 + exp(-z)))


def softplus(Z: Array) -> Array:
    r""":math:`\log(1 + e^z)`, computed as max(0, z) + log(1 + e^-|z|)."""
    xp = namespace(Z)
    return relu(Z) + xp.log1p(xp.exp(-_magnitude(Z)))


def softplus_prime(Z: Array, A: Array) -> Array:
    """The sigmoid of z."""
    return sigmoid(Z)


SOFTPLUS = log(1 + exp(z))
SOFTPLUS_PRIME = 1 / (1 + exp(-z))


def mish(Z: Array) -> Array:
    """z · tanh(softplus(z))."""
    return Z * namespace(Z).tanh(softplus(Z))


def mish_prime(Z: Array, A: Array) -> Array:
    """t + z (1 - t²) sigmoid(z) with t = tanh(softplus(z))."""
    t = namespace(Z).tanh(softplus(Z))
    return t + Z * (1.0 - t * t) * sigmoid(Z)


MISH = z * tanh_of(log(1 + exp(z)))
MISH_PRIME = let(t + z * (1 - t**2) * s, t=tanh_of(log(1 + exp(z))), s=1 / (1 + exp(-z)))


def softsign(Z: Array) -> Array:
    """z / (1 + abs(z))."""
    return Z / (1.0 + _magnitude(Z))


def softsign_prime(Z: Array, A: Array) -> Array:
    """1 / (1 + abs(z))²."""
    q = 1.0 / (1.0 + _magnitude(Z))
    return q * q


SOFTSIGN = z / (1 + abs(z))
SOFTSIGN_PRIME = 1 / (1 + abs(z)) ** 2


def hard_sigmoid(Z: Array) -> Array:
    """z/6 + 1/2, cut off at 0 and 1 (the form of PyTorch and Keras 3)."""
    xp = namespace(Z)
    inner = Z / 6.0 + 0.5
    return xp.where(_real(Z) <= -3, _constant(Z, 0.0), xp.where(_real(Z) >= 3, _constant(Z, 1.0), inner))


def hard_sigmoid_prime(Z: Array, A: Array) -> Array:
    """1/6 between -3 and 3, else 0."""
    xp = namespace(Z)
    inside = (_real(Z) > -3) & (_real(Z) < 3)
    return xp.where(inside, _constant(Z, 1.0 / 6.0), _constant(Z, 0.0))


HARD_SIGMOID = clip(z / 6 + Number(1) / 2, 0, 1)
HARD_SIGMOID_PRIME = where(abs(z) < 3, Number(1) / 6, 0)


def softmax(Z: Array) -> Array:
    r""":math:`e^{z_j} / \sum_k e^{z_k}`, each row shifted by its largest z so that nothing overflows."""
    xp = namespace(Z)
    e = xp.exp(Z - xp.max(_real(Z), axis=-1, keepdims=True))
    return e / xp.sum(e, axis=-1, keepdims=True)


def softmax_pullback(Z: Array, A: Array, dA: Array) -> Array:
    r"""Error signal through a softmax, whose derivative is a matrix: :math:`\delta_j = a_j (d_j - \sum_k d_k a_k)`."""
    xp = namespace(Z)
    return A * (dA - xp.sum(dA * A, axis=-1, keepdims=True))


SOFTMAX = exp(z_j) / over("sum", "k", exp(z_k))
SOFTMAX_PRIME = a_j * (Same("j", "k") - a_k)  # of a_j by z_k

m, e_j, e_k, total = letters("m e_j e_k s")
SHIFTS = ((m, over("max", "k", z_k)), (e_j, exp(z_j - m)), (total, over("sum", "k", e_k)))
SHIFTED_SOFTMAX = e_j / total
"""The same, computed without overflow: m is a layer's largest z, e_j = exp(z_j - m), and s the sum of all e_k."""

d_j, d_k = letters("d_j d_k")
SOFTMAX_PULLBACK = a_j * (d_j - over("sum", "k", d_k * a_k))
"""The error signal at z_j, where d_k is the error signal at a_k."""
