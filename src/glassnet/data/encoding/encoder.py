"""The `Encoder`: converts a table's columns to the network's inputs `A[0]` and back to the user's units."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate
from typing import Any, TypeAlias

import numpy as np

from glassnet.csr import checked_csr
from glassnet.data.columns.column import Column
from glassnet.data.columns.schema import Schema
from glassnet.data.encoding import sparse
from glassnet.data.encoding.categorical import LevelsStep
from glassnet.data.encoding.dates import DatesStep
from glassnet.data.encoding.numeric import NumberStep
from glassnet.data.encoding.scaling import Scale
from glassnet.data.records import (
    DatesStepRecord,
    EncoderRecord,
    LevelsStepRecord,
    NumberStepRecord,
    decoded,
)
from glassnet.data.table import Table
from glassnet.data.type_inference import is_missing
from glassnet.data.typed_values import plain
from glassnet.errors import ColumnError, ParameterError, ShapeError
from glassnet.typing import Array

Step: TypeAlias = NumberStep | LevelsStep | DatesStep

_STEPS: Mapping[type, Any] = {
    NumberStepRecord: NumberStep,
    LevelsStepRecord: LevelsStep,
    DatesStepRecord: DatesStep,
}
# Rows are encoded by parts, whose steps fit into the cache and need little memory.
ROWS_AT_A_TIME, LEAST_AT_A_TIME = 1 << 14, 1 << 10
BYTES_AT_A_TIME = 1 << 22
APART = 64  # bytes between columns, so that those of a row do not compete for the same lines of the cache

_DTYPES = {NumberStep: "f", LevelsStep: "bO", DatesStep: "M"}


@dataclass(frozen=True)
class EncodedColumn:
    """The encoding of one value: the steps in words, the names and the values of its inputs."""

    column: str
    raw: Any
    steps: tuple[str, ...]
    inputs: tuple[str, ...]
    values: tuple[float, ...]

    def to_dict(self) -> dict[str, Any]:
        """Return the record as strict JSON; a date as ISO text, a missing value as null."""
        return {
            "column": self.column,
            "raw": self.raw if isinstance(self.raw, str | bool | float | None) else str(self.raw),
            "steps": list(self.steps),
            "inputs": dict(zip(self.inputs, self.values, strict=True)),
        }


@dataclass(frozen=True)
class Encoder:
    """One step per column, each with one or more inputs.

    Numbers are scaled robustly and clipped smoothly, categories become 0/1 inputs, and dates the parts that vary.
    Missing values get a flag if the training set had missing values. Every row is encoded separately, so its inputs
    are bit-identical in any batch.

    Examples
    --------
    >>> from glassnet.data.columns.schema_inference import infer_schema
    >>> from glassnet.data.reading.tabular import table_from
    >>> table = table_from({"mass": [3750, 3800, None], "sex": ["male", "female", "male"]})
    >>> encoder = Encoder.fit(table, infer_schema(table))
    >>> encoder.input_names
    ('mass', 'mass is missing', 'sex=male')
    >>> encoder.transform(table)[2].tolist()
    [0.0, 1.0, 1.0]
    """

    steps: tuple[Step, ...]

    @classmethod
    def fit(cls, table: Table, schema: Schema, *, scaling: str = "robust") -> "Encoder":
        """Return an encoder fitted to a training set.

        Parameters
        ----------
        table : Table
            The training rows alone, to avoid leakage from the validation and test sets.
        schema : Schema
            The schema of the table.
        scaling : {"robust", "none"}
            "none" leaves numbers unscaled (a missing one becomes the median).
        """
        _check_scaling(scaling)
        return cls(tuple(_fit_step(column, table[column.name], scaling) for column in schema.columns))

    @classmethod
    def fit_sparse(cls, X: Any, *, scaling: str = "robust") -> "Encoder":
        """Return the encoder of a sparse matrix: scales without shift, so that zeros stay zero and are not stored.

        Each column is divided by its largest magnitude; columns are named x0, x1, ...

        >>> from scipy.sparse import csr_array
        >>> Encoder.fit_sparse(csr_array([[0.0, 2.0], [4.0, 0.0]])).transform(csr_array([[0.0, 2.0]])).nnz
        1
        """
        _check_scaling(scaling)
        factors = sparse.factors(X) if scaling == "robust" else np.ones(X.shape[1])
        scales = (Scale(0.0, float(factor), scaling == "robust") for factor in factors)
        return cls(tuple(NumberStep(f"x{k}", scale) for k, scale in enumerate(scales)))

    @classmethod
    def identity(cls, features: int | Schema) -> "Encoder":
        """Return the encoder that leaves numbers unchanged, as for `preset="plain"`.

        >>> Encoder.identity(2).transform(np.asarray([[1.0, 0.5]])).tolist()
        [[1.0, 0.5]]
        """
        if isinstance(features, int):
            return cls(tuple(NumberStep(f"x{k}", Scale(), refuses_missing=True) for k in range(features)))
        for column in features.columns:
            if column.kind not in ("numeric", "boolean"):
                raise ColumnError(
                    f"column {column.name!r} is {column.kind}, but the plain encoding passes numbers as they are; "
                    "try the default preset, or leave the column out."
                )
        return cls(tuple(NumberStep(column.name, Scale(), refuses_missing=True) for column in features.columns))

    @cached_property
    def input_names(self) -> tuple[str, ...]:
        """Names of the inputs, such as "mass", "island=Biscoe", "sex is missing"."""
        return tuple(name for step in self.steps for name in step.input_names)

    @property
    def n_inputs(self) -> int:
        """Number of inputs."""
        return len(self.input_names)

    @property
    def number_places(self) -> tuple[int, ...]:
        """The indices of numeric inputs, excluding 0/1 inputs of categories and missing values, and parts of dates.

        >>> Encoder((NumberStep("mass", Scale(), has_flag=True), NumberStep("age", Scale()))).number_places
        (0, 2)
        """
        widths = [len(step.input_names) for step in self.steps]
        starts = accumulate(widths, initial=0)
        return tuple(start for step, start in zip(self.steps, starts) if isinstance(step, NumberStep))

    @property
    def is_sparse(self) -> bool:
        """Whether a sparse matrix stays sparse: zero stays zero in every column."""
        return all(isinstance(step, NumberStep) and step.scale.center == 0 and not step.has_flag for step in self.steps)

    @cached_property
    def as_arrays(self) -> tuple[Array, Array] | None:
        """The steps as arrays for compiled code; None if there are dates.

        Returns
        -------
        steps : array of shape (n_columns, 5), int64
            For each column: whether it has levels, its number of inputs without the flag, whether two levels share one
            input, whether there is a flag for missing values, whether missing values are rejected.
        scales : array of shape (3, n_columns)
            Center, factor, and whether the column is clipped.

        Examples
        --------
        >>> Encoder((NumberStep("mass", Scale(3700.0, 0.01, True), has_flag=True),)).as_arrays
        (array([[0, 1, 0, 1, 0]]), array([[3.70e+03],
               [1.00e-02],
               [1.00e+00]]))
        """
        known = [step for step in self.steps if not isinstance(step, DatesStep)]
        if len(known) < len(self.steps):
            return None
        steps = np.asarray([_step_as_numbers(step) for step in known], np.int64)
        scales = [step.scale if isinstance(step, NumberStep) else Scale() for step in known]
        columns = np.asarray([(scale.center, scale.factor, float(scale.is_clipped)) for scale in scales])
        return steps, np.ascontiguousarray(columns.T)

    @cached_property
    def is_identity(self) -> bool:
        """Whether the inputs of rows without missing values are the rows themselves.

        >>> Encoder.identity(2).is_identity, Encoder((NumberStep("mass", Scale(3700.0, 0.01, True)),)).is_identity
        (True, False)
        """
        return all(
            isinstance(step, NumberStep) and not step.has_flag and not step.scale.is_clipped for step in self.steps
        )

    @cached_property
    def takes_numbers(self) -> bool:
        """Whether every column is numeric, so that a plain array can use `as_arrays`."""
        return all(isinstance(step, NumberStep) for step in self.steps)

    def transform(self, table: Any, *, dtype: Any = np.float64) -> Array:
        """Return the inputs of a table.

        Parameters
        ----------
        table : Table, array of shape (n_rows, n_columns) or sparse matrix
            A table is matched by name (see `glassnet.data.columns.schema_validation.check_columns`), the others by
            position.
        dtype : dtype
            Computed in float64, and rounded to this type at the end; larger numbers than it has become infinite.

        Returns
        -------
        array of shape (n_rows, n_inputs), or csr_array for a sparse matrix
        """
        if sparse.is_sparse(table):
            self._check_width(table.shape[1])
            if self.is_sparse:
                with np.errstate(over="ignore"):
                    return sparse.encode(table, [step.scale for step in self.steps]).astype(dtype, copy=False)  # type: ignore[union-attr]
            table = checked_csr(table).toarray()
        if not isinstance(table, Table):
            table = self._named(np.asarray(table, dtype=np.float64))
        A0 = np.empty((table.n_rows, self.n_inputs), dtype)
        self.fill(A0, table)
        return A0

    def fill(self, A0: Array, table: Table) -> None:
        """Write the inputs of a table into an array (n_rows, n_inputs), rounded to its type.

        >>> A0 = np.empty((1, 2), np.float32)
        >>> Encoder.identity(2).fill(A0, Table(("x0", "x1"), (np.asarray([1.0]), np.asarray([0.5]))))
        >>> A0.tolist()
        [[1.0, 0.5]]
        """
        row_size = max(1, self.n_inputs * A0.itemsize)
        n_rows = max(LEAST_AT_A_TIME, min(ROWS_AT_A_TIME, BYTES_AT_A_TIME // row_size))
        # columns are written one after the other, and then exchanged with the rows: to write each of them with large
        # strides would take several times as long
        columns = np.empty((self.n_inputs, min(n_rows, table.n_rows) + APART // A0.itemsize), A0.dtype)
        for start in range(0, table.n_rows, n_rows):
            some = table.between(start, start + n_rows)
            block = columns[:, : some.n_rows]
            self._encode_into(block, some)
            A0[start : start + some.n_rows] = block.T

    def _encode_into(self, block: Array, table: Table) -> None:
        """Write the inputs of a table into an array (n_inputs, n_rows)."""
        at = 0
        for step in self.steps:
            width = len(step.input_names)
            with np.errstate(over="ignore"):
                if isinstance(step, NumberStep):
                    values = _numbers_of(step, table, block.dtype)
                    step.encode_into(block[at : at + width], values, table.rows)
                else:
                    block[at : at + width] = step.encode(_fitting(step, table[step.name])).T
            at += width

    def inverse(self, A0: Array) -> Table:
        """Return inputs as a table in the user's units: inverse clip and scale for numbers, argmax for one-hot."""
        A0 = np.asarray(A0, dtype=np.float64)
        if A0.ndim != 2 or A0.shape[1] != self.n_inputs:
            raise ShapeError(
                f"the inputs have shape {A0.shape}, but (n_rows, {self.n_inputs}) was expected; try one row per sample."
            )
        columns, at = [], 0
        for step in self.steps:
            width = len(step.input_names)
            columns.append(step.decode(A0[:, at : at + width]))
            at += width
        return Table(tuple(step.name for step in self.steps), tuple(columns))

    def explain_row(self, table: Table, row: int = 0) -> list[EncodedColumn]:
        """Return the encoding of one row, column by column.

        >>> encoder = Encoder((NumberStep("mass", Scale(3700.0, 0.01, True)),))
        >>> encoder.explain_row(Table(("mass",), (np.asarray([3750.0]),)))[0].steps[0]
        '(3750 - 3700) * 0.01 = 0.5'
        """
        records = []
        for step in self.steps:
            values = _fitting(step, table[step.name][row : row + 1])
            words = step.in_words(values[0])
            raw = None if is_missing(values)[0] else plain(values[0])
            encoded = tuple(float(x) for x in step.encode(values)[0])
            records.append(EncodedColumn(step.name, raw, words, step.input_names, encoded))
        return records

    def to_dict(self) -> dict[str, Any]:
        """Return the encoder as strict JSON."""
        return {"steps": [step.to_dict() for step in self.steps]}

    @classmethod
    def from_dict(cls, record: dict[str, Any]) -> "Encoder":
        """Return the encoder from the data of `to_dict`."""
        return cls.from_record(decoded(record, EncoderRecord))

    @classmethod
    def from_record(cls, record: EncoderRecord) -> "Encoder":
        """Return the encoder from a file's record."""
        return cls(tuple(_STEPS[type(step)].from_record(step) for step in record.steps))

    def _check_width(self, n_columns: int) -> None:
        if n_columns != len(self.steps):
            raise ShapeError(
                f"X has {n_columns} columns, but the encoder was fitted on {len(self.steps)}; try the same columns."
            )

    def _named(self, X: Array) -> Table:
        if X.ndim != 2:
            raise ShapeError(
                f"X has shape {X.shape}, but rows and columns were expected; try X.reshape(1, -1) for one row."
            )
        self._check_width(X.shape[1])
        return Table(tuple(step.name for step in self.steps), tuple(X.T), is_array=True)


