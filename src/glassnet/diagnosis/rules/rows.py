"""Rules about rows: rare classes, wrong labels, and rows that the network was not trained on."""

from collections.abc import Iterator

import numpy as np

from glassnet.diagnosis.finding import Finding
from glassnet.diagnosis.rule import Rule
from glassnet.diagnosis.subject import Rows, Subject
from glassnet.diagnosis.words import digits, listed, percent
from glassnet.drawing.small.plot import Plot, bars, histogram, reliability
from glassnet.typing import Array

RARE, POOR = 0.1, 0.5  # share of rows, and share of them that are recognized
FEWEST = 5  # rows of a class
SURE = 4.0  # standard errors
BETTER = 0.9  # times the cost of a simple model
A_LITTLE, LEAST_FOR_CONSTANT = 0.5, 50  # standard errors, and rows, to be worse than a constant
TOLD_APART = 0.4  # errors, in shares of those of always predicting the most frequent class
# Share of the rows that networks are surest of, and the share of these that have another label although none is wrong.
WHERE_TOLD_APART, WHERE_CLASSES_OVERLAP = (0.3, 0.02), (0.2, 0.05)
BEYOND_OVERLAP = 2.0  # standard errors
LEAST_SURE = 0.7  # mean probability of the surest
REPEATED = 0.01
# Rows were repeated on purpose if so many of those of training are the same as others, and this many times more than
# agree with others in all columns but one; so many new rows may be the same as theirs.
OFTEN, RATHER_THAN_NEARLY, OF_NEW = 0.1, 1.5, 0.05
MOST_COLUMNS = 300
BINS, DRAWS, BEYOND_CHANCE, LEAST_ERROR = 10, 500, 0.999, 0.03
OUTSIDE = 0.1  # shares of the range of training


def forgotten_class(subject: Subject) -> Iterator[Finding]:
    """Yield the rare classes most rows of which are taken for others."""
    if subject.task not in ("binary", "multiclass"):
        return
    rows, A = (subject.rows, subject.trace.A[-1])
    if subject.new_rows is not None and subject.new_trace is not None:
        rows, A = subject.new_rows, subject.new_trace.A[-1]
    truth, found = _classes_of(rows.Y), _classes_of(A)
    counts = np.bincount(truth, minlength=len(subject.classes))
    recalls = np.bincount(truth[found == truth], minlength=len(subject.classes)) / np.maximum(counts, 1)
    for j, name in enumerate(subject.classes):
        n, recall = int(counts[j]), float(recalls[j])
        if n < FEWEST or n / len(truth) > RARE:
            continue
        if recall >= POOR:
            continue
        yield Finding(
            "forgotten-class",
            "warning",
            f"class {name!r}",
            f"{n:,} of {len(truth):,} rows are of this class ({percent(n / len(truth))}), and {percent(recall)} of "
            f"them are recognized.",
            recall,
            POOR,
            "The class is so rare that the network reaches a low cost without recognizing it.",
            "class_weight='balanced', or more rows of this class. Judge by the share of its rows that is recognized "
            "(recall), not by the accuracy."
            if not subject.training.weighs_classes
            else "More rows of this class, or columns that tell it apart.",
            plot=bars(
                recalls,
                subject.classes,
                x="class",
                y="share of its rows that is recognized",
                marked=[j],
                threshold=POOR,
            ),
        )


