"""The explanation of an ensemble: the outputs of each network for one row, and their mean."""

import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from glassnet.core.catalog.costs import Cost
from glassnet.errors import ParameterError
from glassnet.escaping import visible, visible_json
from glassnet.estimators.predicting.ensemble import mean_of
from glassnet.explanation.ensemble.pages import as_text, page
from glassnet.explanation.ensemble.workbook import write_ensemble
from glassnet.explanation.explanation import Explanation
from glassnet.explanation.formats.as_json import MAX_WEIGHTS, prediction_as_dict
from glassnet.explanation.formats.markup import html, latex, markdown
from glassnet.explanation.parts.cost import CostPart, OutputLoss
from glassnet.explanation.record import EnsembleRecord
from glassnet.explanation.subject.from_estimator import of_estimator, outputs_of_each, prediction_of
from glassnet.explanation.subject.request import Request
from glassnet.explanation.working import worked
from glassnet.files import strict
from glassnet.typing import Array


@dataclass(frozen=True, eq=False)
class EnsembleExplanation(EnsembleRecord):
    """The arithmetic of an ensemble's prediction: the outputs of each network, and their mean.

    Its attributes are those of `EnsembleRecord`; the methods write them in every format.

    Examples
    --------
    >>> import glassnet as gn
    >>> X, y = [[0.0], [0.1], [0.9], [1.0]] * 5, ["no", "no", "yes", "yes"] * 5
    >>> clf = gn.GlassClassifier((4,), n_networks=3, max_iter=9, random_state=0).fit(X, y)
    >>> explanation = gn.explain(clf, [0.9])
    >>> len(explanation.members), bool(explanation.mean[0] == clf.predict_proba([[0.9]])[0, 1])
    (3, True)
    >>> explanation.member(1)
    Explanation of one row: class = yes with probability ...
    """

    members: tuple[Explanation, ...]

    def member(self, k: int) -> Explanation:
        """Return the explanation of network `k`, from 0; negative numbers count from the end."""
        n = len(self.members)
        if isinstance(k, bool) or not hasattr(k, "__index__") or not -n <= k < n:
            raise ParameterError(f"member({k!r}) does not exist: this ensemble has the networks 0 to {n - 1}.")
        return self.members[k]

    def to_text(self, *, width: int = 88, terms: int = 6, neurons: int = 12) -> str:
        """Return the explanation for a terminal; see `Explanation.to_text`. `neurons` limits the shown outputs."""
        return as_text(self, width=width, terms=terms, neurons=neurons)

    def to_markdown(self, *, terms: int = 6, neurons: int = 12) -> str:
        """Return the explanation as Markdown."""
        return markdown.to_markdown(page(self, terms=terms, neurons=neurons))

    def to_latex(self, *, terms: int = 6, neurons: int = 12, fragment: bool = False) -> str:
        """Return the explanation as LaTeX; see `Explanation.to_latex`."""
        return latex.to_latex(page(self, terms=terms, neurons=neurons), fragment=fragment)

    def to_html(self, *, terms: int = 6, neurons: int = 12, fragment: bool = False) -> str:
        """Return the explanation as a self-contained HTML page; see `Explanation.to_html`."""
        return html.to_html(page(self, terms=terms, neurons=neurons), fragment=fragment)

    def to_dict(self, *, max_weights: int | None = MAX_WEIGHTS) -> dict[str, Any]:
        """Return the explanation as strict JSON in full precision, including that of each network."""
        record = {
            "n_networks": len(self.members),
            "prediction": prediction_as_dict(self.prediction),
            "target": self.target,
            "inputs": [column.to_dict() for column in self.inputs],
            "outputs": [dict(zip(self.names, row, strict=True)) for row in self.outputs.tolist()],
            "mean": dict(zip(self.names, self.mean.tolist(), strict=True)),
            "cost": None if self.cost is None else {"name": self.cost.cost.name, "total": self.cost.total},
            "networks": [each.to_dict(max_weights=max_weights) for each in self.members],
            "notes": list(self.notes),
        }
        finite: dict[str, Any] = strict(record)
        return finite

    def to_json(self, *, max_weights: int | None = MAX_WEIGHTS, indent: int | None = None) -> str:
        """Return the explanation as strict JSON text in full precision; see `to_dict`."""
        record = self.to_dict(max_weights=max_weights)
        return visible_json(json.dumps(record, allow_nan=False, ensure_ascii=False, indent=indent))

    def to_xlsx(self, path: str | os.PathLike[str]) -> None:
        """Write the outputs of all networks and their mean as an Excel workbook; see ``member(k).to_xlsx`` for each.

        Parameters
        ----------
        path : str or path
            Destination; an existing file is replaced, whole or not at all.
        """
        write_ensemble(self, Path(path))

    def _repr_html_(self) -> str:
        return self.to_html(fragment=True)

    def __str__(self) -> str:
        return self.to_text()

    def __repr__(self) -> str:
        return f"Explanation of one row by {len(self.members)} networks: {visible(self.prediction.words[0])}"


def explain_ensemble(model: Any, row: Any, target: Any, request: Request) -> EnsembleExplanation:
    """Return the explanation of a fitted ensemble for one row."""
    subjects = [of_estimator(model.member(k), row, target, request) for k in range(len(model.members_))]
    outputs = outputs_of_each(model, row)  # (1, n_out) of each
    mean = mean_of(outputs)[0]
    first = subjects[0]
    names = first.names[-1]
    cost = None if first.Y is None or first.cost is None else _cost_of_mean(first.cost, names, mean, first.Y[0])
    return EnsembleExplanation(
        prediction=prediction_of(model, mean),
        names=names,
        outputs=np.concatenate(outputs),
        mean=mean,
        members=tuple(map(worked, subjects)),
        inputs=first.inputs,
        target=first.target,
        cost=cost,
    )


def _cost_of_mean(cost: Cost, names: tuple[str, ...], A: Array, Y: Array) -> CostPart:
    with np.errstate(all="ignore"):
        losses = cost.of_outputs(A[None, :], Y[None, :])[0].tolist()
    rows = zip(names, A.tolist(), Y.tolist(), losses, strict=True)
    return CostPart(cost, tuple(OutputLoss(*row) for row in rows), float(sum(losses)), is_from_z=False)
