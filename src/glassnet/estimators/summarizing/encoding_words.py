"""Short descriptions of encoding steps."""

from glassnet.data.encoding.categorical import LevelsStep
from glassnet.data.encoding.dates import DatesStep
from glassnet.data.encoding.encoder import Step
from glassnet.data.encoding.numeric import NumberStep
from glassnet.data.encoding.scaling import CLIP, Scale


def encoding_words(step: Step) -> str:
    """Return a description of how an encoding step transforms its column.

    Examples
    --------
    >>> encoding_words(NumberStep("mass", Scale(4050.0, 0.001, True), has_flag=True))
    'minus 4050, divided by 1000, clipped smoothly at 3; a flag where missing'
    >>> encoding_words(LevelsStep("sex", ("female", "male")))
    "1 for 'male', 0 for 'female'"
    """
    words = _words(step)
    return f"{words}; a flag where missing" if step.has_flag else words


def _words(step: Step) -> str:
    if isinstance(step, NumberStep):
        return _scaled(step.scale)
    if isinstance(step, DatesStep):
        return ", ".join((f"days since {step.origin[:10]}", *step.parts)) + _how_scaled(step)
    return _levels(step)


def _scaled(scale: Scale) -> str:
    if not scale.is_clipped:
        return "unchanged"
    if scale.factor == 0:
        return "always 0, as it is constant in the training rows"
    return f"minus {scale.center:.6g}, divided by {1 / scale.factor:.6g}, clipped smoothly at {CLIP:g}"


def _how_scaled(step: DatesStep) -> str:
    return ", each scaled" if any(scale.is_clipped for scale in step.scales) else ""


def _levels(step: LevelsStep) -> str:
    if step.is_boolean:
        return "1 for True, 0 for False"
    if step.is_single:
        return f"1 for {step.levels[1]!r}, 0 for {step.levels[0]!r}"
    other = ", and one for all others" if step.has_other else ""
    return f"a 0/1 input for each of {len(step.levels)} levels{other}"
