"""Computes the explanation of a subject, part by part."""

from glassnet.core.records import ByLayer
from glassnet.explanation.explanation import Explanation
from glassnet.explanation.parts.backward import backward_layers, gradients
from glassnet.explanation.parts.cost import cost_part
from glassnet.explanation.parts.forward import ForwardLayer, forward_layers
from glassnet.explanation.parts.front import front_part
from glassnet.explanation.parts.log_odds import log_odds_part
from glassnet.explanation.parts.slopes import slope_part
from glassnet.explanation.parts.update import update
from glassnet.explanation.subject.subject import Subject


def worked(subject: Subject) -> Explanation:
    """Return the explanation of a subject; only the forward pass without a target."""
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
