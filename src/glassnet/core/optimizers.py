r"""First-order solvers as (init, step) pairs: state goes in and comes out, so that every number can be shown.

``init(theta, eta)`` makes the first state; ``step(theta, grad, state, eta=..., **parameters)`` returns the next theta
and state. `eta` is a number, or a vector (n_params,) where parameters learn at their own rates. Branch-free, so that
every engine can run them.

Sources: Polyak 1964 (momentum), Nesterov 1983 in the form of Sutskever et al. 2013, Duchi et al. 2011 (AdaGrad),
Tieleman & Hinton 2012 (RMSprop), Kingma & Ba 2015 (Adam, Algorithm 1), Loshchilov & Hutter 2019 (AdamW), Dozat 2016
(NAdam), Igel & Hüsken 2003 (RPROP in the form iRprop-).
"""

from typing import NamedTuple

from glassnet.arrays import namespace
from glassnet.typing import Array


class NoState(NamedTuple):
    """Gradient descent remembers nothing."""


class VelocityState(NamedTuple):
    """The last step taken."""

    velocity: Array  # (n_params,)


class SquaresState(NamedTuple):
    """Squared gradients, summed or averaged."""

    squares: Array  # (n_params,)


class AdamState(NamedTuple):
    """Adam's two moving averages and the number of steps taken."""

    t: int
    m: Array  # (n_params,), of gradients
    v: Array  # (n_params,), of squared gradients


class RpropState(NamedTuple):
    """Each parameter's own step size, and the gradient that it last moved by."""

    sizes: Array  # (n_params,)
    last: Array  # (n_params,)


def gd_init(theta: Array, eta: float) -> NoState:
    """Nothing to remember."""
    return NoState()


def gd_step(theta: Array, grad: Array, state: NoState, *, eta: Array | float) -> tuple[Array, NoState]:
    """Theta - eta · grad."""
    return theta - eta * grad, state


def momentum_init(theta: Array, eta: float) -> VelocityState:
    """Start at rest."""
    return VelocityState(namespace(theta).zeros_like(theta))


def momentum_step(
    theta: Array, grad: Array, state: VelocityState, *, eta: Array | float, mu: float
) -> tuple[Array, VelocityState]:
    """Velocity ← mu · velocity - eta · grad; theta + velocity."""
    velocity = mu * state.velocity - eta * grad
    return theta + velocity, VelocityState(velocity)


def nesterov_step(
    theta: Array, grad: Array, state: VelocityState, *, eta: Array | float, mu: float
) -> tuple[Array, VelocityState]:
    """As momentum, but looking one step ahead: theta + mu · velocity - eta · grad."""
    velocity = mu * state.velocity - eta * grad
    return theta + mu * velocity - eta * grad, VelocityState(velocity)


def squares_init(theta: Array, eta: float) -> SquaresState:
    """No gradient seen yet."""
    return SquaresState(namespace(theta).zeros_like(theta))


def adagrad_step(
    theta: Array, grad: Array, state: SquaresState, *, eta: Array | float, epsilon: float
) -> tuple[Array, SquaresState]:
    """Squares ← squares + grad²; theta - eta · grad / (√squares + epsilon)."""
    squares = state.squares + grad * grad
    return theta - eta * grad / (namespace(theta).sqrt(squares) + epsilon), SquaresState(squares)


def rmsprop_step(
    theta: Array, grad: Array, state: SquaresState, *, eta: Array | float, rho: float, epsilon: float
) -> tuple[Array, SquaresState]:
    """Squares ← rho · squares + (1 - rho) · grad²; theta - eta · grad / (√squares + epsilon)."""
    squares = rho * state.squares + (1.0 - rho) * grad * grad
    return theta - eta * grad / (namespace(theta).sqrt(squares) + epsilon), SquaresState(squares)


def adam_init(theta: Array, eta: float) -> AdamState:
    """Both averages start at 0, which the bias correction makes up for."""
    zeros = namespace(theta).zeros_like(theta)
    return AdamState(0, zeros, zeros)


def _moments(grad: Array, state: AdamState, beta1: float, beta2: float) -> AdamState:
    m = beta1 * state.m + (1.0 - beta1) * grad
    v = beta2 * state.v + (1.0 - beta2) * grad * grad
    return AdamState(state.t + 1, m, v)


def adam_step(
    theta: Array, grad: Array, state: AdamState, *, eta: Array | float, beta1: float, beta2: float, epsilon: float
) -> tuple[Array, AdamState]:
    """Algorithm 1 of Kingma & Ba: theta - eta · m_hat / (√v_hat + epsilon). scikit-learn puts epsilon elsewhere."""
    state = _moments(grad, state, beta1, beta2)
    m_hat = state.m / (1.0 - beta1**state.t)
    v_hat = state.v / (1.0 - beta2**state.t)
    return theta - eta * m_hat / (namespace(theta).sqrt(v_hat) + epsilon), state


def adamw_step(
    theta: Array,
    grad: Array,
    state: AdamState,
    *,
    eta: Array | float,
    beta1: float,
    beta2: float,
    epsilon: float,
    weight_decay: Array | float,
) -> tuple[Array, AdamState]:
    """Adam, and apart from it each weight shrinks by eta · weight_decay of itself."""
    shrunk = theta - eta * weight_decay * theta
    return adam_step(shrunk, grad, state, eta=eta, beta1=beta1, beta2=beta2, epsilon=epsilon)


def nadam_step(
    theta: Array, grad: Array, state: AdamState, *, eta: Array | float, beta1: float, beta2: float, epsilon: float
) -> tuple[Array, AdamState]:
    """Adam with Nesterov's look ahead in the first moment."""
    state = _moments(grad, state, beta1, beta2)
    t = state.t
    m_hat = beta1 * state.m / (1.0 - beta1 ** (t + 1)) + (1.0 - beta1) * grad / (1.0 - beta1**t)
    v_hat = state.v / (1.0 - beta2**t)
    return theta - eta * m_hat / (namespace(theta).sqrt(v_hat) + epsilon), state


def rprop_init(theta: Array, eta: float) -> RpropState:
    """Every step size starts at the learning rate."""
    xp = namespace(theta)
    return RpropState(xp.full(theta.shape, eta, dtype=theta.dtype), xp.zeros_like(theta))


def rprop_step(
    theta: Array,
    grad: Array,
    state: RpropState,
    *,
    eta: Array | float,
    shrink: float,
    grow: float,
    smallest: float,
    largest: float,
) -> tuple[Array, RpropState]:
    """Step against the gradient's sign; sizes grow while the sign stays and shrink, without a step, where it turns.

    The schedule's `eta` plays no part: only the first one does, as the first step size.
    """
    xp = namespace(theta)
    turned = grad * state.last  # its sign: 1 same, -1 turned, 0 just turned or flat
    factor = xp.where(turned > 0, xp.full_like(theta, grow), xp.ones_like(theta))
    factor = xp.where(turned < 0, xp.full_like(theta, shrink), factor)
    sizes = xp.clip(state.sizes * factor, smallest, largest)
    grad = xp.where(turned < 0, xp.zeros_like(grad), grad)
    return theta - xp.sign(grad) * sizes, RpropState(sizes, grad)
