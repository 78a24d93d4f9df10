"""`LiveDoctor`: the rules listen to a training and say what is wrong as soon as it shows."""

from collections.abc import Callable
from dataclasses import replace
from time import perf_counter
from typing import Any, NamedTuple

from glassnet.core.network import Network
from glassnet.diagnosis.diagnose import checked
from glassnet.diagnosis.diagnosis import Diagnosis
from glassnet.diagnosis.from_model import no_rows, task_of
from glassnet.diagnosis.pace import Pace
from glassnet.diagnosis.rule import Rule
from glassnet.diagnosis.rules import RULES
from glassnet.diagnosis.rules.numbers import NOT_FINITE
from glassnet.diagnosis.signs import Change, Signs
from glassnet.diagnosis.subject import Rows, Subject, Training
from glassnet.engines.base import State
from glassnet.engines.statistics import Statistics
from glassnet.errors import ParameterError
from glassnet.training.history import Epoch, History
from glassnet.training.loop.listeners import EVERY_EPOCH, HeardRun, RunListener, check_every
from glassnet.training.loop.probe import Probe, n_rows_of
from glassnet.training.plan import Plan

SECONDS = 0.1
MOST_LOOKS = 256  # that are kept

LISTENING = tuple(rule for rule in RULES if rule.listening is not None)
"""The rules that listen to a training."""


class Look(NamedTuple):
    """What a doctor saw after an epoch."""

    epoch: int
    statistics: Statistics


class LiveDoctor(RunListener):
    """Says what is wrong with a network while it is trained.

    It is passed as ``callback=`` to `glassnet.train` or an estimator. From time to time it looks at the run: an engine
    computes statistics of each layer over at most 512 training rows, and rules compare them with thresholds, as
    `glassnet.diagnose` does. A finding is told once, when two looks in a row have seen it, and taken back when two
    looks in a row have not. The trained network has the same bits as without a doctor.

    Parameters
    ----------
    every : "epoch" or float
        Seconds between two looks. They become longer until all looks take about 2% of the training time. With
        "epoch" it looks after each epoch, whatever that costs.
    tell : callable or None
        ``tell(sentence)`` receives what there is to say; None for nothing.

    Attributes
    ----------
    runs : list of LiveRun
        The runs that it has heard, in their order: several for an ensemble, or if the estimator is fitted again.

    See Also
    --------
    glassnet.diagnose : also looks at columns and new rows, and takes as long as it needs.

    Examples
    --------
    A bias of -9 lets four of the five hidden units die:

    >>> import numpy as np
    >>> import glassnet as gn
    >>> rng = np.random.default_rng(0)
    >>> X, W = rng.normal(size=(200, 2)), rng.normal(size=(5, 2))
    >>> net = gn.Network.from_weights([(W, [0, -9, -9, -9, -9]), (np.ones((1, 5)), [0])], hidden="relu")
    >>> doctor = LiveDoctor(every="epoch")
    >>> options = {"cost": "binary_cross_entropy", "learning_rate": 0.1, "epochs": 30}
    >>> result = gn.train(net, X, X[:, :1] > 0, callback=doctor, **options)  # doctest: +ELLIPSIS
    ! epoch 1: dead-units (layer 1, units 2, 3, 4 and 5). 4 of 5 units have a slope of 0 ...
    >>> doctor.runs[0].looks[-1].statistics.layers[1].flat[1:]
    array([1., 1., 1., 1.])
    >>> "dead-units" in [found.rule for found in doctor.diagnosis.findings]
    True
    """

    def __init__(self, every: str | float = SECONDS, tell: Callable[[str], Any] | None = print) -> None:
        check_every(every)
        self.every, self.tell = every, tell
        self.runs: list[LiveRun] = []
        self._hearing: dict[HeardRun, tuple[str, LiveRun]] = {}

    @property
    def diagnosis(self) -> Diagnosis:
        """What the rules find in the last run; once it has ended, in the network that it has returned.

        Raises
        ------
        ParameterError
            If it has not listened to a run yet.
        """
        if not self.runs:
            raise ParameterError("this LiveDoctor has not listened to a run yet; pass it as callback= to a training.")
        return self.runs[-1].diagnosis

    def begin(self, run: HeardRun) -> None:
        """Listen to a run, beside others."""
        new = LiveRun(run, is_paced=self.every != EVERY_EPOCH)
        self.runs.append(new)
        self._hearing[run] = f"run {len(self.runs)}, " if len(self.runs) > 1 else "", new

    def hear(self, run: HeardRun, epoch: Epoch, network: Network) -> None:
        """Look at a run, if there is time."""
        name, live = self._hearing[run]
        self._say(name, live.look(epoch))

    def end(self, run: HeardRun) -> None:
        """Say where a run met a number that is not finite, and let it go."""
        name, live = self._hearing.pop(run)
        self._say(name, live.end())

    def _say(self, name: str, changes: list[Change]) -> None:
        if self.tell is not None:
            for change in changes:
                self.tell(change.in_words(name))


