"""`explain`: the arithmetic behind one prediction, and behind one step of learning from it."""

from typing import Any

from glassnet.core.network import Network
from glassnet.core.records import ByLayer
from glassnet.explanation.backward_part import backward_layers, gradients
from glassnet.explanation.cost_part import cost_part
from glassnet.explanation.explanation import Explanation
from glassnet.explanation.forward_part import ForwardLayer, forward_layers
from glassnet.explanation.front_part import front_part
from glassnet.explanation.log_odds import log_odds_part
from glassnet.explanation.notation import check_notation
from glassnet.explanation.slope_part import slope_part
from glassnet.explanation.subject import Asked, Subject, of_network
from glassnet.explanation.update_part import update
from glassnet.typing import Spec


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
) -> Explanation:
    r"""Open every number of one row: inputs, forward pass, cost, backward pass and update.

    .. math::
        z_j = \sum_k w_{jk} a_k + b_j, \quad a_j = \sigma(z_j); \qquad
        \frac{\partial E}{\partial w_{jk}} = \frac{\partial E}{\partial a_j} \cdot
        \frac{\partial a_j}{\partial z_j} \cdot \frac{\partial z_j}{\partial w_{jk}}, \qquad
        w \leftarrow w - \eta \frac{\partial E}{\partial w}

    Parameters
    ----------
    model : Network, GlassClassifier or GlassRegressor
        The estimators must be fitted.
    row : one row
        For an estimator whatever it predicts from, with one row: a frame, a dictionary of values by column, a pandas
        row, an array; flat lists and arrays count as one row. For a `Network` one number per input.
    target : label or number, optional
        What the row should have given, in the user's words; one number per output for a `Network`. Without it only
        the forward pass is explained.
    cost : str, tuple or Cost, optional
        One of ``glassnet.costs()``; an estimator's own by default, needed for a `Network` with a target.
    solver : str, tuple or Solver, optional
        Whose step is shown, one of ``glassnet.solvers()``; an estimator's own by default, "gd" for a `Network`.
    learning_rate : float, optional
        Of the step shown; the estimator's own by default, or the solver's.
    state : TrainingResult, State, Opened, solver state or "training", optional
        What the solver remembers of earlier steps, such as the moments of adam; by default nothing yet. "training" is
        what an estimator's training ended with. A run that was opened (``result.at``) brings along the solver, learning
        rate and weight decay of its next step.
    notation : {"names", "by_input", "by_neuron", "from_to"}
        What weights are called: "age -> hidden1.3"; w1, w2, ... counted input by input, or by the neuron they lead
        into; or W1,6 from neuron 1 to neuron 6.

    Returns
    -------
    Explanation
        ``.inputs``, ``.front``, ``.forward``, ``.cost``, ``.backward``, ``.update``, ``.prediction``;
        ``.weight("x1 -> output1")``; prints itself; ``to_text()``, ``to_markdown()``, ``to_latex()``, ``to_html()``,
        ``to_json()``, ``to_dict()``, ``to_xlsx(path)``.

    Raises
    ------
    ShapeError
        If there is not exactly one row, or it does not fit the network.
    DataError
        If a value or the target cannot be understood.
    ColumnError
        If a column is missing or of the wrong kind.
    ParameterError
        If the model is none or not fitted, the cost does not fit, a target comes without cost, or solver, learning
        rate, state or notation cannot be used.

    Notes
    -----
    Everything is computed in float64 and without dropout. The step is taken on this row alone: training with
    minibatches averages the gradients of several rows and adds the penalty's.

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
    asked = Asked(cost, solver, learning_rate, state, check_notation(notation)).at_moment()
    subject = _subject(model, row, target, asked)
    forward: ByLayer[ForwardLayer] = ByLayer(forward_layers(subject), name="forward")
    common = (subject.network, subject.prediction, subject.inputs, forward, subject.notation)
    log_odds = log_odds_part(subject)
    if subject.Y is None:
        return Explanation(
            *common, log_odds=log_odds, notes=subject.notes, encoder=subject.encoder, front=front_part(subject)
        )
    grads = gradients(subject)
    return Explanation(
        *common,
        target=subject.target,
        cost=cost_part(subject),
        backward=ByLayer(backward_layers(subject, grads), name="backward"),
        update=update(subject, grads),
        log_odds=log_odds,
        notes=subject.notes,
        encoder=subject.encoder,
        front=front_part(subject, grads),
        slopes=slope_part(subject, grads),
    )


def _subject(model: Any, row: Any, target: Any, asked: Asked) -> Subject:
    if isinstance(model, Network):
        return of_network(model, row, target, asked)
    from glassnet.explanation.fitted import of_estimator  # brings scikit-learn along

    return of_estimator(model, row, target, asked)
