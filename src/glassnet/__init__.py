"""glassnet: feed-forward neural networks that you can see through.

`forward`, `backward`, `cost`, `descend` and `train` work on plain arrays. `GlassClassifier` and `GlassRegressor` learn
from tables, `explain` shows the arithmetic behind a prediction, and `draw` the network.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from glassnet.core.backward import backward, descend
from glassnet.core.catalog.activation import Activation, activations
from glassnet.core.catalog.costs import Cost, cost, costs
from glassnet.core.catalog.penalties import Penalty
from glassnet.core.catalog.solvers import solvers
from glassnet.core.forward import forward
from glassnet.core.gradcheck import check_gradients
from glassnet.core.network import Network
from glassnet.errors import GlassnetError
from glassnet.training.train import train
from glassnet.training.train_many import train_many

if TYPE_CHECKING:
    from glassnet.clustering.fitting import fit_on_cluster
    from glassnet.data.boolean import truth_table
    from glassnet.diagnosis.diagnose import diagnose
    from glassnet.drawing.diagram.draw import draw
    from glassnet.engines.cpu.warming import warm_up
    from glassnet.estimators.classifier import GlassClassifier
    from glassnet.estimators.files.inspection import inspect
    from glassnet.estimators.judging.out_of_fold import out_of_fold
    from glassnet.estimators.loading import load
    from glassnet.estimators.regressor import GlassRegressor
    from glassnet.estimators.streaming.prediction_file import predict_file
    from glassnet.explanation.blame.blame import blame
    from glassnet.explanation.explain import explain
    from glassnet.remedies.try_fixes import try_fixes
    from glassnet.studio.opening import open_studio
    from glassnet.studio.recording.playback import playback
    from glassnet.sweeping.sweep import sweep
    from glassnet.training.resume import resume

    __version__: str

# Imported on first use: they import scikit-learn and the file readers.
_LAZY = {
    "GlassClassifier": "glassnet.estimators.classifier",
    "GlassRegressor": "glassnet.estimators.regressor",
    "blame": "glassnet.explanation.blame.blame",
    "diagnose": "glassnet.diagnosis.diagnose",
    "draw": "glassnet.drawing.diagram.draw",
    "explain": "glassnet.explanation.explain",
    "fit_on_cluster": "glassnet.clustering.fitting",
    "inspect": "glassnet.estimators.files.inspection",
    "load": "glassnet.estimators.loading",
    "open_studio": "glassnet.studio.opening",
    "out_of_fold": "glassnet.estimators.judging.out_of_fold",
    "playback": "glassnet.studio.recording.playback",
    "predict_file": "glassnet.estimators.streaming.prediction_file",
    "resume": "glassnet.training.resume",
    "sweep": "glassnet.sweeping.sweep",
    "truth_table": "glassnet.data.boolean",
    "try_fixes": "glassnet.remedies.try_fixes",
    "warm_up": "glassnet.engines.cpu.warming",
}

__all__ = [
    "Activation",
    "Cost",
    "GlassClassifier",
    "GlassRegressor",
    "GlassnetError",
    "Network",
    "Penalty",
    "activations",
    "backward",
    "blame",
    "check_gradients",
    "cost",
    "costs",
    "descend",
    "diagnose",
    "draw",
    "explain",
    "fit_on_cluster",
    "forward",
    "inspect",
    "load",
    "open_studio",
    "out_of_fold",
    "playback",
    "predict_file",
    "resume",
    "solvers",
    "sweep",
    "train",
    "train_many",
    "truth_table",
    "try_fixes",
    "warm_up",
]


def __getattr__(name: str) -> Any:
    if name in _LAZY:
        return getattr(import_module(_LAZY[name]), name)
    if name == "__version__":
        from importlib.metadata import version  # takes a fifth of the time of `import glassnet`

        return version("glassnet")
    raise AttributeError(f"module 'glassnet' has no attribute {name!r}")


def __dir__() -> list[str]:
    return [*sorted(__all__), "__version__"]
