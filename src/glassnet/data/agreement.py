"""Consistency checks of a description in a model file: the schema, the encoder with its schema, the target.

The records already have valid types and ranges; these functions check lengths, widths, orders and names.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from typing import Any

from glassnet.data.columns.column import MAX_LEVELS, Column
from glassnet.data.columns.schema import Schema
from glassnet.data.encoding.categorical import LevelsStep
from glassnet.data.encoding.class_labels import labels_of_type
from glassnet.data.encoding.dates import PARTS, DatesStep
from glassnet.data.encoding.encoder import Encoder, Step
from glassnet.data.encoding.numeric import NumberStep
from glassnet.data.encoding.scaling import Scale
from glassnet.data.records import TargetRecord, value_of
from glassnet.errors import ModelFileError


def expect(holds: bool, place: str, what: str) -> None:
    """Raise a ModelFileError unless a condition holds at a place of the description.

    >>> expect(2 == 3, "network.has_bias", "has 2 entries for 3 layers")
    Traceback (most recent call last):
    ...
    glassnet.errors.ModelFileError: the file's parts do not fit each other: network.has_bias has 2 entries for 3 layers;
    use a copy of the file.
    """
    if not holds:
        raise ModelFileError(f"the file's parts do not fit each other: {place} {what}; use a copy of the file.")


def expect_distinct(values: Sequence[Any], place: str) -> None:
    """Raise a ModelFileError if a value occurs twice; 1, 1.0 and True are equal, as in Python."""
    if len(set(values)) < len(values):
        doubled = next(value for value, n in Counter(values).items() if n > 1)
        expect(False, place, f"has {shortened(doubled)} twice")


def shortened(value: Any) -> str:
    """Return a value shortened for a message.

    >>> shortened("a" * 100)
    "'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa..."
    """
    text = repr(value)
    return text if len(text) <= 43 else text[:40] + "..."


def check_schema(schema: Schema) -> None:
    """Check a schema."""
    expect_distinct(schema.names, "schema.columns")
    expect_distinct([column.name for column in schema.targets], "schema.target")
    for k, column in enumerate(schema.columns):
        _check_column(column, f"schema.columns[{k}]")
        for level in column.levels:  # levels must be possible results of reading text
            is_read = not isinstance(level, str) or (level == level.strip() and level not in schema.missing_markers)
            expect(is_read, f"schema.columns[{k}].levels", f"has {shortened(level)}, which is read as something else")
        expect(len(column.levels) <= MAX_LEVELS, f"schema.columns[{k}].levels", f"has more than {MAX_LEVELS} levels")
    for column in schema.targets:
        _check_column(column, "schema.target")


def _check_column(column: Column, place: str) -> None:
    bounds = (column.minimum, column.maximum)
    right = {"numeric": float, "datetime": str}.get(column.kind)
    has_none = bounds == (None, None)
    fits = has_none or (right is not None and all(type(bound) is right for bound in bounds))
    expect(fits, place, f"is {column.kind}, but lies between {shortened(bounds[0])} and {shortened(bounds[1])}")
    expect(has_none or bounds[0] <= bounds[1], place, "has a minimum above its maximum")  # type: ignore[operator]
    expect(right is None or not column.levels, place, f"is {column.kind}, but has levels")
    expect_distinct(column.levels, f"{place}.levels")
    of_type = bool if column.kind == "boolean" else (str, int, float)
    expect(all(isinstance(level, of_type) for level in column.levels), f"{place}.levels", f"are not {column.kind}")
    expect(len(column.levels) <= column.n_distinct, place, "has more levels than different values")


def check_encoder(encoder: Encoder, schema: Schema | None) -> None:
    """Check an encoder and its consistency with the schema; without a schema it encodes a sparse matrix."""
    expect_distinct([step.name for step in encoder.steps], "encoder.steps")
    for k, step in enumerate(encoder.steps):
        _CHECKS[type(step)](step, f"encoder.steps[{k}]")
    if schema is None:
        expect(
            encoder.is_sparse, "encoder.steps", "do not leave zeros zero, but the file has no schema, as if they did"
        )
        return
    expect(len(encoder.steps) == len(schema.columns), "encoder.steps", f"are not {len(schema.columns)}, one a column")
    for k, (step, column) in enumerate(zip(encoder.steps, schema.columns, strict=True)):
        place = f"encoder.steps[{k}]"
        expect(step.name == column.name, place, f"is of {shortened(step.name)}, not of {shortened(column.name)}")
        expect(_takes(step, column), place, f"does not take a {column.kind} column")
        if isinstance(step, LevelsStep) and not step.is_boolean:
            expect(set(step.levels) <= set(column.levels), f"{place}.levels", "are not those of its column")


def _takes(step: Step, column: Column) -> bool:
    if isinstance(step, LevelsStep):
        return column.kind == ("boolean" if step.is_boolean else "categorical")
    if isinstance(step, DatesStep):
        return column.kind == "datetime"
    return column.kind == "numeric" or (column.kind == "boolean" and step.refuses_missing)


def _check_number(step: NumberStep, place: str) -> None:
    _check_scale(step.scale, f"{place}.scale")
    is_identity = step.scale == Scale() and not step.has_flag
    expect(
        is_identity or not step.refuses_missing, place, "refuses missing values, but does not pass numbers as they are"
    )


def _check_levels(step: LevelsStep, place: str) -> None:
    expect_distinct(step.levels, f"{place}.levels")
    is_right = (step.levels == (False, True) and not step.has_other) if step.is_boolean else _no_truths(step.levels)
    expect(
        is_right, f"{place}.levels", "are not false and true" if step.is_boolean else "have true or false among them"
    )


def _no_truths(levels: Sequence[Any]) -> bool:
    return not any(isinstance(level, bool) for level in levels)


def _check_dates(step: DatesStep, place: str) -> None:
    expect(_is_date(step.origin), f"{place}.origin", f"is {step.origin!r}, which is no date")
    in_order = tuple(part for part in PARTS if part in step.parts)
    expect(step.parts == in_order, f"{place}.parts", "are not in the order of the calendar, each once")
    expect(len(step.scales) == 1 + len(step.parts), f"{place}.scales", f"are not {1 + len(step.parts)}, one a part")
    for k, scale in enumerate(step.scales):
        _check_scale(scale, f"{place}.scales[{k}]")


def _is_date(text: str) -> bool:
    try:
        datetime.fromisoformat(text)
    except ValueError:  # such as February 30
        return False
    return True


def _check_scale(scale: Scale, place: str) -> None:
    expect(scale.is_clipped or scale.factor == 1.0, place, "has a factor, but passes numbers as they are")


_CHECKS: dict[type, Callable[[Any, str], None]] = {
    NumberStep: _check_number,
    LevelsStep: _check_levels,
    DatesStep: _check_dates,
}


def check_target(target: TargetRecord) -> None:
    """Check a target."""
    if target.task == "regression":
        _check_quantities(target)
    else:
        _check_classes(target)
    n_out = n_outputs(target)
    expect(len(target.target_names) in (0, n_out), "target_encoder.target_names", f"are not {n_out}, one an output")


def n_outputs(target: TargetRecord) -> int:
    """Return the number of outputs that a target requires."""
    if target.task == "regression":
        return len(target.means or ())
    return 1 if target.task == "binary" else len(target.classes or ())


def _check_quantities(target: TargetRecord) -> None:
    place, n_out = "target_encoder", len(target.means or ())
    expect(n_out > 0 and target.scales is not None, place, "has no means and scales for its quantities")
    expect(target.classes is None and target.dtype is None, place, "has classes, but predicts quantities")
    for name, values in _lists(target):
        expect(values is None or len(values) == n_out, f"{place}.{name}", f"are not {n_out}, one an output")
    lows, highs = target.lows, target.highs
    expect((lows is None) == (highs is None), place, "has lows or highs without the other")
    ordered = lows is None or highs is None or all(low <= high for low, high in zip(lows, highs, strict=True))
    expect(ordered, f"{place}.lows", "lie above the highs")
    expect(target.n_dimensions == 2 or n_out == 1, place, f"has {n_out} outputs, but answers in one column")
    expect(not isinstance(target.threshold, list), f"{place}.threshold", "is of classes, but quantities are predicted")


def _lists(target: TargetRecord) -> Iterator[tuple[str, list[float] | None]]:
    yield from (("means", target.means), ("scales", target.scales), ("lows", target.lows), ("highs", target.highs))


def _check_classes(target: TargetRecord) -> None:
    place = "target_encoder"
    expect(target.classes is not None and target.dtype is not None, place, f"has no classes, but is {target.task}")
    expect(all(values is None for _, values in _lists(target)), place, "has means and scales, but predicts classes")
    classes = [value_of(label) for label in target.classes or ()]
    expect_distinct(classes, f"{place}.classes")
    labels_of_type(target.classes or [], target.dtype or "")
    n = len(classes)
    right = {"binary": n == 2, "multiclass": n > 2, "multilabel": classes == list(range(n))}[target.task]
    expect(right, f"{place}.classes", f"are {n}, which is not {target.task}")
    n_dimensions = 2 if target.task == "multilabel" else 1
    expect(target.n_dimensions == n_dimensions, f"{place}.n_dimensions", f"is not {n_dimensions}")
    if isinstance(target.threshold, list):
        fits = target.task == "multilabel" and len(target.threshold) == n
        expect(fits, f"{place}.threshold", f"has {len(target.threshold)} entries for {target.task} of {n}")
