"""Tables of scores."""

from collections.abc import Sequence
from typing import Any

from glassnet.cli.console import table

HEADS = {"accuracy": "accuracy", "log_loss": "log loss", "rmse": "RMSE", "mae": "MAE", "r2": "R²"}


def show_scores(named: Sequence[tuple[str, dict[str, Any]]]) -> None:
    """Print one line of scores for each model."""
    measures = list(named[0][1])
    rows = [[name, *(written(measure, scores[measure]) for measure in measures)] for name, scores in named]
    table(["", *(HEADS[measure] for measure in measures)], rows, right=range(1, len(measures) + 1))


def written(measure: str, value: float | None) -> str:
    """Return a score as text.

    >>> written("accuracy", 0.98765), written("rmse", 53.21987), written("r2", float("nan"))
    ('0.988', '53.22', 'none')
    """
    if value is None or value != value:
        return "none"
    if measure in ("rmse", "mae"):
        return f"{value:.4g}"
    return f"{value if abs(value) >= 0.0005 else 0.0:.3f}"  # never -0.000
