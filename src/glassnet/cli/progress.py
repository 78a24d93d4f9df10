"""The progress bar of training, as an estimator's callback."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Lock
from typing import Any

from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from glassnet.cli.console import err


@contextmanager
def epoch_bar(at_start: Callable[[Any], int]) -> Iterator[Callable[[Any, Any], None]]:
    """Yield a callback for an estimator.

    After the first epoch it calls ``at_start(network)``, which returns the number of epochs; then it advances a bar
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
        if epoch.epoch == 1 and first.acquire(blocking=False):
            bar.update(task, total=at_start(network))
            bar.start()
        bar.update(task, completed=epoch.epoch, cost=_words(epoch))

    try:
        yield callback
    finally:
        bar.stop()


def _words(epoch: Any) -> str:
    held = "" if epoch.validation_cost is None else f" validation {epoch.validation_cost:.4f}"
    return f"cost {epoch.cost:.4f}{held}"
