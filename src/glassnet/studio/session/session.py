"""`Session`: one page's work, without the web. Commands come in, messages go out by `tell`."""

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from os import PathLike
from pathlib import Path
from secrets import token_hex
from time import monotonic
from typing import Any

import numpy as np
from msgspec import structs

from glassnet.core.forward import forward
from glassnet.core.network import Network
from glassnet.data.table import Table
from glassnet.drawing.diagram.scene import Scene, scene_of
from glassnet.errors import GlassnetError, ParameterError
from glassnet.explanation.words.numbers import number
from glassnet.studio import messages as m
from glassnet.studio.recording.picture import picture_of, row_of, visible
from glassnet.studio.session.building import build, usual_setup
from glassnet.studio.session.built import Built
from glassnet.studio.session.controls import controls
from glassnet.studio.session.course import Course, Moment, is_lbfgs
from glassnet.studio.session.downloads import download
from glassnet.studio.session.editing import changed, changed_weights, with_weight
from glassnet.studio.session.finding import condition
from glassnet.studio.session.opened.cards import data_card, in_words
from glassnet.studio.session.opened.examples import examples, open_example
from glassnet.studio.session.opened.files import open_file
from glassnet.studio.session.opened.limits import USUAL, bounds_of, check_parameters, check_table
from glassnet.studio.session.opened.projects import (
    ModelProject,
    Origin,
    Project,
    TableProject,
    model_project,
    table_project,
)
from glassnet.studio.session.shown.criteria import criteria_of
from glassnet.studio.session.shown.curves import Curves
from glassnet.studio.session.shown.frames import Mailbox, View, Widths, frame_message, numbers_of_moment
from glassnet.studio.session.shown.neurons import check_neuron, neuron_card, sample_of
from glassnet.studio.session.taking_away.shown import Download, Shown
from glassnet.studio.session.worker import Worker
from glassnet.studio.subject import Subject
from glassnet.studio.understanding.views import view

SLICE = 0.05  # seconds of training between two looks at what the page wants
MOST_DRAWN = 10  # neurons of a layer
WIDE, GAP = 2, 150.0  # layers that fit between two columns; the distance of more
INTERESTING = 3  # rows
MANY_STEPS = 20_000  # of a run: conditions are then looked for at the ends of epochs only

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Start:
    """What a session opens first.

    Attributes
    ----------
    project : Project, optional
        What was opened before.
    path : str or path, optional
        A table or a model file.
    model : GlassClassifier or GlassRegressor, optional
        A fitted model.
    table : Table, optional
    target : str, optional
        The target of the table.
    title : str
    example : str, optional
        The name of an example.
    """

    project: Project | None = None
    path: str | PathLike[str] | None = None
    model: Any = None
    table: Table | None = None
    target: str | None = None
    title: str = ""
    example: str | None = None


class _Leave(Exception):
    """Leaves a run of L-BFGS, to be continued later."""


@dataclass(eq=False)
class _Work:
    """A network in training, and how it is shown."""

    project: Project
    built: Built
    course: Course
    scene: Scene
    widths: Widths
    curves: Curves
    moment: Moment
    row: Any
    beside: tuple[int, int] | None = None
    edits: tuple[tuple[int, int, int | None], ...] = ()
    before: tuple[Course, Moment] | None = None
    """What `Restore` goes back to."""


