"""The network as a plain record: one flat vector of parameters, their layout, and each layer's activation."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from math import inf, sqrt
from typing import Any

from glassnet.arrays import as_floats, generator, namespace
from glassnet.core.catalog.activation import Activation, resolve_activation
from glassnet.core.catalog.initializers import initializer_for
from glassnet.core.front import Front, resolve_front
from glassnet.core.layout import Layout
from glassnet.core.records import ByLayer
from glassnet.errors import LayerIndexError, ParameterError, ShapeError
from glassnet.escaping import visible
from glassnet.typing import Array, Spec

RATES = ("equal", "fan_in")
LISTED_BY = ("neuron", "input")
MOST_WEIGHTS = 2**36
"""Maximum number of weights of a network: 256 GiB in float32."""


@dataclass(frozen=True, eq=False)
class Network:
    r"""A feed-forward network of dense layers.

    .. math:: z^{[l]}_j = \sum_k W^{[l]}_{jk} a^{[l-1]}_k + b^{[l]}_j, \qquad a^{[l]}_j = \sigma_l(z^{[l]}_j)

    Construct one with `create` (random initial weights) or `from_weights` (given weights).

    Parameters
    ----------
    sizes : tuple of int
        ``sizes[l]`` is the number of neurons of layer l, ``sizes[0]`` the number of columns of ``A[0]``: the inputs or,
        with a front, its outputs.
    activation : ByLayer of Activation
        The activation function of each layer 1..L.
    theta : array of shape (n_params,)
        All weights and biases in the order of `layout`.
    layout : Layout
        The position of each parameter in `theta`.
    front : Front or None
        Computes ``A[0]`` from the inputs, with learned parameters; None if the inputs are ``A[0]``.

    Attributes
    ----------
    W : ByLayer of arrays (n_out, n_in)
        ``W[l][j, k]`` connects neuron k of layer l-1 to neuron j of layer l. scikit-learn's ``coefs_`` is
        the transpose.
    b : ByLayer of arrays (n_out,) or None
        Biases; None for a layer without biases.
    slope : ByLayer of arrays (n_out,) or None
        Learned slopes of the hidden neurons, ``a = s · sigma(z) + (1 - s) · z``; None for a layer without slopes.

    Examples
    --------
    >>> import glassnet as gn
    >>> net = gn.Network.create([3, 3, 1], hidden="sigmoid", output="sigmoid", seed=0)
    >>> net
    Network 3-3-1: sigmoid, sigmoid; 16 parameters, float64
    >>> net.W[1].shape, net.b[1].shape
    ((3, 3), (3,))
    """

    sizes: tuple[int, ...]
    activation: ByLayer[Activation]
    theta: Array
    layout: Layout
    front: Front | None = None

    @classmethod
    def create(
        cls,
        sizes: Sequence[int],
        *,
        hidden: Spec | list[Spec] = "sigmoid",
        output: Spec = "sigmoid",
        init: str = "auto",
        bias: bool = True,
        numeric_embedding: str | None = None,
        embedded: Sequence[int] | None = None,
        input_scaling: bool = False,
        learned_slope: bool = False,
        dtype: Any = "float64",
        seed: Any = None,
    ) -> "Network":
        """Create a network with random initial weights; biases start at 0.

        Parameters
        ----------
        sizes : sequence of int
            Numbers of inputs, of neurons in each hidden layer, and of outputs: ``[3, 3, 1]``.
        hidden : str, tuple, Activation, or list of them
            Activation of the hidden layers; a list has one entry per hidden layer.
        output : str, tuple or Activation
            Activation of the output layer.
        init : str
            ``"auto"`` (He for rectifiers, LeCun for SELU, Glorot for the rest) or the name of an initializer;
            ``"uniform_0_1"``, common in first tutorials, also draws the biases.
        bias : bool
            If False, the network has no biases.
        numeric_embedding : {"pbld"}, optional
            "pbld" adds three learned mixtures of cosines for each embedded input (periodic, bias, linear, dense:
            Holzmüller et al. 2024). They learn at 0.1 times the learning rate.
        embedded : sequence of int, optional
            Indices of the embedded inputs, all by default; omit inputs that are only 0 or 1.
        input_scaling : bool
            Multiply each column of ``A[0]`` (each input and each mixture of an embedding) by a learned factor. The
            factors start at 1 and learn at 6 times the learning rate.
        learned_slope : bool
            Give each hidden neuron a learned slope s, ``a = s · sigma(z) + (1 - s) · z``, which sets how nonlinear it
            is. Slopes start at 1 and learn at 0.1 times the learning rate.
        dtype : {"float64", "float32"}
            Precision of all parameters.
        seed : int or numpy.random.Generator, optional
            Makes the initial weights reproducible.

        Raises
        ------
        ParameterError
            If sizes, activations, the initializer, the embedding or a flag is invalid.

        Examples
        --------
        >>> import glassnet as gn
        >>> gn.Network.create([2, 4, 4, 3], hidden=["tanh", "relu"], output="softmax", seed=1)
        Network 2-4-4-3: tanh, relu, softmax; 47 parameters, float64
        >>> gn.Network.create([2, 4, 1], numeric_embedding="pbld", embedded=[0], input_scaling=True, seed=1)
        Network 5-4-1: sigmoid, sigmoid; 117 parameters, float64; front: pbld+scaling of 2 inputs, 1 of them embedded
        """
        checked = _check_sizes(sizes)
        has_scaling = _check_flag("input_scaling", input_scaling)
        entrance = resolve_front(numeric_embedding, has_scaling, checked[0], embedded)
        if entrance is not None:
            checked = (entrance.n_outputs, *checked[1:])
        n_hidden = len(checked) - 2
        activation = _activations(hidden, output, n_hidden)
        has_slope = [_check_flag("learned_slope", learned_slope)] * n_hidden + [False]
        layout = Layout.dense(checked, [bias] * (n_hidden + 1), entrance, has_slope)
        rng = generator(seed)
        values: dict[tuple[int, str], Array] = {}
        for layer, sigma in activation.items():
            n_in, n_out = checked[layer - 1], checked[layer]
            values[layer, "W"] = initializer_for(init, sigma)(rng, n_in, n_out)
            if bias:
                values[layer, "b"] = rng.uniform(0.0, 1.0, n_out) if init == "uniform_0_1" else rng.uniform(0, 0, n_out)
        if entrance is not None:  # drawn last: the layers get the same weights from a seed with or without a front
            values |= {(0, name): value for name, value in entrance.draw(rng).items()}
        if learned_slope:
            values |= {(layer, "slope"): rng.uniform(1, 1, checked[layer]) for layer in range(1, n_hidden + 1)}
        network = cls(checked, activation, layout.pack(values), layout, entrance)
        return network.astype(dtype)

    @classmethod
    def from_weights(
        cls,
        layers: Sequence[tuple[Array, Array | None]],
        *,
        hidden: Spec | list[Spec] = "sigmoid",
        output: Spec = "sigmoid",
        slopes: Sequence[Array | None] | None = None,
        by: str = "neuron",
    ) -> "Network":
        """Create a network from given weights and biases.

        Parameters
        ----------
        layers : sequence of (W, b)
            One pair per layer: W of shape (n_out, n_in), b of shape (n_out,) or None for no biases.
        hidden, output : see `create`
        slopes : sequence of arrays (n_out,) or None, optional
            Learned slopes of each hidden layer; None for a layer without slopes.
        by : {"neuron", "input"}
            Orientation of each W: "neuron" has one row per neuron of the layer, "input" one row per input, as in many
            tutorials and in scikit-learn's ``coefs_``: W of shape (n_in, n_out).

        Raises
        ------
        ShapeError
            If a layer does not fit the previous one, or is not a pair of weights and biases.
        ParameterError
            If there are no layers, `by` is unknown, or `slopes` does not have one entry per hidden layer.

        Examples
        --------
        >>> import glassnet as gn
        >>> net = gn.Network.from_weights([([[0.5, -0.5]], [0.1])], output="sigmoid")
        >>> net.sizes
        (2, 1)
        >>> by_input = gn.Network.from_weights([([[0.5], [-0.5]], [0.1])], output="sigmoid", by="input")
        >>> by_input.W[1].tolist() == net.W[1].tolist()
        True
        """
        if by not in LISTED_BY:
            raise ParameterError(f"by={by!r} is not known. Choose from: {', '.join(LISTED_BY)}.")
        layers = list(layers)
        if not layers:
            raise ParameterError("from_weights needs at least one layer: [(W, b), ...].")
        values: dict[tuple[int, str], Array] = {}
        sizes: list[int] = []
        for layer, entry in enumerate(layers, start=1):
            W, b = _pair(entry, layer)
            W = as_floats(W)
            if W.ndim != 2:
                raise ShapeError(f"W[{layer}] has {W.ndim} dimensions; expected a matrix (n_out, n_in).")
            W = W.T if by == "input" else W
            sizes = sizes or [W.shape[1]]
            if W.shape[1] != sizes[-1]:
                raise ShapeError(_does_not_fit(W, layer, sizes[-1], by))
            sizes.append(W.shape[0])
            values[layer, "W"] = W
            if b is not None:
                values[layer, "b"] = as_floats(b)
        for layer, slope in enumerate(_check_slopes(slopes, len(sizes) - 2), start=1):
            if slope is not None:
                values[layer, "slope"] = as_floats(slope)
        has = {name: [(layer, name) in values for layer in range(1, len(sizes))] for name in ("b", "slope")}
        layout = Layout.dense(_check_sizes(sizes), has["b"], has_slope=has["slope"])
        return cls(tuple(sizes), _activations(hidden, output, len(sizes) - 2), layout.pack(values), layout)

    @property
    def n_layers(self) -> int:
        """L, the index of the output layer."""
        return len(self.sizes) - 1

    @property
    def n_inputs(self) -> int:
        """Number of columns of X; without a front, ``A[0]`` has the same number."""
        return self.sizes[0] if self.front is None else self.front.n_inputs

    @property
    def n_params(self) -> int:
        """Number of weights, biases, slopes and parameters of the front."""
        return self.layout.n_params

    @property
    def W(self) -> ByLayer[Array]:
        """The weights of each layer, (n_out, n_in)."""
        return self._views("W")

    @property
    def b(self) -> ByLayer[Array | None]:
        """The biases of each layer, (n_out,), or None where absent."""
        return self._views("b")

    @property
    def slope(self) -> ByLayer[Array | None]:
        """The learned slopes of each layer, (n_out,), or None where absent.

        Examples
        --------
        >>> import glassnet as gn
        >>> net = gn.Network.create([2, 3, 1], learned_slope=True, seed=0)
        >>> net.slope[1], net.slope[2]
        (array([1., 1., 1.]), None)
        """
        return self._views("slope")

    @property
    def front_values(self) -> dict[str, Array]:
        """The parameters of the front by name, such as ``front_values["scale"]``; empty without a front.

        Examples
        --------
        >>> import glassnet as gn
        >>> net = gn.Network.create([2, 1], input_scaling=True, seed=0)
        >>> net.front_values
        {'scale': array([1., 1.])}
        """
        return {slot.name: value for slot, value in self.layout.unpack(self.theta) if slot.layer == 0}

    def _views(self, name: str) -> ByLayer[Any]:
        layers = range(1, self.n_layers + 1)
        return ByLayer((self.layout.view(self.theta, layer, name) for layer in layers), name=name)

    def with_theta(self, theta: Array) -> "Network":
        """Return the same network with other parameters."""
        return replace(self, theta=theta)

    def astype(self, dtype: Any) -> "Network":
        """Return the same network with its parameters in another precision."""
        xp = namespace(self.theta)
        try:
            kind = xp.empty(0, dtype=getattr(xp, dtype) if isinstance(dtype, str) else dtype).dtype
        except (AttributeError, TypeError):
            kind = xp.empty(0, dtype=xp.bool).dtype
        if kind not in (xp.float32, xp.float64):
            raise ParameterError(f"dtype={dtype!r} is not a precision; use 'float32' or 'float64'.")
        return self.with_theta(xp.astype(self.theta, kind, copy=False))

    def freeze(self, layer: int | None = None, names: Sequence[str] | None = None) -> "Network":
        """Return the same network with parameters that training does not change.

        Parameters
        ----------
        layer : int, optional
            The layer to freeze, 0 for the front; all layers by default.
        names : sequence of str, optional
            Any of "W", "b" and "slope", or names of the front such as ``("scale",)``; all by default. Their gradients
            are still computed and shown.

        Examples
        --------
        >>> import glassnet as gn
        >>> fixed = gn.Network.create([2, 2, 1], seed=0).freeze(names=("b",))
        >>> [slot.name for slot in fixed.layout.slots if slot.frozen]
        ['b', 'b']
        """
        first = 1 if self.front is None else 0
        if layer is not None and not first <= layer <= self.n_layers:
            raise LayerIndexError(
                f"layer {layer} cannot be frozen: this network has the layers {first} to {self.n_layers}."
            )
        chosen = (names,) if isinstance(names, str) else names
        slots = tuple(
            replace(slot, frozen=True)
            if (chosen is None or slot.name in chosen) and layer in (None, slot.layer)
            else slot
            for slot in self.layout.slots
        )
        return replace(self, layout=Layout(slots))

    def with_rates(self, weights: str = "equal", biases: float = 1.0) -> "Network":
        """Return the same network with separate learning rates for weights and biases, as factors of the common one.

        The rates of a front and of learned slopes do not change.

        Parameters
        ----------
        weights : {"equal", "fan_in"}
            "fan_in" divides by the square root of the number of inputs of the layer. With Adam, whose steps are
            independent of the gradient's scale, this is the neural tangent parametrization: one learning rate then
            suits all widths.
        biases : float
            Factor for the biases.

        Examples
        --------
        >>> import glassnet as gn
        >>> paced = gn.Network.create([4, 16, 1], seed=0).with_rates("fan_in", biases=0.1)
        >>> [(slot.name, slot.factor) for slot in paced.layout.slots]
        [('W', 0.5), ('b', 0.1), ('W', 0.25), ('b', 0.1)]
        """
        if weights not in RATES:
            raise ParameterError(f"weights={weights!r} is not known. Choose from: {', '.join(RATES)}.")
        if not 0 <= biases < inf:
            raise ParameterError(f"biases={biases!r} must be a number from 0 upwards: a factor of the learning rate.")
        slots = tuple(
            replace(slot, factor=1.0 / sqrt(slot.shape[1]) if weights == "fan_in" else 1.0)
            if slot.name == "W"
            else (replace(slot, factor=float(biases)) if slot.name == "b" else slot)
            for slot in self.layout.slots
        )
        return replace(self, layout=Layout(slots))

    def fold(self) -> "Network":
        r"""Return an equivalent network without a front: learned scales are multiplied into ``W[1]``.

        .. math:: W^{[1]}_{jk} \leftarrow W^{[1]}_{jk} s_k

        Its weights are in the units of the inputs. A network without a front is returned unchanged.

        Raises
        ------
        ParameterError
            If inputs are embedded: weights cannot represent cosines.

        Examples
        --------
        >>> import glassnet as gn
        >>> net = gn.Network.create([2, 1], input_scaling=True, seed=0)
        >>> trained = gn.train(net, [[0, 1], [1, 0]], [[0], [1]], cost="binary_cross_entropy", epochs=3).network
        >>> folded = trained.fold()
        >>> folded
        Network 2-1: sigmoid; 3 parameters, float64
        >>> bool((folded.W[1] == trained.W[1] * trained.front_values["scale"]).all())
        True
        """
        if self.front is None:
            return self
        if self.front.embedded:
            raise ParameterError(
                f"numeric_embedding='pbld' cannot be folded into weights, because it embeds {len(self.front.embedded)} "
                f"of the inputs as cosines; only input_scaling=True can."
            )
        values = {(slot.layer, slot.name): part for slot, part in self.layout.unpack(self.theta)}
        values[1, "W"] = values[1, "W"] * values[0, "scale"]
        slots, offset = [], 0
        for slot in self.layout.slots:
            if slot.layer:
                slots.append(replace(slot, offset=offset))
                offset += slot.size
        layout = Layout(tuple(slots))
        return Network(self.sizes, self.activation, layout.pack(values), layout)

    def __repr__(self) -> str:
        sizes = "-".join(str(size) for size in self.sizes)
        names = visible(", ".join(sigma.name for sigma in self.activation))
        dtype = str(self.theta.dtype).rsplit(".", maxsplit=1)[-1]
        front = "" if self.front is None else f"; front: {self.front!r}"
        slopes = "" if all(s is None for s in self.slope) else "; learned slopes"
        return f"Network {sizes}: {names}; {self.n_params} parameters, {dtype}{front}{slopes}"


def _pair(entry: Any, layer: int) -> tuple[Any, Any]:
    """Return W and b of one entry of `from_weights`; a matrix with two rows is not a pair."""
    is_matrix = not isinstance(entry, tuple) and _n_dimensions(entry) == 2
    if is_matrix or not isinstance(entry, tuple | list) or len(entry) != 2:
        what = "a single matrix" if is_matrix else f"of type {type(entry).__name__}"
        raise ShapeError(
            f"layer {layer} is {what}, but a pair (W, b) was expected; write [(W, b), ...], and (W, None) for a layer "
            f"without biases."
        )
    return entry[0], entry[1]


def _n_dimensions(value: Any) -> int:
    """Return the number of dimensions of an array or of nested lists, without an array library."""
    if hasattr(value, "ndim"):
        return int(value.ndim)
    if isinstance(value, tuple | list):
        return 1 + max(map(_n_dimensions, value), default=0)
    return 0


def _does_not_fit(W: Array, layer: int, n_before: int, by: str) -> str:
    if by == "input":
        return (
            f"W[{layer}] has {W.shape[1]} rows, but layer {layer - 1} has {n_before} neurons; expected W listed by "
            f"input, (n_in, n_out): a table with a row for each neuron is the transpose, try by='neuron'."
        )
    return (
        f"W[{layer}] has {W.shape[1]} columns, but layer {layer - 1} has {n_before} neurons; expected W of shape "
        f"(n_out, n_in): a table listed by input is the transpose, try W.T, or by='input'."
    )


def _check_sizes(sizes: Sequence[int]) -> tuple[int, ...]:
    checked = tuple(sizes)
    if len(checked) < 2:
        raise ParameterError(f"sizes={list(checked)} has no output layer; write inputs and outputs at least: [3, 1].")
    for size in checked:
        if isinstance(size, bool) or not hasattr(size, "__index__") or size < 1:
            raise ParameterError(f"sizes={list(checked)} has {size!r}; each layer needs a whole number from 1 upwards.")
    n_weights = sum(int(n_in) * int(n_out) for n_in, n_out in pairwise(checked))
    if n_weights > MOST_WEIGHTS:
        raise ParameterError(
            f"sizes={list(checked)} need {n_weights:.3g} weights, more than the maximum of "
            f"{MOST_WEIGHTS:.3g}; try smaller layers."
        )
    return tuple(int(size) for size in checked)


def _check_flag(name: str, value: Any) -> bool:
    if getattr(value, "shape", ()) != () or value not in (True, False):
        raise ParameterError(f"{name}={value!r} must be True or False.")
    return bool(value)


def _check_slopes(slopes: Sequence[Array | None] | None, n_hidden: int) -> Sequence[Array | None]:
    if slopes is not None and not hasattr(slopes, "__len__"):
        raise ParameterError(f"slopes={slopes!r} is not a list; give one array or None for each hidden layer.")
    if slopes is not None and len(slopes) != n_hidden:
        raise ParameterError(
            f"slopes has {len(slopes)} entries, but there are {n_hidden} hidden layers, and the output layer has no "
            f"learned slopes; give one array or None for each hidden layer."
        )
    return [] if slopes is None else slopes


def _activations(hidden: Spec | list[Spec], output: Spec, n_hidden: int) -> ByLayer[Activation]:
    each = hidden if isinstance(hidden, list) else [hidden] * n_hidden
    if len(each) != n_hidden:
        raise ParameterError(
            f"hidden={hidden!r} names {len(each)} activations, but there are {n_hidden} hidden layers; "
            f"give one for each, or a single one for all."
        )
    return ByLayer([resolve_activation(spec) for spec in [*each, output]], name="activation")