class LiveRun:
    """A run that a `LiveDoctor` listens to.

    Attributes
    ----------
    looks : list of Look
        The looks so far, each with the `Statistics` of the layers; at most 256, of a long run every second, fourth,
        ... one.
    """

    def __init__(self, run: HeardRun, *, is_paced: bool) -> None:
        self.looks: list[Look] = []
        self._run: HeardRun | None = run
        plan = run.plan
        self._plan: Plan | None = plan  # and with it the data, until the probe has a sample of them
        self._problem, self._engine = plan.problem, run.engine_name
        self._training = Training(
            epochs=plan.epochs,
            learning_rate=plan.learning_rate,
            solver=plan.problem.solver.name,
            shuffles=plan.shuffle,
            chooses_epoch=plan.validation is not None,
        )
        self._probe: Probe | None = None
        self._pace = Pace(6.0 * n_rows_of(plan) * plan.problem.network.n_params) if is_paced else None
        self._signs = Signs()
        self._began: float | None = None  # on the clock of the run, which may have been continued
        self._n_looks, self._stride = 0, 1
        self._diagnosis: Diagnosis | None = None
        self._outcome: tuple[State, History] | None = None

    @property
    def diagnosis(self) -> Diagnosis:
        """What the rules find in the returned network, or while the run goes on, what the last look has found."""
        if self._outcome is not None:
            state, history = self._outcome
            rate = history[-1].learning_rate if len(history) else self._training.learning_rate
            self._diagnosis, self._outcome = self._checked(state, history, rate, LISTENING), None
        if self._diagnosis is None:
            return Diagnosis((), 0, 0, ())
        return self._diagnosis

    def look(self, epoch: Epoch) -> list[Change]:
        """Look at the run after an epoch, if training has been long enough; return what has changed."""
        assert self._run is not None
        self._began = epoch.seconds if self._began is None else self._began
        trained, pace = epoch.seconds - self._began, self._pace
        if pace is not None and not pace.allows(trained):
            return []
        started = perf_counter()
        rules = [rule for rule in LISTENING if self._is_time(rule, epoch, trained)]
        history = replace(self._run.result().history, stopped="running")
        self._diagnosis = self._checked(self._run.place, history, epoch.learning_rate, rules, epoch.epoch)
        changes = self._signs.see(self._diagnosis.findings, epoch.epoch)
        if pace is not None:
            pace.see(perf_counter() - started)
        return changes

    def end(self) -> list[Change]:
        """Let go of the run, whose outcome is diagnosed when asked for; return the number that broke it, if one did."""
        assert self._run is not None
        outcome, self._run = self._run.result(), None
        history, self._outcome = outcome.history, (outcome.state, outcome.history)
        self._sampled()
        if history.divergence is None:
            return []
        broken = checked(
            self._subject(None, outcome.state, history), [rule for rule in RULES if rule.name == NOT_FINITE]
        )
        return [Change(history.divergence.epoch, found) for found in broken.findings]

    def _is_time(self, rule: Rule, epoch: Epoch, trained: float) -> bool:
        assert rule.listening is not None
        if epoch.epoch <= rule.listening.after * self._training.epochs:
            return False
        seconds = rule.listening.seconds
        return not seconds or self._pace is None or self._pace.allows(trained, seconds)

    def _sampled(self) -> Probe:
        """Return the probe, whose rows are all that is kept of the data."""
        if self._probe is None:
            assert self._plan is not None
            self._probe, self._plan = Probe(self._plan, self._engine), None
        return self._probe

    def _checked(
        self, state: State, history: History, rate: float | None, rules: Any, epoch: int | None = None
    ) -> Diagnosis:
        statistics = self._sampled().statistics(state, rate)
        if epoch is not None:
            self._keep(Look(epoch, statistics))
        return checked(self._subject(statistics, state, history), rules)

    def _subject(self, statistics: Statistics | None, state: State, history: History) -> Subject:
        problem = self._problem
        network, probe = problem.network.with_theta(state.theta), self._probe
        rows = no_rows(network) if probe is None else Rows(probe.X, probe.Y)
        training = replace(self._training, history=history)
        names = tuple(f"x{k}" for k in range(1, network.n_inputs + 1))
        return Subject(
            network, problem.cost, rows, None, task_of(problem.cost, network.sizes[-1]), (), names, training,
            observed=statistics,
        )  # fmt: skip

    def _keep(self, look: Look) -> None:
        """Keep every look, or of many, evenly spread ones."""
        if self._n_looks % self._stride == 0:
            self.looks.append(look)
        self._n_looks += 1
        if len(self.looks) > MOST_LOOKS:
            del self.looks[1::2]
            self._stride *= 2
