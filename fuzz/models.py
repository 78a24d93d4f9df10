"""Forged model files: their checksums fit, but what they say was changed. Each is refused cleanly, or works.

Of each file: `gn.load`, then `predict`, `predictor`, `repr`, `summary`, `clone`, saving and loading again; and
`gn.inspect`, which has to agree with `load`. An answer must be finite, and one row must get the same one alone.
"""

import json
import random
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

import glassnet as gn
from fuzz.child import run_cases
from fuzz.model_bases import Base, bases
from fuzz.mutations import change_activation, mutate
from fuzz.repairs import fitting_parameters, repair
from fuzz.tally import Tally
from glassnet.errors import GlassnetError, ModelFileError

FILE = Path("mutant.glassnet")
ROWS = 5
LONGEST_SENTENCE = 700
_bases: list[Base] = []


def run(n: int, seed: int) -> Tally:
    """Forge and try `n` files."""
    return run_cases("models", "fuzz.models:attack", n, seed)


def prepare() -> None:
    """Make the models that are changed, and compile what they need."""
    _bases.extend(bases())
    for k, base in enumerate(_bases):
        FILE.write_bytes(forged(json.dumps(base.description), base.theta))
        outcome = _use(gn.load(FILE), random.Random(k))
        assert outcome.startswith("works"), (base.name, outcome)


def attack(seed: int, case: int) -> str:
    """Change a file and use what comes of it."""
    rng = random.Random(f"{seed}-{case}")
    base, other = rng.sample(_bases, 2)
    FILE.write_bytes(mutant(base, other, rng))
    contents = gn.inspect(FILE)
    assert "\n" not in (contents.problem or ""), contents.problem
    repr(contents)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            model = gn.load(FILE)
        except ModelFileError as error:
            return _refused(str(error), contents)
        assert contents.problem is None, f"load found nothing, but inspect: {contents.problem}"
        return _use(model, rng)


def _refused(reason: str, contents: Any) -> str:
    """Return the outcome of a refusal: one sentence, on which `inspect` agrees where it can know."""
    assert "\n" not in reason, reason
    assert reason.endswith("."), reason
    assert reason.isprintable(), reason
    assert len(reason) < LONGEST_SENTENCE, reason
    known_by_load = "parameters are invalid" in reason or "the loss needs" in reason or contents.own_activations
    assert contents.problem is not None or known_by_load, f"inspect found nothing, but load: {reason}"
    return "refused"


def mutant(base: Base, other: Base, rng: random.Random) -> bytes:
    """Return the bytes of a changed file."""
    description, theta = json.loads(json.dumps(base.description)), base.theta
    if rng.random() < 0.9:
        for _ in range(rng.choice((1, 1, 1, 2, 3))):
            mutate(description, other.description, rng)
        if rng.random() < 0.1:
            change_activation(description, rng)
        if rng.random() < 0.4:
            repair(description)
            theta = fitting_parameters(description, theta, rng)
    if rng.random() < 0.15:
        theta = rng.choice(TENSORS)(theta, rng)
    text = json.dumps(description)
    return forged(_in_text(text, rng) if rng.random() < 0.05 else text, theta)


def forged(text: str, theta: Any) -> bytes:
    """Return a file with this description and these parameters, and the checksum that belongs to them."""
    from safetensors.numpy import save

    from glassnet.estimators.files.content import digest_of

    text = text.encode("utf-8", "replace").decode()
    metadata = {"glassnet": text, "format": "1", "sha256": digest_of(text, theta)}
    return bytes(save({"theta": theta}, metadata=metadata))


def _dtype(theta: Any, rng: random.Random) -> Any:
    return theta.astype(rng.choice((np.float32, np.float64, np.float16, np.int32, np.uint8)))


def _length(theta: Any, rng: random.Random) -> Any:
    return np.resize(theta, rng.choice((0, 1, len(theta) - 1, len(theta) + 1, 2 * len(theta), 3 * len(theta), 100_000)))


def _odd(theta: Any, rng: random.Random) -> Any:
    theta = theta.copy()
    value = rng.choice((np.nan, np.inf, -np.inf, 3e38, -3e38, 1e30, 0.0, 1e-40))
    if rng.random() < 0.3:
        theta[:] = value
    else:
        theta[rng.randrange(len(theta))] = value
    return theta


def _shape(theta: Any, rng: random.Random) -> Any:
    return theta[None, :]


def _huge(theta: Any, rng: random.Random) -> Any:
    theta = theta.astype(np.float64) * rng.choice((1e30, 1e150, 1e300, -1e200))
    return theta if rng.random() < 0.5 else theta.astype(np.float64)


TENSORS: tuple[Callable[[Any, random.Random], Any], ...] = (_dtype, _length, _odd, _odd, _shape, _huge)


