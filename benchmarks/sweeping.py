"""How good a sweep is beside optuna with scikit-learn's MLP: `python -m benchmarks.sweeping`.

Both search on the same 10,000 rows of the census table (`pip install --no-deps -r benchmarks/accuracy/requirements.txt`
brings it, and `pip install 'glassnet[sweep]'` optuna), hold out a fifth of them, stratified by class and drawn each by
its own library, minimize log loss there, use the same number of cores, and are judged by the table's other 35,000 rows,
which nothing has looked at. `gn.sweep` takes 200 candidates of its default space; the time of the whole call counts,
with the fit of the best one to all rows, and without the import and a small sweep before it that loads the machine
code.

The peer is given `--times` as many seconds. It is written as its users write it who want it fast: the columns are
encoded once (medians, scaling, one-hot); a process with one thread on each core asks optuna's TPE (which assumes that
candidates under way are bad ones) and trains `MLPClassifier` by `partial_fit`, one epoch after the other; the median
pruner stops candidates that fall behind, and ten epochs without improvement end one. In the end the best candidate is
fitted to all rows for its best number of epochs, which no clock counts.

What is done is in `build/benchmarks/sweeping.json` and `sweeping.journal`: killed and called again, it goes on there.
"""

import argparse
import json
import os
import warnings
from collections.abc import Iterator
from multiprocessing import get_context
from pathlib import Path
from threading import BrokenBarrierError
from time import perf_counter, process_time
from typing import Any

import numpy as np
import pandas as pd

FOLDER = Path("build/benchmarks")
SHARE_TO_SCORE = 0.2
MOST_EPOCHS, PATIENCE = 200, 10
LOOK_SECONDS = 10.0  # between two lines about the peer
READY_SECONDS = 600.0  # that the processes of the peer may take to encode the rows


