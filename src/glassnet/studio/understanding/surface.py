"""What the model answers over the plane of two columns, and along one of them."""

from collections.abc import Mapping
from math import isqrt
from typing import Any

import numpy as np

from glassnet.drawing.figures.plane import Axis, Plane, axis_of, line_of, plane_of, telling
from glassnet.errors import ParameterError
from glassnet.escaping import placeholders
from glassnet.studio.understanding.numbers import finite, rows_of
from glassnet.studio.understanding.options import column, one_of, place
from glassnet.studio.understanding.records import Held, Response, Surface, SurfaceAxis, SurfacePoint
from glassnet.studio.understanding.seen import Part, Seen
from glassnet.studio.understanding.words import in_words, number, percent
from glassnet.typing import Array

SIDE, LEAST_SIDE = 60, 20  # points along an axis of numbers
MOST_CELLS = 2_000_000  # of the rows that are asked for a surface
MOST_POINTS = 300  # of each part
MOST_BASE = 20_000  # rows that ranges, levels and typical values come from
MOST_TOLD = 2_000  # rows from which the usual columns are chosen
OPTIONS = ("x", "y", "at", "output")
OF_RESPONSE = ("x", "at", "output")


def spanning(seen: Seen) -> tuple[str, ...]:
    """Return the columns that can span the surface: numbers first, then categories; no dates, no empty columns."""
    X = _base(seen).X
    kinds = {name: X[name].dtype.kind for name in X.names if not _is_empty(X[name])}
    return tuple(
        [name for name in kinds if kinds[name] == "f"] + [name for name in kinds if kinds[name] not in ("f", "M")]
    )


def _base(seen: Seen) -> Part:
    """Return the rows that ranges, levels and typical values come from."""
    return seen.parts[0].sample(MOST_BASE)


def _is_empty(values: Array) -> bool:
    return bool(np.isnan(values).all() if values.dtype.kind == "f" else all(value is None for value in values.tolist()))


