"""Rules about columns: scales, targets that the outputs cannot reach, columns that give the target away."""

from collections.abc import Iterator

import numpy as np

from glassnet.diagnosis.finding import Finding
from glassnet.diagnosis.rule import Rule
from glassnet.diagnosis.subject import Subject
from glassnet.diagnosis.words import digits, listed, percent
from glassnet.drawing.small.plot import bars, histogram, lines
from glassnet.estimators.judging.simple_models import explained_alone, most_explained

SPREADS_APART = 100.0  # largest over smallest standard deviation
FAR_FROM_0 = 10.0  # mean in standard deviations
TARGET_SPREAD = (0.01, 100.0)
GIVES_AWAY = 0.95  # share of the target that one column explains alone
CLOSER = 4.0  # times as much as it leaves open, the best other one does
MOST_COLUMNS, MOST_ROWS = 200, 1500  # so that the trees take some seconds at most
PERHAPS = 0.7  # of the target, explained by pairs of neighbors, which is more than by a tree
LEAST_ROWS = 50


def unscaled_inputs(subject: Subject) -> Iterator[Finding]:
    """Yield a finding if the inputs have very different spreads, or lie far from 0."""
    if subject.network.front is not None:  # it learns scales
        return
    A0 = subject.rows.A0
    spread, center = A0.std(axis=0), np.abs(A0.mean(axis=0))
    is_number = np.asarray([len(np.unique(column[:1000])) > 2 for column in A0.T]) & (spread > 0)
    if not is_number.any() or not np.isfinite(spread).all():
        return
    places = np.flatnonzero(is_number)
    ratio = float(spread[places].max() / spread[places].min())
    offset = center[places] / spread[places]
    advice = "preset='tabular', which scales each column, or scikit-learn's StandardScaler before the network."
    meaning = (
        "One learning rate has to suit weights of very different sizes, so that those of small columns hardly move, or "
        "those of large ones jump."
    )
    if ratio > SPREADS_APART and len(places) > 1:
        widest, narrowest = places[spread[places].argmax()], places[spread[places].argmin()]
        yield Finding(
            "unscaled-inputs",
            "warning",
            f"inputs {subject.input_names[widest]!r} and {subject.input_names[narrowest]!r}",
            f"Their standard deviations are {digits(float(spread[widest]))} and {digits(float(spread[narrowest]))}.",
            ratio,
            SPREADS_APART,
            meaning,
            advice,
            plot=bars(
                spread[places],
                [subject.input_names[k] for k in places],
                x="input",
                y="standard deviation",
                marked=[int(spread[places].argmax()), int(spread[places].argmin())],
            ),
        )
    elif float(offset.max()) > FAR_FROM_0:
        far = places[offset > FAR_FROM_0]
        yield Finding(
            "unscaled-inputs",
            "warning",
            f"inputs {listed([repr(subject.input_names[k]) for k in far])}",
            f"The mean is up to {digits(float(offset.max()))} standard deviations away from 0.",
            float(offset.max()),
            FAR_FROM_0,
            "Such inputs are nearly the same for every row: what varies in them is small beside what does not, and is "
            "learned slowly.",
            advice,
            plot=bars(
                offset,
                [subject.input_names[k] for k in places],
                x="input",
                y="mean in standard deviations",
                marked=np.flatnonzero(offset > FAR_FROM_0).tolist(),
                threshold=FAR_FROM_0,
            ),
        )


def unscaled_target(subject: Subject) -> Iterator[Finding]:
    """Yield a finding if the targets of a regression are very large or very small numbers."""
    if subject.task != "regression":
        return
    spread = float(subject.rows.Y.std(axis=0).max())
    low, high = TARGET_SPREAD
    is_constant = not np.ptp(subject.rows.Y, axis=0).any()  # whose spread is a rounding error
    if not np.isfinite(spread) or is_constant or low <= spread <= high:
        return
    yield Finding(
        "unscaled-target",
        "warning",
        "the target",
        f"As the network sees it, its standard deviation is {digits(spread)}.",
        spread,
        high if spread > high else low,
        "Errors are as large or small as the target, and so are the steps of the training: they jump, or hardly move.",
        "preset='tabular', which scales the target and gives predictions in its own units, or scikit-learn's "
        "TransformedTargetRegressor around the network.",
        plot=histogram({"rows": subject.rows.Y}, x="target"),
    )


