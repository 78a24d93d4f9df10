"""`ByLayer`, values per layer, and `Listing`, a table that prints itself: the records used throughout core."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from html import escape
from typing import Any, Generic, TypeVar

from glassnet.errors import LayerIndexError, ParameterError
from glassnet.escaping import visible

T = TypeVar("T")


class ByLayer(Generic[T]):
    """Read-only values, one per layer, indexed by the layer's number as in textbooks.

    Keys are 1..L (0..L if the inputs are included, as in ``trace.A``); negative numbers count from the end; iteration
    and ``len`` cover only existing layers.

    Parameters
    ----------
    values : sequence
        The values in layer order.
    name : str
        The letter for error messages, such as ``"W"``.
    first : {0, 1}
        The layer of the first value.

    Examples
    --------
    >>> W = ByLayer(["into the hidden layer", "into the output layer"], name="W")
    >>> W[1], W[-1], len(W)
    ('into the hidden layer', 'into the output layer', 2)
    >>> W[0]
    Traceback (most recent call last):
    ...
    glassnet.errors.LayerIndexError: W[0] does not exist: layers count from 1; W[1] leads into the first hidden layer.
    """

    __slots__ = ("_first", "_name", "_values")

    def __init__(self, values: Any, *, name: str, first: int = 1) -> None:
        self._values: tuple[T, ...] = tuple(values)
        self._name = name
        self._first = first

    def __getitem__(self, layer: int) -> T:
        if not hasattr(layer, "__index__"):
            raise LayerIndexError(f"{self._name}[{layer}] is not a layer: give one whole number, or iterate over all.")
        last = self._first + len(self._values) - 1
        if self._first <= layer <= last:
            return self._values[layer - self._first]
        if -len(self._values) <= layer < 0:
            return self._values[layer]
        if layer == 0:
            raise LayerIndexError(
                f"{self._name}[0] does not exist: layers count from 1; "
                f"{self._name}[1] leads into the first hidden layer."
            )
        raise LayerIndexError(
            f"{self._name}[{layer}] does not exist: this network has the layers {self._first} to {last}; "
            f"try {self._name}[-1] for the output layer."
        )

    def __iter__(self) -> Iterator[T]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)

    def items(self) -> Iterator[tuple[int, T]]:
        """Yield (layer, value) pairs."""
        return enumerate(self._values, start=self._first)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, ByLayer):
            return NotImplemented
        return (self._first, self._values) == (other._first, other._values)

    def __hash__(self) -> int:
        return hash((self._first, self._values))

    def __repr__(self) -> str:
        lines = "\n".join(f"  {self._name}[{layer}] = {value!r}" for layer, value in self.items())
        return f"ByLayer(\n{lines}\n)"


@dataclass(frozen=True)
class Listing:
    """A table of named entries; prints itself in a terminal or notebook.

    Examples
    --------
    >>> listing = Listing(({"name": "relu", "formula": "max(0, z)"},))
    >>> listing["relu"]["formula"]
    'max(0, z)'
    """

    rows: tuple[Mapping[str, str], ...]

    @property
    def names(self) -> tuple[str, ...]:
        """The first column."""
        return tuple(row["name"] for row in self.rows)

    def __getitem__(self, name: str) -> Mapping[str, str]:
        for row in self.rows:
            if row["name"] == name:
                return row
        raise ParameterError(f"{name!r} is not in this table; it has: {', '.join(self.names)}.")

    def __iter__(self) -> Iterator[Mapping[str, str]]:
        return iter(self.rows)

    def __len__(self) -> int:
        return len(self.rows)

    def to_dict(self) -> list[dict[str, str]]:
        """Return the rows as plain dictionaries."""
        return [dict(row) for row in self.rows]

    @property
    def _visible_rows(self) -> list[dict[str, str]]:
        return [{head: visible(cell) for head, cell in row.items()} for row in self.rows]

    def __str__(self) -> str:
        heads, rows = list(self.rows[0]), self._visible_rows
        widths = {head: max(len(head), *(len(row[head]) for row in rows)) for head in heads}
        lines = ["  ".join(head.ljust(widths[head]) for head in heads).rstrip()]
        lines += ["  ".join(row[head].ljust(widths[head]) for head in heads).rstrip() for row in rows]
        return "\n".join(lines)

    def __repr__(self) -> str:
        return str(self)

    def _repr_html_(self) -> str:
        heads = list(self.rows[0])
        head = "".join(f"<th>{escape(name.replace('_', ' '))}</th>" for name in heads)
        body = "".join(
            "<tr>" + "".join(f"<td>{escape(row[name])}</td>" for name in heads) + "</tr>" for row in self._visible_rows
        )
        return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"
