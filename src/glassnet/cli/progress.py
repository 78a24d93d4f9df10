"""The progress bar of training, as an estimator's callback."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Lock
from typing import Any

from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from glassnet.cli.console import err
from glassnet.training.loop.listeners import Listener

SECONDS = 0.05  # between two updates, so that the bar does not slow down a small network


@contextmanager
def epoch_bar(at_start: Callable[[Any], int]) -> Iterator[Listener]:
    """Yield a callback for an estimator.

    When it is first called, it calls ``at_start(network)``, which returns the number of epochs; then it advances a bar
    on stderr, if that is a terminal. The bar disappears when training ends, and the printed curve replaces it.
    """
    console = err()
    bar = Progress(
        TextColumn("training"),
        BarColumn(bar_width=None),
        MofNCompleteColumn(),
        TextColumn("{task.fields[cost]}"),
        TimeRemainingColumn(),
        console=console,
        transient=True,
        disable=not console.is_terminal,
    )
    task = bar.add_task("training", total=None, cost="")

    first = Lock()  # of several networks trained side by side, one prints the plan

    def callback(epoch: Any, network: Any) -> None:
        if first.acquire(blocking=False):
            bar.update(task, total=at_start(network))
            bar.start()
        bar.update(task, completed=epoch.epoch, cost=_words(epoch))

    try:
        yield Listener(callback, every=SECONDS)
    finally:
        bar.stop()


def _words(epoch: Any) -> str:
    held = "" if epoch.validation_cost is None else f" validation {epoch.validation_cost:.4f}"
    return f"cost {epoch.cost:.4f}{held}"
