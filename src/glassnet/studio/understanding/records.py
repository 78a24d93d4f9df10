"""The views of a trained network, as the page receives them in `glassnet.studio.messages.View.data`.

Numbers that do not exist, such as a cost beyond the largest float, are null. Rows are numbers of the user's table.
The types of the page are written from here, as those of the messages.
"""

from typing import Any, Literal

from msgspec import Struct

Number = float | None
PartName = Literal["training", "validation", "all"]


class ViewCard(Struct, frozen=True):
    """A view that can be asked for; ``unavailable`` says why it cannot, and what to do."""

    view: str
    title: str
    words: str
    unavailable: str | None = None


class ColumnChoice(Struct, frozen=True):
    """A column that can span the surface; ``label`` is its name with invisible characters replaced."""

    name: str
    label: str


class PartSize(Struct, frozen=True):
    """A part of the rows."""

    part: PartName
    n_rows: int


class Overview(Struct, frozen=True, tag_field="view", tag="overview"):
    """What can be asked for: views, the columns of the surface, the outputs, and the parts of the table."""

    epoch: int
    views: tuple[ViewCard, ...]
    columns: tuple[ColumnChoice, ...]
    outputs: tuple[str, ...]
    is_classes: bool
    parts: tuple[PartSize, ...]


class SurfaceAxis(Struct, frozen=True):
    """A side of the surface: numbers, or levels at the places 0, 1, 2, ..."""

    name: str
    label: str
    values: tuple[float, ...]
    levels: tuple[str, ...] | None


class SurfacePoint(Struct, frozen=True):
    """A row on the surface; ``target`` is the place of its class, or its quantity."""

    row: int
    part: PartName
    x: float
    y: float
    target: float
    words: str
    is_right: bool | None


class Held(Struct, frozen=True):
    """The value at which another column is held."""

    column: str
    value: str


class Surface(Struct, frozen=True, tag_field="view", tag="surface"):
    """The outputs over the plane of two columns, the other columns held.

    ``values[row of y][column of x]`` is the probability of the class ``output``, or of the predicted class if that is
    null, or the quantity. ``predicted`` are places of classes; null for quantities.
    """

    epoch: int
    x: SurfaceAxis
    y: SurfaceAxis
    held: tuple[Held, ...]
    at: Literal["typical", "row"]
    outputs: tuple[str, ...]
    output: int | None
    values: tuple[tuple[Number, ...], ...]
    predicted: tuple[tuple[int, ...], ...] | None
    low: Number
    high: Number
    points: tuple[SurfacePoint, ...]
    chosen: SurfacePoint | None
    words: str


class Response(Struct, frozen=True, tag_field="view", tag="response"):
    """The output along one column, the other columns held: the probability of a class, or a quantity.

    ``values`` belong to the places of ``x``. The ``y`` of a row is its quantity, or 1 for a row of the class and 0 for
    another.
    """

    epoch: int
    x: SurfaceAxis
    held: tuple[Held, ...]
    at: Literal["typical", "row"]
    outputs: tuple[str, ...]
    output: int
    is_share: bool
    values: tuple[Number, ...]
    low: float
    high: float
    points: tuple[SurfacePoint, ...]
    chosen: SurfacePoint | None
    words: str


class PathPoint(Struct, frozen=True):
    """The parameters after an epoch, projected onto the plane."""

    epoch: int
    u: float
    v: float


class Landscape(Struct, frozen=True, tag_field="view", tag="landscape"):
    """The training cost over a plane in parameter space, ``cost[row of v][column of u]``, with the path of the descent.

    The network is at (0, 0). ``share`` is the share of the path's squared length that lies in the plane.
    """

    epoch: int
    names: tuple[str, str]
    u: tuple[float, ...]
    v: tuple[float, ...]
    cost: tuple[tuple[Number, ...], ...]
    cost_name: str
    low: Number
    high: Number
    here: Number
    is_log: bool
    path: tuple[PathPoint, ...]
    share: float | None
    words: str


class ConfusionPart(Struct, frozen=True):
    """The confusion matrix of a part: rows are the truth, columns the prediction.

    ``examples`` are some rows of each cell, the most certain predictions first.
    """

    part: PartName
    n_rows: int
    n_judged: int
    counts: tuple[tuple[int, ...], ...]
    shares: tuple[tuple[float, ...], ...]
    examples: tuple[tuple[tuple[int, ...], ...], ...]
    accuracy: float
    words: str


class Confusion(Struct, frozen=True, tag_field="view", tag="confusion"):
    """Counts of true and predicted classes; rare classes are counted together as the last one."""

    epoch: int
    classes: tuple[str, ...]
    parts: tuple[ConfusionPart, ...]


class ReliabilityGroup(Struct, frozen=True):
    """Rows of similar probability: mean probability, share that came true with its 95% interval, and rows."""

    predicted: float
    observed: float
    low: float
    high: float
    n_rows: int


class CalibrationPart(Struct, frozen=True):
    """The calibration of a part."""

    part: PartName
    n_rows: int
    n_judged: int
    groups: tuple[ReliabilityGroup, ...]
    error: float
    words: str


class Calibration(Struct, frozen=True, tag_field="view", tag="calibration"):
    """Whether 70% of the rows that are predicted with 70% come true; ``output`` null is the predicted class."""

    epoch: int
    outputs: tuple[str, ...]
    output: int | None
    parts: tuple[CalibrationPart, ...]


class RankingPart(Struct, frozen=True):
    """How well the probability of a class ranks a part: ROC and precision-recall curves as points."""

    part: PartName
    n_rows: int
    n_judged: int
    roc: tuple[tuple[float, float], ...]
    precision_recall: tuple[tuple[float, float], ...]
    area: float
    average_precision: float
    share: float
    words: str


