"""Row numbers in messages: counted from 0 in the user's table, as in `--row`, predictions and blame."""

from typing import Any


def in_row(position: int, rows: Any = None) -> str:
    """Return "in row 3 (counted from 0)".

    Parameters
    ----------
    position : int
        Position of the row in the current part of the table.
    rows : array of shape (n_rows,), optional
        Row numbers of the part in the user's table; by default the part is the whole table.

    Examples
    --------
    >>> in_row(3), in_row(0, [5, 7])
    ('in row 3 (counted from 0)', 'in row 5 (counted from 0)')
    """
    return f"in row {int(position if rows is None else rows[position])} (counted from 0)"
