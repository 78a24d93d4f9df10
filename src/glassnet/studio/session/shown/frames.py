"""`Frames`: moments as binary messages, at most one on its way."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from time import monotonic
from typing import Literal

import msgspec
import numpy as np

from glassnet.core.catalog.costs import Cost
from glassnet.core.network import Network
from glassnet.drawing.diagram.scene import Scene
from glassnet.studio.messages import Criterion, FrameHeader
from glassnet.studio.recording.formulas import numbers_of
from glassnet.studio.recording.numbers import frame
from glassnet.studio.recording.picture import visible
from glassnet.studio.recording.sources import Row
from glassnet.studio.session.courses.course import Moment
from glassnet.studio.session.shown.curves import Points
from glassnet.typing import Array

EVERY = 0.05  # seconds between two frames of a training
BLOCK = 8  # numbers begin at a multiple of so many bytes
SMALLEST = 1e-9  # so that lines of weights that are all 0 have a scale


@dataclass(frozen=True, eq=False)
class View:
    """What frames show: the drawn neurons, the chosen row, the open neuron.

    Attributes
    ----------
    drawn : sequence of sequences of int
        The drawn neurons of each layer.
    beside : (int, int) or None
        Layer and index of the open neuron, if it is not drawn.
    row : Row
    cost : Cost
    """

    drawn: Sequence[Sequence[int]]
    beside: tuple[int, int] | None
    row: Row
    cost: Cost

    @property
    def shown(self) -> list[list[int]]:
        """The neurons whose numbers a frame has."""
        shown = [list(each) for each in self.drawn]
        if self.beside is not None:
            layer, index = self.beside
            shown[layer].append(index)
        return shown


class Mailbox:
    """Whether a frame may be sent: the page must have drawn the one before, and `EVERY` seconds have passed."""

    def __init__(self) -> None:
        self._n = 0
        self._on_its_way: int | None = None
        self._sent = -1.0

    def next_id(self) -> int:
        """Return the number of the next frame, which is sent now."""
        self._n += 1
        self._on_its_way, self._sent = self._n, monotonic()
        return self._n

    def drawn(self, frame: int) -> None:
        """The page has drawn a frame."""
        if frame == self._on_its_way:
            self._on_its_way = None

    @property
    def is_free(self) -> bool:
        """Whether the page has drawn the last frame."""
        return self._on_its_way is None

    @property
    def is_due(self) -> bool:
        """Whether a frame of a training may be sent now."""
        return self.is_free and monotonic() - self._sent >= EVERY


def frame_message(
    view: View,
    moment: Moment,
    *,
    n: int,
    is_live: bool,
    words: Sequence[str],
    numbers: Array,
    from_epoch: int,
    curves: Mapping[str, Points],
    criteria: tuple[Criterion, ...],
    edits: tuple[tuple[int, int, int | None], ...],
    costs: tuple[float | None, float | None] | None,
    widest: tuple[float, ...],
) -> bytes:
    """Return a moment as a binary message."""
    n_bytes: Literal[4, 8] = 4 if is_live else 8
    header = FrameHeader(
        frame=n,
        row=view.row.index,
        epoch=moment.epoch,
        step=moment.step,
        learning_rate=moment.learning_rate,
        parameters=numbers_of(moment.solver.parameters),
        predictions=(tuple(visible(list(words))),),
        bytes=n_bytes,
        is_live=is_live,
        from_epoch=from_epoch,
        curves=dict(curves),
        criteria=criteria,
        edits=edits,
        costs=costs,
        beside=view.beside,
        widest=widest,
    )
    text = msgspec.json.encode(header)
    blanks = -(4 + len(text)) % BLOCK
    with np.errstate(over="ignore"):  # beyond the range of float32: infinite
        body = np.asarray(numbers).astype(f"<f{n_bytes}").tobytes()
    return b"".join([len(text).to_bytes(4, "little"), text, b" " * blanks, body])


def numbers_of_moment(view: View, network: Network) -> tuple[Array, Array]:
    """Return the numbers of a moment, and the outputs (n_out,) of the chosen row."""
    numbers, outputs = frame(network, view.shown, [view.row], view.cost)
    return numbers, outputs[0]


class Widths:
    """The weight with the widest line of each layer: the largest drawn one so far."""

    def __init__(self, scene: Scene) -> None:
        self._places: list[tuple[Array, Array]] = []
        for l in range(1, len(scene.drawn)):
            drawn = [c for c in scene.view.connections if c.layer == l and c.k is not None]
            self._places.append((np.asarray([c.j for c in drawn], dtype=np.intp),
                                 np.asarray([c.k for c in drawn], dtype=np.intp)))  # fmt: skip

    def of(self, network: Network) -> tuple[float, ...]:
        """Return the largest drawn weight of each layer 1..L."""
        found = []
        for l, (j, k) in enumerate(self._places, start=1):
            sizes = np.abs(np.asarray(network.W[l])[j, k])
            sizes = sizes[np.isfinite(sizes)]
            found.append(float(sizes.max(initial=SMALLEST)))
        return tuple(found)
