"""The messages between the page and its server: what a reader asks for, and what the page is told.

Messages are JSON in the text frames of a websocket, told apart by ``type``. A moment of training is a binary frame:
the length of its `FrameHeader` (4 bytes, little-endian), the header as JSON, blanks up to a multiple of 8, and the
numbers as floats of ``header.bytes`` each, in the order of `glassnet.studio.recording.numbers.frame`.

The types of the page, page/messages.d.ts, are written from here by ``python -m tools.messages``; a test compares them.
"""

from typing import Annotated, Any, Literal

from msgspec import Meta, Struct

VERSION = 1

Text = Annotated[str, Meta(max_length=1_000)]
Name = Annotated[str, Meta(max_length=10_000)]
Natural = Annotated[int, Meta(ge=0, le=2**53 - 1)]
Positive = Annotated[int, Meta(ge=1, le=2**53 - 1)]

# What both sides speak of.


class HiddenLayer(Struct, frozen=True, forbid_unknown_fields=True):
    """A hidden layer as it is to be built."""

    size: Annotated[int, Meta(ge=1, le=4_096)]
    activation: Text


class Setup(Struct, frozen=True, forbid_unknown_fields=True):
    """A network and its training as they are to be built. The names are those of the estimators.

    ``scaled`` encodes the table for training; without it numbers go into the network as they are. A batch size of
    null is that of the estimators.
    """

    hidden: Annotated[tuple[HiddenLayer, ...], Meta(max_length=32)]
    loss: Text
    solver: Text
    learning_rate_init: float
    learning_rate: Text
    batch_size: Positive | None
    max_iter: Annotated[int, Meta(ge=1, le=10_000_000)]
    alpha: float
    dropout: float
    validation_fraction: float
    n_iter_no_change: Positive | None
    random_state: Annotated[int, Meta(ge=0, le=2**32 - 1)]
    scaled: bool = True


# From the page.


class Command(Struct, frozen=True, forbid_unknown_fields=True, tag_field="type"):
    """What a reader asks for; its ``id`` comes back in `Done` or `Refused`."""

    id: Natural


class OpenExample(Command, frozen=True, tag="open_example"):
    """Open a bundled example; ``expression`` is that of the Boolean function."""

    name: Text
    expression: Text | None = None


class OpenUpload(Command, frozen=True, tag="open_upload"):
    """Open a file that was uploaded; ``upload`` is the answer to the upload."""

    upload: Text


class Choose(Command, frozen=True, tag="choose"):
    """Choose the target, the input columns and the task; null leaves the choice to the schema."""

    target: Name
    columns: Annotated[tuple[Name, ...], Meta(max_length=10_000)] | None = None
    task: Literal["classification", "regression"] | None = None


class Build(Command, frozen=True, tag="build"):
    """Build a new network, before its first step."""

    setup: Setup


class Play(Command, frozen=True, tag="play"):
    """Train, up to an epoch or to the end, and no faster than so many epochs a second.

    Small networks would have learned before anyone has looked. A further one changes both while training goes on. An
    epoch beyond the planned ones plans more; after the last planned one, training goes on as `Status.more` says.
    """

    until: Positive | None = None
    pace: Annotated[float, Meta(gt=0, le=1_000)] | None = None


class Pause(Command, frozen=True, tag="pause"):
    """Pause after the current epoch."""


class Step(Command, frozen=True, tag="step"):
    """Take one step of the solver."""


class Epoch(Command, frozen=True, tag="epoch"):
    """Take the steps up to the end of the next epoch."""


class Reset(Command, frozen=True, tag="reset"):
    """Go back to the initial weights."""


class Look(Command, frozen=True, tag="look"):
    """Choose the row that goes through the network, by its number in the table."""

    row: Natural


class Seek(Command, frozen=True, tag="seek"):
    """Show an earlier moment: so many steps after the end of an epoch, with all digits."""

    epoch: Natural
    step: Natural = 0


class Find(Command, frozen=True, tag="find"):
    """Show the first moment at which a condition holds, such as "cost < 0.1"; see `glassnet.training.breakpoints`."""

    condition: Text


