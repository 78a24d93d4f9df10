"""`Player`: training in slices, in steps, up to an epoch, or at a pace."""

from time import monotonic

from glassnet.errors import ParameterError
from glassnet.studio.session.courses.course import is_lbfgs
from glassnet.studio.session.courses.longer import is_open
from glassnet.studio.session.screen import Screen
from glassnet.studio.session.work import Work

SLICE = 0.05  # seconds of training between two looks at what the page wants
GROWTH = 8  # of the number of epochs, from one slice to the next


class Player:
    """Advances the run of a work, and lets the screen show it.

    Parameters
    ----------
    screen : Screen
    """

    def __init__(self, screen: Screen) -> None:
        self._screen = screen
        self._pace: float | None = None
        self._next = 0.0  # when the next epoch may begin
        self._n = 1  # epochs of a slice

    def play(self, work: Work, until: int | None, pace: float | None, message: str | None = None) -> None:
        """Begin to train by itself, or change how; `message` is what the reader has to know of it.

        Raises
        ------
        ParameterError
            If training has ended, or come to the epoch already.
        """
        refuse_finished(work)
        n = work.course.n_epochs
        if until is not None and until <= n:
            raise ParameterError(f"training has come to epoch {n} already; choose a later epoch to pause at.")
        screen = self._screen
        screen.is_playing, screen.until, screen.message = True, until, message
        self._pace, self._next, self._n = pace, monotonic(), 1  # this network may be much larger than the last one
        work.before = None
        screen.tell_status(work)

    def pause(self, work: Work) -> None:
        """End to train by itself; a finished training shows the epoch that is kept, or where it diverged."""
        self._screen.is_playing = False
        course, moment = work.course, work.course.now()
        best = course.progress.best_epoch
        if course.finished and best != moment.epoch:
            moment = course.at(best)
        elif course.within:
            moment = course.at(moment.epoch, course.within)
        self._screen.move_to(work, moment)

    def step(self, work: Work) -> None:
        """Show the moment one step later."""
        moment, plan = work.moment, work.course.plan
        if is_lbfgs(plan) or moment.step + 1 >= plan.steps_per_epoch:
            self.go_to(work, moment.epoch + 1, 0)
        else:
            self.go_to(work, moment.epoch, moment.step + 1)

    def go_to(self, work: Work, epoch: int, step: int) -> None:
        """Show a moment, for which training goes on if it has not come so far.

        Raises
        ------
        ParameterError
            If training ends before.
        """
        course = work.course
        if work.built.setup is None:
            refuse_finished(work)
        if course.n_epochs < epoch + (step > 0) and not course.finished:
            self._advance(work, epoch + (step > 0))
        n = course.n_epochs
        if course.finished and (epoch > n or (epoch == n and step > course.within)):
            refuse_finished(work)
        work.before = None
        self._screen.is_playing = False
        self._screen.move_to(work, course.at(epoch, step))

    def slice(self, work: Work) -> float:
        """Train about `SLICE` seconds, and return the seconds until the next slice."""
        course, began = work.course, monotonic()
        if began < self._next:
            self._screen.show_live(work)
            return self._next - began
        done, until = course.n_epochs, self._screen.until
        n = self._n if self._pace is None else max(1, int(self._pace * SLICE))
        n = n if until is None else max(1, min(n, until - done))
        self._advance(work, done + n)
        if self._pace is None:
            grown = int(n * SLICE / max(monotonic() - began, 1e-6))
            self._n = max(1, min(grown, GROWTH * n))
        else:
            self._next = max(self._next + n / self._pace, began)
        if course.finished or (until is not None and course.n_epochs >= until):
            self.pause(work)
            return 0.0
        self._screen.show_live(work)
        return 0.0 if self._pace is None else max(0.0, self._next - monotonic())

    def _advance(self, work: Work, n_epochs: int) -> None:
        """Train up to an epoch."""
        work.edits = ()
        work.course.training.run.advance(epochs=n_epochs - work.course.n_epochs)


def refuse_finished(work: Work) -> None:
    """Raise if a network takes no more steps."""
    if work.built.setup is None:
        raise ParameterError("this model was opened as it is; build a network on its table to train one.")
    if work.course.finished:
        reason = work.course.history.stop_reason
        onward = "train more epochs, or reset it" if is_open(work.course) else "reset it, or build another network"
        raise ParameterError(f"training has ended: {reason}; {onward}.")
