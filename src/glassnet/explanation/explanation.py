"""`Explanation`: the result of `explain`."""

import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from glassnet.escaping import visible, visible_json
from glassnet.explanation.formats.as_json import MAX_WEIGHTS, as_dict
from glassnet.explanation.formats.markup import html, latex, markdown
from glassnet.explanation.formats.page.render import page
from glassnet.explanation.formats.text.render import as_text
from glassnet.explanation.formats.workbook.render import write_workbook
from glassnet.explanation.parts.worked_weight import WorkedWeight, worked_weight
from glassnet.explanation.record import ExplanationRecord


@dataclass(frozen=True, eq=False)
class Explanation(ExplanationRecord):
    """The arithmetic of one row, from the user's values to the updated weights.

    Its attributes are those of `ExplanationRecord`; the methods write them in every format.
    """

    def weight(self, address: str) -> WorkedWeight:
        """Return the chain rule and the step of one weight.

        Parameters
        ----------
        address : str
            By names, "age -> hidden1.3", "bias -> hidden1.3"; counted, "w10", "b2", by input unless the explanation's
            notation counts by neuron; or by neuron numbers, "W1,6".

        Examples
        --------
        >>> import glassnet as gn
        >>> net = gn.Network.from_weights([([[0.5, -0.5]], [0.1])], output="sigmoid")
        >>> explanation = gn.explain(net, [1, 0], 1, cost="half_squared_error", notation="by_input")
        >>> print(explanation.weight("w1"))
        w1 (x1 -> output1) = 0.5
        ∂E/∂w1 = ∂E/∂output1 · ∂output1/∂z · ∂z/∂w1
        ∂E/∂output1 = o - t = 0.645656 - 1 = -0.354344
        ∂output1/∂z = a · (1 - a) = 0.645656 · (1 - 0.645656) = 0.228784
        ∂z/∂w1 = x1 = 1
        ∂E/∂w1 = -0.354344 · 0.228784 · 1 = -0.0810682
        new w1 = old - η·g = 0.5 - 0.1·(-0.0810682) = 0.508107
        """
        return worked_weight(self.notation, self.backward, self.update, address)

    def to_text(self, *, width: int = 88, terms: int = 6, neurons: int = 12) -> str:
        """Return the explanation for a terminal, in six significant digits.

        Parameters
        ----------
        width : int
            Maximum line width, at least 60.
        terms : int
            Maximum number of terms of a sum; the others are added up in one line, so that the sum stays exact.
        neurons : int
            Maximum number of shown neurons per layer; the others are named.
        """
        return as_text(self, width=width, terms=terms, neurons=neurons)

    def to_markdown(self, *, terms: int = 6, neurons: int = 12) -> str:
        """Return the explanation as Markdown, for a notebook's cell, a wiki or a README; see `to_text`."""
        return markdown.to_markdown(page(self, terms=terms, neurons=neurons))

    def to_latex(self, *, terms: int = 6, neurons: int = 12, fragment: bool = False) -> str:
        """Return the explanation as LaTeX.

        Parameters
        ----------
        terms, neurons : int
            As in `to_text`.
        fragment : bool
            Whether to return only the body of the document.
        """
        return latex.to_latex(page(self, terms=terms, neurons=neurons), fragment=fragment)

    def to_html(self, *, terms: int = 6, neurons: int = 12, fragment: bool = False) -> str:
        """Return the explanation as a self-contained HTML page, light or dark as the reader's system.

        Parameters
        ----------
        terms, neurons : int
            As in `to_text`.
        fragment : bool
            Whether to return one element with its style, for inclusion in another page.
        """
        return html.to_html(page(self, terms=terms, neurons=neurons), fragment=fragment)

    def to_dict(self, *, max_weights: int | None = MAX_WEIGHTS) -> dict[str, Any]:
        """Return the explanation as strict JSON in full precision.

        Parameters
        ----------
        max_weights : int or None
            Layers with more weights omit the matrices of old weights, gradients and new weights; None omits nothing.
        """
        return as_dict(self, max_weights)

    def to_json(self, *, max_weights: int | None = MAX_WEIGHTS, indent: int | None = None) -> str:
        """Return the explanation as strict JSON text in full precision; see `to_dict`."""
        record = self.to_dict(max_weights=max_weights)
        return visible_json(json.dumps(record, allow_nan=False, ensure_ascii=False, indent=indent))

    def to_xlsx(self, path: str | os.PathLike[str]) -> None:
        """Write the explanation as an Excel workbook of live formulas: change a weight and watch the cost change.

        A workbook has one cell per weight, or several with a step: for a hundred thousand weights it has some megabytes
        and takes half a minute to write.

        Parameters
        ----------
        path : str or path
            Destination; an existing file is replaced, whole or not at all.

        Raises
        ------
        MissingExtraError
            If xlsxwriter is not installed.
        ParameterError
            If the network is too wide for a spreadsheet, or has functions without a formula.
        OSError
            If the folder does not exist or is not writable.
        """
        write_workbook(self, Path(path))

    def _repr_html_(self) -> str:
        return self.to_html(fragment=True)

    def __str__(self) -> str:
        return self.to_text()

    def __repr__(self) -> str:
        words = visible(self.prediction.words[0])
        return f"Explanation of one row: {words}" + ("" if self.cost is None else f"; cost {self.cost.total:.6g}")
