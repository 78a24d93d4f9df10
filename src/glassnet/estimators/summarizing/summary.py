"""`summary()`: a record of a fitted model, its training and its automatic choices."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from html import escape
from math import isfinite
from typing import Any

from glassnet.data.columns.column import Column
from glassnet.estimators.summarizing.choices import choices_of
from glassnet.estimators.summarizing.costs_apart import kept_epoch, why_training_costs_more
from glassnet.estimators.summarizing.encoding_words import encoding_words
from glassnet.estimators.summarizing.record import InputColumn, SummaryRecord
from glassnet.estimators.summarizing.text import as_text


@dataclass(frozen=True)
class Summary(SummaryRecord):
    """The summary of a fitted model. Printing shows it as text.

    Its attributes are described in `SummaryRecord`.
    """

    def to_text(self, *, width: int = 100) -> str:
        """Return the summary as text, with lines of at most `width` characters if names permit."""
        return as_text(self, width)

    def to_dict(self) -> dict[str, Any]:
        """Return the record as plain data."""
        return asdict(self)

    def __str__(self) -> str:
        return self.to_text()

    def __repr__(self) -> str:
        return self.to_text()

    def _repr_html_(self) -> str:
        return f"<pre>{escape(self.to_text())}</pre>"


def summary_of(model: Any) -> Summary:
    """Return the summary of a fitted estimator."""
    network, history, recipe = model.network_, model.history_, model.recipe_
    kept = kept_epoch(history)
    scores, scored_on = _scores(model)
    solver = recipe.solver
    return Summary(
        estimator=type(model).__name__,
        preset=str(recipe.preset),
        task=model.target_encoder_.task,
        target=_target(model),
        classes=() if model.target_encoder_.classes is None else tuple(map(str, model.target_encoder_.names)),
        n_rows=None if model.schema_ is None else model.schema_.n_rows,
        sizes=tuple(network.sizes),
        activations=tuple(sigma.name for sigma in network.activation),
        n_parameters=sum(int(each.theta.size) for each in model.networks_),
        n_networks=len(model.members_),
        front="" if network.front is None else repr(network.front),
        solver=solver if isinstance(solver, str) else str(getattr(solver, "name", None) or solver[0]),
        n_epochs=len(history),
        best_epoch=history.best_epoch,
        seconds=sum(member.history.epochs[-1].seconds for member in model.members_ if len(member.history)),
        stop_reason=history.stop_reason,
        cost=None if kept is None else kept.cost,
        validation_cost=None if kept is None else kept.validation_cost,
        scores=scores,
        scored_on=scored_on,
        choices=choices_of(model),
        columns=_columns(model),
        left_out=() if model.schema_ is None else model.schema_.left_out,
        notes=tuple(note for note in (why_training_costs_more(model),) if note),
    )


def _target(model: Any) -> str:
    known = getattr(model, "target_name_", None)
    names = model.target_encoder_.target_names
    return str(known) if known else ", ".join(names) if names else "y"


def _columns(model: Any) -> tuple[InputColumn, ...]:
    known: dict[str, Column] = {} if model.schema_ is None else {each.name: each for each in model.schema_.columns}
    found = []
    for step in model.encoder_.steps:
        column = known.get(step.name)
        kind, missing = ("numeric", 0.0) if column is None else (column.kind, column.missing)
        found.append(InputColumn(step.name, kind, missing, step.input_names, encoding_words(step)))
    return tuple(found)


def _scores(model: Any) -> tuple[dict[str, float], str]:
    """Return the scores on rows not used for training, of a test or else of validation, and these rows."""
    report = getattr(model, "report_", None)
    test = report.get("test") if isinstance(report, Mapping) else None
    if isinstance(test, Mapping) and isinstance(test.get("model"), Mapping):
        tested = {str(name): float(value) for name, value in test["model"].items() if isinstance(value, int | float)}
        return tested, f"{test.get('n_rows')} rows that training never saw"
    scores: dict[str, float] = {}
    kept, calibration = kept_epoch(model.history_), model.members_[0].calibration
    if kept is not None and kept.validation_metric is not None and model.history_.metric_name:
        scores[model.history_.metric_name] = kept.validation_metric
    if calibration is not None:
        scores["log_loss"] = calibration.log_loss
    scores = {name: value for name, value in scores.items() if isfinite(value)}
    rows = "the validation rows" if calibration is None else f"{calibration.n_rows:,} validation rows"
    return scores, f"{rows}, which also chose the epoch" if scores else ""
