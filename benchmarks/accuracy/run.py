"""How accurate are the defaults? Fourteen real tables, five folds, beside the defaults of others.

    python benchmarks/accuracy/run.py --models glassnet,glassnet-8,hist_gradient_boosting
    python benchmarks/accuracy/run.py --table

Five-fold cross-validation (stratified for classes; shuffled, seed 0) on at most 10,000 rows of a table. Results go to
results.csv as they come, with seconds per fit; what is there is not computed again. The table shows the mean over the
folds that all shown models have, and geometric means of the ratios to hist_gradient_boosting. The default recipe was
chosen on seven of the tables (`CHOSEN_ON`), so the other seven are shown apart.
"""

import argparse
import csv
from importlib.metadata import version
from pathlib import Path
from time import perf_counter

import numpy as np
import pandas as pd
from models import MODELS, as_matrix
from sklearn.model_selection import KFold, StratifiedKFold
from tables import CHOSEN_ON, LOADERS, load

HERE = Path(__file__).parent
FIELDS = ("table", "model", "fold", "error", "log_loss", "nrmse", "seconds", "glassnet", "scikit-learn")
FOLDS = 5
LEAST_PROBABILITY = 1e-7
REFERENCE = "hist_gradient_boosting"


def scores(table, model, X, y):
    """Return error rate and log loss, or the error in standard deviations of the target."""
    if table.is_regression:
        return {"nrmse": float(np.sqrt(np.mean((model.predict(X) - y) ** 2)) / y.std())}
    P = model.predict_proba(X)
    at = np.searchsorted(model.classes_, y)
    p = np.clip(P[np.arange(len(y)), at], LEAST_PROBABILITY, 1.0)
    return {"error": float(np.mean(model.predict(X) != y)), "log_loss": float(-np.mean(np.log(p)))}


def one_fold(table, name, fold, train, test):
    make, given = MODELS[name]
    X = table.X.iloc[train].reset_index(drop=True), table.X.iloc[test].reset_index(drop=True)
    started = perf_counter()
    if given == "matrix":
        X = as_matrix(*X)
    model = make(table.is_regression, fold).fit(X[0], table.y[train])
    seconds = perf_counter() - started
    return {"seconds": round(seconds, 2), **scores(table, model, X[1], table.y[test])}


def run(models, tables, folds, path):
    """Compute what is missing, appending each result as it comes."""
    done = set()
    if path.exists():
        done = set(pd.read_csv(path)[["table", "model", "fold"]].itertuples(index=False, name=None))
    versions = {"glassnet": version("glassnet"), "scikit-learn": version("scikit-learn")}
    with path.open("a", newline="") as file:
        writer = csv.DictWriter(file, FIELDS, lineterminator="\n")
        if not done:
            writer.writeheader()
        for table in map(load, tables):
            splits = (KFold if table.is_regression else StratifiedKFold)(FOLDS, shuffle=True, random_state=0)
            for fold, (train, test) in enumerate(splits.split(table.X, table.y)):
                for name in models:
                    if fold not in folds or (table.name, name, fold) in done:
                        continue
                    found = one_fold(table, name, fold, train, test)
                    rounded = {key: round(value, 6) for key, value in found.items()}
                    writer.writerow({"table": table.name, "model": name, "fold": fold, **rounded, **versions})
                    file.flush()
                    print(table.name, name, fold, rounded, flush=True)


def show(path):
    """Print the means over folds and the geometric means of the ratios."""
    results = pd.read_csv(path)
    for measure in ("error", "log_loss", "nrmse"):
        found = results.dropna(subset=[measure]).pivot_table(index=["table", "fold"], columns="model", values=measure)
        means = (
            found.dropna().groupby("table").mean().reindex([name for name in LOADERS if name in found.index.levels[0]])
        )
        print(f"\n{measure}, mean over folds\n{means.round(4).to_string()}")
        if REFERENCE not in means:
            continue
        ratios = np.log(means.div(means[REFERENCE], axis=0))
        chosen = ratios.index.isin(CHOSEN_ON)
        summary = pd.DataFrame({"chosen on": ratios[chosen].mean(), "others": ratios[~chosen].mean(),
                                "all": ratios.mean()})  # fmt: skip
        print(f"geometric mean against {REFERENCE}\n{np.exp(summary).T.round(3).to_string()}")
    print(f"\nseconds per fit, median\n{results.groupby('model').seconds.median().round(2).to_string()}")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--models", default="glassnet,hist_gradient_boosting", help=", ".join(MODELS))
    parser.add_argument("--tables", default=",".join(LOADERS))
    parser.add_argument("--folds", default="0,1,2,3,4")
    parser.add_argument("--results", type=Path, default=HERE / "results.csv")
    parser.add_argument("--table", action="store_true", help="show the results that are there")
    asked = parser.parse_args()
    if not asked.table:
        folds = [int(fold) for fold in asked.folds.split(",")]
        run(asked.models.split(","), asked.tables.split(","), folds, asked.results)
    show(asked.results)


if __name__ == "__main__":
    main()
