"""Frames that hold no rows yet: the user decides when they are computed."""

from typing import Any

from glassnet.errors import DataError

# The first method that a class has makes rows of it. pyspark has `collect`, too, which returns a list of records.
_MAKES_ROWS = ("toPandas", "collect", "compute", "df", "execute")


def refuse_lazy(X: Any, name: str = "X") -> None:
    """Raise if X is a lazy frame: of polars, dask, DuckDB, Spark, or of another library of that kind.

    It is not computed here. X and y would be computed one after the other, and nothing promises that their rows come in
    the same order.

    Examples
    --------
    >>> import polars
    >>> refuse_lazy(polars.LazyFrame({"age": [3]}))
    Traceback (most recent call last):
    ...
    glassnet.errors.DataError: X is a LazyFrame of polars, which has no rows until it is ...; call X.collect() first.
    """
    kind = type(X)  # an instance may have columns of these names
    if not hasattr(kind, "columns"):
        return
    method = next((name for name in _MAKES_ROWS if callable(getattr(kind, name, None))), None)
    if method is not None:
        library = kind.__module__.split(".")[0].lstrip("_")
        raise DataError(
            f"{name} is a {kind.__name__} of {library}, which has no rows until it is computed; call {name}.{method}() "
            f"first."
        )