def rows_of(name: str) -> tuple[pd.DataFrame, np.ndarray, pd.DataFrame, np.ndarray]:
    """Return the rows to search on, and all others of the table to test on."""
    from benchmarks.accuracy.tables import LOADERS, MOST_ROWS

    table = LOADERS[name]()
    n = len(table.y)
    chosen = np.zeros(n, bool)
    chosen[np.random.default_rng(0).permutation(n)[: min(MOST_ROWS, n * 4 // 5)]] = True  # as `load` takes them
    X, X_test = (table.X[each].reset_index(drop=True) for each in (chosen, ~chosen))
    return X, table.y[chosen], X_test, table.y[~chosen]


def sweep_of_glassnet(X: Any, y: Any, n_trials: int, seed: int, cores: int) -> tuple[Any, dict[str, Any]]:
    """Return the model and what it took."""
    import glassnet as gn

    gn.sweep(gn.GlassClassifier(), X[:1200], y[:1200], trials=2, seed=seed, n_jobs=cores)

    started, cpu = perf_counter(), process_time()
    result = gn.sweep(
        gn.GlassClassifier(), X, y, trials=n_trials, folds=1, validation_fraction=SHARE_TO_SCORE, seed=seed,
        n_jobs=cores,
    )  # fmt: skip
    took = {"seconds": perf_counter() - started, "cpu_seconds": process_time() - cpu}
    trained = sum(trial.state == "complete" for trial in result.trials)
    best = {"score": result.best.score, "best": result.best.parameters}
    return result.model, {**took, "trials": n_trials, "trained_to_the_end": trained, **best}


def sweep_of_scikit_learn(
    X: Any, y: Any, seconds: float, seed: int, cores: int, seen: dict[str, Any]
) -> Iterator[dict[str, Any]]:
    """Search for so many seconds, less those of an interrupted call; yield what is known from time to time."""
    os.environ |= dict.fromkeys(["OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"], "1")  # of the processes
    used = float(seen.get("seconds", 0.0))
    context = get_context("spawn")
    begun, left = context.Barrier(cores + 1), max(seconds - used, 0.0)
    workers = [context.Process(target=work, args=(begun, X, y, left, seed, k), daemon=True) for k in range(cores)]
    for worker in workers:
        worker.start()
    wait_for_all(begun)
    started = perf_counter()
    while any(worker.is_alive() for worker in workers):
        workers[0].join(LOOK_SECONDS)
        if not workers[0].is_alive():
            for worker in workers:
                worker.join()
        yield summary_of(used + perf_counter() - started)
    if any(worker.exitcode for worker in workers):
        raise SystemExit("a process of the peer has failed.")


def wait_for_all(begun: Any, seconds: float = READY_SECONDS) -> None:
    """Wait until all processes of the peer are ready; one that is not is an error, as its core would be missing."""
    try:
        begun.wait(seconds)
    except BrokenBarrierError:
        raise SystemExit(f"a process of the peer has failed, or was not ready within {seconds:g} seconds.") from None


def study_of(seed: int = 0) -> Any:
    """Open or make the study of the peer."""
    import optuna
    from optuna.storages.journal import JournalFileBackend

    optuna.logging.set_verbosity(optuna.logging.ERROR)
    warnings.simplefilter("ignore")
    return optuna.create_study(
        storage=optuna.storages.JournalStorage(JournalFileBackend(str(FOLDER / "sweeping.journal"))),
        study_name="MLPClassifier",
        load_if_exists=True,
        sampler=optuna.samplers.TPESampler(seed=seed, constant_liar=True),
        pruner=optuna.pruners.MedianPruner(n_startup_trials=10, n_warmup_steps=3),
    )


def work(begun: Any, X: Any, y: Any, seconds: float, seed: int, rank: int) -> None:
    """Search in one process until the time is over; the candidate under way is trained to its end."""
    try:
        import optuna
        from sklearn.model_selection import train_test_split

        rows = train_test_split(X, y, test_size=SHARE_TO_SCORE, stratify=y, random_state=seed)
        encoding = encoding_of(X).fit(rows[0])
        arrays = *(encoding.transform(each) for each in rows[:2]), *rows[2:]
        n_before = len(study_of().trials)
        study = study_of(1000 * seed + 10 * n_before + rank)
    except Exception:
        begun.abort()  # the others need not wait
        raise
    wait_for_all(begun)
    started = perf_counter()

    def objective(trial: Any) -> float:
        best, best_epoch = np.inf, 0
        for epoch, loss in enumerate(losses(network_of(parameters_of(trial)), *arrays), start=1):
            if loss < best:
                best, best_epoch = loss, epoch
                trial.set_user_attr("epochs", best_epoch)
            trial.report(loss, epoch)
            if trial.should_prune():
                raise optuna.TrialPruned
            if epoch - best_epoch >= PATIENCE:
                break
        return best

    while perf_counter() - started < seconds:
        study.optimize(objective, n_trials=1)


def losses(network: Any, X: Any, X_held: Any, y: Any, y_held: Any) -> Iterator[float]:
    """Train one epoch after the other, and yield the log loss of the rows held out."""
    from sklearn.metrics import log_loss

    for _ in range(MOST_EPOCHS):
        network.partial_fit(X, y, classes=np.unique(y))
        yield float(log_loss(y_held, network.predict_proba(X_held)))


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


def network_of(parameters: dict[str, Any]) -> Any:
    """Return a network with these parameters."""
    from sklearn.neural_network import MLPClassifier

    return MLPClassifier(**parameters, random_state=0)


def encoding_of(X: pd.DataFrame) -> Any:
    """Return scaled numbers and one-hot columns."""
    from sklearn.compose import make_column_transformer
    from sklearn.impute import SimpleImputer
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import OneHotEncoder, StandardScaler

    numbers = [name for name in X.columns if pd.api.types.is_numeric_dtype(X[name])]
    others = [name for name in X.columns if name not in numbers]
    return make_column_transformer(
        (make_pipeline(SimpleImputer(strategy="median"), StandardScaler()), numbers),
        (OneHotEncoder(handle_unknown="ignore", sparse_output=False), others),
    )


def summary_of(seconds: float) -> dict[str, Any]:
    """Return what the peer has found so far."""
    trials = study_of().get_trials(deepcopy=False)
    complete = [trial for trial in trials if trial.state.name == "COMPLETE"]
    found = {"seconds": seconds, "trials": len(trials), "trained_to_the_end": len(complete)}
    if complete:
        best = min(complete, key=lambda trial: trial.value)
        found |= {"score": best.value, "best": best.params, "epochs": best.user_attrs["epochs"]}
    return found


def best_of_scikit_learn(X: Any, y: Any) -> Any:
    """Return the best candidate of the peer, fitted to all rows for its best number of epochs."""
    from sklearn.pipeline import make_pipeline
    from threadpoolctl import threadpool_limits

    best = study_of().best_trial
    encoding = encoding_of(X).fit(X)
    network, encoded = network_of(parameters_of(best)), encoding.transform(X)
    with threadpool_limits(1):  # as in the search; more are slower for so small a network
        for _ in range(best.user_attrs["epochs"]):
            network.partial_fit(encoded, y, classes=np.unique(y))
    return make_pipeline(encoding, network)


def judged(model: Any, X: Any, y: Any) -> dict[str, Any]:
    """Return accuracy and log loss on rows that nothing has looked at, and the loss's standard error."""
    p = np.asarray(model.predict_proba(X), np.float64)[np.arange(len(y)), np.searchsorted(model.classes_, y)]
    each = -np.log(np.clip(p, 1e-15, 1.0))
    return {
        "test_rows": len(y),
        "test_log_loss": float(each.mean()),
        "standard_error": float(each.std() / np.sqrt(len(each))),
        "test_accuracy": float(np.mean(model.predict(X) == y)),
    }


def main() -> None:
    """Run the command."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--table", default="adult", help="a table of benchmarks.accuracy.tables with classes")
    parser.add_argument("--trials", type=int, default=200)
    parser.add_argument("--times", type=float, default=10.0, help="time of the peer, as a multiple of glassnet's")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--cores", type=int, default=len(os.sched_getaffinity(0)), help="of both")
    parser.add_argument("--only", choices=["glassnet"], help="leave the peer out")
    parser.add_argument("--again", action="store_true", help="begin anew instead of going on")
    given = parser.parse_args()
    FOLDER.mkdir(parents=True, exist_ok=True)
    place = FOLDER / "sweeping.json"
    about = {name: getattr(given, name) for name in ("table", "trials", "times", "seed", "cores")}
    results: dict[str, Any] = {"about": about}
    if place.exists() and not given.again:
        results = json.loads(place.read_text())
    if results["about"] != about or given.again:
        results = {"about": about}
    if len(results) == 1:
        (FOLDER / "sweeping.journal").unlink(missing_ok=True)
    X, y, X_test, y_test = rows_of(given.table)
    warnings.simplefilter("ignore")

    def note(name: str, found: dict[str, Any]) -> None:
        results[name] = found
        draft = place.with_suffix(".draft")
        draft.write_text(json.dumps(results, indent=2, default=np.ndarray.tolist))
        os.replace(draft, place)
        best = f", best {found['score']:.4f}" if "score" in found else ""
        print(f"  {found['seconds']:.0f} seconds: {found['trials']} candidates{best}", flush=True)

    if "glassnet" not in results:
        print(f"glassnet: {given.trials} candidates on {len(X):,} rows, {given.cores} cores ...", flush=True)
        model, found = sweep_of_glassnet(X, y, given.trials, given.seed, given.cores)
        note("glassnet", found | judged(model, X_test, y_test))
    if given.only:
        return
    name = "optuna and scikit-learn"
    if "test_log_loss" not in results.get(name, {}):
        seconds = given.times * results["glassnet"]["seconds"]
        print(f"optuna and scikit-learn: {seconds:.0f} seconds ...", flush=True)
        for found in sweep_of_scikit_learn(X, y, seconds, given.seed, given.cores, results.get(name, {})):
            note(name, found)
        note(name, results[name] | judged(best_of_scikit_learn(X, y), X_test, y_test))
    ours, others = results["glassnet"], results[name]
    print(f"\n{'':28}{'candidates':>11}{'seconds':>9}{'log loss':>10}{'accuracy':>10}")
    for label, each in (("gn.sweep", ours), (name, others)):
        print(
            f"{label:28}{each['trials']:11}{each['seconds']:9.1f}{each['test_log_loss']:10.4f}"
            f"{each['test_accuracy']:10.4f}"
        )


if __name__ == "__main__":
    main()