class SetWeight(Command, frozen=True, tag="set_weight"):
    """Put another value in the place of a weight; a ``k`` of null is the bias. Training goes on from it."""

    layer: Positive
    j: Natural
    k: Natural | None
    value: float


class Restore(Command, frozen=True, tag="restore"):
    """Take back all weights that were set by hand since the last step."""


class ShowNeuron(Command, frozen=True, tag="show_neuron"):
    """Ask for the card of a neuron: its activations over the data, and the rows that excite it most.

    If it is not drawn, frames bring its weights from now on; see `FrameHeader`.
    """

    layer: Positive
    index: Natural


class ShowView(Command, frozen=True, tag="show_view"):
    """Ask for a view of the trained network; which options a view has stands beside the view."""

    view: Text
    options: dict[str, str | float | int | bool | None] = {}


class WhatIf(Command, frozen=True, tag="what_if"):
    """Ask for the prediction of the chosen row with other values, by column."""

    values: dict[str, str | float | bool | None]


class Drawn(Struct, frozen=True, forbid_unknown_fields=True, tag_field="type", tag="drawn"):
    """The page has drawn a frame; only then is the next one sent, so that a slow page never falls behind."""

    frame: Natural


FromPage = (
    OpenExample
    | OpenUpload
    | Choose
    | Build
    | Play
    | Pause
    | Step
    | Epoch
    | Reset
    | Look
    | Seek
    | Find
    | SetWeight
    | Restore
    | ShowNeuron
    | ShowView
    | WhatIf
    | Drawn
)

# From the server.


class Choice(Struct, frozen=True):
    """One of the values of a control, in one sentence; ``curve`` are points (z, a) of an activation."""

    name: str
    words: str
    curve: tuple[tuple[float, float], ...] = ()


class Control(Struct, frozen=True):
    """What a field of `Setup` does, in one sentence, and what it may be."""

    field: str
    label: str
    words: str
    choices: tuple[Choice, ...] = ()
    least: float | None = None
    most: float | None = None


class Example(Struct, frozen=True):
    """A bundled example."""

    name: str
    title: str
    words: str
    expression: str | None = None


class Limits(Struct, frozen=True):
    """How much a session takes."""

    upload_bytes: int
    rows: int
    columns: int
    cells: int
    parameters: int


class Hello(Struct, frozen=True, tag_field="type", tag="hello"):
    """The first message of a session."""

    version: int
    session: str
    limits: Limits
    controls: tuple[Control, ...]
    examples: tuple[Example, ...]
    is_again: bool = False
    """Whether the page has come back to its session, as after a reload; what is open is told next."""


class ColumnCard(Struct, frozen=True):
    """A column as it was understood."""

    name: str
    kind: str
    role: Literal["target", "input", "left out"]
    words: str
    missing: int
    distinct: int | None
    counts: tuple[tuple[str, int], ...] = ()
    least: float | None = None
    most: float | None = None
    choices: tuple[str, ...] = ()
    """The range of a column of numbers, or all values of one with few: what a reader can ask "what if" with."""


class DataCard(Struct, frozen=True, tag_field="type", tag="data"):
    """The open table as it was understood."""

    title: str
    n_rows: int
    task: Literal["classification", "regression", "none"]
    target: str | None
    columns: tuple[ColumnCard, ...]
    preview: tuple[tuple[str, ...], ...]
    warnings: tuple[str, ...]
    truth_table: tuple[tuple[str, ...], ...] | None = None
    is_fixed: bool = False
    """Whether target and columns cannot be chosen: textbook networks, and models without their table."""
    is_whole: bool = False
    """Whether the target has whole numbers, which may be classes or a quantity."""
    chosen_task: Literal["classification", "regression"] | None = None
    """The task that the reader chose; null if the target decides."""


