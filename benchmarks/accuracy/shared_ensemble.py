"""Does TabM-mini, whose members share their weights, earn a place beside `n_networks=8`? Measured on seven tables.

    python -m benchmarks.accuracy.shared_ensemble --minutes 2
    python -m benchmarks.accuracy.shared_ensemble --variants mini-8,rate-0.5 --tables digits,abalone --folds 0
    python -m benchmarks.accuracy.shared_ensemble --report

Measured are glassnet's single network, rebuilt in PyTorch (`one`), TabM-mini with 8 and 32 members on the same
preparation and recipe (`shared_network.py`), variations of it, and eight networks of glassnet that all hold out the
same rows, as the members of TabM-mini do (`together-8`). Beside them stand `glassnet` and `glassnet-8` of results.csv,
by the same protocol on the same folds. Seconds are those of the processor, on one thread, in the training alone.

`steps-1` and `steps-8` are no fits: they are the seconds of ten epochs of glassnet's single network in minibatches of
the usual size and of eight times as many rows, whose products are as large as those of eight members that share theirs.

Results go to shared_ensemble.csv as they come; what is there is not computed again. --report writes a section of
docs/accuracy.md, --check only compares. Measuring needs torch.
"""

import argparse
import json
import sys
from importlib.util import find_spec
from pathlib import Path
from time import monotonic, process_time

import pandas as pd

import glassnet as gn
from benchmarks.accuracy import comparison as compare
from benchmarks.accuracy import report
from benchmarks.accuracy.folds import FOLDS, Rows, cells, chosen, one_fold
from benchmarks.accuracy.models import compile_kernels, glassnet
from benchmarks.accuracy.report import ENSEMBLE, HERE, MEASURES, OURS, PAGE, RESULTS
from benchmarks.accuracy.tables import CHOSEN_ON, load
from glassnet.estimators.fitting.preparation import prepare

SHARED = HERE / "shared_ensemble.csv"
SCORES = ("error", "log_loss", "auc", "nrmse", "nmae")
COSTS = ("seconds", "gigaflop", "n_parameters", "best_epoch")
EPOCHS_TIMED, REPEATS = 10, 5  # of what is timed alone; other programs slow down one or the other
KEY = ("table", "variant", "fold")
FIELDS = (*KEY, "parameters", *SCORES, *COSTS, "versions")

# Those with "n_members" are of shared_network.py, the others glassnet's own.
VARIANTS = {
    "one": {"n_members": 1},
    "mini-8": {"n_members": 8},
    "mini-32": {"n_members": 32},
    "rate-0.5": {"n_members": 8, "rate": 0.5},
    "rate-2": {"n_members": 8, "rate": 2.0},
    "scaling-rate-0.1": {"n_members": 8, "scaling_rate": 0.1},
    "signs": {"n_members": 8, "scalings": "signs"},
    "normal": {"n_members": 8, "scalings": "normal"},
    "one-head": {"n_members": 8, "own_heads": False},
    "together-8": {"n_networks": 8, "bagged": False},
    "steps-1": {"minibatches": 1},
    "steps-8": {"minibatches": 8},
}
ONE, MINI, COMPARED = "one", "mini-8", ("one", "mini-8", "mini-32", "together-8")
VARIED = tuple(name for name, parameters in VARIANTS.items() if "n_members" in parameters and name not in COMPARED)
MARKS = (
    "<!-- from benchmarks/accuracy/shared_ensemble.csv, by python -m benchmarks.accuracy.shared_ensemble --report -->",
    "<!-- end of benchmarks/accuracy/shared_ensemble.csv -->",
)


def measure(table, parameters, fold, train, test):
    """Return the scores and what they cost."""
    if "minibatches" in parameters:
        return {"seconds": round(seconds_of_steps(table, fold, train, parameters["minibatches"]), 4)}
    if "n_members" not in parameters:
        started = process_time()
        found = one_fold(table, lambda is_regression, seed: glassnet(is_regression, seed, **parameters), "frame", fold,
                         train, test)  # fmt: skip
        return {**found, "seconds": round(process_time() - started, 2)}
    from benchmarks.accuracy.shared_network import SharedEnsemble

    model = SharedEnsemble(table.is_regression, fold, **parameters)
    found = one_fold(table, lambda is_regression, seed: model, "frame", fold, train, test)
    return {
        **found,
        "seconds": round(model.seconds, 2),
        "gigaflop": round(model.gigaflop, 1),
        "n_parameters": model.n_parameters,
        "best_epoch": model.best_epoch,
    }


def seconds_of_steps(table, fold, train, minibatches):
    """Return what some epochs of glassnet's single network take where each step has so many times the rows."""
    X, y = table.X.iloc[train].reset_index(drop=True), table.y[train]
    run = prepare(glassnet(table.is_regression, fold), X, y, None, None, again=False).runs[0]
    run.update(epochs=EPOCHS_TIMED, batch_size=minibatches * run["batch_size"])
    seconds = []
    for _ in range(REPEATS):
        started = process_time()
        gn.train(**run)
        seconds.append(process_time() - started)
    return min(seconds)


def is_default(table, parameters):
    """Return whether the scalings asked for are those that the table gets anyway."""
    usual = "normal" if len(table.X.select_dtypes("number").columns) else "signs"
    return parameters.get("scalings") == usual


