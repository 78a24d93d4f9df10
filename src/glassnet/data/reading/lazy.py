"""Rejects lazy frames, which the user must compute."""

from typing import Any

from glassnet.errors import DataError

# The first of these methods that a class has computes its rows. pyspark's `collect` returns a list of records.
_MAKES_ROWS = ("toPandas", "collect", "compute", "df", "execute")


def refuse_lazy(X: Any, name: str = "X") -> None:
    """Raise a DataError if X is a lazy frame of polars, dask, DuckDB, Spark or a similar library.

    It is not computed here, since X and y would be computed separately, without a guarantee of the same row order.

    Examples
    --------
    >>> import polars
    >>> refuse_lazy(polars.LazyFrame({"age": [3]}))
    Traceback (most recent call last):
    ...
    glassnet.errors.DataError: X is a LazyFrame of polars, which has no rows until it is ...; call X.collect() first.
    """
    kind = type(X)  # the class, since an instance may have columns with these names
    if not hasattr(kind, "columns"):
        return
    method = next((name for name in _MAKES_ROWS if callable(getattr(kind, name, None))), None)
    if method is not None:
        library = kind.__module__.split(".")[0].lstrip("_")
        raise DataError(
            f"{name} is a {kind.__name__} of {library}, which has no rows until it is computed; call {name}.{method}() "
            f"first."
        )
