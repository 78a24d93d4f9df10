"""`playback`: a training as one page, to be played back without a server."""

from dataclasses import dataclass, field
from functools import cached_property
from html import escape
from os import PathLike
from pathlib import Path
from typing import Any

from glassnet.errors import ParameterError
from glassnet.files import write_atomically
from glassnet.studio.recording.document import document
from glassnet.studio.recording.epochs import checked_frames
from glassnet.studio.recording.from_result import of_result
from glassnet.studio.recording.record import record_of
from glassnet.studio.recording.sources import Source
from glassnet.training.result import TrainingResult
from glassnet.wording import counted


@dataclass(frozen=True, eq=False)
class Playback:
    """A training as one self-contained page, displayed by notebooks and saved as HTML.

    Attributes
    ----------
    epochs : tuple of int
        The epochs that the page can show.
    rows : tuple of int
        The rows that it steps through.
    notes : tuple of str
        What a reader has to know, such as that only some frames fit; they stand on the page.
    record : dict
        Everything on the page as plain data.

    Examples
    --------
    >>> import glassnet as gn
    >>> X, Y = [[0, 0], [0, 1], [1, 0], [1, 1]], [[0], [1], [1], [1]]
    >>> result = gn.train(gn.Network.create([2, 2, 1], seed=0), X, Y, cost="binary_cross_entropy", epochs=9)
    >>> gn.playback(result).save("run.html")
    """

    epochs: tuple[int, ...]
    rows: tuple[int, ...]
    notes: tuple[str, ...]
    record: dict[str, Any] = field(repr=False)

    @cached_property
    def html(self) -> str:
        """The page as text."""
        return document(self.record)

    def save(self, path: str | PathLike[str]) -> None:
        """Write the page to a file, whole or not at all.

        Parameters
        ----------
        path : str or path
            Its name ends in ``.html``; an existing file is replaced.

        Raises
        ------
        ParameterError
            If the name has another ending.
        OSError
            If the folder does not exist or is not writable.
        """
        place = Path(path)
        if place.suffix.lower() != ".html":
            ending = f"ends in {place.suffix!r}" if place.suffix else "has no ending"
            raise ParameterError(f"{path} {ending}, but a recording is a page; try a name such as run.html.")
        write_atomically(place, self.html.encode(), example="run.html")

    def _repr_html_(self) -> str:
        return (
            f'<iframe srcdoc="{escape(self.html)}" sandbox="allow-scripts" title="{escape(self.record["title"])}" '
            f'style="width:100%;height:860px;border:0"></iframe>'
        )

    def __repr__(self) -> str:
        sizes = "-".join(map(str, self.record["sizes"]))
        n = self.record["history"]["n_epochs"]
        return (
            f"Playback of {sizes}: {len(self.epochs)} frames of {counted(n, 'epoch')}, {counted(len(self.rows), 'row')}"
        )


def playback(
    result: Any,
    X: Any = None,
    y: Any = None,
    *,
    rows: Any = None,
    frames: Any = None,
    sample_weight: Any = None,
    most: int = 10,
    inputs: Any = None,
    outputs: Any = None,
    cost: Any = None,
) -> Playback:
    """Record a training as one page that plays it back, offline and without a server.

    The page has a time slider over the epochs, the cost curves, the network with its changing connections, the
    arithmetic of every drawn neuron and connection for the chosen rows, and steps through them: forward, cost,
    backward, update. Its numbers are those of `glassnet.explain`. It stays under 3 MB.

    Parameters
    ----------
    result : TrainingResult, GlassClassifier or GlassRegressor
        The result of `glassnet.train`, or a fitted estimator; of an ensemble, the first network is shown.
    X, y : array or table, optional
        The data of the training: required for an estimator, which stores none, for a copied result, and for the
        result of ``solver="lbfgs"``.
    rows : sequence of int, optional
        The rows to step through, counted from 0; by default the first three.
    frames : int or sequence of int, optional
        Number of epochs that the page can show, or these epochs, with 0 for the start. By default up to 100, closer
        together at the start; fewer if the network is large.
    sample_weight : array, optional
        The weights of the training, if there were any.
    most : int
        Maximum number of drawn neurons per layer, at least 3; of larger layers the strongest are drawn.
    inputs, outputs : sequence of str, optional
        Names for the inputs and outputs of a `TrainingResult`; an estimator has those of its table.
    cost : str, tuple or Cost, optional
        The cost of a ``solver="lbfgs"`` result, which does not know it.

    Returns
    -------
    Playback
        ``.save("run.html")``; displayed by notebooks.

    Raises
    ------
    ParameterError
        If the result or an option is invalid, a model comes without data, or a function has no formula.
    ReplayError
        If the data differ from those of the training, or an L-BFGS run stored no parameters.

    Notes
    -----
    The run is replayed once, which takes as long as its training. L-BFGS cannot be replayed; the frames are then the
    epochs of ``snapshots=1``.

    Examples
    --------
    >>> import glassnet as gn
    >>> X, Y = [[0, 0], [0, 1], [1, 0], [1, 1]], [[0], [1], [1], [0]]
    >>> net = gn.Network.create([2, 3, 1], hidden="tanh", seed=1)
    >>> result = gn.train(net, X, Y, cost="binary_cross_entropy", epochs=500)
    >>> recording = gn.playback(result, inputs=["x", "y"], outputs=["x xor y"])
    >>> recording
    Playback of 2-3-1: 100 frames of 500 epochs, 3 rows
    >>> recording.epochs[:4], recording.epochs[-1]
    ((0, 1, 2, 3), 500)
    """
    if isinstance(most, bool) or not hasattr(most, "__index__") or most < 3:
        raise ParameterError(f"most={most!r} leaves no room for neurons beside a group; expected 3 or more.")
    named = {"inputs": inputs, "outputs": outputs}
    if isinstance(result, TrainingResult):
        source = of_result(result, X, y, weights=sample_weight, rows=rows, cost=cost, **named)
    else:
        source = _of_estimator(result, X, y, weights=sample_weight, rows=rows, cost=cost, **named)
    record = record_of(source, checked_frames(frames, source.run.epochs), int(most))
    return Playback(
        epochs=tuple(each["epoch"] for each in record["frames"]),
        rows=tuple(row.index for row in source.rows),
        notes=tuple(record["notes"]),
        record=record,
    )


def _of_estimator(model: Any, X: Any, y: Any, *, weights: Any, rows: Any, **others: Any) -> Source:
    from glassnet.estimators.checks import check_fitted  # imports scikit-learn
    from glassnet.studio.recording.from_estimator import of_model

    if hasattr(model, "steps"):
        raise ParameterError(
            "a recording is of the last step of a Pipeline; try gn.playback(pipe[-1], pipe[:-1].transform(X), y)."
        )
    check_fitted(model, "a fitted GlassClassifier or GlassRegressor, or the result of gn.train, was expected")
    for name, value in others.items():
        if value is not None:
            raise ParameterError(f"{name}= is for the result of gn.train; a model knows its own, so leave it out.")
    return of_model(model, X, y, weights=weights, rows=rows)
