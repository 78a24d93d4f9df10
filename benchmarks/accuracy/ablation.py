"""What does each ingredient of the default recipe contribute? One is switched off or on, everything else stays.

    python -m benchmarks.accuracy.ablation --minutes 20
    python -m benchmarks.accuracy.ablation --variants relu,constant --tables digits,abalone --folds 0,1
    python -m benchmarks.accuracy.ablation --add pairs='{"hidden_layer_sizes": [64, 64]}'

Results go to ablation.csv as they come; what is there is not computed again. All variants meet a table and fold before
the next one's turn, and all tables their first fold before any its second: a run that ends early is balanced.
`python -m benchmarks.accuracy.report` writes the table in docs/accuracy.md.
"""

import argparse
import json
import sys
from functools import partial
from pathlib import Path
from time import monotonic

import pandas as pd

import glassnet as gn
from benchmarks.accuracy.folds import FOLDS, Rows, cells, chosen, one_fold
from benchmarks.accuracy.models import compile_kernels, glassnet
from benchmarks.accuracy.report import ABLATION
from benchmarks.accuracy.tables import CHOSEN_ON, LOADERS, load

FIELDS = ("table", "variant", "fold", "parameters", "error", "log_loss", "auc", "nrmse", "nmae", "seconds", "glassnet")
KEY = ("table", "variant", "fold")

# Without rows held out ("all-epochs") what needs them goes, too; "refit" holds some out of small tables as well.
VARIANTS = {
    "default": {},
    "narrow": {"hidden_layer_sizes": (64, 64, 64)},
    "wide": {"hidden_layer_sizes": (256, 256, 256)},
    "shallow": {"hidden_layer_sizes": (128,)},
    "silu": {"activation": "silu"},
    "relu": {"activation": "relu"},
    "start-glorot": {"init": "glorot_uniform"},
    "rates-equal": {"rates": "equal"},
    "rates-equal-0.002": {"rates": "equal", "learning_rate_init": 2e-3},  # a number that equal rates bear
    "bias-rate-1": {"bias_rate": 1.0},
    "cosine": {"learning_rate": "cosine"},
    "constant": {"learning_rate": "constant"},
    "beta2-0.999": {"beta_2": 0.999},
    "no-smoothing": {"label_smoothing": 0.0},
    "no-temperature": {"temperature_scaling": False},
    "no-smoothing-no-temperature": {"label_smoothing": 0.0, "temperature_scaling": False},
    "no-embedding": {"numeric_embedding": None},
    "scaling": {"numeric_embedding": None, "input_scaling": True},
    "pbld+scaling": {"numeric_embedding": "pbld", "input_scaling": True},
    "learned-slope": {"learned_slope": True},
    "no-dropout": {"dropout": 0.0},
    "dropout-0.1": {"dropout": 0.1},
    "dropout-0.15": {"dropout": 0.15},
    "dropout-flat-cosine": {"dropout_schedule": "flat_cosine"},
    "dropout-0.15-flat-cosine": {"dropout": 0.15, "dropout_schedule": "flat_cosine"},
    "decay-0.02": {"weight_decay": 0.02},
    "decay-0.02-constant": {"weight_decay": 0.02, "decay_schedule": "constant"},
    "mish": {"activation": "mish"},
    "alpha-1": {"alpha": 1.0},
    "clip-1": {"clip": 1.0},
    "all-epochs": {"early_stopping": False},
    "no-clipped-predictions": {"clip_predictions": False},
    "refit": {"early_stopping": True, "refit": True},
    "plain": {"preset": "plain"},
}


def check_variants(variants):
    """End with a sentence about a parameter that neither estimator has."""
    known = set(gn.GlassClassifier().get_params()) | set(gn.GlassRegressor().get_params())
    for name, parameters in variants.items():
        for parameter in parameters:
            if parameter not in known:
                raise SystemExit(
                    f"The variant {name!r} sets {parameter!r}, which no estimator of this glassnet has. Leave it out "
                    f"of --variants, or install a glassnet that has the parameter."
                )


def check_same(variants, path):
    """End with a sentence about a variant whose name stands for other parameters in the file."""
    there = pd.read_csv(path, usecols=["variant", "parameters"]).drop_duplicates()
    for name, parameters in there.itertuples(index=False, name=None):
        if name in variants and json.loads(parameters) != json.loads(json.dumps(variants[name])):
            raise SystemExit(
                f"In {path.name} the variant {name!r} is {parameters}, not {json.dumps(variants[name])}. Give it "
                f"another name, or another file by --results."
            )


def applies(parameters, is_regression):
    """Return whether the estimator of this kind has the parameters; temperatures, say, are for classes only."""
    estimator = gn.GlassRegressor() if is_regression else gn.GlassClassifier()
    return set(parameters) <= set(estimator.get_params())


def run(variants, tables, folds, path, minutes=None):
    """Compute what is missing until the time is over; a fit that has begun is finished."""
    check_variants(variants)
    rows = Rows(path, FIELDS, KEY)
    check_same(variants, path)
    compile_kernels()
    started = monotonic()
    for table, fold, train, test in cells([load(name) for name in tables], folds):
        for name, parameters in variants.items():
            if (table.name, name, fold) in rows or not applies(parameters, table.is_regression):
                continue
            if minutes is not None and monotonic() - started > 60 * minutes:
                print(f"{minutes} minutes are over; the same command goes on.")
                return
            try:
                found = one_fold(table, partial(glassnet, **parameters), "frame", fold, train, test)
            except gn.errors.GlassnetError as error:  # such as one that diverges; the others go on
                print(f"failed: {table.name}, {name}, fold {fold}: {error}", file=sys.stderr)
                continue
            about = {"parameters": json.dumps(parameters), "glassnet": gn.__version__}
            rows.add({"table": table.name, "variant": name, "fold": fold, **about, **found})
            print(table.name, name, fold, found, flush=True)


def added(texts):
    """Return the variants given as NAME=JSON."""
    variants = {}
    for text in texts:
        name, _, parameters = text.partition("=")
        try:
            variants[name] = json.loads(parameters)
        except json.JSONDecodeError:
            variants[name] = None
        if not name or not isinstance(variants[name], dict):
            raise SystemExit(
                f"""--add {text!r} is not NAME=JSON with a JSON object. Try: --add relu='{{"activation": "relu"}}'"""
            )
    return variants


def alternating():
    """Return the tables' names, one that the recipe was chosen on and one of the others in turn."""
    others = [name for name in LOADERS if name not in CHOSEN_ON]
    return [name for pair in zip(CHOSEN_ON, others) for name in pair]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--variants", default=",".join(VARIANTS), help="the default is always among them")
    parser.add_argument("--add", action="append", default=[], metavar="NAME=JSON", help="a variant of your own")
    parser.add_argument("--tables", default=",".join(alternating()))
    parser.add_argument("--folds", default="0,1,2,3,4")
    parser.add_argument("--minutes", type=float, help="begin no fit after so many minutes")
    parser.add_argument("--results", type=Path, default=ABLATION)
    asked = parser.parse_args()
    names = chosen(asked.variants, list(VARIANTS), "variant")
    variants = {"default": {}, **{name: VARIANTS[name] for name in names}, **added(asked.add)}
    tables = chosen(asked.tables, list(LOADERS), "table")
    run(variants, tables, chosen(asked.folds, range(FOLDS), "fold"), asked.results, asked.minutes)


if __name__ == "__main__":
    main()
