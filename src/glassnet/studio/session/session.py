"""`Session`: one page's work, without the web. Commands come in, messages go out by `tell`."""

import logging
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import replace
from os import PathLike
from secrets import token_hex
from typing import Any

from msgspec import structs

from glassnet.core.network import Network
from glassnet.errors import GlassnetError, ParameterError, readable
from glassnet.studio import messages as m
from glassnet.studio.session.building import build, usual_setup
from glassnet.studio.session.controls import controls
from glassnet.studio.session.courses.course import Course, Moment
from glassnet.studio.session.courses.editing import changed, changed_weights, with_weight
from glassnet.studio.session.courses.finding import found
from glassnet.studio.session.courses.longer import longer, schedule_in_words, wanted_epochs
from glassnet.studio.session.downloads import download
from glassnet.studio.session.opened.cards import data_card
from glassnet.studio.session.opened.examples import examples, open_example
from glassnet.studio.session.opened.files import open_file
from glassnet.studio.session.opened.limits import USUAL, bounds_of, check_parameters
from glassnet.studio.session.opened.projects import ModelProject, Project, TableProject
from glassnet.studio.session.player import Player, refuse_finished
from glassnet.studio.session.screen import Screen, Tell
from glassnet.studio.session.shown.neurons import check_neuron
from glassnet.studio.session.taking_away.shown import Download, Shown
from glassnet.studio.session.work import (
    Work,
    card_of_neuron,
    model_card,
    prediction_with,
    row_card,
    subject_of,
    work_of,
)
from glassnet.studio.session.worker import Worker
from glassnet.studio.understanding.views import view

_log = logging.getLogger(__name__)


