"""How messages name a row: counted from 0, as `--row`, predictions and blame count, in the table that the user gave."""

from typing import Any


def in_row(position: int, rows: Any = None) -> str:
    """Return "in row 3 (counted from 0)".

    Parameters
    ----------
    position : int
        The row's place in the part of the table at hand.
    rows : array of shape (n_rows,), optional
        Which rows of the user's table the part consists of; without it the part is the table.

    Examples
    --------
    >>> in_row(3), in_row(0, [5, 7])
    ('in row 3 (counted from 0)', 'in row 5 (counted from 0)')
    """
    return f"in row {int(position if rows is None else rows[position])} (counted from 0)"