def _numbers_of(step: NumberStep, table: Table, dtype: Any) -> Array:
    """Return the numbers of a column; not in float64 if that would not change the inputs."""
    values = table.unconverted(step.name)
    if values.dtype == dtype or (values.dtype.kind in "fiu" and step.scale.is_clipped):
        return values
    return _fitting(step, table[step.name])


def _check_scaling(scaling: str) -> None:
    if scaling not in ("robust", "none"):
        raise ParameterError(f"scaling is {scaling!r}, but expected 'robust' or 'none'; try the default 'robust'.")


def _fit_step(column: Column, values: Array, scaling: str) -> Step:
    if column.kind == "numeric":
        return NumberStep.fit(column.name, values, scaling)
    if column.kind == "datetime":
        return DatesStep.fit(column.name, values, scaling)
    return LevelsStep.fit(column, values)


def _step_as_numbers(step: NumberStep | LevelsStep) -> tuple[int, ...]:
    if isinstance(step, LevelsStep):
        width = 1 if step.is_single else len(step.levels) + step.has_other
        return 1, width, int(step.is_single), int(step.has_flag), 0
    return 0, 1, 0, int(step.has_flag), int(step.refuses_missing)


def _fitting(step: Step, values: Array) -> Array:
    """Return a column as the type of its step; in the plain encoding, Booleans count as 0 and 1."""
    if isinstance(step, NumberStep) and values.dtype.kind == "b":
        return values.astype(np.float64)
    if values.dtype.kind not in _DTYPES[type(step)] and len(values):
        raise ColumnError(
            f"column {step.name!r} has values such as {plain(values[0])!r}, which its encoding does not take; "
            "try check_columns(table, schema) first."
        )
    return values
