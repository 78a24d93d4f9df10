"""Does blame find mislabeled rows as well as cleanlab does? Four real tables, a twentieth of their labels flipped.

For each table and seed, 5% of the labels are changed to another class, every row is predicted by networks that have not
seen it, and the rows are ranked by `gn.blame`. cleanlab ranks the rows by the same probabilities. Average precision is
1 where all flipped rows come first. The tables come with scikit-learn; mistakes that they already have count against
both.

    python benchmarks/blame/label_errors.py

cleanlab is no dependency: it is installed into build/cleanlab, an environment of its own.
"""

import argparse
import subprocess
import sys
import tempfile
import venv
from pathlib import Path

import numpy as np
from sklearn.datasets import load_breast_cancer, load_digits, load_iris, load_wine
from sklearn.metrics import average_precision_score

import glassnet as gn

TABLES = {"breast_cancer": load_breast_cancer, "digits": load_digits, "iris": load_iris, "wine": load_wine}
SEEDS = 5
FLIPPED = 0.05
PEER = Path(__file__).parents[2] / "build" / "cleanlab"
SCORES = ("self_confidence", "normalized_margin", "confidence_weighted_entropy")  # the first is cleanlab's default
WORST = -0.02  # the lower end of the interval must lie above it

IN_THE_PEER = """
import sys
import numpy as np
from cleanlab.rank import get_label_quality_scores
data = np.load(sys.argv[1])
cases = sorted({name.split("/")[0] for name in data.files})
np.savez(sys.argv[2], **{
    f"{case}/{method}": -get_label_quality_scores(data[f"{case}/labels"], data[f"{case}/probabilities"], method=method)
    for case in cases for method in sys.argv[3:]
})
"""


def peer_python():
    """Return the Python of an environment that has cleanlab; make it on first use."""
    python = PEER / "bin" / "python"
    has_it = [python, "-c", "import cleanlab"]
    if not python.exists() or subprocess.run(has_it, check=False, capture_output=True).returncode:
        venv.create(PEER, with_pip=True, clear=True)
        subprocess.run([python, "-m", "pip", "install", "--quiet", "cleanlab"], check=True)
    return python


def flipped(y, seed):
    """Return the labels with a twentieth of them wrong, and which."""
    rng = np.random.default_rng(seed)
    n_classes = int(y.max()) + 1
    is_wrong = np.zeros(len(y), dtype=bool)
    is_wrong[rng.choice(len(y), round(FLIPPED * len(y)), replace=False)] = True
    return np.where(is_wrong, (y + rng.integers(1, n_classes, len(y))) % n_classes, y), is_wrong


def one_case(load, seed):
    """Return the labels, which are wrong, the out-of-fold probabilities and each row's blame."""
    X, y = load(return_X_y=True)
    labels, is_wrong = flipped(y, seed)
    model = gn.GlassClassifier(engine="cpu", random_state=seed).fit(X, labels)
    unseen = gn.out_of_fold(model, X, labels, seed=seed)
    found = gn.blame(model, X, labels, out_of_fold=unseen)
    blame = np.empty(len(y))
    blame[[row.row for row in found.rows]] = [row.blame for row in found.rows]
    suspects = np.isin(np.arange(len(y)), [row.row for row in found.suspects])
    return {"labels": labels, "probabilities": unseen.predictions}, is_wrong, blame, suspects


def peer_scores(cases):
    """Return cleanlab's scores, higher where a label is more doubtful, by case and method."""
    with tempfile.TemporaryDirectory() as folder:
        given, made = Path(folder) / "given.npz", Path(folder) / "made.npz"
        np.savez(
            given, **{f"{case}/{name}": values for case, (own, *_) in cases.items() for name, values in own.items()}
        )
        subprocess.run([peer_python(), "-c", IN_THE_PEER, given, made, *SCORES], check=True)
        return dict(np.load(made))


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", type=int, default=SEEDS)
    seeds = range(parser.parse_args().seeds)
    cases = {}
    for table, load in TABLES.items():
        for seed in seeds:
            cases[f"{table}-{seed}"] = one_case(load, seed)
            print(f"{table}, seed {seed}", file=sys.stderr, flush=True)
    theirs = peer_scores(cases)
    methods = ["blame", *SCORES]
    precision = {method: {} for method in methods}
    for case, (_, is_wrong, blame, _) in cases.items():
        precision["blame"][case] = average_precision_score(is_wrong, blame)
        for method in SCORES:
            precision[method][case] = average_precision_score(is_wrong, theirs[f"{case}/{method}"])

    print(f"Average precision of finding {FLIPPED:.0%} flipped labels, mean of {len(seeds)} seeds")
    print(f"{'':28}" + "".join(f"{table:>15}" for table in TABLES) + f"{'mean':>9}")
    for method in methods:
        means = [np.mean([precision[method][f"{table}-{seed}"] for seed in seeds]) for table in TABLES]
        name = method if method == "blame" else f"cleanlab {method[:18]}"
        print(f"{name:28}" + "".join(f"{mean:15.4f}" for mean in means) + f"{np.mean(means):9.4f}")
    rng = np.random.default_rng(0)
    for method in SCORES:
        gaps = np.asarray([precision["blame"][case] - precision[method][case] for case in cases])
        drawn = gaps[rng.integers(len(gaps), size=(10_000, len(gaps)))].mean(axis=1)
        low, high = np.percentile(drawn, [2.5, 97.5])
        print(f"blame - {method}: {gaps.mean():+.4f}, 95% interval [{low:+.4f}, {high:+.4f}]")
        if method == SCORES[0]:
            assert gaps.mean() >= 0, "blame ranks mislabeled rows worse than cleanlab does"
            assert low > WORST
    found = np.concatenate([suspects & is_wrong for _, is_wrong, _, suspects in cases.values()]).sum()
    told = np.concatenate([suspects for *_, suspects in cases.values()]).sum()
    wrong = np.concatenate([is_wrong for _, is_wrong, _, _ in cases.values()]).sum()
    print(f"suspects: {found} of {wrong} flipped labels among {told} rows told")


if __name__ == "__main__":
    main()