def surface(seen: Seen, options: Mapping[str, Any]) -> Surface:
    """Return the decision surface.

    Options: ``x`` and ``y`` name columns, by default the two of numbers that differ most with the target; ``at`` is
    "typical" for the median or most frequent value of the other columns, or "row" for those of the chosen row;
    ``output`` is the place of a class or target.
    """
    model, names = seen.model, spanning(seen)
    first, second = column(options, "x", names), column(options, "y", names)
    usual = _most_telling(seen, names) if None in (first, second) else []
    first = first or next(name for name in usual if name != second)
    second = second or next(name for name in usual if name != first)
    if first == second:
        raise ParameterError(f"x and y are both {first!r}, but a surface has two columns; choose another for one.")
    output = place(options, "output", len(model.output_names), "outputs")
    base, chosen, held = _base(seen), seen.chosen(), _held(seen, options)
    side = max(LEAST_SIDE, min(SIDE, isqrt(MOST_CELLS // len(base.X.names))))
    axes = (axis_of(base.X, first, side), axis_of(base.X, second, side))
    plane = plane_of(model.outputs, base.X, axes, held)
    values, predicted = _shown(seen, plane, output)
    low, high = (0.0, 1.0) if model.classes is not None else _range(values)
    points = [point for part in seen.parts for point in _points(seen, part.sample(MOST_POINTS), axes, output)]
    return Surface(
        epoch=seen.epoch,
        x=_axis(axes[0]),
        y=_axis(axes[1]),
        held=_held_words(plane.held),
        at="row" if held is not None else "typical",
        outputs=tuple(map(placeholders, model.output_names)),
        output=output if model.classes is not None else output or 0,
        values=rows_of(values),
        predicted=None if predicted is None else tuple(map(tuple, predicted.tolist())),
        low=finite(low),
        high=finite(high),
        points=tuple(points),
        chosen=next(iter(_points(seen, chosen, axes, output)), None) if chosen is not None else None,
        words=f"{_words(seen, plane, values, predicted, output)} {_drawn(seen)}".rstrip(),
    )


def response(seen: Seen, options: Mapping[str, Any]) -> Response:
    """Return the output along one column.

    Options: ``x``, the column, by default that of numbers which differs most with the target; ``at`` as for a surface;
    ``output``, the place of a class or target, by default the last of two classes.
    """
    model, names = seen.model, spanning(seen)
    name = column(options, "x", names) or _most_telling(seen, names)[0]
    is_share = model.classes is not None or model.has_labels
    chosen_output = place(options, "output", len(model.output_names), "outputs")
    output = chosen_output if chosen_output is not None else int(is_share and len(model.output_names) == 2)
    base, chosen, held = _base(seen), seen.chosen(), _held(seen, options)
    axis = axis_of(base.X, name, SIDE)
    found, fixed = line_of(model.outputs, base.X, axis, held)
    values = found[:, output]
    points = [point for part in seen.parts for point in _beside(seen, part.sample(MOST_POINTS), axis, output)]
    ends = [*values.tolist(), *(point.y for point in points)]
    label, target = placeholders(name), placeholders(model.output_names[output])
    lowest, highest = (
        f"{number(float(values[k]))} at {label} {in_words(axis.values[k])}" for k in (values.argmin(), values.argmax())
    )
    what = f"{'probability' if is_share else 'prediction'} of {target}"
    return Response(
        epoch=seen.epoch,
        x=_axis(axis),
        held=_held_words(fixed),
        at="row" if held is not None else "typical",
        outputs=tuple(map(placeholders, model.output_names)),
        output=output,
        is_share=is_share,
        values=tuple(map(finite, values.tolist())),
        low=0.0 if is_share else min(ends),
        high=1.0 if is_share else max(ends),
        points=tuple(points),
        chosen=next(iter(_beside(seen, chosen, axis, output)), None) if chosen is not None else None,
        words=f"Along {label}, the {what} lies between {lowest} and {highest}. {_drawn(seen)}".rstrip(),
    )


def _beside(seen: Seen, part: Part, axis: Axis, output: int) -> list[SurfacePoint]:
    """Return the rows that have a value in the column, beside the curve of an output."""
    model = seen.model
    if model.classes is not None:
        places = np.asarray(model.places(part.y))
        targets = (places == output).astype(np.float64)
        words = [placeholders(model.output_names[int(k)]) for k in places]
    else:
        targets = np.asarray(part.y, dtype=np.float64).reshape(len(part), -1)[:, output]
        words = [number(value) for value in targets.tolist()]
    x = axis.places(part.X[axis.name])
    shown = np.flatnonzero(np.isfinite(x)).tolist()
    return [
        SurfacePoint(int(part.rows[i]), part.name, float(x[i]), float(targets[i]), float(targets[i]), words[i], None)
        for i in shown
    ]


def _held(seen: Seen, options: Mapping[str, Any]) -> dict[str, Any] | None:
    """Return the values of the chosen row if the other columns are to be held at them, else None."""
    if one_of(options, "at", ("typical", "row")) == "typical":
        return None
    chosen = seen.chosen()
    if chosen is None:
        raise ParameterError("at='row' needs a chosen row, but none is; choose a row, or at='typical'.")
    return chosen.X.row(0)


def _held_words(held: Mapping[str, Any]) -> tuple[Held, ...]:
    return tuple(Held(placeholders(name), in_words(value)) for name, value in held.items())


def _most_telling(seen: Seen, names: tuple[str, ...]) -> list[str]:
    """Return the columns of numbers that differ most with the target first, then the others."""
    part = seen.parts[0].sample(MOST_TOLD)
    numeric = [name for name in names if part.X[name].dtype.kind == "f" and np.isfinite(part.X[name]).any()]
    if not numeric:
        return list(names)
    shares = telling(np.column_stack([part.X[name] for name in numeric]), seen.model.targets(part.y))
    ranked = [numeric[k] for k in np.argsort(-shares, kind="stable")]
    return [*ranked, *(name for name in names if name not in ranked)]


def _shown(seen: Seen, plane: Plane, output: int | None) -> tuple[Array, Array | None]:
    """Return what is shown at each point (n_y, n_x), and the place of the predicted class."""
    if seen.model.classes is None:
        return plane.outputs[:, :, output or 0], None
    n_y, n_x, n = plane.outputs.shape
    predicted = np.asarray(seen.model.decided(plane.outputs.reshape(-1, n)), dtype=np.intp).reshape(n_y, n_x)
    if output is not None:
        return plane.outputs[:, :, output], predicted
    return np.take_along_axis(plane.outputs, predicted[:, :, None], axis=2)[:, :, 0], predicted


def _range(values: Array) -> tuple[float, float]:
    return float(values.min()), float(values.max())


def _axis(axis: Axis) -> SurfaceAxis:
    levels = tuple(in_words(level) for level in axis.values.tolist()) if axis.is_category else None
    places = axis.places(axis.values)
    return SurfaceAxis(axis.name, placeholders(axis.name), tuple(places.tolist()), levels)


def _points(seen: Seen, part: Part, axes: tuple[Axis, Axis], output: int | None) -> list[SurfacePoint]:
    """Return the rows that have a value in both columns."""
    model = seen.model
    x, y = (axis.places(part.X[axis.name]) for axis in axes)
    right: list[bool | None] = [None] * len(part)
    if model.classes is not None:
        targets = np.asarray(model.places(part.y), dtype=np.float64)
        words = [placeholders(model.output_names[int(k)]) for k in targets]
        right = (np.asarray(model.decided(model.outputs(part.X))) == targets).tolist()
    else:
        targets = np.asarray(part.y, dtype=np.float64).reshape(len(part), -1)[:, output or 0]
        words = [number(value) for value in targets.tolist()]
    shown = np.flatnonzero(np.isfinite(x) & np.isfinite(y)).tolist()
    return [
        SurfacePoint(int(part.rows[i]), part.name, float(x[i]), float(y[i]), float(targets[i]), words[i], right[i])
        for i in shown
    ]


def _drawn(seen: Seen) -> str:
    """Return which rows are drawn, if not all."""
    some = [part.words(MOST_POINTS) for part in seen.parts if len(part) > MOST_POINTS]
    return f"The points are {' and '.join(some)}." if some else ""


def _words(seen: Seen, plane: Plane, values: Array, predicted: Array | None, output: int | None) -> str:
    """Return the surface in a sentence, for those who do not see it."""
    names = [placeholders(name) for name in seen.model.output_names]
    x, y = placeholders(plane.x.name), placeholders(plane.y.name)
    if predicted is not None:
        counts = np.bincount(predicted.ravel(), minlength=len(names)) / predicted.size
        found = sorted(
            ((share, name) for share, name in zip(counts.tolist(), names, strict=True) if share), reverse=True
        )
        shares = ", ".join(f"{name} on {percent(share)}" for share, name in found[:6])
        more = f" and {len(found) - 6} others on the rest" if len(found) > 6 else ""
        return f"Over the plane of {x} and {y}, the model predicts {shares}{more}."
    low, high = (np.unravel_index(pick(values), values.shape) for pick in (np.argmin, np.argmax))
    ends = [
        f"{number(float(values[place]))} at {x} {in_words(plane.x.values[place[1]])} and {y} "
        f"{in_words(plane.y.values[place[0]])}"
        for place in (low, high)
    ]
    return f"The output {names[output or 0]} goes from {ends[0]} to {ends[1]}."
