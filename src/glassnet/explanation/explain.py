"""`explain`: the arithmetic of one prediction and of one training step."""

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from glassnet.core.network import Network
from glassnet.explanation.explanation import Explanation
from glassnet.explanation.subject.from_network import of_network
from glassnet.explanation.subject.notation import check_notation
from glassnet.explanation.subject.request import Request
from glassnet.explanation.working import worked
from glassnet.typing import Spec

if TYPE_CHECKING:
    from glassnet.explanation.ensemble.explanation import EnsembleExplanation


def explain(
    model: Any,
    row: Any,
    target: Any = None,
    *,
    cost: Spec | None = None,
    solver: Spec | None = None,
    learning_rate: float | None = None,
    state: Any = None,
    notation: str = "names",
) -> "Explanation | EnsembleExplanation":
    r"""Explain every number of one row: inputs, forward pass, cost, backward pass and update.

    .. math::
        z_j = \sum_k w_{jk} a_k + b_j, \quad a_j = \sigma(z_j); \qquad
        \frac{\partial E}{\partial w_{jk}} = \frac{\partial E}{\partial a_j} \cdot
        \frac{\partial a_j}{\partial z_j} \cdot \frac{\partial z_j}{\partial w_{jk}}, \qquad
        w \leftarrow w - \eta \frac{\partial E}{\partial w}

    Parameters
    ----------
    model : Network, GlassClassifier, GlassRegressor or Pipeline
        Estimators must be fitted. A scikit-learn Pipeline must end in a glassnet estimator; the row as transformed by
        the earlier steps is explained.
    row : one row
        For an estimator a frame, a dictionary of values by column, a pandas row or an array, with one row; flat lists
        and arrays count as one row. For a `Network` one number per input.
    target : label or number, optional
        The row's target; for a `Network` one number per output. Without it, only the forward pass is explained.
    cost : str, tuple or Cost, optional
        One of ``glassnet.costs()``; by default the estimator's cost; required for a `Network` with a target.
    solver : str, tuple or Solver, optional
        The solver of the shown step, one of ``glassnet.solvers()``; by default the estimator's, "gd" for a `Network`.
    learning_rate : float, optional
        Learning rate of the shown step; by default the estimator's or the solver's.
    state : TrainingResult, State, StepSnapshot, solver state or "training", optional
        The solver's memory of earlier steps, such as the moments of adam; empty by default. "training" is an
        estimator's final solver memory. A snapshot of a run (``result.at``) also provides the solver, learning rate
        and weight decay of its next step.
    notation : {"names", "by_input", "by_neuron", "from_to"}
        Names of the weights: "age -> hidden1.3"; w1, w2, ... counted input by input, or by the neuron they lead into;
        or W1,6 from neuron 1 to neuron 6.

    Returns
    -------
    Explanation or EnsembleExplanation
        ``.inputs``, ``.front``, ``.forward``, ``.cost``, ``.backward``, ``.update``, ``.prediction``;
        ``.weight("x1 -> output1")``; ``to_text()``, ``to_markdown()``, ``to_latex()``, ``to_html()``, ``to_json()``,
        ``to_dict()``, ``to_xlsx(path)``; printing it shows the text. For an ensemble ``.outputs``, ``.mean``, and one
        Explanation per network: ``.member(0)``.

    Raises
    ------
    ShapeError
        If there is not exactly one row, or its size does not match the network.
    DataError
        If a value or the target is invalid.
    ColumnError
        If a column is missing or of the wrong kind.
    ParameterError
        If the model is invalid or not fitted, the cost does not fit, a target comes without cost, or solver, learning
        rate, state or notation is invalid.

    Notes
    -----
    Everything is computed in float64 and without dropout. The step uses this row alone, whereas training averages the
    gradients of a minibatch and adds the gradient of the penalty.

    Examples
    --------
    >>> import glassnet as gn
    >>> net = gn.Network.from_weights([([[0.5, -0.5]], [0.1])], output="sigmoid")
    >>> explanation = gn.explain(net, [1.0, 0.0], 1.0, cost="binary_cross_entropy")
    >>> explanation.cost.total, explanation.backward[1].weight("x1", "output1").gradient
    (0.437488, -0.354344)
    >>> print(gn.explain(net, [1.0, 0.0]))
    Network 2-1: sigmoid; 3 parameters
    Prediction: output1 = 0.645656
    No target given: forward only.
    <BLANKLINE>
    INPUTS
      x1  1
      x2  0
    <BLANKLINE>
    FORWARD  z = w1·a1 + w2·a2 + ... + b
    <BLANKLINE>
      layer 1: 1 output, sigmoid, a = 1 / (1 + exp(-z))
        output1  z = 0.5·1 - 0.5·0 + 0.1 = 0.6
                 a = 1 / (1 + exp(-0.6)) = 0.645656
    <BLANKLINE>
    LOG-ODDS  z = 0.6 is the log-odds, the odds p / (1 - p) are e^z. One unit more of a
              column, the others held fixed, adds to z and multiplies the odds
        input  per   log-odds  odds
        x1     unit   0.5      × 1.64872
        x2     unit  -0.5      × 0.606531
        bias: log-odds 0.1 where every input is 0
    """
    request = Request(cost, solver, learning_rate, state, check_notation(notation)).at_snapshot()
    if isinstance(model, Network):
        return worked(of_network(model, row, target, request))
    return _estimator(model, row, target, request)


def _estimator(model: Any, row: Any, target: Any, request: Request) -> "Explanation | EnsembleExplanation":
    """Explain a fitted estimator, or the last step of a Pipeline."""
    from glassnet.estimators.checks import check_fitted
    from glassnet.estimators.pipelines import last_step, through  # imports scikit-learn
    from glassnet.explanation.ensemble.explanation import explain_ensemble
    from glassnet.explanation.subject.from_estimator import of_estimator

    fitted = last_step(model)
    check_fitted(fitted)
    row, note = through(model, row)
    notes = (note,) if note else ()
    if len(fitted.members_) > 1:
        ensemble = explain_ensemble(fitted, row, target, request)
        return replace(ensemble, notes=(*notes, *ensemble.notes))
    subject = of_estimator(fitted, row, target, request)
    return worked(replace(subject, notes=(*notes, *subject.notes)))
