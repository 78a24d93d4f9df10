"""How accurate are the defaults? Fourteen real tables, five folds, beside the defaults of others.

    python -m benchmarks.accuracy.run --models glassnet,glassnet-8,hist_gradient_boosting
    python -m benchmarks.accuracy.run --import FILE
    python -m benchmarks.accuracy.run --report

Results go to results.csv as they come; what is there is not computed again, so an interrupted run is taken up by the
same command; --again measures anew what is asked for, as after a change of the recipe. --import adds rows that another
script measured by the same protocol, marked as imported; rows that are there stay. --report writes docs/accuracy.md and
its picture. docs/accuracy.md has the protocol.
"""

import argparse
import sys
import traceback
import warnings
from itertools import product
from pathlib import Path

import pandas as pd
from sklearn.exceptions import ConvergenceWarning

from benchmarks.accuracy import report
from benchmarks.accuracy.folds import FOLDS, Rows, cells, chosen, one_fold, versions_of
from benchmarks.accuracy.models import MODELS, check_models, compile_kernels
from benchmarks.accuracy.tables import LOADERS, load

SCORES = ("error", "log_loss", "auc", "nrmse", "nmae")
FIELDS = ("table", "model", "fold", *SCORES, "seconds", "source", "versions")
KEY = ("table", "model", "fold")

# Names in the file that --import reads, where they are others than here.
IMPORTED_MODELS = {
    "linear": "linear",
    "sk_mlp": "sklearn_mlp",
    "sk_mlp_es": "sklearn_mlp_early",
    "rf": "random_forest",
    "hgb": "hist_gradient_boosting",
    "lgbm": "lightgbm",
    "xgb": "xgboost",
    "td_s": "realmlp_td_s",
    "td": "realmlp_td",
}
IMPORTED_COLUMNS = {"dataset": "table", "logloss": "log_loss"}


def run(models, tables, folds, path, again=False):
    """Compute what is missing, or all of it `again`; return how many fits failed."""
    check_models(models)
    rows = Rows(path, FIELDS, KEY)
    if again:
        rows.drop(product(tables, models, folds))
    failures = 0
    for name in models:
        MODELS[name].make(False, 0)  # what a model imports is no part of its first fit
    if any("glassnet" in MODELS[name].packages for name in models):
        compile_kernels()
    for table, fold, train, test in cells([load(name) for name in tables], folds):
        for name in models:
            if (table.name, name, fold) in rows:
                continue
            model = MODELS[name]
            try:
                found = one_fold(table, model.make, model.given, fold, train, test)
            except Exception:  # a peer that cannot do one table does not end a run of hours
                failures += 1
                print(f"failed: {table.name}, {name}, fold {fold}\n{traceback.format_exc()}", file=sys.stderr)
                continue
            versions = versions_of(model.packages)
            rows.add({"table": table.name, "model": name, "fold": fold, **found, "source": "run", "versions": versions})
            print(table.name, name, fold, found, flush=True)
    return failures


def import_rows(source, path):
    """Add the rows of `source` that are not there; return how many, and the names of models that are not known here."""
    found = pd.read_csv(source).rename(columns=IMPORTED_COLUMNS)
    missing = [name for name in ("table", "model", "fold", "error", "log_loss", "nrmse") if name not in found]
    if missing:
        raise SystemExit(
            f"{Path(source).name} has no column {missing[0]!r}; --import reads a CSV with dataset, model, fold, error, "
            f"logloss and nrmse."
        )
    strangers = sorted(set(found["model"]) - set(IMPORTED_MODELS))
    rows, added = Rows(path, FIELDS, KEY), 0
    for row in found[found["model"].isin(IMPORTED_MODELS) & found["table"].isin(LOADERS)].to_dict("records"):
        row["model"] = IMPORTED_MODELS[row["model"]]
        if tuple(row[name] for name in KEY) not in rows:
            kept = {name: row[name] for name in (*KEY, *SCORES) if pd.notna(row.get(name))}
            rows.add({**kept, "source": "imported"})
            added += 1
    return added, strangers


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--models", default="glassnet,hist_gradient_boosting", help=", ".join(MODELS))
    parser.add_argument("--tables", default=",".join(LOADERS))
    parser.add_argument("--folds", default="0,1,2,3,4")
    parser.add_argument("--results", type=Path, default=report.RESULTS)
    parser.add_argument(
        "--again", action="store_true", help="forget what was measured of these models, tables and folds"
    )
    parser.add_argument("--show", action="store_true", help="print the report, and write nothing")
    parser.add_argument("--import", dest="source", type=Path, metavar="FILE", help="add rows measured elsewhere")
    parser.add_argument("--report", action="store_true", help="write docs/accuracy.md from the results")
    parser.add_argument("--check", action="store_true", help="exit with 1 if docs/accuracy.md is not up to date")
    asked = parser.parse_args()
    # Defaults that stop before they have converged are what is measured.
    warnings.filterwarnings("ignore", category=ConvergenceWarning)
    if asked.check:
        report.check(asked.results)
    elif asked.show:
        print(report.text_of(asked.results))
    elif asked.report:
        report.write(asked.results)
    elif asked.source:
        if not asked.source.is_file():
            parser.error(f"{asked.source} is not a file")
        added, strangers = import_rows(asked.source, asked.results)
        print(f"{added} rows added." + (f" Not imported: {', '.join(strangers)}." if strangers else ""))
    else:
        models = chosen(asked.models, list(MODELS), "model")
        tables = chosen(asked.tables, list(LOADERS), "table")
        folds = chosen(asked.folds, range(FOLDS), "fold")
        failures = run(models, tables, folds, asked.results, asked.again)
        if failures:
            sys.exit(f"{failures} fits failed, as told above; the same command tries them again.")


if __name__ == "__main__":
    main()