def run(variants, tables, folds, path, minutes=None):
    """Compute what is missing until the time is over; a fit that has begun is finished."""
    import torch

    torch.set_num_threads(1)
    rows, started = Rows(path, FIELDS, KEY), monotonic()
    compile_kernels()
    about = {"versions": f"glassnet {gn.__version__}, torch {torch.__version__}"}
    for table, fold, train, test in cells([load(name) for name in tables], folds):
        for name in variants:
            if (table.name, name, fold) in rows or is_default(table, VARIANTS[name]):
                continue
            if minutes is not None and monotonic() - started > 60 * minutes:
                print(f"{minutes} minutes are over; the same command goes on.")
                return
            found = measure(table, VARIANTS[name], fold, train, test)
            parameters = json.dumps(VARIANTS[name])
            rows.add({"table": table.name, "variant": name, "fold": fold, "parameters": parameters, **found, **about})
            print(table.name, name, fold, found, flush=True)


def text_of(path=SHARED, results=RESULTS):
    """Return what stands between the markers."""
    shared = report.read(path)
    if shared is None:
        return (
            "No measurement is in `benchmarks/accuracy` yet; `python -m benchmarks.accuracy.shared_ensemble` makes one."
        )
    others = report.read(results).rename(columns={"model": "variant"})
    both = pd.concat([others[others["variant"].isin([OURS, ENSEMBLE])], shared], ignore_index=True)
    return "\n".join([*ratios(both), *costs(both), *table_means(both), *variations(both)]).rstrip()


def ratios(both):
    """Return each model's errors beside those of one network, by glassnet and in PyTorch, and of glassnet's ensemble.

    All of a row are over the folds that its models share; those of the ensemble are those of TabM-mini.
    """
    beside = (OURS, ONE, ENSEMBLE)
    body = []
    for name in (*COMPARED, ENSEMBLE):
        models = list(dict.fromkeys([*beside, MINI if name == ENSEMBLE else name]))
        folds = {measure: compare.by_fold(both, measure, models, by="variant") for measure in MEASURES}
        cells = [
            "1" if name == other else report.interval(compare.log_ratios(part, name, other))
            for part in folds.values()
            for other in beside
        ]
        body.append([name, str(len(folds["score"])), *cells])
    head = ["model", "folds"]
    for words in MEASURES.values():
        head += [f"{words}, to {OURS}", *(f"to {other}" for other in beside[1:])]
    return report.grid(head, body)


def costs(both):
    """Return what trainings cost, as multiples of one network's on the same table and fold."""

    def median(measure, name, beside):
        folds = compare.by_fold(both, measure, [name, beside], by="variant")
        return f"{(folds[name] / folds[beside]).median():.3g}" if len(folds) else "–"

    body = [
        [name, *(median(measure, name, ONE) for measure in ("gigaflop", "seconds", "n_parameters")), "–"]
        for name in (MINI, "mini-32")
    ]
    steps = compare.by_fold(both, "seconds", ["steps-1", "steps-8"], by="variant")
    if len(steps):
        body[0][-1] = f"about {(8 * steps['steps-8'] / steps['steps-1']).median():.2g}"
    body.append([ENSEMBLE, "8", "–", "8", median("seconds", ENSEMBLE, OURS)])
    return report.grid(
        ["times one network's", "arithmetic", "seconds in PyTorch", "parameters", "seconds in glassnet"], body
    )


def table_means(both):
    """Return the mean of each table over the folds that the main models have."""
    lines, models = [], [OURS, ONE, MINI, ENSEMBLE]
    for measure, words in MEASURES.items():
        folds = compare.by_fold(both, measure, models, by="variant").groupby(level="table")
        means, n_folds = folds.mean(), folds.size()
        names = [name for name in CHOSEN_ON if name in means.index]
        body = [[name, str(n_folds[name]), *map(report.number, means.loc[name])] for name in names]
        if body:
            lines += report.grid([words, "folds", *models], body)
    return lines


def variations(both):
    """Return what each change of TabM-mini with eight members does to its errors."""
    body = []
    for name in VARIED:
        cells = [
            report.interval(compare.log_ratios(compare.by_fold(both, measure, [name, MINI], by="variant"), name, MINI))
            for measure in MEASURES
        ]
        if set(cells) != {"–"}:
            body.append([f"{name}: `{json.dumps(VARIANTS[name])}`", *cells])
    return report.grid([f"change of {MINI}", *MEASURES.values()], body)


def write(check=False):
    """Write the section, or end with 1 if it is not what the results say."""
    page = PAGE.read_text(encoding="utf-8")
    new = report.replaced(page, MARKS, text_of())
    if check and new != page:
        sys.exit(
            "docs/accuracy.md is not what the results say: run python -m benchmarks.accuracy.shared_ensemble --report"
        )
    if not check:
        PAGE.write_text(new, encoding="utf-8")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--variants", default="one,mini-8", help=", ".join(VARIANTS))
    parser.add_argument("--tables", default=",".join(CHOSEN_ON))
    parser.add_argument("--folds", default="0")
    parser.add_argument("--minutes", type=float, help="begin no fit after so many minutes")
    parser.add_argument("--results", type=Path, default=SHARED)
    parser.add_argument("--report", action="store_true", help="write the section of docs/accuracy.md")
    parser.add_argument("--check", action="store_true", help="exit with 1 if it is not up to date")
    asked = parser.parse_args()
    if asked.report or asked.check:
        write(check=asked.check)
        return
    if find_spec("torch") is None:
        parser.error("measuring needs the package 'torch'; try: pip install torch")
    variants = chosen(asked.variants, list(VARIANTS), "variant")
    tables = chosen(asked.tables, CHOSEN_ON, "table")
    run(variants, tables, chosen(asked.folds, range(FOLDS), "fold"), asked.results, asked.minutes)


if __name__ == "__main__":
    main()
