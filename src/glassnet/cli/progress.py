"""The progress bar of training, as an estimator's callback."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from glassnet.cli.console import err
from glassnet.cli.vocabulary import in_options
from glassnet.training.loop.listeners import EVERY_EPOCH, Listener

SECONDS = 0.05  # between two updates, so that the bar does not slow down a small network


class EpochBar:
    """A progress bar on stderr, if that is a terminal; it disappears at the end, and the printed curve replaces it.

    Training stops after epoch `stop_after`, if there is one.
    """

    def __init__(self, stop_after: int | None = None) -> None:
        console = err()
        self._stop_after = stop_after
        self._bar = Progress(
            TextColumn("training"),
            BarColumn(bar_width=None),
            MofNCompleteColumn(),
            TextColumn("{task.fields[cost]}"),
            TimeRemainingColumn(),
            console=console,
            transient=True,
            disable=not console.is_terminal,
        )
        self._task = self._bar.add_task("training", total=None, cost="")
        self.callback = Listener(self._update, every=SECONDS if stop_after is None else EVERY_EPOCH)

    def begin(self, n_epochs: int) -> None:
        """Draw the bar for this number of epochs."""
        self._bar.update(self._task, total=n_epochs)
        self._bar.start()

    def say(self, sentence: str) -> None:
        """Print a sentence on stderr, above the bar."""
        self._bar.console.print(in_options(sentence), markup=False)

    def end(self) -> None:
        """Let the bar disappear."""
        self._bar.stop()

    def _update(self, epoch: Any, network: Any) -> bool:
        self._bar.update(self._task, completed=epoch.epoch, cost=_words(epoch))
        return self._stop_after is not None and epoch.epoch >= self._stop_after


@contextmanager
def epoch_bar(stop_after: int | None = None) -> Iterator[EpochBar]:
    """Yield a bar, whose callback is for an estimator."""
    bar = EpochBar(stop_after)
    try:
        yield bar
    finally:
        bar.end()


def _words(epoch: Any) -> str:
    held = "" if epoch.validation_cost is None else f" validation {epoch.validation_cost:.4f}"
    return f"cost {epoch.cost:.4f}{held}"


@contextmanager
def fits_bar() -> Iterator[Any]:
    """Yield a function of the number of finished fits and of all, which shows them on stderr, if that is a terminal."""
    console = err()
    columns = (TextColumn("trying fixes"), BarColumn(bar_width=None), MofNCompleteColumn(), TimeRemainingColumn())
    bar = Progress(*columns, console=console, transient=True, disable=not console.is_terminal)
    task = bar.add_task("trying fixes", total=None)
    with bar:
        yield lambda n_done, n_all: bar.update(task, completed=n_done, total=n_all)


@contextmanager
def sweep_bar() -> Iterator[Any]:
    """Yield a function that shows the progress of a sweep on stderr, if that is a terminal."""
    console = err()
    bar = Progress(
        TextColumn("searching"),
        BarColumn(bar_width=None),
        MofNCompleteColumn(),
        TextColumn("{task.fields[best]}"),
        TimeRemainingColumn(),
        console=console,
        transient=True,
        disable=not console.is_terminal,
    )
    task = bar.add_task("searching", total=None, best="")

    def show(progress: Any) -> None:
        best = "" if progress.best is None else f"best {progress.best:.4f}, "
        under_way = f"{best}{progress.n_under_way} trained of this rung"
        bar.update(task, completed=progress.n_finished, total=progress.n_trials, best=under_way)

    with bar:
        yield show
