"""Malformed tables: files, frames, arrays and lists of odd values, read, encoded, and now and then trained on.

Whatever comes in, it ends in one sentence of a GlassnetError or in finite numbers, and nothing is written.
"""

import os
import random
import warnings
from pathlib import Path
from typing import Any

import numpy as np

from fuzz.child import run_cases
from fuzz.odd_frames import FRAMES
from fuzz.odd_texts import TEXTS
from fuzz.tally import Tally

SHARE_FITTED = 0.1
"""Training is tried on this share of the cases, since it takes longer than everything else."""

LONGEST_MESSAGE = 3000


def run(n: int, seed: int) -> Tally:
    """Try `n` malformed tables."""
    return run_cases("tables", "fuzz.tables:try_table", n, seed)


def prepare() -> None:
    """Import and compile what every case needs."""
    import pandas
    import polars
    import pyarrow

    from glassnet import GlassClassifier, GlassRegressor

    # Each of them reserves addresses at its first use, which is not the case's doing.
    pandas.Series(polars.Series(pyarrow.array(["x"])).to_list())
    X = [[float(k), str(k % 3)] for k in range(30)]
    for model, y in ((GlassClassifier((2,), max_iter=1), [k % 2 for k in range(30)]),
                     (GlassRegressor((2,), max_iter=1), [k / 7 for k in range(30)])):  # fmt: skip
        model.fit(X, y).predict(X)
    warnings.simplefilter("error")  # a warning of NumPy's is a number gone wrong
    for ours in ("glassnet", "sklearn"):
        warnings.filterwarnings("ignore", category=UserWarning, module=ours)
    warnings.filterwarnings("ignore", category=_warning_of_ours())
    warnings.filterwarnings("ignore", category=PendingDeprecationWarning)  # np.matrix
    warnings.filterwarnings("ignore", message="training has not converged")  # after the one epoch


def _warning_of_ours() -> type[Warning]:
    from glassnet.errors import DataWarning

    return DataWarning


def try_table(seed: int, case: int) -> str:
    """Make one table, take it through the library, and return how far it came."""
    from sklearn.exceptions import ConvergenceWarning

    from glassnet.errors import GlassnetError

    draw = random.Random(f"{seed} {case}")
    before = sorted(os.listdir())
    path = Path(f"{case}")
    try:
        if draw.random() < 0.5:
            path = path.with_suffix(draw.choice([".csv", ".csv", ".csv", ".tsv", ".txt", ".json", ".ndjson"]))
            path.write_bytes(draw.choice(TEXTS)(draw, path.suffix))
            outcome = _through_file(path, draw)
        else:
            outcome = _through_frame(draw.choice(FRAMES)(draw), draw)
    except GlassnetError as error:
        outcome = _refused(error)
    except ConvergenceWarning:  # of numbers that the plain preset passes as they are; it says where the first one was
        outcome = "diverged"
    finally:
        path.unlink(missing_ok=True)
    if sorted(os.listdir()) != before:
        raise AssertionError(f"wrote {sorted(set(os.listdir()) - set(before))}")
    return outcome


def _refused(error: Exception) -> str:
    message = str(error)
    if not message.strip() or "\n" in message or len(message) > LONGEST_MESSAGE:
        raise AssertionError(f"not one sentence: {message[:200]!r}")
    return "refused"


def _through_file(path: Path, draw: random.Random) -> str:
    from glassnet.data.reading.sources import read

    table = read(path).table
    return _encoded(table, lambda schema: read(path, notations=schema.notations).table, draw)


def _through_frame(X: Any, draw: random.Random) -> str:
    from glassnet import GlassClassifier, GlassRegressor
    from glassnet.data.reading.tabular import table_from

    if draw.random() < 2 * SHARE_FITTED:
        make = draw.choice([GlassClassifier, GlassRegressor])
        y = draw.choice(TARGETS)(draw, _length(X))
        model = make((2,), max_iter=1, random_state=0, preset=draw.choice(["tabular", "plain"]))
        return _finite(np.asarray(model.fit(X, y)._outputs(X)), "fitted")
    table = table_from(X)
    return _encoded(table, lambda schema: table_from(X, notations=schema.notations), draw)


def _encoded(table: Any, again: Any, draw: random.Random) -> str:
    """Encode a table, also as one that is read anew by the schema's notations: the same numbers."""
    from glassnet.data.columns.labels import labeled_rows, target_values
    from glassnet.data.columns.schema import Schema
    from glassnet.data.columns.schema_inference import infer_schema
    from glassnet.data.columns.schema_validation import check_columns
    from glassnet.data.encoding.encoder import Encoder

    target = draw.choice([None] * (1 + len(table.names)) + list(table.names))
    schema = infer_schema(table, target=target)
    restored = Schema.from_dict(schema.to_dict())
    if restored != schema:
        raise AssertionError("the schema does not survive its dictionary")
    schema.describe()
    encoder = Encoder.fit(check_columns(table, schema), schema)
    A0 = encoder.transform(check_columns(table, schema))
    if not np.array_equal(A0, encoder.transform(check_columns(again(schema), schema))):
        raise AssertionError("by the schema's notations the table is another")
    if target is not None and draw.random() < SHARE_FITTED and schema.task is not None:
        rows = labeled_rows(table, target)
        return _fitted(rows.select(schema.names), target_values(rows, schema), schema.task)
    return _finite(A0, "encoded")


def _fitted(X: Any, y: Any, task: str) -> str:
    from glassnet import GlassClassifier, GlassRegressor

    model = (GlassRegressor if task == "regression" else GlassClassifier)((2,), max_iter=1, random_state=0)
    return _finite(np.asarray(model.fit(X, y)._outputs(X)), "fitted")


def _finite(numbers: Any, outcome: str) -> str:
    if not np.isfinite(numbers).all():
        raise AssertionError(f"{outcome} to numbers that are not finite")
    return outcome


def _length(X: Any) -> int:
    shape = getattr(X, "shape", None)
    if isinstance(shape, tuple):
        return int(shape[0]) if shape else 12
    if isinstance(X, dict) and X:
        X = next(iter(X.values()))
    return len(X) if isinstance(X, list | tuple) else 12


TARGETS = (
    *[lambda draw, n: [draw.choice("ab") for _ in range(n)]] * 6,
    *[lambda draw, n: [draw.random() for _ in range(n)]] * 6,
    lambda draw, n: [draw.choice([0, 1, 2**53 + 1, 10**400]) for _ in range(n)],
    lambda draw, n: [draw.choice(["$1,000.50", "12", "", "x\ud800"]) for _ in range(n)],
    lambda draw, n: [draw.choice([0, 1, None, float("nan"), "a"]) for _ in range(n)],
    lambda draw, n: np.asarray([draw.random() for _ in range(n)], dtype=draw.choice([complex, np.longdouble, object])),
    lambda draw, n: np.asarray([draw.randrange(9) for _ in range(n)]).astype(
        draw.choice(["M8[D]", "m8[s]", "S3", "U2"])
    ),
    lambda draw, n: draw.choice([range(n), range(10**11), "a" * n, None, 5, (k for k in range(n)), {1, 2}, b"ab" * n]),
    lambda draw, n: [[draw.choice([0, 1]), draw.choice([0, 1, 2])] for _ in range(n + draw.choice([0, 0, 1]))],
)
"""What is learned beside an odd table: also odd."""
