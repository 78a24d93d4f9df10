"""The rules of the doctor, by what they look at."""

from glassnet.diagnosis.rule import Rule
from glassnet.diagnosis.rules import (
    columns,
    curvature,
    groups,
    learning,
    numbers,
    roles,
    rows,
    splits,
    starts,
    units,
    values,
    verdicts,
)

RULES: tuple[Rule, ...] = (
    *numbers.RULES,
    *learning.RULES,
    *curvature.RULES,
    *starts.RULES,
    *units.RULES,
    *roles.RULES,
    *columns.RULES,
    *values.RULES,
    *rows.RULES,
    *splits.RULES,
    *groups.RULES,
    *verdicts.RULES,
)
"""In the order in which a reader should look at their findings."""
