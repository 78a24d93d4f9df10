"""Write the figures of docs/accuracy.md: `python -m benchmarks.accuracy.report`, `--check` only compares.

Everything between two markers is a function of results.csv and of ablation.csv; no number is written by hand.
"""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from benchmarks.accuracy import comparison as compare
from benchmarks.accuracy import diagram
from benchmarks.accuracy.models import MODELS
from benchmarks.accuracy.tables import CHOSEN_ON, LOADERS

ROOT = Path(__file__).parents[2]
HERE = Path(__file__).parent
PAGE = ROOT / "docs" / "accuracy.md"
PICTURE = ROOT / "docs" / "accuracy-ranks.svg"
RESULTS, ABLATION = HERE / "results.csv", HERE / "ablation.csv"

RESULTS_MARKS = (
    "<!-- from benchmarks/accuracy/results.csv, by python -m benchmarks.accuracy.report -->",
    "<!-- end of benchmarks/accuracy/results.csv -->",
)
ABLATION_MARKS = (
    "<!-- from benchmarks/accuracy/ablation.csv, by python -m benchmarks.accuracy.report -->",
    "<!-- end of benchmarks/accuracy/ablation.csv -->",
)
NO_RESULTS = "No measurement is in `benchmarks/accuracy` yet; `python -m benchmarks.accuracy.run` makes one."
NO_ABLATION = "No measurement is in `benchmarks/accuracy` yet; `python -m benchmarks.accuracy.ablation` makes one."

REFERENCE, MLP, OURS, ENSEMBLE = "hist_gradient_boosting", "sklearn_mlp", "glassnet", "glassnet-8"
SLOWEST = "realmlp_td"
MEASURES = {"score": "error rate or nRMSE", "log_loss": "log loss"}
RATIO_TOLD = (
    f"A ratio is the geometric mean over tables of the ratios to {REFERENCE}; below 1 is better. The tables are all,",
    "those on which the default recipe was chosen, and the others.",
    "",
)


def text_of(path: Path = RESULTS, picture: Path = PICTURE) -> str:
    """Return what stands between the markers of the results."""
    results = read(path)
    if results is None:
        return NO_RESULTS
    present = [name for name in MODELS if name in set(results["model"])]
    most, comparable = compare.complete(results, present), compare.on_all_tables(results, present)
    parts = ["### Ranks", "", *RATIO_TOLD, *ranking(results, most)]
    if picture.exists():
        parts += [f"![Mean ranks by {MEASURES['score']}]({picture.name})", ""]
    if comparable != most:
        parts += ["### Ranks on the folds that all models have", "", *ranking(results, comparable)]
    left_out = [name for name in present if name not in comparable]
    if left_out:
        parts += [f"Not ranked, for want of some tables: {', '.join(left_out)}.", ""]
    parts += [
        *beside_mlp(results),
        *beside_one(results),
        *seconds(results),
        *table_means(results, most),
        *origins(results),
    ]
    return "\n".join(parts).rstrip()


def read(path: Path) -> pd.DataFrame | None:
    """Return the results with their `score`, or None where there are none yet."""
    results = pd.read_csv(path) if path.exists() else pd.DataFrame()
    return None if results.empty else compare.with_score(results)


