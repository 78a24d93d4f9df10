"""Rules about the values of columns: those that never change, stand for a gap, or repeat another column."""

from collections.abc import Iterator, Sequence
from itertools import combinations

import numpy as np

from glassnet.diagnosis.finding import Finding
from glassnet.diagnosis.rule import Rule
from glassnet.diagnosis.subject import Subject
from glassnet.diagnosis.words import digits, listed
from glassnet.drawing.small.plot import histogram
from glassnet.typing import Array

LEAST_ROWS = 50
FEWEST_VALUES = 10  # distinct ones, from which on a column is looked at as a measure
STANDS_IN = 3  # rows with the same far value, at least
STANDS_IN_SHARE = 0.002  # of the rows
FAR = 1.0  # times the range of all other values
NEGATIVE_FAR = 0.1  # the same for -1, -9, -99 and so on, where no other number is negative
SAME = 0.999  # of the correlation, squared
MOST_COLUMNS, MOST_ROWS = 300, 2000
DISTINCT = 0.9  # share of the rows with a text of their own


def constant_inputs(subject: Subject) -> Iterator[Finding]:
    """Yield a note if inputs have the same value in every row."""
    if len(subject.rows) < 2:
        return
    is_constant = np.ptp(subject.rows.A0, axis=0) == 0
    if not is_constant.any():
        return
    names = [repr(subject.input_names[k]) for k in np.flatnonzero(is_constant)]
    yield Finding(
        "constant-inputs",
        "note",
        f"inputs {listed(names)}",
        f"{len(names)} of {len(is_constant)} inputs have the same value in all {len(subject.rows):,} rows.",
        float(is_constant.mean()),
        0.0,
        "Their weights act like a bias: the network cannot learn from them, and another value later would come as a "
        "surprise.",
        "Leave these columns out (--drop on the command line).",
    )


def sentinel_values(subject: Subject) -> Iterator[Finding]:
    """Yield the columns with a value far from all others that several rows have, such as -999 for a gap."""
    if len(subject.rows) < LEAST_ROWS:
        return
    for name, values in subject.columns(subject.rows):
        if values.dtype.kind != "f":
            continue
        found = _far_value(values[np.isfinite(values)])
        if found is None:
            continue
        value, n, distance, threshold = found
        yield Finding(
            "sentinel-values",
            "warning",
            f"column {name!r}, value {value:g}",
            f"{n:,} rows have {value:g}. The nearest other value is {digits(distance)} times the range of all "
            f"others away.",
            distance,
            threshold,
            "This number probably stands for a missing value. The network takes it for a quantity, beside which all "
            "others look alike.",
            f"Write these cells of {name!r} as gaps (NaN, or nothing in a file), which preset='tabular' handles.",
            plot=histogram({"rows": values}, x=name, threshold=value),
        )


def _far_value(values: Array) -> tuple[float, int, float, float] | None:
    """Return the repeated value that is far from all others, its rows, the distance in their ranges, the threshold."""
    distinct, counts = np.unique(values, return_counts=True)
    if len(distinct) <= FEWEST_VALUES:
        return None
    least = max(STANDS_IN, STANDS_IN_SHARE * len(values))
    for place, neighbor, others in ((0, 1, distinct[1:]), (-1, -2, distinct[:-1])):
        distance = float(abs(distinct[place] - distinct[neighbor]) / np.ptp(others))
        stands_in = others.min() >= 0 and _is_usual(float(distinct[place]))
        threshold = NEGATIVE_FAR if stands_in else FAR
        if counts[place] >= least and distance >= threshold:
            return float(distinct[place]), int(counts[place]), distance, threshold
    return None


def _is_usual(value: float) -> bool:
    """Return whether people write this number for a gap: -1, -9, -99, -999 and so on."""
    return value == -1 or (value < 0 and value == round(value) and set(f"{-value:.0f}") == {"9"})


