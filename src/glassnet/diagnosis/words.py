"""Words and numbers of findings."""

from collections.abc import Sequence
from typing import Any

import numpy as np

MOST_NAMED = 6


def percent(share: float) -> str:
    """Return a share as text.

    >>> percent(0.25), percent(0.9996), percent(0.0004), percent(1.0)
    ('25%', '99.96%', '0.04%', '100%')
    """
    if share in (0.0, 1.0) or 0.01 <= share <= 0.99:
        return f"{100 * share:.2g}%" if share < 0.1 else f"{100 * share:.0f}%"
    return f"{100 * share:.2f}%"


def digits(value: float) -> str:
    """Return a number with three digits.

    >>> digits(0.012345), digits(1234.5), digits(float("inf"))
    ('0.0123', '1230', 'inf')
    """
    if not np.isfinite(value) or value == 0:
        return f"{value:g}"
    return f"{float(f'{value:.3g}'):g}" if 1e-4 <= abs(value) < 1e6 else f"{value:.2e}"


def listed(items: Sequence[Any]) -> str:
    """Return some items, and how many more there are.

    >>> listed([1, 2, 3]), listed(range(9))
    ('1, 2 and 3', '0, 1, 2, 3, 4, 5 and 3 more')
    """
    texts = [str(item) for item in items]
    if len(texts) > MOST_NAMED:
        return f"{', '.join(texts[:MOST_NAMED])} and {len(texts) - MOST_NAMED:,} more"
    return " and ".join([", ".join(texts[:-1]), texts[-1]] if len(texts) > 1 else texts)
