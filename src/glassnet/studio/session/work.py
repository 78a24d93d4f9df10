"""`Work`: a network in training, and what the page asks about its shown moment."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from glassnet.core.forward import forward
from glassnet.core.network import Network
from glassnet.drawing.diagram.scene import Scene, scene_of
from glassnet.studio import messages as m
from glassnet.studio.recording.picture import picture_of, row_of, visible
from glassnet.studio.recording.sources import Row
from glassnet.studio.session.built import Built
from glassnet.studio.session.courses.course import Course, Moment, costs_of
from glassnet.studio.session.opened.projects import Project
from glassnet.studio.session.shown.curves import Curves
from glassnet.studio.session.shown.frames import View, Widths, numbers_of_moment
from glassnet.studio.session.shown.neurons import neuron_card, sample_of
from glassnet.studio.subject import Subject
from glassnet.studio.understanding.words import in_words, number

MOST_DRAWN = 10  # neurons of a layer
WIDE, GAP = 2, 150.0  # layers that fit between two columns; the distance of more
INTERESTING = 3  # rows


@dataclass(eq=False)
class Work:
    """A network in training, and how it is shown.

    Attributes
    ----------
    project : Project
    built : Built
    course : Course
    scene : Scene
    widths : Widths
    curves : Curves
    moment : Moment
        The shown one.
    row : Row
        The chosen one.
    beside : (int, int) or None
        Layer and index of the open neuron, if it is not drawn.
    edits : tuple of (int, int, int or None)
        The weights that were set by hand at this moment.
    before : (Course, Moment) or None
        What they are taken back to.
    again : int
        How many epochs are planned further when all are done.
    """

    project: Project
    built: Built
    course: Course
    scene: Scene
    widths: Widths
    curves: Curves
    moment: Moment
    row: Row
    beside: tuple[int, int] | None = None
    edits: tuple[tuple[int, int, int | None], ...] = ()
    before: tuple[Course, Moment] | None = None
    again: int = 1

    @property
    def network(self) -> Network:
        """The network of the shown moment, in float64."""
        network = self.moment.network
        return network.with_theta(np.asarray(network.theta, dtype=np.float64))

    @property
    def edits_here(self) -> tuple[tuple[int, int, int | None], ...]:
        """The weights that were set by hand, if the shown moment is that of the change."""
        change, moment = self.course.change, self.moment
        is_here = change is not None and (change.epoch, change.step) == (moment.epoch, moment.step)
        return self.edits if is_here else ()

    @property
    def costs_by_hand(self) -> tuple[float | None, float | None] | None:
        """The cost of the training and of the validation rows with weights that were set by hand; else None."""
        return costs_of(self.course.training, self.moment.network) if self.edits_here else None

    @property
    def view(self) -> View:
        """What frames show."""
        return View(self.scene.drawn, self.beside, self.row, self.built.cost)

    def begin_anew(self, built: Built) -> None:
        """Take the same network before its first step."""
        self.built, self.course, self.curves = built, Course(built.training), Curves()
        self.edits, self.before, self.again = (), None, built.training.plan.epochs


def work_of(project: Project, built: Built, row: int | None) -> Work:
    """Return the work on a network that was built; a row that is not there is replaced by the first."""
    is_deep = built.network.n_layers > WIDE
    scene = scene_of(built.network, built.names, most=MOST_DRAWN, gap=GAP if is_deep else None)
    course = Course(built.training)
    chosen = built.row(int(row if row is not None and row in built.numbers else built.numbers[0]))
    again = built.training.plan.epochs
    return Work(project, built, course, scene, Widths(scene), Curves(), course.now(), chosen, again=again)


def model_card(work: Work, *, is_same: bool = False) -> m.ModelCard:
    """Return the card of the network, which may be the one that the page shows already."""
    built, moment, plan, seconds = work.built, work.moment, work.course.plan, work.built.seconds()
    values, _ = numbers_of_moment(work.view, moment.network)
    return m.ModelCard(
        record=picture_of(
            built.network,
            built.names,
            work.scene,
            values[None, :],
            cost=built.cost,
            solver=moment.solver,
            learning_rate=moment.learning_rate,
        ),
        setup=built.setup,
        n_parameters=built.network.n_params,
        n_rows=plan.data.n_samples,
        n_validation=0 if plan.validation is None else plan.validation.n_samples,
        steps_per_epoch=plan.steps_per_epoch,
        seconds=seconds,
        epoch_seconds=None if seconds is None else seconds / plan.epochs,
        rows=_interesting(built),
        is_same=is_same,
    )


def row_card(work: Work) -> m.RowCard:
    """Return the card of the chosen row."""
    return m.RowCard(visible(row_of(work.row, work.built.network, work.built.names, work.scene)))


def card_of_neuron(work: Work, l: int, j: int) -> m.NeuronCard:
    """Return the card of a neuron over the data, or over a sample of them."""
    X, Y = work.built.encoded()
    chosen = sample_of(len(X))
    target = work.built.target
    if target is None:
        words = [", ".join(number(float(y)) for y in each) for each in Y[chosen]]
    else:
        words = [in_words(value) for value in target[chosen]]
    return neuron_card(
        work.network, work.built.cost, X[chosen], Y[chosen], work.built.numbers[chosen], words, l, j
    )  # fmt: skip


def prediction_with(work: Work, values: Mapping[str, Any]) -> m.Prediction:
    """Return the prediction of the chosen row with other values."""
    X = work.built.inputs_with(work.row.index, values)
    with np.errstate(all="ignore"):
        A = forward(work.network, X).A[-1][0]
    prediction = work.built.prediction(A)
    outputs = tuple((visible(name), float(value)) for name, value in prediction.outputs.items())
    return m.Prediction(visible("; ".join(prediction.words)), outputs)


def subject_of(work: Work, *, is_training: bool = False) -> Subject:
    """Return the network of the shown moment with its data."""
    built, moment = work.built, work.moment
    X, Y = built.encoded()
    return Subject(
        network=work.network,
        cost=built.cost,
        names=built.names,
        task=built.task,
        X=X,
        Y=Y,
        rows=built.numbers,
        held_out=built.held_out,
        row=work.row.index,
        words=lambda A: built.prediction(A).words,
        epoch=moment.epoch,
        step=moment.step,
        history=work.course.history if built.model is None else built.model.history_,
        path=work.course.path,
        model=built.model_at(work.course, moment),
        table=built.table,
        target=built.target,
        is_training=is_training,
    )


def _interesting(built: Built) -> tuple[int, ...]:
    """Return some rows worth looking at: the first of each class, else some spread over the quantity."""
    numbers, target = built.numbers, built.target
    if target is None or target.ndim > 1:
        return tuple(int(i) for i in numbers[: 2 * INTERESTING])
    if built.task == "regression":
        order = np.argsort(target, kind="stable")
        places = [order[0], order[len(order) // 2], order[-1]]
        return tuple(int(numbers[i]) for i in dict.fromkeys(places))
    first: dict[Any, int] = {}
    for i, value in enumerate(target.tolist()):
        first.setdefault(value, int(numbers[i]))
    return tuple(list(first.values())[: 4 * INTERESTING])
