"""Conditions in words, such as "cost < 0.1", as breakpoints."""

import re
from collections.abc import Callable

from glassnet.core.records import ByLayer
from glassnet.errors import ParameterError
from glassnet.studio.session.courses.course import Course, Moment
from glassnet.training.breakpoints import dead_unit, gradient_beyond, rises, weight_beyond
from glassnet.training.history import NAMES, History
from glassnet.training.replay.replay import InHistory
from glassnet.training.replay.step_snapshot import StepSnapshot
from glassnet.wording import counted

QUANTITIES = tuple(name for name in (*NAMES, "objective") if name != "epoch")
EXAMPLES = "'cost < 0.1', 'validation cost rises', 'gradient > 10', 'weight > 5' or 'dead hidden1.2'"
_COMPARISON = re.compile(r"(?P<what>[a-z_² ]+?)\s*(?P<sign><=|>=|<|>)\s*(?P<number>\S+)")
_RISE = re.compile(r"(?P<what>[a-z_ ]+?)\s+rises(?:\s+(?P<factor>\S+))?")
_DEAD = re.compile(r"dead\s+(?P<name>.+)", re.IGNORECASE)
_SIGNS: dict[str, Callable[[float, float], bool]] = {
    "<": lambda a, b: a < b,
    "<=": lambda a, b: a <= b,
    ">": lambda a, b: a > b,
    ">=": lambda a, b: a >= b,
}


MANY_STEPS = 20_000  # of a run: conditions on the network are then looked for at the ends of epochs only


def found(words: str, course: Course, names: ByLayer[tuple[str, ...]]) -> Moment:
    """Return the first moment of a course, after its last change by hand, at which a condition holds.

    Raises
    ------
    ParameterError
        If the words mean nothing, or it never holds.
    """
    history, size = course.history, course.plan.steps_per_epoch
    sought = condition(words, names, history.metric_name)
    never = ParameterError(f"{words!r} does not hold at any moment of the {counted(course.n_epochs, 'epoch')} so far.")
    if isinstance(sought, InHistory):
        epoch = sought.epoch_of(history)
        if epoch is None:
            raise never
        return course.at(epoch)
    replay = course.replay()
    every = "epoch" if replay.n_steps > MANY_STEPS else "step"
    snapshot = replay.first(sought, every=every, start=course.first_epoch * size)
    if snapshot is None:
        raise never
    return course.at(*divmod(snapshot.step - replay.first_step, size))


def condition(
    words: str, names: ByLayer[tuple[str, ...]], metric: str | None
) -> Callable[[StepSnapshot], bool] | InHistory:
    """Return the breakpoint of a condition in words; `metric` is the name of the run's metric.

    Raises
    ------
    ParameterError
        If the words mean nothing.
    """
    text = " ".join(words.split())
    if found := _DEAD.fullmatch(text):
        return _dead(found["name"], names)
    lower = text.lower()
    if found := _RISE.fullmatch(lower):
        factor = 3.0 if found["factor"] is None else _number(found["factor"], words)
        return rises(factor, _quantity(found["what"], metric, words))
    if found := _COMPARISON.fullmatch(lower):
        what, limit = found["what"].strip(), _number(found["number"], words)
        if what in ("weight", "gradient") and found["sign"] in (">", ">="):
            return weight_beyond(limit) if what == "weight" else gradient_beyond(limit)
        return _compared(_quantity(what, metric, words), _SIGNS[found["sign"]], limit)
    raise ParameterError(f"{words!r} is not a condition that can be looked for; try {EXAMPLES}.")


def _compared(quantity: str, holds: Callable[[float, float], bool], limit: float) -> InHistory:
    def epoch_of(history: History) -> int | None:
        values = enumerate(history[quantity].tolist(), start=1)
        return next((epoch for epoch, value in values if holds(value, limit)), None)

    return InHistory(epoch_of)


def _quantity(what: str, metric: str | None, words: str) -> str:
    name = what.strip().replace(" ", "_")
    if metric is not None and name.removeprefix("validation_") == metric.lower().replace("²", "2"):
        name = name.replace(name.removeprefix("validation_"), "metric")
    if name not in QUANTITIES:
        known = ", ".join(each.replace("_", " ") for each in QUANTITIES)
        raise ParameterError(f"{words!r} names {what!r}, which the training does not record; it records {known}.")
    return name


def _number(text: str, words: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise ParameterError(f"{text!r} in {words!r} is not a number; try {EXAMPLES}.") from None


def _dead(name: str, names: ByLayer[tuple[str, ...]]) -> Callable[[StepSnapshot], bool]:
    for l in range(1, len(names)):
        if name in names[l]:
            return dead_unit(l, names[l].index(name))
    raise ParameterError(f"there is no neuron {name!r}; try a name as in the picture, such as {names[1][0]!r}.")