class ModelCard(Struct, frozen=True, tag_field="type", tag="model"):
    """A network that was built or opened; ``record`` is a `Picture` as in page/recording.d.ts."""

    record: dict[str, Any]
    setup: Setup | None
    n_parameters: int
    n_rows: int
    n_validation: int
    steps_per_epoch: int
    seconds: float | None
    """Predicted seconds of the whole training; null if unknown."""
    epoch_seconds: float | None
    """Predicted seconds of an epoch, within which training cannot be paused; null if unknown."""
    rows: tuple[int, ...]
    """Some rows worth looking at, by their numbers in the table."""
    is_same: bool = False
    """Whether it is the network that the page shows already, with more epochs planned; its moments remain."""


class RowCard(Struct, frozen=True, tag_field="type", tag="row"):
    """The chosen row; ``row`` is a `Row` as in page/recording.d.ts."""

    row: dict[str, Any]


class Criterion(Struct, frozen=True):
    """A stop criterion as a bar, which is full when training stops."""

    name: str
    words: str
    share: float


class More(Struct, frozen=True):
    """So many epochs could follow the last planned one, and what becomes of the schedule then."""

    epochs: int
    words: str


class Status(Struct, frozen=True, tag_field="type", tag="status"):
    """How training stands. It comes whenever ``state`` changes.

    ``more`` is what a further `Play` does after the last planned epoch; null if training is over for another reason.
    """

    state: Literal["empty", "ready", "training", "paused", "finished"]
    epoch: int
    step: int
    stopped: str | None = None
    reason: str | None = None
    best_epoch: int | None = None
    edits: int = 0
    message: str | None = None
    more: More | None = None


class FrameHeader(Struct, frozen=True):
    """What a moment has besides its numbers. The fields up to ``predictions`` are a `Frame` of page/recording.d.ts.

    ``curves`` are the points of the cost curves since the frame that was sent before, as (epoch, value or null),
    thinned if they are many; ``from_epoch`` says where they begin, and the page cuts its curves there. ``is_live`` is
    false for moments that were asked for. ``beside`` is the layer and the index of the neuron that is open and not
    drawn: the numbers of the frame then are those of a picture that draws it as the last one of its layer. ``step``
    counts from the end of ``epoch``, as in `Seek`. ``widest`` is the ``widest`` of each layer, for this moment.
    ``edits`` are the weights that were set by hand at this moment, and ``costs`` the cost of the training and of the
    validation rows with them, which no curve has.
    """

    frame: int
    row: int
    epoch: int
    step: int
    learning_rate: float
    parameters: dict[str, float]
    predictions: tuple[tuple[str, ...], ...]
    bytes: Literal[4, 8]
    is_live: bool
    from_epoch: int
    curves: dict[str, tuple[tuple[int, float | None], ...]]
    criteria: tuple[Criterion, ...] = ()
    edits: tuple[tuple[int, int, int | None], ...] = ()
    costs: tuple[float | None, float | None] | None = None
    beside: tuple[int, int] | None = None
    widest: tuple[float, ...] = ()


class NeuronCard(Struct, frozen=True, tag_field="type", tag="neuron"):
    """The activations of a neuron over the data: ``edges`` and ``counts`` of a histogram, and its most excited rows."""

    layer: int
    index: int
    edges: tuple[float, ...]
    counts: tuple[int, ...]
    n_rows: int
    words: str
    """Such as "zero for 97% of the rows"."""
    rows: tuple[tuple[int, float, str], ...]
    """The number, activation and target of the rows that excite it most."""
    blame: float | None
    """Its mean absolute error signal over the rows."""


class View(Struct, frozen=True, tag_field="type", tag="view"):
    """A view of the trained network; ``data`` is as described beside the view."""

    view: str
    data: dict[str, Any]


class Prediction(Struct, frozen=True, tag_field="type", tag="prediction"):
    """The prediction of a row with other values: words, and the outputs by name."""

    words: str
    outputs: tuple[tuple[str, float], ...]


class Done(Struct, frozen=True, tag_field="type", tag="done"):
    """A command was carried out."""

    id: int


class Refused(Struct, frozen=True, tag_field="type", tag="refused"):
    """A command was refused; nothing has changed."""

    id: int | None
    message: str


FromServer = Hello | DataCard | ModelCard | RowCard | Status | NeuronCard | View | Prediction | Done | Refused