def grid(head: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    """Return a Markdown table; all columns but the first are numbers."""
    marks = ["---", *["--:"] * (len(head) - 1)]
    return [f"| {' | '.join(cells)} |" for cells in (head, marks, *rows)] + [""]


def ranking(results: pd.DataFrame, models: Sequence[str]) -> list[str]:
    """Return mean ranks and geometric means on the folds that all the models have."""
    lines = []
    for measure, words in MEASURES.items():
        folds = compare.by_fold(results, measure, models)
        if len(models) < 2 or folds.empty:
            lines += [f"By {words} there is nothing to compare yet.", ""]
            continue
        means = compare.by_table(results, measure, models)
        columns = {"mean rank": compare.mean_ranks(means).map("{:.2f}".format)}
        if REFERENCE in models:
            is_chosen = means.index.isin(CHOSEN_ON)
            columns["ratio, all"] = _ratios(means)
            columns["ratio, chosen on"] = _ratios(means[is_chosen])
            columns["ratio, others"] = _ratios(means[~is_chosen])
        body = [[name, *(column[name] for column in columns.values())] for name in columns["mean rank"].index]
        p = diagram.friedman(means)
        tested = f"; Friedman's test: p = {p:.2g}" if p is not None else ""
        lines += grid([words, *columns], body)
        lines += [f"{len(means)} tables, {len(folds)} folds that all have{tested}.", ""]
    return lines


def _ratios(means: pd.DataFrame) -> pd.Series:
    ratios = compare.geometric_means(means, REFERENCE)
    return ratios.map("{:.3f}".format).where(ratios.notna(), "–")


def beside_mlp(results: pd.DataFrame) -> list[str]:
    """Return the paired differences to scikit-learn's MLP, and which tables violate the criterion."""
    lines = [f"### {OURS} beside scikit-learn's MLP, table by table", ""]
    for measure, words in MEASURES.items():
        folds = compare.by_fold(results, measure, [OURS, MLP])
        if folds.empty:
            lines += [f"By {words} there is nothing to compare yet.", ""]
            continue
        found = compare.paired_differences(folds, OURS, MLP)
        found = found.reindex([name for name in LOADERS if name in found.index])
        body = [
            [
                name,
                str(int(row["n_folds"])),
                number(row[OURS]),
                number(row[MLP]),
                _percent(row["difference"] / row[MLP] if row[MLP] else np.nan),
                _percent(row["standard_error"] / row[MLP] if row[MLP] else np.nan, signed=False),
            ]
            for name, row in found.iterrows()
        ]
        lines += grid([words, "folds", OURS, MLP, "difference", "standard error"], body)
        violations = list(found.index[found["is_violation"]])
        told = f"**worse: {', '.join(violations)}**" if violations else "none"
        lines += [f"Tables worse by more than 5 % and by more than two standard errors: {told}.", ""]
        unjudged = list(found.index[found["n_folds"] < 2])
        if unjudged:
            lines += [f"Not judged, for want of a second fold: {', '.join(unjudged)}.", ""]
    return lines


def beside_one(results: pd.DataFrame) -> list[str]:
    """Return by how much eight networks are better than one."""
    lines = []
    for measure, words in MEASURES.items():
        folds = compare.by_fold(results, measure, [ENSEMBLE, OURS])
        groups = compare.relative_improvements(folds, ENSEMBLE, OURS)
        if groups:
            low, high = compare.cluster_bootstrap(groups)
            lines.append(
                f"- {words}: {_percent(compare.center(groups))}, the mean over {len(groups)} tables; 95 % interval "
                f"{_percent(low)} to {_percent(high)}."
            )
    lines = lines or ["There is nothing to compare yet."]
    return [f"### {ENSEMBLE} against {OURS}", "", "Improvement, as a share of the one network's:", "", *lines, ""]


def seconds(results: pd.DataFrame) -> list[str]:
    """Return the times of the fits."""
    found = compare.seconds_per_fit(results, SLOWEST).sort_values("seconds", kind="stable")
    if found.empty:
        return []
    ratios = ["times_as_fast", "at_least"]
    body = [
        [name, f"{row['seconds']:.2f}", *("–" if np.isnan(row[each]) else f"{row[each]:.3g}×" for each in ratios)]
        for name, row in found.iterrows()
    ]
    head = ["model", "seconds per fit, median", f"times as fast as {SLOWEST}, median over shared folds", "at least"]
    return ["### Seconds", "", *grid(head, body)]


def table_means(results: pd.DataFrame, models: Sequence[str]) -> list[str]:
    """Return the mean of each table over the folds that all the models have there."""
    lines = ["### Every table", "", "A star marks the tables on which the default recipe was chosen.", ""]
    for measure, words in MEASURES.items():
        means = compare.by_table(results, measure, models)
        body = [
            [f"{name}{' *' if name in CHOSEN_ON else ''}", *(number(value) for value in means.loc[name])]
            for name in LOADERS
            if name in means.index
        ]
        if body:
            lines += grid([words, *models], body)
    return lines


def origins(results: pd.DataFrame) -> list[str]:
    """Return the versions, and what was measured by another script."""
    lines = []
    measured = results[results["source"] == "run"]
    for name in MODELS:
        versions = sorted(set(measured.loc[measured["model"] == name, "versions"].dropna()))
        if versions:
            lines.append(f"- {name}: {'; '.join(versions)}")
    if lines:
        lines = ["Versions:", "", *lines, ""]
    imported = results[results["source"] == "imported"]
    names = [name for name in MODELS if name in set(imported["model"])]
    if names:
        lines += [
            f"{len(imported)} of {len(results)} rows were measured by another script, by the same protocol, without "
            f"seconds and versions: {', '.join(names)}.",
            "",
        ]
    return lines


def ablation_text(path: Path = ABLATION) -> str:
    """Return what stands between the markers of the ablation."""
    results = read(path)
    if results is None:
        return NO_ABLATION
    variants = [name for name in dict.fromkeys(results["variant"]) if name != "default"]
    body = []
    for name in variants:
        cells = []
        for measure in MEASURES:
            folds = compare.by_fold(results, measure, [name, "default"], by="variant")
            is_chosen = folds.index.get_level_values("table").isin(CHOSEN_ON)
            cells += [
                interval(compare.log_ratios(part, name, "default")) for part in (folds[is_chosen], folds[~is_chosen])
            ]
        shown = results.loc[results["variant"] == name, "parameters"].iloc[0]
        body.append([f"{name}: `{shown}`", *cells])
    if not body:
        return NO_ABLATION
    head = ["variant"]
    for words in MEASURES.values():
        head += [f"{words}, chosen on", f"{words}, others"]
    return "\n".join(grid(head, body)).rstrip()


def interval(groups: dict[str, np.ndarray]) -> str:
    """Return a geometric mean, in brackets its 95 % interval and the number of tables."""
    if not groups:
        return "–"
    middle = f"{np.exp(compare.center(groups)):.3f}"
    if len(groups) < 2:
        return f"{middle} (1)"  # one table says nothing about others
    low, high = np.exp(compare.cluster_bootstrap(groups))
    return f"{middle} ({low:.3f} to {high:.3f}; {len(groups)})"


def number(value: float) -> str:
    """Return a score with four decimals, a dash for none."""
    return "–" if np.isnan(value) else f"{value:.4f}" if value < 1 else f"{value:.2f}"


def _percent(value: float, signed: bool = True) -> str:
    return "–" if np.isnan(value) else f"{100 * value:{'+' if signed else ''}.1f} %"


def replaced(page: str, marks: tuple[str, str], text: str) -> str:
    """Return the page with the text between its markers."""
    before, rest = page.split(marks[0])
    _, after = rest.split(marks[1])
    return f"{before}{marks[0]}\n\n{text}\n\n{marks[1]}{after}"


def page_of(old: str, results: Path = RESULTS, ablation: Path = ABLATION, picture: Path = PICTURE) -> str:
    """Return the page with both of its generated parts."""
    page = replaced(old, RESULTS_MARKS, text_of(results, picture))
    return replaced(page, ABLATION_MARKS, ablation_text(ablation))


def write(results: Path = RESULTS, ablation: Path = ABLATION, page: Path = PAGE, picture: Path = PICTURE) -> None:
    """Write the page, and the picture where there is enough to draw."""
    found = read(results)
    if found is not None:
        means = compare.by_table(found, "score", compare.complete(found, list(MODELS)))
        if diagram.friedman(means) is not None:
            diagram.save(
                means, f"Mean rank by error over {len(means)} tables; bars join what cannot be told apart", picture
            )
    page.write_text(page_of(page.read_text(encoding="utf-8"), results, ablation, picture), encoding="utf-8")


def check(results: Path = RESULTS, ablation: Path = ABLATION, page: Path = PAGE, picture: Path = PICTURE) -> None:
    """End with 1 if the page is not what the results say."""
    text = page.read_text(encoding="utf-8")
    if page_of(text, results, ablation, picture) != text:
        sys.exit("docs/accuracy.md is not what the results say: run python -m benchmarks.accuracy.report")


def main() -> None:
    """Write or check."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument(
        "--check", action="store_true", help="change nothing; exit with 1 if the page is not up to date"
    )
    if parser.parse_args().check:
        check()
    else:
        write()


if __name__ == "__main__":
    main()
