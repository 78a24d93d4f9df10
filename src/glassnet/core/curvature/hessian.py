"""Products of the Hessian with vectors, exact and without the matrix: forward and backward once more."""

from dataclasses import dataclass
from typing import Any

from glassnet.arrays import namespace
from glassnet.core.backward import Gradients, backward
from glassnet.core.catalog.activation import Activation
from glassnet.core.catalog.costs import COMBINED, resolve_cost
from glassnet.core.catalog.penalties import Penalty
from glassnet.core.curvature.moving_front import MovingFront, moving_backward, moving_forward
from glassnet.core.curvature.second_derivatives import (
    is_softmax,
    moved_pullback,
    second_of_activation,
    second_of_cost,
)
from glassnet.core.forward import Trace
from glassnet.core.matrices import as_targets, as_weights
from glassnet.core.network import Network
from glassnet.core.records import ByLayer
from glassnet.typing import Array, Spec


@dataclass(frozen=True, eq=False)
class _Layer:
    """What each product needs of a layer, computed once."""

    sigma: Activation
    dA: Array  # error signal at the activations, before dropout
    slope: Array | None  # sigma'(Z); None for softmax
    bend: Array | None  # sigma''(Z); None where it is 0, and for softmax


@dataclass(frozen=True, eq=False)
class Hessian:
    """The second derivatives of the mean cost plus penalty by all parameters, as a matrix that multiplies vectors.

    Created by `hessian_of`.

    Attributes
    ----------
    network : Network
    trace : Trace
    gradients : Gradients
        Of the cost, without the penalty.
    penalty : Penalty
    """

    network: Network
    trace: Trace
    gradients: Gradients
    penalty: Penalty
    _layers: ByLayer[_Layer]
    _loss_bend: Array | None  # second derivative of the loss by the outputs; None where it is 0
    _is_combined: bool  # whether delta[L] is A - Y
    _weights: Array | None
    _n: int

    @property
    def gradient(self) -> Array:
        """The gradient of cost plus penalty, (n_params,)."""
        theta = self.network.theta
        return self.gradients.grad + self.penalty.gradient(theta, self.network.layout.decays(theta))

    def times(self, v: Array) -> Array:
        r"""Return the product with a vector, both (n_params,).

        .. math::
            Hv = R\{\nabla C\} = \left.\frac{\partial}{\partial r} \nabla C(\theta + r v)\right|_{r=0}

        R is the rate of change as the parameters move along v: the rules of calculus carry it forward and backward
        beside the numbers themselves (Pearlmutter 1994), at the price of about two more gradients.

        >>> import glassnet as gn
        >>> net = gn.Network.from_weights([([[1.0, 2.0]], None)], output="identity")
        >>> hessian = hessian_of(net, gn.forward(net, [[3.0, 4.0]]), [[0.0]], cost="half_squared_error")
        >>> hessian.times(hessian.network.theta)  # x x' w, with x = (3, 4) and w = (1, 2)
        array([33., 44.])
        """
        network, trace = self.network, self.trace
        moving = network.with_theta(v)
        RX, entrance = self._at_inputs(moving)
        RZ, RF, RA = self._forward(moving, RX)
        Rdelta, RdA = self._backward(moving, RZ, RF, RA)
        xp = namespace(trace.A[0])
        values: dict[tuple[int, str], Array] = {}
        for layer, here in self._layers.items():
            delta, before, Rbefore = (
                self.gradients.delta[layer],
                trace.A[layer - 1],
                RX if layer == 1 else RA[layer - 1],
            )
            dW = Rdelta[layer].T @ before  # (n_out, n_in)
            values[layer, "W"] = (dW if Rbefore is None else dW + delta.T @ Rbefore) / self._n
            if network.b[layer] is not None:
                values[layer, "b"] = xp.sum(Rdelta[layer], axis=0) / self._n  # (n_out,)
            if network.slope[layer] is not None:
                bent = trace.F[layer] - trace.Z[layer]  # (n_batch, n_out)
                moved = RdA[layer] * bent + here.dA * (RF[layer] - RZ[layer])
                values[layer, "slope"] = xp.sum(moved, axis=0) / self._n  # (n_out,)
        if network.front is not None and trace.front is not None and entrance is not None:
            Rdelta0 = Rdelta[1] @ network.W[1] + self.gradients.delta[1] @ moving.W[1]  # (n_batch, sizes[0])
            rates = moving_backward(
                network.front, network.front_values, moving.front_values, trace.front, entrance,
                self.gradients.delta[0], Rdelta0, self._n,
            )  # fmt: skip
            values |= {(0, name): rate for name, rate in rates.items()}
        product = network.layout.pack(values)
        return product + self.penalty.l2 * network.layout.decays(v) * v if self.penalty.l2 else product

    def _at_inputs(self, moving: Network) -> tuple[Array | None, MovingFront | None]:
        """Return the rate of ``A[0]``, None if it does not change."""
        network, trace = self.network, self.trace
        if network.front is None or trace.front is None:
            return None, None
        entrance = moving_forward(network.front, network.front_values, moving.front_values, trace.front)
        return entrance.RA0, entrance

    def _forward(self, moving: Network, RA: Array | None) -> tuple[ByLayer[Array], ByLayer[Array], ByLayer[Array]]:
        """Return the rates of Z, F and A."""
        network, trace = self.network, self.trace
        RZs: list[Array] = []
        RFs: list[Array] = []
        RAs: list[Array] = []
        for layer, here in self._layers.items():
            RZ = trace.A[layer - 1] @ moving.W[layer].T  # (n_batch, n_out)
            if RA is not None:
                RZ = RZ + RA @ network.W[layer].T  # (n_batch, n_out)
            if moving.b[layer] is not None:
                RZ = RZ + moving.b[layer]  # (n_batch, n_out)
            # a softmax's matrix of derivatives is symmetric: its pullback carries rates forward, too
            RF = here.sigma.pullback(trace.Z[layer], trace.F[layer], RZ) if here.slope is None else here.slope * RZ
            s, Rs, RA = network.slope[layer], moving.slope[layer], RF
            if s is not None:
                RA = s * RF + (1.0 - s) * RZ + Rs * (trace.F[layer] - trace.Z[layer])  # (n_batch, n_out)
            RA = self._dropped(layer, RA)
            RZs.append(RZ)
            RFs.append(RF)
            RAs.append(RA)
        return ByLayer(RZs, name="RZ"), ByLayer(RFs, name="RF"), ByLayer(RAs, name="RA")

    def _backward(
        self, moving: Network, RZ: ByLayer[Array], RF: ByLayer[Array], RA: ByLayer[Array]
    ) -> tuple[ByLayer[Array], ByLayer[Array]]:
        """Return the rates of delta and dA."""
        network, L = self.network, self.network.n_layers
        RdA = self._weighted(RA[L] if self._loss_bend is None else self._loss_bend * RA[L])  # (n_batch, n_out)
        if self._is_combined:
            Rdelta = RdA
        else:
            RdA = 0.0 * RdA if self._loss_bend is None else RdA
            Rdelta = self._through(L, moving, RZ[L], RF[L], RdA)
        RdAs, Rdeltas = [RdA], [Rdelta]
        for layer in range(L - 1, 0, -1):
            above = layer + 1
            RdA = Rdeltas[0] @ network.W[above] + self.gradients.delta[above] @ moving.W[above]  # (n_batch, n_out)
            RdAs.insert(0, self._dropped(layer, RdA))
            Rdeltas.insert(0, self._through(layer, moving, RZ[layer], RF[layer], RdAs[0]))
        return ByLayer(Rdeltas, name="Rdelta"), ByLayer(RdAs, name="RdA")

    def _through(self, layer: int, moving: Network, RZ: Array, RF: Array, RdA: Array) -> Array:
        """Return the rate of delta at a layer, from that of the error signal at its activations."""
        here, s, Rs = self._layers[layer], self.network.slope[layer], moving.slope[layer]
        dF, RdF = (here.dA, RdA) if s is None else (s * here.dA, Rs * here.dA + s * RdA)
        if here.slope is None:
            Rdelta = moved_pullback(self.trace.Z[layer], self.trace.F[layer], dF, RF, RdF)
        else:
            Rdelta = here.slope * RdF if here.bend is None else here.slope * RdF + here.bend * RZ * dF
        return Rdelta if s is None else Rdelta + (1.0 - s) * RdA - Rs * here.dA

    def _dropped(self, layer: int, rate: Array) -> Array:
        mask = self.trace.masks[layer] if self.trace.masks is not None else None
        return rate if mask is None else rate * mask

    def _weighted(self, rate: Array) -> Array:
        return rate if self._weights is None else rate * self._weights[:, None]


