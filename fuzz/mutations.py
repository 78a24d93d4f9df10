"""Changes to the JSON of a model file that keep it JSON: of numbers, types, lengths, names, order; subtrees moved."""

import copy
import random
from collections.abc import Iterator
from typing import Any

from glassnet.core.catalog.activation import ACTIVATIONS

NUMBERS = (
    0, 1, 2, 3, -1, -2, 5, 8, 100, 20_000, -(2**31), 2**31, 2**53, 2**63, 2**64, 10**20, 10**400, 0.0, -0.0, 0.5, 1.0,
    -0.5, 2.5, 1e-320, 1e-300, 1e100, 1e300, -1e308, 1.7976931348623157e308, float("nan"), float("inf"), float("-inf"),
)  # fmt: skip
WORDS = (
    "", "x", "auto", "relu", "softmax", "step", "identity", "numeric", "boolean", "dates", "number", "levels", "binary",
    "multiclass", "multilabel", "regression", "<U500000000", "<f8", "|O", "|b1", "<i8", "float32", "NaT", "2024-02-31",
    "-290307-01-01T00:00:00.000000", "nan", "inf", "a\x00b", "\x1b[31m", "\u202etxt", "\ud800", "\udc00", "é" * 300,
    "x" * 20_000, "9" * 400, "../../etc/passwd", "{0.__class__}", "%s%n", "=1+1",
)  # fmt: skip
OTHERS: tuple[Any, ...] = (
    None,
    True,
    False,
    [],
    {},
    [[]],
    [None],
    {"tuple": []},
    {"dict": []},
    {"float": "nan"},
    [[], {}],
)
LONG = (2, 3, 50, 1000, 20_000)

Place = tuple[Any, Any]  # a container, and the key or index in it


def places(value: Any) -> Iterator[Place]:
    """Yield every place below a value."""
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, item in items:
        yield value, key
        yield from places(item)


def mutate(record: dict[str, Any], other: dict[str, Any], rng: random.Random) -> None:
    """Change one thing in `record`; `other` is what subtrees are taken from."""
    key = rng.choice(list(record) or ["x"])
    below = list(places(record.get(key)))
    container, at = rng.choice(below) if below and rng.random() < 0.9 else (record, key)
    if at not in (container if isinstance(container, dict) else range(len(container))):
        return
    rng.choice(CHANGES)(container, at, other, rng)


def _number(container: Any, at: Any, other: Any, rng: random.Random) -> None:
    value = container[at]
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        below = [place for place in places(value) if type(place[0][place[1]]) in (int, float)]
        if not below:
            return _other(container, at, other, rng)
        container, at = rng.choice(below)
        value = container[at]
    near = (
        value + 1,
        value - 1,
        -value,
        value * 2,
        value // 2,
        value * 1000,
        _as_float(value),
        _as_float(value) + 1e-9,
    )
    container[at] = rng.choice(NUMBERS) if rng.random() < 0.5 else rng.choice(near)
    return None


def _as_float(value: float) -> float:
    try:
        return float(value)
    except OverflowError:  # whole numbers of a file have as many digits as they like
        return -1.0


def _word(container: Any, at: Any, other: Any, rng: random.Random) -> None:
    words = [c[k] for c, k in places(other) if isinstance(c[k], str)]
    container[at] = rng.choice(WORDS) if rng.random() < 0.5 or not words else rng.choice(words)


def _other(container: Any, at: Any, other: Any, rng: random.Random) -> None:
    value = container[at]
    if isinstance(value, bool):
        container[at] = rng.choice((not value, int(value), 2, "true", None))
    else:
        container[at] = copy.deepcopy(rng.choice(OTHERS))


def _splice(container: Any, at: Any, other: Any, rng: random.Random) -> None:
    there = list(places(other))
    alike = [place for place in there if place[1] == at] if isinstance(at, str) else []
    source, key = rng.choice(alike or there)
    container[at] = copy.deepcopy(source[key])


def _swap(container: Any, at: Any, other: Any, rng: random.Random) -> None:
    keys = list(container) if isinstance(container, dict) else range(len(container))
    second = rng.choice(keys)
    container[at], container[second] = container[second], container[at]


def _delete(container: Any, at: Any, other: Any, rng: random.Random) -> None:
    del container[at]


def _double(container: Any, at: Any, other: Any, rng: random.Random) -> None:
    if isinstance(container, list):
        for _ in range(rng.choice((1, 1, 1, 2, 50))):
            container.insert(rng.randint(0, len(container)), copy.deepcopy(container[at]))
    else:
        container[rng.choice(("x", f"{at}_", "", "name", "type"))] = copy.deepcopy(container[at])


def _lengthen(container: Any, at: Any, other: Any, rng: random.Random) -> None:
    value = container[at]
    if not isinstance(value, list):
        return _other(container, at, other, rng)
    n = rng.choice(LONG)
    if value and isinstance(value[0], list) and len(value[0]) == 2 and value[0][0] == "str":  # labels, all different
        value.extend(["str", f"level {k}"] for k in range(n))
    elif value:
        value.extend(copy.deepcopy(rng.choice(value)) for _ in range(min(n, 1000)))
    else:
        value.extend(rng.choice((0, "x", None)) for _ in range(n))
    return None


def _shorten(container: Any, at: Any, other: Any, rng: random.Random) -> None:
    value = container[at]
    if isinstance(value, list):
        del value[rng.randint(0, len(value)) :]
    elif isinstance(value, dict):
        value.clear()
    else:
        _delete(container, at, other, rng)


def _reverse(container: Any, at: Any, other: Any, rng: random.Random) -> None:
    if isinstance(container[at], list):
        container[at].reverse()
    else:
        _number(container, at, other, rng)


def _type(container: Any, at: Any, other: Any, rng: random.Random) -> None:
    value = container[at]
    forms = (str(value)[:1000], [value], {"tuple": [value]}, {str(at): value})
    container[at] = rng.choice(forms)


CHANGES = (
    _number, _number, _number, _word, _word, _other, _splice, _splice, _swap, _delete, _double, _lengthen, _shorten,
    _reverse, _type,
)  # fmt: skip


def change_activation(record: dict[str, Any], rng: random.Random) -> None:
    """Give a layer another activation function, with its own parameters."""
    layers = record.get("network", {}).get("activations") if isinstance(record.get("network"), dict) else None
    if isinstance(layers, list) and layers:
        sigma = ACTIVATIONS[rng.choice(list(ACTIVATIONS))]
        parameters = {name: rng.choice((0, -1, 0.3, 1e300, -1e30)) for name in sigma.parameters}
        layers[rng.randrange(len(layers))] = {"activation": sigma.name, "parameters": parameters}