class Ranking(Struct, frozen=True, tag_field="view", tag="ranking"):
    """The curves of the class ``output``."""

    epoch: int
    outputs: tuple[str, ...]
    output: int
    parts: tuple[RankingPart, ...]


class ResidualPoint(Struct, frozen=True):
    """A row: its target, what is predicted, and the difference."""

    row: int
    actual: float
    predicted: float
    residual: float


class ResidualPart(Struct, frozen=True):
    """The residuals (actual minus predicted) of a part; ``edges`` and ``counts`` are their histogram."""

    part: PartName
    n_rows: int
    n_judged: int
    points: tuple[ResidualPoint, ...]
    edges: tuple[float, ...]
    counts: tuple[int, ...]
    mean: float
    rmse: float
    mae: float
    r2: Number
    words: str


class Residuals(Struct, frozen=True, tag_field="view", tag="residuals"):
    """Predicted against actual quantities of the target ``output``."""

    epoch: int
    outputs: tuple[str, ...]
    output: int
    low: float
    high: float
    parts: tuple[ResidualPart, ...]


class BlameShare(Struct, frozen=True):
    """The blame of a column, a neuron or a class, and its share; ``words`` say more."""

    name: str
    blame: float
    share: float
    words: str
    layer: int | None = None
    index: int | None = None


class BlamedRow(Struct, frozen=True):
    """A row with large blame; ``is_suspect`` where its target is probably a mistake."""

    row: int
    target: str
    predicted: str
    probability: float | None
    blame: float
    is_suspect: bool


class Blame(Struct, frozen=True, tag_field="view", tag="blame"):
    """The error over a part, attributed to columns, classes, neurons and rows; see `glassnet.blame`."""

    epoch: int
    part: PartName
    n_rows: int
    n_judged: int
    cost: float
    cost_name: str
    columns: tuple[BlameShare, ...]
    classes: tuple[BlameShare, ...]
    neurons: tuple[BlameShare, ...]
    rows: tuple[BlamedRow, ...]
    n_suspects: int
    words: str


class Score(Struct, frozen=True):
    """A score on training and on validation rows."""

    name: str
    training: Number
    validation: Number


class Curve(Struct, frozen=True):
    """One quantity over epochs."""

    name: str
    label: str
    points: tuple[tuple[int, Number], ...]


class Learning(Struct, frozen=True, tag_field="view", tag="learning"):
    """The learning curves, and the gap between training and validation rows."""

    epoch: int
    n_epochs: int
    curves: tuple[Curve, ...]
    best_epoch: int | None
    reason: str | None
    scores: tuple[Score, ...]
    gap: Literal["none", "small", "overfitting", "unknown"]
    words: tuple[str, ...]


class LayerOfWeights(Struct, frozen=True):
    """The weights into a layer: a histogram, and what they are in numbers."""

    layer: int
    title: str
    n_weights: int
    edges: tuple[float, ...]
    counts: tuple[int, ...]
    norm: Number
    near_zero: Number
    largest: Number
    words: str


class Weights(Struct, frozen=True, tag_field="view", tag="weights"):
    """The distribution of the weights of each layer."""

    epoch: int
    layers: tuple[LayerOfWeights, ...]


class LayerOfNeurons(Struct, frozen=True):
    """The neurons of a layer: the share of rows with an activation of 0, the mean of |δ|, the norm of the weights."""

    silent: tuple[Number, ...]
    blame: tuple[Number, ...]
    norm: tuple[Number, ...]


class Neurons(Struct, frozen=True, tag_field="view", tag="neurons"):
    """All neurons of the layers from 1 on, in numbers."""

    epoch: int
    n_rows: int
    layers: tuple[LayerOfNeurons, ...]


class PlotSeries(Struct, frozen=True):
    """A line, the bars, or the counts of a histogram."""

    name: str
    values: tuple[Number, ...]


class FindingPlot(Struct, frozen=True):
    """The evidence of a finding as a small plot, and in words.

    ``labels`` name bars; ``at`` has the places of the points of lines, the edges of bins, or predicted probabilities;
    ``marked`` are the places of what the finding is about.
    """

    kind: Literal["bars", "lines", "histogram", "reliability"]
    x: str
    y: str
    series: tuple[PlotSeries, ...]
    labels: tuple[str, ...]
    at: tuple[float, ...]
    marked: tuple[int, ...]
    threshold: Number
    is_log: bool
    words: str


class Fix(Struct, frozen=True):
    """A change of the setup that may mend what a finding says: in words, and as fields of `Setup`."""

    words: str
    changes: dict[str, Any]


class Finding(Struct, frozen=True):
    """A finding of the doctor: the rule, how bad it is, where, the evidence, its meaning, and what to do next.

    ``trust`` says how often the rule was right, if that was measured, and where it comes from. ``rows`` are the numbers
    of the first rows that it is about, ``n_rows`` how many there are.
    """

    rule: str
    level: Literal["error", "warning", "note"]
    where: str
    evidence: str
    meaning: str
    next: str
    trust: str
    n_rows: int
    rows: tuple[int, ...]
    plot: FindingPlot | None
    fixes: tuple[Fix, ...] = ()
    """Changes that a reader can try; none for networks of which no setup is known."""


class Findings(Struct, frozen=True, tag_field="view", tag="findings"):
    """The doctor's findings, the worst first; ``words`` say how many there are, and by how many rules."""

    epoch: int
    findings: tuple[Finding, ...]
    words: str


ViewData = (
    Overview
    | Surface
    | Response
    | Landscape
    | Confusion
    | Calibration
    | Ranking
    | Residuals
    | Blame
    | Learning
    | Weights
    | Neurons
    | Findings
)
