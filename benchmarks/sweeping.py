"""How good a sweep is beside optuna with scikit-learn's MLP: `python -m benchmarks.sweeping`.

Both search on the same training rows of the census table (10,000 rows; `pip install --no-deps -r
benchmarks/accuracy/requirements.txt` brings it, and `pip install 'glassnet[sweep]'` optuna), with the same split and
the same score, log loss. The peer is written as its users write it: optuna's TPE, one candidate after the other, each a
pipeline of scaling, one-hot columns and `MLPClassifier` with early stopping, over hidden sizes, activation, penalty,
learning rate and minibatch. It is given `--times` as much time as glassnet took, in seconds of CPU, which other work on
the machine does not change. Then both best ones are fitted to all training rows and judged by rows that neither has
seen.
"""

import argparse
import json
import warnings
from time import perf_counter, process_time
from typing import Any

import numpy as np
import pandas as pd

SHARE_TO_TEST = 0.2
SHARE_TO_SCORE = 0.2


def split_rows(table: Any, seed: int) -> tuple[Any, Any, Any, Any]:
    """Return training rows and rows to test on."""
    from sklearn.model_selection import train_test_split

    X, X_test, y, y_test = train_test_split(
        table.X, table.y, test_size=SHARE_TO_TEST, stratify=table.y, random_state=seed
    )
    return X.reset_index(drop=True), X_test, y, y_test


def sweep_of_glassnet(X: Any, y: Any, n_trials: int, seed: int) -> tuple[Any, dict[str, Any]]:
    """Return the model and what it took."""
    import glassnet as gn

    started, cpu = perf_counter(), process_time()
    result = gn.sweep(
        gn.GlassClassifier(), X, y, trials=n_trials, folds=1, validation_fraction=SHARE_TO_SCORE, seed=seed
    )
    took = {"seconds": perf_counter() - started, "cpu_seconds": process_time() - cpu}
    return result.model, {**took, "trials": n_trials, "score": result.best.score, "best": result.best.parameters}


def sweep_of_scikit_learn(X: Any, y: Any, cpu_seconds: float, seed: int) -> tuple[Any, dict[str, Any]]:
    """Return the model that optuna finds in so much time of CPU, and what it took."""
    import optuna
    from sklearn.metrics import log_loss
    from sklearn.model_selection import train_test_split

    optuna.logging.set_verbosity(optuna.logging.ERROR)
    X_train, X_held, y_train, y_held = train_test_split(X, y, test_size=SHARE_TO_SCORE, stratify=y, random_state=seed)

    def objective(trial: Any) -> float:
        model = pipeline(X, parameters_of(trial)).fit(X_train, y_train)
        return float(log_loss(y_held, model.predict_proba(X_held)))

    study = optuna.create_study(sampler=optuna.samplers.TPESampler(seed=seed))
    started, cpu = perf_counter(), process_time()
    while process_time() - cpu < cpu_seconds:
        study.optimize(objective, n_trials=1)
    model = pipeline(X, parameters_of(study.best_trial)).fit(X, y)
    took = {"seconds": perf_counter() - started, "cpu_seconds": process_time() - cpu}
    return model, {**took, "trials": len(study.trials), "score": study.best_value, "best": study.best_params}


def parameters_of(trial: Any) -> dict[str, Any]:
    """Return what a trial of optuna chooses, or has chosen."""
    n_layers = trial.suggest_int("layers", 1, 4)
    width = trial.suggest_int("width", 32, 256, log=True)
    return {
        "hidden_layer_sizes": (width,) * n_layers,
        "activation": trial.suggest_categorical("activation", ["relu", "tanh"]),
        "alpha": trial.suggest_float("alpha", 1e-6, 10.0, log=True),
        "learning_rate_init": trial.suggest_float("learning_rate_init", 1e-4, 1e-2, log=True),
        "batch_size": trial.suggest_categorical("batch_size", [32, 64, 128, 256]),
    }


def pipeline(X: pd.DataFrame, parameters: dict[str, Any]) -> Any:
    """Return scaling, one-hot columns and the network; it stops early on a tenth of its rows."""
    from sklearn.compose import make_column_transformer
    from sklearn.impute import SimpleImputer
    from sklearn.neural_network import MLPClassifier
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import OneHotEncoder, StandardScaler

    numbers = [name for name in X.columns if pd.api.types.is_numeric_dtype(X[name])]
    others = [name for name in X.columns if name not in numbers]
    encoding = make_column_transformer(
        (make_pipeline(SimpleImputer(strategy="median"), StandardScaler()), numbers),
        (OneHotEncoder(handle_unknown="ignore", sparse_output=False), others),
    )
    network = MLPClassifier(**parameters, early_stopping=True, max_iter=200, random_state=0)
    return make_pipeline(encoding, network)


def judged(model: Any, X: Any, y: Any) -> dict[str, float]:
    """Return accuracy and log loss on rows that nothing has looked at."""
    from sklearn.metrics import accuracy_score, log_loss

    return {
        "test_accuracy": float(accuracy_score(y, model.predict(X))),
        "test_log_loss": float(log_loss(y, model.predict_proba(X))),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--table", default="adult", help="a table of benchmarks.accuracy.tables with classes")
    parser.add_argument("--trials", type=int, default=200)
    parser.add_argument("--times", type=float, default=10.0, help="time of the peer, as a multiple of glassnet's")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--only", choices=["glassnet", "scikit-learn"], help="one of both; scikit-learn for --seconds")
    parser.add_argument("--seconds", type=float, help="time of the peer, in seconds of CPU")
    given = parser.parse_args()
    from benchmarks.accuracy.tables import load

    X, X_test, y, y_test = split_rows(load(given.table), given.seed)
    warnings.simplefilter("ignore")
    results: dict[str, Any] = {"table": given.table, "rows": len(X), "seed": given.seed}
    seconds = given.seconds
    if given.only != "scikit-learn":
        model, found = sweep_of_glassnet(X, y, given.trials, given.seed)
        results["glassnet"] = found | judged(model, X_test, y_test)
        print(json.dumps({"glassnet": results["glassnet"]}), flush=True)
        seconds = seconds or given.times * found["cpu_seconds"]
    if given.only != "glassnet":
        model, found = sweep_of_scikit_learn(X, y, seconds, given.seed)
        results["scikit-learn"] = found | judged(model, X_test, y_test)
    print(json.dumps(results, indent=2, default=np.ndarray.tolist))


if __name__ == "__main__":
    main()