def _in_text(text: str, rng: random.Random) -> str:
    """Return what only the text can have: a key twice, deep nesting, numbers without end, odd words."""
    at = rng.choice([k for k, letter in enumerate(text) if letter == ":"])
    end = text.index(text[at + 2], at + 3) if text[at + 2] in '"' else at + 2
    ways = (
        text[: at + 1] + "[" * 50_000 + "]" * 50_000 + text[end:],
        text[: at + 1] + '{"tuple":[' * 5_000 + "]}" * 5_000 + "," + text[end:],
        text.replace("{", '{"sizes": [1], ', 1),
        text.replace('"sizes"', '"sizes": [9999999], "sizes"', 1),
        text.replace('"levels"', '"levels": [], "levels"', 1),
        text[: at + 1] + "1" * 5000 + "," + text[at + 1 :],
        text[: at + 1] + rng.choice(("NaN", "Infinity", "-Infinity", "1e999", "-", "0x10", "01", "nul")) + text[end:],
        text[: rng.randrange(len(text))],
        text + "}",
        text.replace('"', "'"),
        "", "[]", "null", "0", '"x"',
    )  # fmt: skip
    return rng.choice(ways)


def _use(model: Any, rng: random.Random) -> str:
    """Use a model that was loaded; what glassnet refuses in words is fine."""
    for shown in (model, model.network_, model.networks_, model.history_, model.schema_, model.encoder_,
                  model.target_encoder_, model.recipe_, model.get_params(), model.cost_, model.members_):  # fmt: skip
        repr(shown)
    if model.schema_ is not None:
        model.schema_.describe()
    if hasattr(model, "summary"):
        str(model.summary())
    outcome = _predict(model, rng)
    if rng.random() < 0.1:
        _copies(model)
    return outcome


def _predict(model: Any, rng: random.Random) -> str:
    rows = rows_for(model, np.random.default_rng(rng.getrandbits(32)))
    try:
        answers = model.predict(rows[0])
        probabilities = model.predict_proba(rows[0]) if hasattr(model, "predict_proba") else np.zeros((ROWS, 1))
    except GlassnetError as error:
        return f"refused at use: {type(error).__name__}" + (" in several lines" if "\n" in str(error) else "")
    assert len(answers) == ROWS
    assert np.isfinite(probabilities).all(), "a probability is not finite"
    assert ((probabilities >= 0) & (probabilities <= 1)).all(), "a probability is none"
    if answers.dtype.kind == "f":
        assert np.isfinite(answers).all(), "an answer is not finite"
    try:
        one = model.predictor()
    except GlassnetError:
        return "works, without predictor"
    for k, row in enumerate(rows[1]):
        assert np.array_equal(one.predict(row), answers[k]), f"{one.predict(row)} alone, {answers[k]} among others"
        if hasattr(model, "predict_proba"):
            assert np.array_equal(one.predict_proba(row), probabilities[k]), "another probability alone"
    return "works"


def rows_for(model: Any, rng: np.random.Generator) -> tuple[Any, list[Any]]:
    """Return rows that a model takes: as it reads them all, and each alone."""
    if model.schema_ is None:
        X = np.where(rng.random((ROWS, model.n_features_in_)) > 0.5, rng.normal(size=(ROWS, model.n_features_in_)), 0.0)
        return X, list(X)
    columns = {column.name: _values(column, rng) for column in model.schema_.columns}
    if model.schema_.is_array and not hasattr(model, "feature_names_in_"):
        X = np.column_stack([np.asarray(values, object) for values in columns.values()])
        if all(column.kind == "numeric" for column in model.schema_.columns):
            X = X.astype(np.float64)
        return X, list(X)
    names = getattr(model, "feature_names_in_", list(columns))
    table = {name: columns.get(name, ["unused"] * ROWS) for name in names}
    return table, [{name: values[k] for name, values in columns.items()} for k in range(ROWS)]


def _values(column: Any, rng: np.random.Generator) -> list[Any]:
    if column.kind == "numeric":
        low, high = column.minimum or 0.0, column.maximum or 1.0
        values = [*rng.normal(size=ROWS - 1).tolist(), min(max((low + high) / 2, -1e12), 1e12)]
        return [float("nan"), *values[1:]] if column.missing > 0 and rng.random() < 0.5 else values
    if column.kind == "boolean":
        return (rng.random(ROWS) > 0.5).tolist()
    if column.kind == "datetime":
        return [np.datetime64("2020-01-01", "us") + np.timedelta64(int(d), "D") for d in rng.integers(0, 999, ROWS)]
    return [rng.choice([*map(str, column.levels[:9]), "never seen"]) for _ in range(ROWS)]


def _copies(model: Any) -> None:
    from sklearn.base import clone

    repr(clone(model))
    model.save("again.glassnet")
    np.testing.assert_array_equal(gn.load("again.glassnet").network_.theta, model.network_.theta)
