"""Frames of any kind (pandas, polars, Arrow, ...) through narwhals, which needs none of them to be installed."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from glassnet.data.promotion import as_text, read_column
from glassnet.data.reading import ISO, TEXT, Reading
from glassnet.data.table import Notations, Table, names_of, refuse_doubles
from glassnet.errors import ColumnError, DataError
from glassnet.typing import Array


def from_frame(X: Any, missing: Sequence[str], notations: Notations | None = None) -> Table:
    """Return a `Table` of a frame.

    Examples
    --------
    >>> import polars
    >>> from_frame(polars.DataFrame({"mass": [3750, None]}), missing=())["mass"].tolist()
    [3750.0, nan]
    """
    import narwhals as nw

    _refuse_doubled_pandas_names(X)
    try:
        frame = nw.from_native(X)
    except TypeError:
        raise DataError(
            f"{type(X).__name__} is not tabular; expected a DataFrame, a 2-D array, a list of rows or a dict of "
            f"columns; "
            "try wrapping it in one of these."
        ) from None
    if isinstance(frame, nw.LazyFrame):
        frame = frame.collect()
    names = names_of(frame.columns)
    refuse_doubles(names)
    known = [""] * len(names) if notations is None else notations(names)
    series = (frame.get_column(name) for name in frame.columns)
    read = [_column(*each, missing, how) for *each, how in zip(names, series, known, strict=True)]
    return Table(names, tuple(column for column, _ in read), readings=tuple(how for _, how in read))


def _refuse_doubled_pandas_names(X: Any) -> None:
    """Say it in our own words: narwhals reports doubled names of pandas in its own."""
    if type(X).__module__.startswith("pandas") and hasattr(X, "columns"):
        refuse_doubles(names_of(X.columns))


def _column(name: str, series: Any, missing: Sequence[str], notation: str) -> tuple[Array, Reading]:
    import narwhals as nw

    dtype = series.dtype
    if dtype.is_nested() or dtype == nw.Binary:
        raise ColumnError(
            f"column {name!r} is nested ({dtype}), but each cell must be one number, text, date or True/False; "
            "try unpacking the column into several, or leaving it out."
        )
    if isinstance(dtype, nw.Categorical | nw.Enum):
        return as_text(name, series.to_list(), missing), Reading(TEXT)
    if dtype.is_integer() or dtype.is_float():
        return _numbers(name, series, missing, notation)
    if isinstance(dtype, nw.Datetime | nw.Date) and notation != TEXT:
        return _moments(name, series), Reading(ISO)
    return read_column(name, series.to_list(), missing, notation)


def _numbers(name: str, series: Any, missing: Sequence[str], notation: str) -> tuple[Array, Reading]:
    """Return numbers by NumPy where it holds each of them; whole ones with gaps would become floats in it."""
    array = series.to_numpy()
    if array.dtype.kind not in "iuf" or (series.dtype.is_integer() and array.dtype.kind == "f"):
        return read_column(name, series.to_list(), missing, notation)
    return read_column(name, array, missing, notation)


def _moments(name: str, series: Any) -> Array:
    import narwhals as nw

    if isinstance(series.dtype, nw.Datetime) and series.dtype.time_zone is not None:
        series = series.dt.convert_time_zone("UTC").dt.replace_time_zone(None)
    array = np.asarray(series.to_numpy())
    if array.dtype.kind != "M":
        array = np.asarray(series.cast(nw.Datetime("us")).to_numpy()).astype("datetime64[us]")
    return read_column(name, array)[0]
