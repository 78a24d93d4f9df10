"""The progress bar of training, as an estimator's callback."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from glassnet.cli.console import err
from glassnet.training.loop.listeners import Listener

SECONDS = 0.05  # between two updates, so that the bar does not slow down a small network


class EpochBar:
    """A progress bar on stderr, if that is a terminal; it disappears at the end, and the printed curve replaces it."""

    def __init__(self) -> None:
        console = err()
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
        self.callback = Listener(self._update, every=SECONDS)

    def begin(self, n_epochs: int) -> None:
        """Draw the bar for this number of epochs."""
        self._bar.update(self._task, total=n_epochs)
        self._bar.start()

    def end(self) -> None:
        """Let the bar disappear."""
        self._bar.stop()

    def _update(self, epoch: Any, network: Any) -> None:
        self._bar.update(self._task, completed=epoch.epoch, cost=_words(epoch))


@contextmanager
def epoch_bar() -> Iterator[EpochBar]:
    """Yield a bar, whose callback is for an estimator."""
    bar = EpochBar()
    try:
        yield bar
    finally:
        bar.end()


def _words(epoch: Any) -> str:
    held = "" if epoch.validation_cost is None else f" validation {epoch.validation_cost:.4f}"
    return f"cost {epoch.cost:.4f}{held}"