def wrong_labels(subject: Subject) -> Iterator[Finding]:
    """Yield a finding if rows that networks are surest of, without having been trained on them, have other labels.

    Where classes overlap, the labels of unsure rows differ from the predictions; wrong labels are among the surest rows
    as well. The rows are listed by confident learning: a row counts as another class j if its probability of j is at
    least the mean that rows labeled j have (Northcutt, Jiang & Chuang 2021).
    """
    P = subject.out_of_fold
    if P is None or subject.task not in ("binary", "multiclass"):
        return
    label = _classes_of(subject.rows.Y)
    means = np.asarray([P[label == j, j].mean() if (label == j).any() else np.inf for j in range(P.shape[1])])
    surely = np.where(means <= P, P, -1.0)
    best = surely.argmax(axis=1)
    wrong = (surely.max(axis=1) > 0) & (best != label)
    differs = P.argmax(axis=1) != label
    are_told_apart = differs.mean() <= TOLD_APART * (1 - np.bincount(label).max() / len(label))
    n_surest, usual = WHERE_TOLD_APART if are_told_apart else WHERE_CLASSES_OVERLAP
    surest = np.argsort(-P.max(axis=1), kind="stable")[: max(1, round(n_surest * len(P)))]
    share = float(differs[surest].mean())
    limit = usual + BEYOND_OVERLAP * float(np.sqrt(usual * (1 - usual) / len(surest)))
    if share < limit or float(P[surest].max(axis=1).mean()) < LEAST_SURE or not wrong.any():
        return
    doubt = P[np.arange(len(P)), best] - P[np.arange(len(P)), label]
    worst = np.flatnonzero(wrong)[np.argsort(-doubt[wrong], kind="stable")]
    yield Finding(
        "wrong-labels",
        "warning",
        f"rows {listed(subject.rows.numbered(worst))} (counted from 0)",
        f"Of the {len(surest):,} rows that networks are surest of, without having been trained on them, "
        f"{percent(share)} have another label; {percent(limit)} can be chance. Among all {len(wrong):,} rows, "
        f"{int(wrong.sum()):,} look like another class.",
        share,
        limit,
        "Some of these labels are probably wrong. A network that learns them by heart is worse for it.",
        "Look at these rows, the first ones first, and correct their labels or leave them out. "
        "gn.blame(model, X, y, out_of_fold=...).rows lists them all.",
        rows=tuple(subject.rows.numbered(worst)),
        plot=bars(
            np.bincount(label[wrong], minlength=P.shape[1]),
            subject.classes,
            x="class",
            y="rows that look like another class",
        ),
    )


def overfits(subject: Subject) -> Iterator[Finding]:
    """Yield a finding if the network is worse than a simple model on new rows, though better on its own.

    Compared with a constant it need not be much worse: what is no better than that on new rows has learned nothing that
    holds for them.
    """
    own, new = subject.losses, subject.new_losses
    if new is None or subject.new_rows is None or len(new) < 2 * FEWEST or not np.isfinite(new).all():
        return
    simple = {"a constant": subject.losses_of_constant(subject.new_rows)}
    if subject.has_linear:
        simple["a linear model"] = subject.new_losses_of_linear()
    is_useless = _in_errors(new - simple["a constant"]) > A_LITTLE and len(new) >= LEAST_FOR_CONSTANT
    name, losses = min(simple.items(), key=lambda pair: float(np.mean(pair[1])))
    is_worse = _in_errors(new - losses) > SURE / 2 and float(np.mean(losses)) < BETTER * float(np.mean(new))
    if not (is_worse or is_useless) or float(np.mean(own)) > BETTER * float(np.mean(new)):
        return
    if not is_worse:
        name, losses = "a constant", simple["a constant"]
    yield Finding(
        "overfits",
        "warning",
        "new rows",
        f"The cost is {digits(float(np.mean(own)))} on the rows of training and {digits(float(np.mean(new)))} on "
        f"{len(new):,} new ones, where {name} has {digits(float(np.mean(losses)))}.",
        float(np.mean(new)) / float(np.mean(losses)),
        1 / BETTER if is_worse else 1.0,
        "The network has learned its rows by heart, and what it learned does not hold for others.",
        "early_stopping=True, fewer units (hidden_layer_sizes=...), dropout=0.2, or a larger penalty (alpha=...)."
        + (" Check that each target belongs to its row." if is_useless else ""),
        plot=bars(
            [float(np.mean(own)), float(np.mean(new)), float(np.mean(losses))],
            ["rows of training", "new rows", f"{name}, new rows"],
            x="rows",
            y="cost",
            marked=[1],
        ),
    )


