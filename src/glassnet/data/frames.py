"""Frames of any kind (pandas, polars, Arrow, ...) through narwhals, which needs none of them to be installed."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from glassnet.data.lazy import refuse_lazy
from glassnet.data.promotion import as_text, promote
from glassnet.data.table import Table, refuse_doubles
from glassnet.errors import ColumnError, DataError
from glassnet.typing import Array


def from_frame(X: Any, missing: Sequence[str]) -> Table:
    """Return a `Table` of a frame.

    Examples
    --------
    >>> import polars
    >>> from_frame(polars.DataFrame({"mass": [3750, None]}), missing=())["mass"].tolist()
    [3750.0, nan]
    """
    import narwhals as nw

    refuse_lazy(X)
    _refuse_doubled_pandas_names(X)
    try:
        frame = nw.from_native(X)
    except TypeError:
        raise DataError(
            f"{type(X).__name__} is not tabular; expected a DataFrame, a 2-D array, a list of rows or a dict of "
            f"columns; "
            "try wrapping it in one of these."
        ) from None
    names = tuple(str(name) for name in frame.columns)
    refuse_doubles(names)
    series = (frame.get_column(name) for name in frame.columns)
    return Table(names, tuple(_column(name, values, missing) for name, values in zip(names, series, strict=True)))


def _refuse_doubled_pandas_names(X: Any) -> None:
    """Say it in our own words: narwhals reports doubled names of pandas in its own."""
    if type(X).__module__.startswith("pandas") and hasattr(X, "columns"):
        refuse_doubles([str(name) for name in X.columns])


def _column(name: str, series: Any, missing: Sequence[str]) -> Array:
    import narwhals as nw

    dtype = series.dtype
    if dtype.is_nested() or dtype == nw.Binary:
        raise ColumnError(
            f"column {name!r} is nested ({dtype}), but each cell must be one number, text, date or True/False; "
            "try unpacking the column into several, or leaving it out."
        )
    if isinstance(dtype, nw.Categorical | nw.Enum):
        return as_text(name, series.to_list(), missing)
    if dtype.is_integer() or dtype.is_float():
        return _floats(series.to_numpy(), series)
    if isinstance(dtype, nw.Datetime | nw.Date):
        return _moments(series)
    return promote(name, series.to_list(), missing)


def _floats(array: Array, series: Any) -> Array:
    if array.dtype.kind in "iuf":
        return array.astype(np.float64)
    return np.asarray([np.nan if value is None else value for value in series.to_list()], dtype=np.float64)


def _moments(series: Any) -> Array:
    import narwhals as nw

    if isinstance(series.dtype, nw.Datetime) and series.dtype.time_zone is not None:
        series = series.dt.convert_time_zone("UTC").dt.replace_time_zone(None)
    return np.asarray(series.cast(nw.Datetime("us")).to_numpy()).astype("datetime64[us]")
