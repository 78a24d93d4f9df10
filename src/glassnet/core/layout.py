"""The position of each weight and bias in `theta`, the flat vector of all parameters."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from math import prod

from glassnet.arrays import namespace
from glassnet.core.front import EMBEDDING_FACTOR, SCALE_FACTOR, Front
from glassnet.core.slope import SLOPE_FACTOR
from glassnet.errors import LayerIndexError, ShapeError
from glassnet.typing import Array


@dataclass(frozen=True)
class Slot:
    """One named block of `theta`."""

    layer: int
    name: str  # "W", "b" or "slope"; in layer 0 a parameter of the front: see `glassnet.core.front`
    shape: tuple[int, ...]
    offset: int
    factor: float = 1.0  # of the learning rate
    decays: bool = True  # whether penalties apply to it
    frozen: bool = False  # whether training leaves it unchanged

    @property
    def size(self) -> int:
        """Number of elements."""
        return prod(self.shape)

    def entry(self, index: int) -> str:
        """Return the name of the number at `index` within the slot, such as ``W[1][0, 2]``."""
        places: list[str] = []
        for length in reversed(self.shape):
            index, place = divmod(index, length)
            places.insert(0, str(place))
        return f"{self.name}[{self.layer}][{', '.join(places)}]"


@dataclass(frozen=True)
class Layout:
    """The order of all parameters in `theta`: the front, W[1] row by row, b[1], slope[1], W[2], b[2], ...

    Notes
    -----
    scikit-learn packs all weights before all biases. An absent bias or slope has no slot.

    Examples
    --------
    >>> layout = Layout.dense([3, 2, 1])
    >>> [(slot.name, slot.layer, slot.offset) for slot in layout.slots]
    [('W', 1, 0), ('b', 1, 6), ('W', 2, 8), ('b', 2, 10)]
    >>> layout.n_params, layout.name_of(9)
    (11, 'W[2][0, 1]')
    """

    slots: tuple[Slot, ...]

    @classmethod
    def dense(
        cls,
        sizes: Sequence[int],
        has_bias: Sequence[bool] | None = None,
        front: Front | None = None,
        has_slope: Sequence[bool] | None = None,
    ) -> "Layout":
        """Return the layout of dense layers; `has_bias` and `has_slope` have one entry per layer 1..L.

        By default, all layers have biases and none has learned slopes. The slots of a front come first, as layer 0.
        """
        slots: list[Slot] = []
        offset = 0
        for name, shape in front.shapes.items() if front is not None else ():
            factor = SCALE_FACTOR if name == "scale" else EMBEDDING_FACTOR
            slots.append(Slot(0, name, shape, offset, factor, decays=False))
            offset += slots[-1].size
        for layer, (n_in, n_out) in enumerate(pairwise(sizes), start=1):
            slots.append(Slot(layer, "W", (n_out, n_in), offset))
            offset += n_out * n_in
            if has_bias is None or has_bias[layer - 1]:
                slots.append(Slot(layer, "b", (n_out,), offset, decays=False))
                offset += n_out
            if has_slope is not None and has_slope[layer - 1]:
                slots.append(Slot(layer, "slope", (n_out,), offset, SLOPE_FACTOR, decays=False))
                offset += n_out
        return cls(tuple(slots))

    @cached_property
    def n_params(self) -> int:
        """Length of `theta`."""
        return sum(slot.size for slot in self.slots)

    def slot(self, layer: int, name: str) -> Slot | None:
        """Return the slot of this layer and name, or None if absent."""
        return self._by_name.get((layer, name))

    @cached_property
    def _by_name(self) -> dict[tuple[int, str], Slot]:
        return {(slot.layer, slot.name): slot for slot in self.slots}

    def view(self, theta: Array, layer: int, name: str) -> Array | None:
        """Return the slot's part of `theta` in the shape of the slot: a view for NumPy, a slice for JAX."""
        slot = self.slot(layer, name)
        if slot is None:
            return None
        return namespace(theta).reshape(theta[slot.offset : slot.offset + slot.size], slot.shape)

    def pack(self, values: dict[tuple[int, str], Array]) -> Array:
        """Return the flat vector (n_params,) of one array per slot, keyed by (layer, name)."""
        parts = []
        for slot in self.slots:
            value = values[slot.layer, slot.name]
            if tuple(value.shape) != slot.shape:
                raise ShapeError(
                    f"{slot.name}[{slot.layer}] has shape {tuple(value.shape)}; this network needs {slot.shape}."
                )
            parts.append(namespace(value).reshape(value, (slot.size,)))
        return namespace(*parts).concat(parts)

    def unpack(self, theta: Array) -> Iterator[tuple[Slot, Array]]:
        """Yield each slot with its part of `theta`."""
        for slot in self.slots:
            yield slot, self.view(theta, slot.layer, slot.name)

    def name_of(self, index: int) -> str:
        """Return the name of one element of `theta`, such as ``W[1][0, 2]``."""
        for slot in self.slots:
            if slot.offset <= index < slot.offset + slot.size:
                return slot.entry(index - slot.offset)
        raise LayerIndexError(f"parameter {index} does not exist: theta has {self.n_params} numbers.")

    def _per_parameter(self, values: Sequence[float], like: Array) -> Array:
        xp = namespace(like)
        parts = [
            xp.full((slot.size,), float(value), dtype=like.dtype)
            for slot, value in zip(self.slots, values, strict=True)
        ]
        return xp.concat(parts)

    def decays(self, like: Array) -> Array:
        """Return 1 where penalties apply and 0 elsewhere, (n_params,)."""
        return self._per_parameter([slot.decays for slot in self.slots], like)

    def rates(self, like: Array) -> Array:
        """Return each parameter's factor of the learning rate, 0 where frozen, (n_params,)."""
        return self._per_parameter([0.0 if slot.frozen else slot.factor for slot in self.slots], like)

    @property
    def is_uniform(self) -> bool:
        """Whether all parameters have the same learning rate, so that a single number suffices."""
        return all(slot.factor == 1.0 and not slot.frozen for slot in self.slots)
