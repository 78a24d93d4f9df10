"""The critical difference diagram of Demšar (2006): mean ranks on a line, bars over models that cannot be told apart.

Demšar, J. (2006). Statistical comparisons of classifiers over multiple data sets. JMLR 7, 1-30.
"""

from pathlib import Path

import pandas as pd
from scipy.stats import friedmanchisquare

from benchmarks.accuracy.comparison import mean_ranks

FEWEST_TABLES, FEWEST_MODELS = 3, 3
OURS = ("glassnet", "glassnet-8")


def friedman(means: pd.DataFrame) -> float | None:
    """Return the p-value of Friedman's test, or None where there are too few tables or models for it."""
    if len(means) < FEWEST_TABLES or means.shape[1] < FEWEST_MODELS:
        return None
    return float(friedmanchisquare(*means.to_numpy().T).pvalue)


def save(means: pd.DataFrame, title: str, path: Path) -> None:
    """Draw the mean ranks of the columns over the rows; bars by Nemenyi's test at 0.05."""
    try:
        import matplotlib
        import scikit_posthocs
        from matplotlib.figure import Figure
    except ImportError as missing:
        raise SystemExit(
            f"The picture needs the package {missing.name!r}, which is not installed. Try: "
            f"pip install -r benchmarks/accuracy/requirements-peers.txt"
        ) from missing

    ranks = mean_ranks(means)
    # Without a date, and with ids that do not change, the same results are the same file.
    with matplotlib.rc_context({"svg.hashsalt": "glassnet", "font.size": 11}):
        figure = Figure(figsize=(9, 1.6 + 0.17 * len(ranks)), layout="constrained")
        axes = figure.add_subplot()
        scikit_posthocs.critical_difference_diagram(
            ranks,
            scikit_posthocs.posthoc_nemenyi_friedman(means),
            ax=axes,
            label_fmt_left="{label}  {rank:.1f} ",
            label_fmt_right=" {rank:.1f}  {label}",
            text_h_margin=0.02,
            color_palette={name: "#b3470b" if name in OURS else "#33475b" for name in ranks.index},
            crossbar_props={"color": "#111111", "linewidth": 3},
        )
        axes.set_title(title, fontsize=11, pad=14)
        figure.savefig(path, metadata={"Date": None, "Creator": None})