class Session:
    """One page's work.

    A worker thread does everything that takes long. The methods wait for it; only training goes on by itself.

    Parameters
    ----------
    tell : callable
        Receives messages: records of `glassnet.studio.messages`, and frames as bytes. It is called from the worker's
        thread and must not block.
    limits : Limits
    start : Project, optional
        What is opened first. If no network can be built for it, `Refused` says why.

    Examples
    --------
    >>> told = []
    >>> session = Session(told.append)
    >>> session.handle(m.OpenExample(1, "boolean"))
    >>> session.close()
    >>> [type(message).__name__ for message in told]
    ['DataCard', 'ModelCard', 'RowCard', 'Status', 'bytes']
    """

    def __init__(self, tell: Tell, limits: m.Limits = USUAL, start: Project | None = None) -> None:
        self._limits = limits
        self.name = token_hex(8)
        self._project: Project | None = None
        self._work: Work | None = None
        self._screen = Screen(tell)
        self._is_closed = False
        self._worker = Worker(self._between)
        self._player = Player(self._screen)
        if start is not None:
            self._worker.begin(lambda: self._open_start(start))

    # Called by the server.

    @property
    def is_training(self) -> bool:
        """Whether training goes on by itself."""
        return self._screen.is_playing

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
            if self._screen.drawn(command.frame):
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

    def go_away(self) -> None:
        """Tell nothing more to a page that has gone; a training goes on."""
        with suppress(GlassnetError):  # closed meanwhile
            self._worker.begin(lambda: self._screen.begin_anew(lambda message: None))

    def come_back(self, tell: Tell) -> None:
        """Tell a page that has come back everything that is open, and go on telling it."""
        self._worker.begin(lambda: self._tell_all(tell))

    def close(self) -> None:
        """Stop the training and end the worker. It can be called at any moment, and twice."""
        self._is_closed = True
        work = self._work
        if work is not None:
            work.course.training.run.stop("the session was closed")
        self._worker.close()

    def _tell_all(self, tell: Tell) -> None:
        screen, work = self._screen, self._work
        screen.begin_anew(tell)
        if self._project is None:
            return
        screen.tell(data_card(self._project))
        if work is None:
            screen.tell_status(None)
            return
        work.curves.all_again()
        for card in (model_card(work), row_card(work)):
            screen.tell(card)
        screen.tell_status(work, always=True)
        screen.show(work)

    # Opening.

    def _open_start(self, start: Project) -> None:
        try:
            self._show_project(start)
        except GlassnetError as error:
            self._screen.tell(m.Refused(None, str(error)))

    def _open_example(self, command: m.OpenExample) -> None:
        self._show_project(open_example(command.name, command.expression))

    def _show_project(self, project: Project) -> None:
        self._set_up(project, None)

    def _choose(self, command: m.Choose) -> None:
        project = self._opened()
        if not isinstance(project, TableProject):
            raise ParameterError("target and columns are fixed here; open a table to choose them.")
        setup = None if self._work is None else self._work.built.setup
        self._set_up(project.choosing(command.target, command.columns, command.task), setup, is_choice=True)

    def _build(self, command: m.Build) -> None:
        self._set_up(self._opened(), command.setup, is_new=False)

    def _opened(self) -> Project:
        if self._project is None:
            raise ParameterError("nothing is open; open a table or an example first.")
        return self._project

    def _set_up(self, project: Project, setup: m.Setup | None, *, is_new: bool = True, is_choice: bool = False) -> None:
        """Build the network of a project, and show both; an error leaves everything as it was."""
        screen = self._screen
        if isinstance(project, TableProject) and project.target is None:
            screen.is_playing, screen.message, self._project, self._work = False, None, project, None
            screen.tell(data_card(project))
            screen.tell_status(None)
            return
        if is_choice and setup is not None:  # what suited the columns before may not fit the new ones
            setup = structs.replace(setup, loss=usual_setup(project).loss)
        if isinstance(project, ModelProject) and setup is not None:
            project, is_new = project.to_table(), True
        built = build(project, setup, self._limits)
        check_parameters(built.network.n_params, self._limits)
        is_same = self._work is not None and self._work.project is project
        work = work_of(project, built, self._work.row.index if is_same and self._work is not None else None)
        cards = [data_card(project), model_card(work)] if is_new else [model_card(work)]
        screen.is_playing, screen.message, self._project, self._work = False, None, project, work
        for card in (*cards, row_card(work)):
            screen.tell(card)
        screen.tell_status(work, always=True)
        screen.show(work)

    # Training.

    def _play(self, command: m.Play) -> None:
        work = self._ready()
        n = wanted_epochs(work.course, command.until, work.again)
        told = self._plan_more(work, n) if work.built.setup is not None and n > work.course.plan.epochs else None
        self._player.play(work, command.until, command.pace, told)

    def _plan_more(self, work: Work, n_epochs: int) -> str | None:
        """Plan more epochs; return what becomes of the schedule, if that changes."""
        assert work.built.setup is not None
        built = build(work.project, structs.replace(work.built.setup, max_iter=n_epochs), self._limits)
        told = schedule_in_words(work.course, built.training.plan)
        work.built, work.course = built, longer(work.course, built.training)
        self._screen.tell(model_card(work, is_same=True))
        return told

    def _pause(self, command: m.Pause) -> None:
        work = self._ready()
        if self._screen.is_playing:
            self._player.pause(work)

    def _step(self, command: m.Step) -> None:
        self._player.step(self._ready())

    def _epoch(self, command: m.Epoch) -> None:
        work = self._ready()
        self._player.go_to(work, work.moment.epoch + 1, 0)

    def _reset(self, command: m.Reset) -> None:
        work = self._ready()
        if work.built.setup is None:
            refuse_finished(work)
        work.begin_anew(build(work.project, work.built.setup, self._limits))
        self._screen.is_playing = False
        self._screen.move_to(work, work.course.now())

    def _between(self) -> float | None:
        """Train a slice, or send the frame that the page waits for; see `Worker`."""
        work, screen = self._work, self._screen
        if work is None or self._is_closed:
            return None
        try:
            if screen.is_playing:
                return self._player.slice(work)
            screen.show_missed(work)
        except Exception as error:
            _log.exception("training failed")
            why = str(error) if isinstance(error, GlassnetError) else readable(f"{type(error).__name__}: {error}")
            screen.is_playing, screen.message = False, f"training paused at an error: {why}"
            screen.tell_status(work, always=True)
        return None

    def _ready(self) -> Work:
        if self._work is None:
            raise ParameterError("there is no network yet; open a table or an example, and choose a target.")
        return self._work

    # Looking.

    def _look(self, command: m.Look) -> None:
        work = self._ready()
        work.row = work.built.row(command.row)
        self._screen.tell(row_card(work))
        self._screen.show(work)

    def _seek(self, command: m.Seek) -> None:
        work = self._ready()
        moment = work.course.at(command.epoch, command.step)
        self._screen.is_playing = False
        self._screen.move_to(work, moment)

    def _find(self, command: m.Find) -> None:
        work = self._ready()
        moment = found(command.condition, work.course, work.built.names)
        self._screen.is_playing = False
        self._screen.move_to(work, moment)

    def _show_neuron(self, command: m.ShowNeuron) -> None:
        work, l, j = self._ready(), command.layer, command.index
        check_neuron(work.moment.network, l, j)
        before, work.beside = work.beside, None if j in work.scene.drawn[l] else (l, j)
        self._screen.tell(card_of_neuron(work, l, j))
        if work.beside != before:
            self._screen.show(work)

    def _show_view(self, command: m.ShowView) -> None:
        subject = subject_of(self._ready(), is_training=self._screen.is_playing)
        self._screen.tell(m.View(command.view, view(command.view, subject, command.options)))

    def _what_if(self, command: m.WhatIf) -> None:
        self._screen.tell(prediction_with(self._ready(), command.values))

    def _shown(self) -> Shown:
        work = self._ready()
        return Shown(work.project, work.built, work.course, work.moment, work.row.index)

    # Weights set by hand.

    def _set_weight(self, command: m.SetWeight) -> None:
        work = self._ready()
        if self._screen.is_playing:
            raise ParameterError("training is going on; pause it before you set a weight.")
        network = with_weight(work.moment.network, command.layer, command.j, command.k, command.value)
        before = work.before if work.edits_here else None
        self._go_on(work, *(before or (work.course, work.moment)), network)

    def _restore(self, command: m.Restore) -> None:
        work = self._ready()
        if work.before is None:
            raise ParameterError("no weight was set by hand since the last step.")
        course, moment = work.before
        self._go_on(work, course, moment, moment.network)

    def _go_on(self, work: Work, course: Course, moment: Moment, network: Network) -> None:
        """Let training go on from a moment of a course with other weights, or with its own."""
        edits = changed_weights(moment.network, network)
        new = changed(course, moment, network) if edits else course
        work.course, work.edits, work.before = new, edits, (course, moment) if edits else None
        work.curves.cut(new.n_epochs)
        work.curves.all_again()
        self._screen.move_to(work, replace(moment, network=network))


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
