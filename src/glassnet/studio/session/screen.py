"""`Screen`: what the page is told of a training: how it stands, and moments as frames."""

from collections.abc import Callable
from typing import Literal

from glassnet.studio import messages as m
from glassnet.studio.recording.picture import visible
from glassnet.studio.session.courses.course import Moment
from glassnet.studio.session.courses.longer import more_of
from glassnet.studio.session.shown.criteria import criteria_of
from glassnet.studio.session.shown.frames import Mailbox, frame_message, numbers_of_moment
from glassnet.studio.session.work import Work
from glassnet.studio.understanding.words import PAGE
from glassnet.training.history import History

Tell = Callable[[m.FromServer | bytes], None]

QUANTITIES = {
    "Z": "the weighted sum",
    "A": "the activation",
    "cost": "the cost",
    "delta": "the error signal",
    "dW": "the gradient of a weight",
    "db": "the gradient of the bias",
    "W": "a weight",
    "b": "the bias",
}


class Screen:
    """Tells a page how a training stands, and shows it moments, one at a time.

    Attributes
    ----------
    tell : callable
        Receives messages.
    is_playing : bool
        Whether training goes on by itself.
    until : int or None
        The epoch at which it is going to pause.
    message : str or None
        What went wrong.
    """

    def __init__(self, tell: Tell) -> None:
        self.tell = tell
        self.is_playing = False
        self.until: int | None = None
        self.message: str | None = None
        self._mailbox = Mailbox()
        self._is_new = False  # whether there is something to see that no frame has shown
        self._status: m.Status | None = None

    def begin_anew(self, tell: Tell) -> None:
        """Tell another page, which knows nothing yet and has drawn nothing."""
        self.tell, self._mailbox, self._status = tell, Mailbox(), None

    def drawn(self, frame: int) -> bool:
        """The page has drawn a frame; return whether there is another one for it."""
        self._mailbox.drawn(frame)
        return self._is_new

    def move_to(self, work: Work, moment: Moment) -> None:
        """Show another moment; the page hears first how training stands."""
        work.moment = moment
        self.tell_status(work)
        self.show(work)

    def show(self, work: Work) -> None:
        """Show the moment with all digits, as soon as the page has drawn the frame before."""
        self._is_new = True
        if not self.is_playing:
            self.show_missed(work)

    def show_missed(self, work: Work) -> None:
        """Show the moment if no frame has shown it, and the page is ready."""
        if self._is_new and self._mailbox.is_free:
            self._send(work, is_live=False)

    def show_live(self, work: Work) -> None:
        """Show the moment that training has come to, if the page is ready and it is time."""
        moment, n = work.moment, work.course.n_epochs
        self._is_new = self._is_new or moment.epoch != n or moment.step > 0
        if self._is_new and self._mailbox.is_due:
            work.moment = work.course.now()
            self._send(work, is_live=True)

    def _send(self, work: Work, *, is_live: bool) -> None:
        work.curves.see(work.course.epochs)
        moment, view = work.moment, work.view
        numbers, outputs = numbers_of_moment(view, moment.network)
        from_epoch, curves = work.curves.untold()
        self._is_new = False
        self.tell(
            frame_message(
                view,
                moment,
                n=self._mailbox.next_id(),
                is_live=is_live,
                words=work.built.prediction(outputs).words,
                numbers=numbers,
                from_epoch=from_epoch,
                curves=curves,
                criteria=criteria_of(work.course, self.until if self.is_playing else None),
                edits=work.edits_here,
                costs=work.costs_by_hand,
                widest=work.widths.of(moment.network),
            )
        )

    def tell_status(self, work: Work | None, *, always: bool = False) -> None:
        """Tell how training stands, if that has changed."""
        status = self._status_of(work)
        if always or status != self._status:
            self._status = status
            self.tell(status)

    def _status_of(self, work: Work | None) -> m.Status:
        if work is None:
            return m.Status("empty", 0, 0, message=self.message)
        course, moment, n = work.course, work.moment, work.course.n_epochs
        if self.is_playing:
            return m.Status("training", n, 0, edits=course.n_edits, message=self.message)
        is_behind = moment.step > 0 and moment.epoch == n - 1  # single steps of the last epoch
        epoch, step = (moment.epoch, moment.step) if is_behind else (n, course.within)
        if not course.finished or is_behind:
            state: Literal["ready", "paused"] = "ready" if (epoch, step) == (0, 0) else "paused"
            return m.Status(state, epoch, step, edits=course.n_edits, message=self.message)
        history = course.history
        return m.Status(
            "finished",
            epoch,
            step,
            history.stopped,
            _reason(work, history),
            history.best_epoch,
            course.n_edits,
            self.message,
            None if work.built.setup is None else more_of(course, work.again),
        )


def _reason(work: Work, history: History) -> str:
    """Return why training stopped, with the names that neurons have on the page."""
    reason, divergence = PAGE.rewrite(history.stop_reason), history.divergence
    if divergence is None or divergence.layer == 0:
        return reason
    name = visible(work.built.names[divergence.layer][divergence.unit])
    what = QUANTITIES.get(divergence.quantity, divergence.quantity)
    operation = f", where {divergence.operation}" if divergence.operation else ""
    told = f"the first number that was not finite was {what} of {name}, in epoch {divergence.epoch:,}{operation}"
    return reason.replace(str(divergence), told)