def copied_inputs(subject: Subject) -> Iterator[Finding]:
    """Yield a note for columns that say the same as another one."""
    if len(subject.rows) < LEAST_ROWS:
        return
    rows = subject.rows
    if len(rows) > MOST_ROWS:
        rows = rows.part(np.sort(np.random.default_rng(0).permutation(len(rows))[:MOST_ROWS]))
    numbers: list[tuple[str, Array]] = []
    words: list[tuple[str, Array]] = []
    for name, values in subject.columns(rows):
        if values.dtype.kind == "f":
            numbers.append((name, values))
        elif values.dtype.kind in "bO":
            words.append((name, values))
    pairs = [*_same_numbers(numbers[:MOST_COLUMNS]), *_same_words(words[:MOST_COLUMNS])]
    if not pairs:
        return
    yield Finding(
        "copied-inputs",
        "note",
        f"columns {listed([f'{one!r} = {other!r}' for one, other, _ in pairs])}",
        f"The squared correlation of {pairs[0][0]!r} and {pairs[0][1]!r} is {pairs[0][2]:.6g}."
        if len(pairs) == 1
        else f"{len(pairs)} pairs of columns say the same; their squared correlations are at least "
        f"{min(strength for _, _, strength in pairs):.6g}.",
        max(strength for _, _, strength in pairs),
        SAME,
        "What such columns say counts twice, and importance is divided between them.",
        f"Keep one of them, and leave {pairs[0][1]!r} out (--drop on the command line).",
    )


def _same_numbers(columns: Sequence[tuple[str, Array]]) -> Iterator[tuple[str, str, float]]:
    """Yield the pairs of columns that are nearly the same up to scale, with their squared correlations."""
    usable = [(name, values) for name, values in columns if np.isfinite(values).all() and np.ptp(values) > 0]
    if len(usable) < 2:
        return
    X = np.stack([values for _, values in usable])  # (n_columns, n_rows)
    X = X - X.mean(axis=1, keepdims=True)
    X /= np.sqrt(np.sum(X * X, axis=1, keepdims=True))
    squared = np.triu((X @ X.T) ** 2, k=1)
    for j, k in np.argwhere(squared > SAME).tolist():
        yield usable[j][0], usable[k][0], min(1.0, float(squared[j, k]))


def _same_words(columns: Sequence[tuple[str, Array]]) -> Iterator[tuple[str, str, float]]:
    """Yield the pairs of columns each of whose words stands for one word of the other."""
    codes = [(name, _codes(values)) for name, values in columns]
    codes = [(name, code) for name, code in codes if code.max() > 0]
    for (one, first), (other, second) in combinations(codes, 2):
        if first.max() == second.max() and len(np.unique(first * (first.max() + 1) + second)) == first.max() + 1:
            yield one, other, 1.0


def _codes(values: Array) -> Array:
    return np.unique(values.astype(str), return_inverse=True)[1].astype(np.int64)


def identifiers(subject: Subject) -> Iterator[Finding]:
    """Yield the columns of texts in which nearly every row has a text of its own."""
    table = subject.rows.table
    if table is None or len(subject.rows) < LEAST_ROWS:
        return
    for name in table.names:
        values = table[name]
        texts = [text for text in values.tolist() if isinstance(text, str)] if values.dtype.kind == "O" else []
        if len(texts) < LEAST_ROWS:
            continue
        share = len(set(texts)) / len(texts)
        if share < DISTINCT:
            continue
        yield Finding(
            "identifiers",
            "warning",
            f"column {name!r}",
            f"It has {len(set(texts)):,} different texts in {len(texts):,} rows.",
            share,
            DISTINCT,
            "Texts that belong to one row each name the row. A network can learn them by heart, which is of no use for "
            "rows that come later.",
            f"Leave {name!r} out (--drop on the command line), or cut it to the part that rows share.",
        )


RULES = (
    Rule("constant-inputs", "Inputs that never change.", "variance of each input", constant_inputs),
    Rule(
        "sentinel-values",
        "Far values that several rows have, such as -999 for a gap.",
        "Pearson 2005, disguised missing data",
        sentinel_values,
    ),
    Rule("copied-inputs", "Columns that say the same as another one.", "correlation of each pair", copied_inputs),
    Rule("identifiers", "Columns of texts that name the row.", "Kaufman et al. 2012, leakage", identifiers),
)
