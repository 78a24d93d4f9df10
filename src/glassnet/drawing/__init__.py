"""Diagrams and charts of networks. Floor 6: draws the records of lower floors.

`draw` makes the diagram of a network and has no further requirements; the other functions make charts and need the
extra: ``pip install '.[charts]'`` in a clone.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from glassnet.drawing.charts.activation_chart import activation_curves
    from glassnet.drawing.charts.confusion_chart import confusion_matrix
    from glassnet.drawing.charts.learning_chart import learning_curves
    from glassnet.drawing.charts.ranking_chart import precision_recall_curves, roc_curves
    from glassnet.drawing.charts.regions_chart import decision_regions
    from glassnet.drawing.charts.reliability_chart import reliability_curve
    from glassnet.drawing.charts.residual_chart import residuals
    from glassnet.drawing.charts.surface_chart import cost_surface
    from glassnet.drawing.diagram.draw import draw

__all__ = [
    "activation_curves",
    "confusion_matrix",
    "cost_surface",
    "decision_regions",
    "draw",
    "learning_curves",
    "precision_recall_curves",
    "reliability_curve",
    "residuals",
    "roc_curves",
]

# Imported on first use, as in glassnet itself.
_LAZY = {
    "activation_curves": "charts.activation_chart",
    "confusion_matrix": "charts.confusion_chart",
    "cost_surface": "charts.surface_chart",
    "decision_regions": "charts.regions_chart",
    "draw": "diagram.draw",
    "learning_curves": "charts.learning_chart",
    "precision_recall_curves": "charts.ranking_chart",
    "reliability_curve": "charts.reliability_chart",
    "residuals": "charts.residual_chart",
    "roc_curves": "charts.ranking_chart",
}


def __getattr__(name: str) -> Any:
    if name in _LAZY:
        return getattr(import_module(f"glassnet.drawing.{_LAZY[name]}"), name)
    raise AttributeError(f"module 'glassnet.drawing' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