class Session:
    """One page's work.

    A worker thread does everything that takes long. The methods wait for it; only training goes on by itself.

    Parameters
    ----------
    tell : callable
        Receives messages: records of `glassnet.studio.messages`, and frames as bytes. It is called from the worker's
        thread and must not block.
    limits : Limits
    start : Start, optional
        What is opened first. If it cannot be opened, `Refused` says why.

    Examples
    --------
    >>> told = []
    >>> session = Session(told.append)
    >>> session.handle(m.OpenExample(1, "boolean"))
    >>> session.close()
    >>> [type(message).__name__ for message in told]
    ['DataCard', 'ModelCard', 'RowCard', 'Status', 'bytes']
    """

    def __init__(
        self, tell: Callable[[m.FromServer | bytes], None], limits: m.Limits = USUAL, start: Start | None = None
    ) -> None:
        self._tell, self._limits = tell, limits
        self.name = token_hex(8)
        self._project: Project | None = None
        self._work: _Work | None = None
        self._mailbox = Mailbox()
        self._is_new = False  # whether there is something to see that no frame has shown
        self._plays = False
        self._until: int | None = None
        self._pace: float | None = None
        self._next = 0.0
        self._n_per_slice = 1
        self._status: m.Status | None = None
        self._message: str | None = None
        self._is_closed = False
        self._worker = Worker(self._between)
        if start is not None:
            self._worker.begin(lambda: self._open_start(start))

    # Called by the server.

    @property
    def is_training(self) -> bool:
        """Whether training goes on by itself."""
        return self._plays

    def hello(self) -> m.Hello:
        """Return the first message of the session."""
        return m.Hello(m.VERSION, self.name, self._limits, controls(), examples())

    def handle(self, command: m.FromPage) -> None:
        """Carry out a command, or begin to train; what a page has to know comes by `tell`.

        Raises
        ------
        GlassnetError
            If it cannot be carried out; nothing has changed then.
        """
        if isinstance(command, m.Drawn):
            self._mailbox.drawn(command.frame)
            if self._is_new:
                self._worker.wake()
            return
        if isinstance(command, m.OpenUpload):
            raise ParameterError("an upload is opened by its path; see open_table.")
        carry_out = _COMMANDS[type(command)]
        self._worker.begin(lambda: carry_out(self, command)).result()

    def open_table(self, path: str | PathLike[str], title: str) -> None:
        """Open an uploaded table or model file, which is not needed afterwards.

        Parameters
        ----------
        path : str or path
        title : str
            The file's name on the reader's machine.

        Raises
        ------
        GlassnetError
            If it cannot be read, or is too large; nothing has changed then.
        """
        bounds = bounds_of(self._limits)
        self._worker.begin(
            lambda: self._show_project(open_file(path, title, self._limits, beside=self._project, bounds=bounds))
        ).result()

    def download(self, kind: str) -> Download:
        """Return a download of what is on the page.

        Raises
        ------
        ParameterError
            If there is no such kind, or nothing to take away.
        """
        return self._worker.begin(lambda: download(kind, self._shown())).result()

    def close(self) -> None:
        """Stop the training and end the worker. It can be called at any moment, and twice."""
        self._is_closed = True
        work = self._work
        if work is not None:
            work.course.training.run.stop("the session was closed")
        self._worker.close()

    # Opening.

    def _open_start(self, start: Start) -> None:
        try:
            self._show_project(self._project_of(start))
        except (GlassnetError, OSError) as error:
            self._tell(m.Refused(None, str(error)))

    def _project_of(self, start: Start) -> Project:
        if start.project is not None:
            return start.project
        if start.example is not None:
            return open_example(start.example)
        if start.model is not None:
            title = start.title or "Model"
            return model_project(title, Origin("model", title), start.model)
        if start.table is not None:
            check_table(start.table, self._limits)
            origin = Origin("table", start.title)
            return table_project(start.title or "Table", origin, start.table, target=start.target)
        if start.path is not None:
            return open_file(start.path, start.title or Path(start.path).name, self._limits, target=start.target)
        raise ParameterError("there is nothing to open: name a file, a table, a model or an example.")

    def _open_example(self, command: m.OpenExample) -> None:
        self._show_project(open_example(command.name, command.expression))

    def _show_project(self, project: Project) -> None:
        self._set_up(project, None)

    def _choose(self, command: m.Choose) -> None:
        project = self._opened()
        if not isinstance(project, TableProject):
            raise ParameterError("target and columns are fixed here; open a table to choose them.")
        setup = None if self._work is None else self._work.built.setup
        self._set_up(project.choosing(command.target, command.columns), setup, is_choice=True)

    def _build(self, command: m.Build) -> None:
        self._set_up(self._opened(), command.setup, is_new=False)

    def _opened(self) -> Project:
        if self._project is None:
            raise ParameterError("nothing is open; open a table or an example first.")
        return self._project

    def _set_up(self, project: Project, setup: m.Setup | None, *, is_new: bool = True, is_choice: bool = False) -> None:
        """Build the network of a project, and show both; an error leaves everything as it was."""
        if isinstance(project, TableProject) and project.target is None:
            self._plays, self._project, self._work = False, project, None
            self._tell(data_card(project))
            self._set_status()
            return
        if is_choice and setup is not None:  # what suited the columns before may not fit the new ones
            setup = structs.replace(setup, loss=usual_setup(project).loss)
        if isinstance(project, ModelProject) and setup is not None:
            project, is_new = project.to_table(), True
        built = build(project, setup, self._limits)
        check_parameters(built.network.n_params, self._limits)
        card = data_card(project) if is_new else None
        row = built.row(self._row_to_show(built))
        course = Course(built.training)
        gap = GAP if built.network.n_layers > WIDE else None
        scene = scene_of(built.network, built.names, most=MOST_DRAWN, gap=gap)
        moment = course.now()
        view = View(scene.drawn, None, row, built.cost)
        values, _ = numbers_of_moment(view, built.network)
        picture = picture_of(
            built.network, built.names, scene, values[None, :],
            cost=built.cost, solver=moment.solver, learning_rate=moment.learning_rate,
        )  # fmt: skip
        seconds = built.seconds()
        plan = built.training.plan
        self._plays, self._project = False, project
        self._work = _Work(project, built, course, scene, Widths(scene), Curves(), moment, row)
        self._n_per_slice = 1
        self._message = None
        if card is not None:
            self._tell(card)
        self._tell(
            m.ModelCard(
                record=picture,
                setup=built.setup,
                n_parameters=built.network.n_params,
                n_rows=plan.data.n_samples,
                n_validation=0 if plan.validation is None else plan.validation.n_samples,
                steps_per_epoch=plan.steps_per_epoch,
                seconds=seconds,
                rows=_interesting(built),
            )
        )
        self._tell_row()
        self._set_status(always=True)
        self._show(moment)

    def _move_to(self, moment: Moment) -> None:
        """Show another moment; the page hears first how training stands."""
        self._ready().moment = moment
        self._set_status()
        self._show(moment)

    def _row_to_show(self, built: Built) -> int:
        """Return the chosen row if it is still there, else the first."""
        if self._work is not None and self._project is self._work.project:
            wanted = self._work.row.index
            if wanted in built.numbers:
                return int(wanted)
        return int(built.numbers[0])

    # Training.

    def _play(self, command: m.Play) -> None:
        work = self._ready()
        self._refuse_finished(work)
        n = work.course.n_epochs
        if command.until is not None and command.until <= n:
            raise ParameterError(f"training has come to epoch {n} already; choose a later epoch to pause at.")
        self._plays, self._until, self._pace = True, command.until, command.pace
        self._next = monotonic()
        work.before = None
        self._set_status()

    def _pause(self, command: m.Pause) -> None:
        self._ready()
        if self._plays:
            self._stop_playing()

    def _step(self, command: m.Step) -> None:
        work = self._ready()
        self._plays = False
        moment, course = work.moment, work.course
        size = course.plan.steps_per_epoch
        if is_lbfgs(course.plan) or size == 1:
            self._forward(work, moment.epoch + 1, 0)
        elif moment.step + 1 < size:
            self._forward(work, moment.epoch, moment.step + 1)
        else:
            self._forward(work, moment.epoch + 1, 0)

    def _epoch(self, command: m.Epoch) -> None:
        work = self._ready()
        self._plays = False
        self._forward(work, work.moment.epoch + 1, 0)

    def _forward(self, work: _Work, epoch: int, step: int) -> None:
        """Show a later moment, for which training goes on if it has not come so far."""
        course = work.course
        needed = epoch + (step > 0)
        if work.built.setup is None:
            self._refuse_finished(work)
        if course.n_epochs < needed and not course.finished:
            self._advance(work, needed - course.n_epochs)
        if course.n_epochs < needed and (step == 0 or step > course.within or course.n_epochs < epoch):
            self._refuse_finished(work)
        work.before = None
        self._move_to(course.at(epoch, step))

    def _advance(self, work: _Work, n_epochs: int) -> None:
        """Train some epochs at once."""
        run, built = work.course.training.run, work.built
        work.edits = ()
        if not is_lbfgs(work.course.plan):
            run.advance(epochs=n_epochs)
        else:
            wanted = work.course.n_epochs + n_epochs

            def hear() -> None:
                if work.course.n_epochs >= wanted:
                    raise _Leave

            self._iterate(work, built, hear)
        work.curves.see(work.course.history.epochs)  # type: ignore[arg-type]

    def _iterate(self, work: _Work, built: Built, hear: Callable[[], None]) -> None:
        """Let L-BFGS iterate until `hear` leaves it."""
        built.iterations.hear = hear
        try:
            work.course.training.run.advance()
        except _Leave:
            pass
        finally:
            built.iterations.hear = None

    def _reset(self, command: m.Reset) -> None:
        work = self._ready()
        if work.built.setup is None:
            self._refuse_finished(work)
        self._plays = False
        built = build(work.project, work.built.setup, self._limits)
        work.built, work.course, work.curves = built, Course(built.training), Curves()
        work.edits, work.before = (), None
        self._move_to(work.course.now())

    def _between(self) -> float | None:
        """Train a slice, or send the frame that the page waits for; see `Worker`."""
        work = self._work
        if work is None or self._is_closed:
            return None
        try:
            if self._plays:
                return self._slice(work)
            if self._is_new and self._mailbox.is_free:
                self._send(work, work.moment, is_live=False)
        except Exception as error:
            _log.exception("training failed")
            self._plays = False
            self._message = f"training ended by an error: {error}"
            self._set_status(always=True)
        return None

    def _slice(self, work: _Work) -> float:
        """Train about `SLICE` seconds, tell the page if it listens, and return the seconds to wait."""
        course = work.course
        began = monotonic()
        if began < self._next:
            self._send_if_due(work)
            return self._next - began
        n = self._epochs_of_slice(course.n_epochs)
        work.edits = ()
        if is_lbfgs(course.plan):
            self._iterate(work, work.built, self._after_iteration(work, course.n_epochs + n))
        else:
            course.training.run.advance(epochs=n)
        took = monotonic() - began
        if self._pace is not None:
            self._next = max(self._next + n / self._pace, began)
        else:
            grown = int(n * SLICE / max(took, 1e-6))
            self._n_per_slice = max(1, min(grown, 8 * n))
        if course.finished or (self._until is not None and course.n_epochs >= self._until):
            self._stop_playing()
            return 0.0
        self._send_if_due(work)
        return max(0.0, self._next - monotonic()) if self._pace is not None else 0.0

    def _epochs_of_slice(self, done: int) -> int:
        """Return the number of epochs to train at once."""
        n = self._n_per_slice
        if self._pace is not None:
            n = max(1, int(self._pace * SLICE))
        return n if self._until is None else max(1, min(n, self._until - done))

    def _after_iteration(self, work: _Work, wanted: int) -> Callable[[], None]:
        limit = self._until

        def hear() -> None:
            n = work.course.n_epochs
            if self._worker.is_wanted or n >= (wanted if self._pace is not None else limit or n + 1):
                raise _Leave
            self._send_if_due(work)

        return hear

    def _send_if_due(self, work: _Work) -> None:
        if self._mailbox.is_due and (work.moment.epoch != work.course.n_epochs or work.moment.step or self._is_new):
            work.moment = work.course.now()
            self._send(work, work.moment, is_live=True)
        else:
            self._is_new = True

    def _stop_playing(self) -> None:
        """Pause, with the moment that training has come to; a finished one shows the epoch that is kept."""
        work = self._ready()
        self._plays = False
        work.curves.see(work.course.history.epochs)  # type: ignore[arg-type]
        moment = work.course.now()
        if work.course.finished:
            best = work.course.progress.best_epoch
            if best != moment.epoch:
                moment = work.course.at(best)
            elif work.course.within:
                moment = work.course.at(moment.epoch, work.course.within)
        self._move_to(moment)

    def _ready(self) -> _Work:
        if self._work is None:
            raise ParameterError("there is no network yet; open a table or an example, and choose a target.")
        return self._work

    def _refuse_finished(self, work: _Work) -> None:
        if work.built.setup is None:
            raise ParameterError("this model was opened as it is; build a network on its table to train one.")
        if work.course.finished:
            reason = work.course.history.stop_reason
            raise ParameterError(f"training has ended: {reason}. Reset it, or build with more epochs.")

    # Showing.

    def _show(self, moment: Moment) -> None:
        """Show a moment with all digits, as soon as the page has drawn the frame before."""
        work = self._ready()
        work.moment = moment
        self._is_new = True
        if self._mailbox.is_free:
            self._send(work, moment, is_live=False)

    def _send(self, work: _Work, moment: Moment, *, is_live: bool) -> None:
        work.curves.see(work.course.history.epochs)  # type: ignore[arg-type]
        view = View(work.scene.drawn, work.beside, work.row, work.built.cost)
        numbers, outputs = numbers_of_moment(view, moment.network)
        from_epoch, curves = work.curves.untold()
        self._is_new = False
        self._tell(
            frame_message(
                view, moment,
                n=self._mailbox.next_id(),
                is_live=is_live,
                words=work.built.prediction(outputs).words,
                numbers=numbers,
                from_epoch=from_epoch,
                curves=curves,
                criteria=criteria_of(work.course, self._until if self._plays else None),
                edits=work.edits,
                widest=work.widths.of(moment.network),
            )
        )  # fmt: skip

    def _set_status(self, *, always: bool = False) -> None:
        """Tell how training stands, if that has changed."""
        status = self._status_now()
        if always or status != self._status:
            self._status = status
            self._tell(status)

    def _status_now(self) -> m.Status:
        work = self._work
        if work is None:
            return m.Status("empty", 0, 0, message=self._message)
        course, n = work.course, work.course.n_epochs
        moment = work.moment
        if self._plays:
            return m.Status("training", n, 0, message=self._message)
        history = course.history
        is_behind = moment.step > 0 and moment.epoch == n - 1  # single steps of the last epoch
        epoch, step = (moment.epoch, moment.step) if is_behind else (n, course.within)
        n_edits = course.n_changes
        if course.finished and not is_behind:
            return m.Status(
                "finished",
                epoch,
                step,
                history.stopped,
                history.stop_reason,
                history.best_epoch,
                n_edits,
                self._message,
            )
        return m.Status(
            "ready" if (epoch, step) == (0, 0) else "paused", epoch, step, edits=n_edits, message=self._message
        )

    def _tell_row(self) -> None:
        work = self._ready()
        row = row_of(work.row, work.built.network, work.built.names, work.scene)
        self._tell(m.RowCard(visible(row)))

    def _look(self, command: m.Look) -> None:
        work = self._ready()
        work.row = work.built.row(command.row)
        self._tell_row()
        self._is_new = True
        if not self._plays and self._mailbox.is_free:
            self._send(work, work.moment, is_live=False)

    def _seek(self, command: m.Seek) -> None:
        work = self._ready()
        moment = work.course.at(command.epoch, command.step)
        self._plays = False
        self._move_to(moment)

    def _find(self, command: m.Find) -> None:
        work = self._ready()
        course = work.course
        found = condition(command.condition, work.built.names, course.history.metric_name)
        self._plays = False
        replay = course.replay()
        every = "epoch" if replay.n_steps > MANY_STEPS else "step"
        snapshot = replay.first(found, every=every)
        if snapshot is None:
            raise ParameterError(
                f"{command.condition!r} does not hold at any moment of the {course.n_epochs} epochs so far."
            )
        epoch, step = snapshot.epoch, snapshot.step_of_epoch
        if step == course.plan.steps_per_epoch or epoch == 0:
            step = 0
        elif step:
            epoch -= 1
        self._move_to(course.at(epoch, step))

    def _show_neuron(self, command: m.ShowNeuron) -> None:
        work, l, j = self._ready(), command.layer, command.index
        network = work.moment.network
        check_neuron(network, l, j)
        beside = None if j in work.scene.drawn[l] else (l, j)
        if beside != work.beside:
            work.beside, self._is_new = beside, True
        self._tell(self._neuron_card(work, l, j))
        if self._is_new and not self._plays and self._mailbox.is_free:
            self._send(work, work.moment, is_live=False)

    def _neuron_card(self, work: _Work, l: int, j: int) -> m.NeuronCard:
        X, Y = work.built.encoded()
        chosen = sample_of(len(X))
        rows = X[chosen]
        rows = np.asarray(rows.toarray() if hasattr(rows, "toarray") else rows)
        target = work.built.target
        words = [in_words(value) for value in target[chosen]] if target is not None else [
            ", ".join(number(float(y)) for y in each) for each in Y[chosen]
        ]  # fmt: skip
        network = _exact(work.moment)
        return neuron_card(network, work.built.cost, rows, Y[chosen], work.built.numbers[chosen], words, l, j)

    def _show_view(self, command: m.ShowView) -> None:
        self._tell(m.View(command.view, view(command.view, self._subject(), command.options)))

    def _what_if(self, command: m.WhatIf) -> None:
        work = self._ready()
        X = work.built.inputs_with(work.row.index, command.values)
        with np.errstate(all="ignore"):
            A = forward(_exact(work.moment), X).A[-1][0]
        prediction = work.built.prediction(A)
        outputs = tuple((visible(name), float(value)) for name, value in prediction.outputs.items())
        self._tell(m.Prediction(visible("; ".join(prediction.words)), outputs))

    def _subject(self) -> Subject:
        """Return the network of the shown moment with its data."""
        work = self._ready()
        built, moment = work.built, work.moment
        X, Y = built.encoded()
        return Subject(
            network=_exact(moment),
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
        )

    def _shown(self) -> Shown:
        work = self._ready()
        return Shown(work.project, work.built, work.course, work.moment, work.row.index)

    # Weights set by hand.

    def _set_weight(self, command: m.SetWeight) -> None:
        work = self._ready()
        if self._plays:
            raise ParameterError("training is going on; pause it before you set a weight.")
        network = with_weight(work.moment.network, command.layer, command.j, command.k, command.value)
        course, moment = work.before or (work.course, work.moment)
        self._go_on(work, course, moment, network)

    def _restore(self, command: m.Restore) -> None:
        work = self._ready()
        if work.before is None:
            raise ParameterError("no weight was set by hand since the last step.")
        course, moment = work.before
        self._go_on(work, course, moment, moment.network)

    def _go_on(self, work: _Work, course: Course, moment: Moment, network: Network) -> None:
        """Let training go on from a moment of a course with other weights, or with its own."""
        edits = changed_weights(moment.network, network)
        new = changed(course, moment, network) if edits else course
        work.course, work.edits, work.before = new, edits, (course, moment) if edits else None
        work.curves.cut(new.n_epochs)
        work.curves.all_again()
        self._move_to(replace(moment, network=network))


def _exact(moment: Moment) -> Network:
    network = moment.network
    return network.with_theta(np.asarray(network.theta, dtype=np.float64))


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


_COMMANDS: Mapping[type, Callable[[Session, Any], None]] = {
    m.OpenExample: Session._open_example,
    m.Choose: Session._choose,
    m.Build: Session._build,
    m.Play: Session._play,
    m.Pause: Session._pause,
    m.Step: Session._step,
    m.Epoch: Session._epoch,
    m.Reset: Session._reset,
    m.Look: Session._look,
    m.Seek: Session._seek,
    m.Find: Session._find,
    m.SetWeight: Session._set_weight,
    m.Restore: Session._restore,
    m.ShowNeuron: Session._show_neuron,
    m.ShowView: Session._show_view,
    m.WhatIf: Session._what_if,
}