def repeated_rows(subject: Subject) -> Iterator[Finding]:
    """Yield a finding if more new rows repeat rows of training than rows of training repeat each other."""
    if subject.new_rows is None or len(subject.rows) < FEWEST or len(subject.new_rows) < FEWEST:
        return
    known, new = _keys(subject.rows), _keys(subject.new_rows)
    counts: dict[bytes, int] = {}
    for key in known:
        counts[key] = counts.get(key, 0) + 1
    among_known = float(np.mean([counts[key] > 1 for key in known]))
    is_known = np.asarray([key in counts for key in new])
    share = float(is_known.mean())
    chance = max(among_known, 1 / len(known))
    error = np.sqrt(chance * (1 - chance) / len(new))
    limit, expected = (
        among_known + max(REPEATED, SURE * float(error)),
        f"by chance, about {percent(among_known)} would be",
    )
    if among_known >= OFTEN and among_known > RATHER_THAN_NEARLY * _nearly_repeated(subject.rows):
        limit = OF_NEW
        expected = f"{percent(among_known)} repeat each other there, too, and hardly any differ in a single column"
    if share < limit or is_known.sum() < 2:
        return
    yield Finding(
        "repeated-rows",
        "error",
        f"new rows {listed(subject.new_rows.numbered(np.flatnonzero(is_known)))} (counted from 0)",
        f"{percent(share)} of the new rows are also among the rows of training, target included; {expected}.",
        share,
        limit,
        "The scores on the new rows are too good: the network has seen some of them.",
        "Split again, so that rows that belong together are on one side: drop duplicates before the split, or split by "
        "group.",
        rows=tuple(subject.new_rows.numbered(np.flatnonzero(is_known))),
    )


def outside(subject: Subject) -> Iterator[Finding]:
    """Yield a note if new rows have inputs far outside of the range of training."""
    if subject.new_rows is None:
        return
    low, high = subject.rows.A0.min(axis=0), subject.rows.A0.max(axis=0)
    margin = OUTSIDE * (high - low)
    far = (low - margin > subject.new_rows.A0) | (high + margin < subject.new_rows.A0)
    rows = np.flatnonzero(far.any(axis=1))
    if len(rows) == 0:
        return
    names = [repr(subject.input_names[k]) for k in np.flatnonzero(far.any(axis=0))]
    worst = int(far.sum(axis=0).argmax())
    ending, whose = ("", "Its") if len(rows) == 1 else ("s", "Their")
    yield Finding(
        "outside",
        "note",
        f"new row{ending} {listed(subject.new_rows.numbered(rows))} (counted from 0)",
        f"{whose} values of {listed(names)} are outside of the range in training by more than {percent(OUTSIDE)} of "
        f"it.",
        len(rows) / len(subject.new_rows),
        0.0,
        "For these rows the network guesses, because nothing like them was among the rows of training.",
        "Check these values; if they are right, collect rows like them for training.",
        rows=tuple(subject.new_rows.numbered(rows)),
        plot=histogram(
            {"training": subject.rows.A0[:, worst], "new rows": subject.new_rows.A0[:, worst]},
            x=subject.input_names[worst],
        ),
    )


def miscalibrated(subject: Subject) -> Iterator[Finding]:
    """Yield a finding if probabilities differ from what comes true in new rows, beyond chance."""
    if subject.new_rows is None or subject.new_trace is None or subject.task not in ("binary", "multiclass"):
        return
    A = subject.new_trace.A[-1]
    shares = np.hstack([1 - A, A]) if subject.task == "binary" and A.shape[1] == 1 else A
    if len(shares) < LEAST_FOR_CALIBRATION or not np.isfinite(shares).all():
        return
    confidence, truth = shares.max(axis=1), _classes_of(subject.new_rows.Y)
    error = _calibration_error(confidence, shares.argmax(axis=1) == truth)
    rng = np.random.default_rng(0)
    by_chance = [_calibration_error(confidence, rng.random(len(confidence)) < confidence) for _ in range(DRAWS)]
    limit = max(LEAST_ERROR, float(np.quantile(by_chance, BEYOND_CHANCE)))
    if error <= limit:
        return
    too_sure = float(confidence.mean()) > float(np.mean(shares.argmax(axis=1) == truth))
    yield Finding(
        "miscalibrated",
        "warning",
        "the probabilities",
        f"Probabilities of the predicted classes are off by {percent(error)} on average over {len(truth):,} new rows; "
        f"{percent(limit)} can be chance.",
        error,
        limit,
        f"The network is {'too sure of itself: it is right less' if too_sure else 'too timid: it is right more'} often "
        f"than its probabilities say.",
        "early_stopping=True with preset='tabular', which corrects probabilities on held-out rows, or scikit-learn's "
        "CalibratedClassifierCV.",
        plot=_reliability(confidence, shares.argmax(axis=1) == truth),
    )


