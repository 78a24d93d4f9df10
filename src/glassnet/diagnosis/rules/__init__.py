"""The rules of the doctor, by what they look at."""

from glassnet.diagnosis.rule import Rule
from glassnet.diagnosis.rules import columns, curvature, learning, numbers, rows, units

RULES: tuple[Rule, ...] = (
    *numbers.RULES,
    *learning.RULES,
    *curvature.RULES,
    *units.RULES,
    *columns.RULES,
    *rows.RULES,
)
"""In the order in which a reader should look at their findings."""
