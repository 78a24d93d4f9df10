"""Data frames of any library (pandas, polars, Arrow, ...) through narwhals, which requires none of them."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from glassnet.data.notation.column_reading import TEXT, ColumnReading
from glassnet.data.reading.lazy import refuse_lazy
from glassnet.data.table import Columns, Notations, Table, names_of, refuse_doubles
from glassnet.data.type_inference import as_text, read_column
from glassnet.errors import ColumnError, DataError, first_line
from glassnet.typing import Array


def from_frame(X: Any, missing: Sequence[str], notations: Notations | None = None, *, copy: bool = True) -> Table:
    """Return a frame as a `Table`; `copy` as in `glassnet.data.reading.tabular.table_from`.

    Examples
    --------
    >>> import polars
    >>> from_frame(polars.DataFrame({"mass": [3750, None]}), missing=())["mass"].tolist()
    [3750.0, nan]
    """
    refuse_lazy(X)
    frame = _frame(X)
    names = names_of(frame.columns)
    refuse_doubles(names)
    known = [""] * len(names) if notations is None else notations(names)
    series = (frame.get_column(name) for name in frame.columns)
    given = zip(names, series, known, strict=True)
    read = [_column(name, values, missing, how, copy=copy) for name, values, how in given]
    columns = tuple(column for column, _ in read)
    return Table(names, columns if copy else Columns(columns), readings=tuple(how for _, how in read))


def from_series(
    name: str, series: Any, missing: Sequence[str], notation: str = "", *, copy: bool = True
) -> tuple[Array, ColumnReading]:
    """Return one column of a frame, and its reading.

    >>> import polars
    >>> from_series("mass", polars.Series([3750, None]), missing=())[0].tolist()
    [3750.0, nan]
    """
    import narwhals as nw

    try:
        known = nw.from_native(series, series_only=True)
    except MemoryError:
        raise
    except Exception:  # unsupported by narwhals: only its values are needed
        return read_column(name, _cells(name, series, as_list=True), missing, notation)
    return _column(name, known, missing, notation, copy=copy)


def _frame(X: Any) -> Any:
    """Return the frame as a narwhals frame; raise a DataError if narwhals rejects it."""
    import narwhals as nw

    if hasattr(X, "iloc") or hasattr(X, "column_names"):  # pandas and Arrow: narwhals reports duplicate names
        names = getattr(X, "columns" if hasattr(X, "iloc") else "column_names", ())  # in other words
        refuse_doubles(names_of(names))
    try:
        return nw.from_native(X)
    except TypeError:
        raise DataError(
            f"{type(X).__name__} is not tabular; expected a DataFrame, a 2-D array, a list of rows or a dict of "
            f"columns; try wrapping it in one of these."
        ) from None
    except MemoryError:
        raise
    except Exception as error:  # of the library behind the frame
        raise DataError(f"the {type(X).__name__} cannot be read as a table: {first_line(error)}.") from None


def _cells(name: str, series: Any, *, as_list: bool) -> Any:
    """Return a column's values as an array if NumPy has a type for them, else as a list."""
    try:
        return (
            (series.to_list() if hasattr(series, "to_list") else list(series))
            if as_list
            else np.asarray(series.to_numpy())
        )
    except MemoryError:
        raise
    except Exception as error:  # of the library behind the frame, which has values without a Python equivalent
        if not as_list:
            return _cells(name, series, as_list=True)
        kind = getattr(series, "dtype", type(series).__name__)
        raise ColumnError(
            f"column {name!r} ({kind}) has values that cannot be taken out of the frame: {first_line(error)}; try "
            f"converting the column first."
        ) from None


def _column(
    name: str, series: Any, missing: Sequence[str], notation: str, *, copy: bool
) -> tuple[Array, ColumnReading]:
    import narwhals as nw

    dtype = series.dtype
    if dtype.is_nested() or dtype == nw.Binary:
        raise ColumnError(
            f"column {name!r} is nested ({dtype}), but each cell must be one number, text, date or True/False; "
            "try unpacking the column into several, or leaving it out."
        )
    if isinstance(dtype, nw.Categorical | nw.Enum):
        return as_text(name, _cells(name, series, as_list=True), missing), ColumnReading(TEXT)
    if isinstance(dtype, nw.Datetime | nw.Date | nw.Duration) and notation != TEXT:
        return read_column(name, _moments(name, series), missing)
    if not (dtype.is_integer() or dtype.is_float()):
        return read_column(name, _cells(name, series, as_list=True), missing, notation)
    array = _cells(name, series, as_list=False)
    if dtype.is_integer() and getattr(array, "dtype", np.dtype("O")).kind == "f":  # for its gaps
        array = _cells(name, series, as_list=True)
    return read_column(name, array, missing, notation, copy=copy)


def _moments(name: str, series: Any) -> Any:
    """Return dates or durations in their stored precision, since Python's types are less precise."""
    import narwhals as nw

    if isinstance(series.dtype, nw.Datetime) and series.dtype.time_zone is not None:
        series = series.dt.convert_time_zone("UTC").dt.replace_time_zone(None)
    return _cells(name, series, as_list=False)