LEAST_FOR_CALIBRATION = 100


def _in_errors(difference: Array) -> float:
    """Return the mean in standard errors of it."""
    error = float(np.std(difference, ddof=1)) / np.sqrt(len(difference))
    return float(np.mean(difference)) / error if error > 0 else 0.0


def _classes_of(Y: Array) -> Array:
    """Return the place of each row's class."""
    return (Y[:, 0] >= 0.5).astype(np.int64) if Y.shape[1] == 1 else Y.argmax(axis=1)


def _calibration_error(confidence: Array, is_right: Array) -> float:
    """Return the mean distance between confidence and share of right answers, over groups of equal width."""
    group = np.minimum((confidence * BINS).astype(int), BINS - 1)
    sums = np.bincount(group, weights=confidence - is_right, minlength=BINS)
    return float(np.abs(sums).sum() / len(confidence))


def _reliability(confidence: Array, is_right: Array) -> Plot:
    group = np.minimum((confidence * BINS).astype(int), BINS - 1)
    n = np.bincount(group, minlength=BINS)
    kept = n > 0
    means = [np.bincount(group, weights=values, minlength=BINS)[kept] / n[kept] for values in (confidence, is_right)]
    return reliability(*means)


def _keys(rows: Rows) -> list[bytes]:
    both = np.ascontiguousarray(np.hstack([rows.A0, rows.Y]))
    return [row.tobytes() for row in both]


def _nearly_repeated(rows: Rows) -> float:
    """Return the share of rows whose inputs agree with others' in all columns but one; 1 if there are too many columns.

    Where few values make rows repeat each other by chance, there are more of these than of rows that agree in all.
    """
    columns = list(rows.A0.T) if rows.table is None else [rows.table[name] for name in rows.table.names]
    if len(columns) > MOST_COLUMNS:
        return 1.0
    rng = np.random.default_rng(0)
    codes = []  # a random number for each value; the sum of its columns stands for a row
    for column in columns:
        values = column if column.dtype.kind in "fbM" else column.astype(str)
        _, places = np.unique(values, return_inverse=True)
        codes.append(rng.integers(2**63, size=len(rows), dtype=np.uint64)[places])
    total = np.sum(codes, axis=0, dtype=np.uint64)
    n_same = _n_same(total)
    nearly = np.zeros(len(rows), dtype=bool)
    for code in codes:
        nearly |= _n_same(total - code) > n_same
    return float(nearly.mean())


def _n_same(values: Array) -> Array:
    """Return for each value how many are equal to it, itself included."""
    _, places, counts = np.unique(values, return_inverse=True, return_counts=True)
    return counts[places]


RULES = (
    Rule("forgotten-class", "Rare classes that are hardly recognized.", "He & Garcia 2009", forgotten_class),
    Rule("wrong-labels", "Rows whose labels are probably wrong.", "Northcutt, Jiang & Chuang 2021", wrong_labels),
    Rule("overfits", "A network worse than a simple model on new rows.", "paired comparison of losses", overfits),
    Rule("repeated-rows", "New rows that were among those of training.", "Kapoor & Narayanan 2023", repeated_rows),
    Rule("outside", "New rows far outside of the range of training.", "range of each input", outside),
    Rule("miscalibrated", "Probabilities that do not come true.", "Guo et al. 2017; bootstrap", miscalibrated),
)