def hessian_of(
    network: Network,
    trace: Trace,
    Y: Array,
    *,
    cost: Spec,
    weights: Array | None = None,
    penalty: Penalty | None = None,
) -> Hessian:
    """Return the Hessian of the mean cost plus penalty at a network.

    Parameters
    ----------
    network : Network
        The network of the trace.
    trace : Trace
        The result of `forward`, also with dropout.
    Y : array of shape (n_batch, n_out)
        Targets.
    cost : str, tuple or Cost
        One of ``glassnet.costs()``, or your own.
    weights : array of shape (n_batch,), optional
        Weight of each sample; 1 by default.
    penalty : Penalty, optional
        Its second derivative is `l2` for each weight that decays; an L1 penalty has none.

    Notes
    -----
    Exact, except for an own activation or cost that was given as functions: its second derivative is a central
    difference of its derivative. At a kink, such as that of a ReLU, the second derivative counts as 0.
    """
    entry = resolve_cost(cost)
    Y = as_targets(Y, trace.A[-1])
    sample_weights = as_weights(weights, trace.A[-1])
    gradients = backward(network, trace, Y, cost=entry, weights=sample_weights)
    L = network.n_layers
    output = network.activation[L]
    is_combined = (output.builtin_name, entry.builtin_name) in COMBINED
    above: Any = None if is_combined else entry.prime(trace.A[L], Y)  # (n_batch, n_out)
    if above is not None and sample_weights is not None:
        above = above * sample_weights[:, None]
    layers = [_layer_of(network, trace, L, gradients.delta[L] if above is None else above)]
    for layer in range(L - 1, 0, -1):
        dA = gradients.delta[layer + 1] @ network.W[layer + 1]  # (n_batch, n_out)
        mask = trace.masks[layer] if trace.masks is not None else None
        layers.insert(0, _layer_of(network, trace, layer, dA if mask is None else dA * mask))
    return Hessian(
        network, trace, gradients, penalty or Penalty(), ByLayer(layers, name="layer"),
        None if is_combined else second_of_cost(entry, trace.A[L], Y), is_combined, sample_weights, Y.shape[0],
    )  # fmt: skip


def _layer_of(network: Network, trace: Trace, layer: int, dA: Array) -> _Layer:
    sigma, Z, F = network.activation[layer], trace.Z[layer], trace.F[layer]
    if is_softmax(sigma):
        return _Layer(sigma, dA, None, None)
    return _Layer(sigma, dA, sigma.prime(Z, F), second_of_activation(sigma, Z, F))