def out_of_reach(subject: Subject) -> Iterator[Finding]:
    """Yield a finding if the output activation cannot reach some of the targets."""
    sigma = subject.network.activation[subject.network.n_layers]
    low, high = sigma.range
    Y = subject.rows.Y
    if subject.task != "regression" or not (np.isfinite(low) or np.isfinite(high)):
        return
    beyond = ((low > Y) | (high < Y)).any(axis=1)
    share = float(beyond.mean())
    if share == 0:
        return
    yield Finding(
        "out-of-reach",
        "error",
        "the output",
        f"{percent(share)} of the targets are outside of ({low:g}, {high:g}), the range of the output's activation, "
        f"{sigma.name}.",
        share,
        0.0,
        "The network cannot come close to these targets, whatever it learns.",
        "output='identity' for quantities.",
        plot=histogram({"rows": Y}, x="target", threshold=high if (high < Y).any() else low),
    )


def giveaway(subject: Subject) -> Iterator[Finding]:
    """Yield the columns that alone give the target away, where no other one comes close."""
    table, target = subject.rows.table, subject.rows.target
    if table is None or target is None or target.ndim != 1 or not len(target) >= LEAST_ROWS:
        return
    if not 2 <= len(table.names) <= MOST_COLUMNS:
        return
    chosen = np.random.default_rng(0).permutation(len(target))[:MOST_ROWS]
    is_quantity = subject.task == "regression"
    targets, values = target[chosen], {name: table[name][chosen] for name in table.names}
    able = [name for name in values if most_explained(values[name], targets, is_quantity) >= PERHAPS]
    if not able:
        return
    explained = dict.fromkeys(values, 0.0)  # the others matter only for what is said and drawn in the end
    explained |= {name: explained_alone(values[name], targets, is_quantity) for name in able}
    best = max(explained, key=explained.__getitem__)
    others = max(value for name, value in explained.items() if name != best)
    if explained[best] < GIVES_AWAY or 1 - others < CLOSER * (1 - explained[best]) or others == 1:
        return
    explained |= {name: explained_alone(values[name], targets, is_quantity) for name in values if name not in able}
    others = max(value for name, value in explained.items() if name != best)
    yield Finding(
        "giveaway",
        "warning",
        f"column {best!r}",
        f"Alone, it explains {percent(explained[best])} of the target in rows that were not looked at; the next best "
        f"column explains {percent(max(others, 0.0))}.",
        explained[best],
        GIVES_AWAY,
        "Either the task is that easy, or this column is made from the target and will not be known when it counts.",
        f"Ask where {best!r} comes from. If it is known only after the target is, leave the column out (--drop on the "
        f"command line).",
        plot=bars(
            [max(value, 0.0) for value in explained.values()],
            list(explained),
            x="column",
            y="share of the target that it explains alone",
            marked=[list(explained).index(best)],
            threshold=GIVES_AWAY,
        ),
    )


def row_numbers(subject: Subject) -> Iterator[Finding]:
    """Yield the columns that count the rows."""
    table = subject.rows.table
    if table is None or len(subject.rows) < LEAST_ROWS:
        return
    for name in table.names:
        values = table[name]
        if values.dtype.kind != "f" or not np.isfinite(values).all():
            continue
        ordered = np.sort(values)
        if not (np.diff(ordered) > 0).all() or not (ordered == np.rint(ordered)).all():
            continue
        steps = np.diff(ordered)
        dense = float(len(ordered) / (ordered[-1] - ordered[0] + 1))
        if dense < 0.5 or float(np.median(steps)) != 1:
            continue
        yield Finding(
            "row-numbers",
            "warning",
            f"column {name!r}",
            f"Its values are whole numbers from {ordered[0]:g} to {ordered[-1]:g}, and no two rows have the same.",
            dense,
            0.5,
            "It looks like the number of the row. A network can learn such numbers by heart, which is of no use later.",
            f"Leave the column {name!r} out (--drop on the command line).",
            plot=lines({name: values}, x="row", y=name, first=0),
        )


RULES = (
    Rule("unscaled-inputs", "Inputs of very different spreads, or far from 0.", "LeCun et al. 1998", unscaled_inputs),
    Rule("unscaled-target", "Targets that are very large or very small numbers.", "LeCun et al. 1998", unscaled_target),
    Rule("out-of-reach", "Targets outside of the range of the output.", "ranges of the activations", out_of_reach),
    Rule("giveaway", "One column that gives the target away alone.", "Kaufman et al. 2012, leakage", giveaway),
    Rule("row-numbers", "Columns that count the rows.", "Kaufman et al. 2012, leakage", row_numbers),
)
