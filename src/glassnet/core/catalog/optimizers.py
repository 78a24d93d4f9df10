r"""First-order solvers as (init, step) pairs: state goes in and comes out, so that every number can be shown.

``init(theta, eta)`` makes the first state; ``step(theta, grad, state, eta=..., **parameters)`` returns the next theta
and state. `eta` is a number, or a vector (n_params,) where parameters learn at their own rates. Branch-free, so that
every engine can run them. Below each step stand its lines of arithmetic as formulas, for one parameter.

Sources: Polyak 1964 (momentum), Nesterov 1983 in the form of Sutskever et al. 2013, Duchi et al. 2011 (AdaGrad),
Tieleman & Hinton 2012 (RMSprop), Kingma & Ba 2015 (Adam, Algorithm 1), Loshchilov & Hutter 2019 (AdamW), Dozat 2016
(NAdam), Igel & Hüsken 2003 (RPROP in the form iRprop-).
"""

from collections.abc import Mapping
from typing import Any, NamedTuple

from glassnet.arrays import namespace
from glassnet.core.expressions.dialects.text import written
from glassnet.core.expressions.evaluation import evaluate
from glassnet.core.expressions.put_in import put_in
from glassnet.core.expressions.tree import Expression, clip, letters, sign, sqrt, where
from glassnet.typing import Array


class Rule(NamedTuple):
    """One line of a step: ``letter = formula``. The last one is that of "new", the parameter after the step.

    "old" is the parameter and g its gradient; u_old is u before the step.
    """

    letter: str
    formula: Expression

    def in_symbols(self) -> str:
        """Return the formula in letters."""
        return written(self.formula)

    def with_numbers(self, values: Mapping[str, float]) -> str:
        """Return the formula with numbers put in.

        >>> GD[0].with_numbers({"old": 0.5, "eta": 0.1, "g": -2.0})
        '0.5 - 0.1·(-2)'
        """
        return written(put_in(self.formula, values, choose=False))

    def value(self, values: Mapping[str, Any]) -> Any:
        """Return the letter's value for all parameters."""
        return evaluate(self.formula, values)


old, g, eta, mu, rho, epsilon, weight_decay = letters("old g eta mu rho epsilon weight_decay")


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


MEMORY_LETTERS = {"velocity": "u", "squares": "s", "sizes": "size", "last": "g"}
"""What a solver's memory is called in its lines of arithmetic, where that is not the field's own name."""


def gd_init(theta: Array, eta: float) -> NoState:
    """Nothing to remember."""
    return NoState()


def gd_step(theta: Array, grad: Array, state: NoState, *, eta: Array | float) -> tuple[Array, NoState]:
    """Theta - eta · grad."""
    return theta - eta * grad, state


GD = (Rule("new", old - eta * g),)


def momentum_init(theta: Array, eta: float) -> VelocityState:
    """Start at rest."""
    return VelocityState(namespace(theta).zeros_like(theta))


def momentum_step(
    theta: Array, grad: Array, state: VelocityState, *, eta: Array | float, mu: float
) -> tuple[Array, VelocityState]:
    """Velocity ← mu · velocity - eta · grad; theta + velocity."""
    velocity = mu * state.velocity - eta * grad
    return theta + velocity, VelocityState(velocity)


u, u_old = letters("u u_old")
VELOCITY = Rule("u", mu * u_old - eta * g)
MOMENTUM = (VELOCITY, Rule("new", old + u))


def nesterov_step(
    theta: Array, grad: Array, state: VelocityState, *, eta: Array | float, mu: float
) -> tuple[Array, VelocityState]:
    """As momentum, but looking one step ahead: theta + mu · velocity - eta · grad."""
    velocity = mu * state.velocity - eta * grad
    return theta + mu * velocity - eta * grad, VelocityState(velocity)


NESTEROV = (VELOCITY, Rule("new", old + mu * u - eta * g))


def squares_init(theta: Array, eta: float) -> SquaresState:
    """No gradient seen yet."""
    return SquaresState(namespace(theta).zeros_like(theta))


def adagrad_step(
    theta: Array, grad: Array, state: SquaresState, *, eta: Array | float, epsilon: float
) -> tuple[Array, SquaresState]:
    """Squares ← squares + grad²; theta - eta · grad / (√squares + epsilon)."""
    squares = state.squares + grad * grad
    return theta - eta * grad / (namespace(theta).sqrt(squares) + epsilon), SquaresState(squares)


s, s_old = letters("s s_old")
SCALED = Rule("new", old - eta * g / (sqrt(s) + epsilon))
ADAGRAD = (Rule("s", s_old + g**2), SCALED)


def rmsprop_step(
    theta: Array, grad: Array, state: SquaresState, *, eta: Array | float, rho: float, epsilon: float
) -> tuple[Array, SquaresState]:
    """Squares ← rho · squares + (1 - rho) · grad²; theta - eta · grad / (√squares + epsilon)."""
    squares = rho * state.squares + (1.0 - rho) * grad * grad
    return theta - eta * grad / (namespace(theta).sqrt(squares) + epsilon), SquaresState(squares)


RMSPROP = (Rule("s", rho * s_old + (1 - rho) * g**2), SCALED)


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


beta1, beta2, t = letters("beta1 beta2 t")
m, v, m_old, v_old, m_hat, v_hat = letters("m v m_old v_old m_hat v_hat")
MOMENTS = (Rule("m", beta1 * m_old + (1 - beta1) * g), Rule("v", beta2 * v_old + (1 - beta2) * g**2))
V_HAT = Rule("v_hat", v / (1 - beta2**t))
ADAM_NEW = Rule("new", old - eta * m_hat / (sqrt(v_hat) + epsilon))
ADAM = (*MOMENTS, Rule("m_hat", m / (1 - beta1**t)), V_HAT, ADAM_NEW)


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


ADAMW = (*ADAM[:-1], Rule("new", old - eta * weight_decay * old - eta * m_hat / (sqrt(v_hat) + epsilon)))


def nadam_step(
    theta: Array, grad: Array, state: AdamState, *, eta: Array | float, beta1: float, beta2: float, epsilon: float
) -> tuple[Array, AdamState]:
    """Adam with Nesterov's look ahead in the first moment."""
    state = _moments(grad, state, beta1, beta2)
    t = state.t
    m_hat = beta1 * state.m / (1.0 - beta1 ** (t + 1)) + (1.0 - beta1) * grad / (1.0 - beta1**t)
    v_hat = state.v / (1.0 - beta2**t)
    return theta - eta * m_hat / (namespace(theta).sqrt(v_hat) + epsilon), state


NADAM_M_HAT = Rule("m_hat", beta1 * m / (1 - beta1 ** (t + 1)) + (1 - beta1) * g / (1 - beta1**t))
NADAM = (*MOMENTS, NADAM_M_HAT, V_HAT, ADAM_NEW)


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


g_old, turn, size, size_old = letters("g_old turn size size_old")
shrink, grow, smallest, largest = letters("shrink grow smallest largest")
RPROP = (
    Rule("turn", where(g * g_old > 0, grow, where(g * g_old < 0, shrink, 1))),
    Rule("size", clip(size_old * turn, smallest, largest)),
    Rule("new", old - where(turn < 1, 0, sign(g)) * size),
)

(H,) = letters("H")
LBFGS = (Rule("new", old - eta * H * g),)
"""H is a matrix made of the last steps, and eta found by a search along the line: no arithmetic of one parameter."""
