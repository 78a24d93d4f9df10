"""How much a session takes, and refusals of what is too much."""

from glassnet.data.bounds import Bounds
from glassnet.data.table import Table
from glassnet.errors import DataError, ParameterError
from glassnet.studio.messages import Limits
from glassnet.wording import counted

USUAL = Limits(
    upload_bytes=200_000_000,
    rows=1_000_000,
    columns=2_000,
    cells=20_000_000,
    parameters=2_000_000,
)


def bounds_of(limits: Limits) -> Bounds:
    """Return the bounds of an upload while it is read; an archive may unpack to twice the size of a plain file."""
    return Bounds(n_bytes=2 * limits.upload_bytes, n_rows=limits.rows, n_columns=limits.columns, n_cells=limits.cells)


def check_table(table: Table, limits: Limits) -> None:
    """Raise if a table is too large for a page."""
    n_columns = len(table.names)
    found = (("rows", table.n_rows), ("columns", n_columns), ("cells", table.n_rows * n_columns))
    for what, n in found:
        most = getattr(limits, what)
        if n > most:
            raise DataError(
                f"this table has {n:,} {what}, but the studio takes {most:,} at most; try a part of it, or train it by "
                f"glassnet train."
            )


def check_parameters(n_parameters: int, limits: Limits) -> None:
    """Raise if a network is too large for a page."""
    if n_parameters > limits.parameters:
        raise ParameterError(
            f"this network would have {counted(n_parameters, 'parameter')}, but the studio takes "
            f"{limits.parameters:,} at most; try fewer or smaller layers."
        )
