"""More epochs than were planned: a course that goes on after its last one."""

from dataclasses import replace

import numpy as np

from glassnet.engines.seeding import ShuffleStream
from glassnet.studio.messages import More
from glassnet.studio.session.courses.course import MOST_EPOCHS, Change, Course, is_lbfgs, steps_of
from glassnet.studio.understanding.words import number
from glassnet.training.checkpoints import Checkpoint
from glassnet.training.plan import Plan
from glassnet.training.run import Run
from glassnet.training.train import Training
from glassnet.wording import counted


def wanted_epochs(course: Course, until: int | None, again: int) -> int:
    """Return how many epochs have to be planned to train until an epoch, or `again` so many after the last one."""
    planned = course.plan.epochs
    if not is_open(course):
        return planned
    if until is not None:
        return max(until, planned)
    return planned + again if course.n_epochs >= planned else planned


def is_open(course: Course) -> bool:
    """Whether a training can take further epochs: it has not ended, or only because all of them were done."""
    return not course.finished or course.history.stopped == "epochs"


def more_of(course: Course, again: int) -> More | None:
    """Return how training could go on after its last epoch; None if it has not come there, or ended otherwise."""
    n = wanted_epochs(course, None, again)
    if n == course.plan.epochs or n > MOST_EPOCHS:
        return None
    told = schedule_in_words(course, replace(course.plan, epochs=n))
    return More(again, told or f"Training goes on as if {n:,} epochs had been planned from the start.")


def schedule_in_words(course: Course, plan: Plan) -> str | None:
    """Return what becomes of a schedule that depends on the number of epochs; None if nothing changes."""
    old, n = course.plan, course.n_epochs
    if not _is_stretched(old, plan, n):
        return None
    before, after = (course.factor(n) * float(each) for each in (old.rates(max(n - 1, 0))[-1], plan.rates(n)[0]))
    return (
        f"The schedule {plan.schedule.name!r} becomes that of {counted(plan.epochs, 'epoch')}, so the learning rate "
        f"goes from {number(before)} to {number(after)}."
    )


def longer(course: Course, training: Training) -> Course:
    """Return the course that goes on after its last epoch with the plan of a longer training.

    With a schedule that does not depend on the number of epochs, it has the bits of a training that was planned as long
    from the start.
    """
    plan, at = training.plan, replace(course.training.run.state, end=None)
    stream = ShuffleStream.resume(plan.data.n_samples, at.position, shuffle=plan.shuffle)
    change, n = course.change, course.n_epochs
    if _is_stretched(course.plan, plan, n):  # moments until now are those of the shorter plan
        order = stream.take(1)[0].copy()
        change = Change(course, n, 0, at.state, order, by_hand=False)
        start = Checkpoint(n, at.state, at.position)
        at = replace(at, kept=(start,), factors=((0, course.factor(0)), (n, at.factor)))
        stream = ShuffleStream.resume(plan.data.n_samples, at.position, shuffle=plan.shuffle)
        course.rest()
    return Course(replace(training, run=Run(plan, steps_of(training), stream, at=at)), change)


def _is_stretched(old: Plan, new: Plan, n: int) -> bool:
    """Whether the first `n` epochs of a plan differ in their learning rates from those of a longer one."""
    if is_lbfgs(old):  # its line search needs no learning rate
        return False
    return any(not np.array_equal(old.rates(epoch), new.rates(epoch)) for epoch in {0, n // 2, max(n - 1, 0)})
