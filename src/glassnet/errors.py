"""Every error that glassnet raises on purpose. Floor 0: imports nothing of the project.

::

    GlassnetError
    ├── ParameterError (ValueError)        a parameter has a value that cannot work
    ├── ShapeError (ValueError)            arrays do not fit each other or the network
    ├── LayerIndexError (IndexError)       a layer that does not exist
    ├── EpochIndexError (IndexError)       an epoch that does not exist
    ├── ColumnError (ValueError, KeyError) a column is missing, unknown, doubled or of the wrong kind
    ├── DataError (ValueError)             the table's content cannot be learned from
    │   ├── SourceError                    a file or query cannot be read
    │   └── ExpressionError                a Boolean expression cannot be parsed
    ├── ReplayError (ValueError)           a run cannot be opened again: other data, or not the same machine
    ├── ModelFileError (ValueError)        a .glassnet file is damaged, foreign or too new
    └── MissingExtraError (ImportError)    an optional dependency is not installed

    KeyboardInterrupt
    └── TrainingInterrupted                Ctrl-C ended a training; what was trained so far is in `result`

Warnings about data that are no errors are a `DataWarning` (UserWarning).

Each message says what is wrong with the values given, what was expected, and one thing to try.
"""

import re
from typing import Any

_LONGEST_MESSAGE, _LONGEST_WORD = 2000, 1000  # letters; a column's name may be a book, and the sentence must be seen


class GlassnetError(Exception):
    """Root of all errors that glassnet raises on purpose. A message too long to read loses its middle."""

    def __init__(self, *args: object) -> None:
        super().__init__(*(readable(argument) if isinstance(argument, str) else argument for argument in args))


class ParameterError(GlassnetError, ValueError):
    """A parameter has a value that cannot work."""


class ShapeError(GlassnetError, ValueError):
    """Arrays do not fit each other or the network."""


class LayerIndexError(GlassnetError, IndexError):
    """A layer was asked for that does not exist."""


class EpochIndexError(GlassnetError, IndexError):
    """An epoch was asked for that does not exist."""


class ColumnError(GlassnetError, ValueError, KeyError):
    """A column is missing, unknown, doubled or of the wrong kind."""

    def __str__(self) -> str:  # KeyError would show the repr, quotes and all
        return str(self.args[0]) if self.args else ""


class DataError(GlassnetError, ValueError):
    """The table's content cannot be learned from."""


class SourceError(DataError):
    """A file or query cannot be read."""


class ExpressionError(DataError):
    """A Boolean expression cannot be parsed."""


class ReplayError(GlassnetError, ValueError):
    """A run cannot be opened again."""


class ModelFileError(GlassnetError, ValueError):
    """A .glassnet file is damaged, foreign or too new."""


class MissingExtraError(GlassnetError, ImportError):
    """An optional dependency is not installed."""


class TrainingInterrupted(KeyboardInterrupt):
    """Ctrl-C ended a training after at least one epoch; what was trained so far is kept.

    It is no GlassnetError and no Exception: a grid search must stop, and not count a shortened fit as a failed one.

    Attributes
    ----------
    result : object
        From `glassnet.train` the `TrainingResult` so far. From `glassnet.train_many` a list with one entry for each
        run, None where no epoch was finished. From `fit` and `partial_fit` the estimator, which is fitted.

    Examples
    --------
    >>> issubclass(TrainingInterrupted, KeyboardInterrupt), issubclass(TrainingInterrupted, Exception)
    (True, False)
    """

    def __init__(self, message: str = "", result: Any = None) -> None:
        super().__init__(message)
        self.result = result


class DataWarning(UserWarning):
    """Data is used otherwise than it looks: a column is left out, or a text could mean something else.

    To turn it off: ``warnings.filterwarnings("ignore", category=glassnet.errors.DataWarning)``.
    """


def first_line(error: Exception) -> str:
    r"""Return the first line of another library's message without its final mark, to be quoted in a sentence.

    >>> first_line(ValueError("Parser Error: syntax error\n\nLINE 1: ..."))
    'Parser Error: syntax error'
    """
    return (str(error).strip().splitlines() or [type(error).__name__])[0].rstrip(".!: ")


def readable(message: str) -> str:
    """Return a message without the middle of words, and of itself, that are too long to read.

    >>> readable("no column " + "a" * 5000 + " here") == "no column " + "a" * 100 + "..." + "a" * 50 + " here"
    True
    """
    message = re.sub(rf"\S{{{_LONGEST_WORD},}}", lambda found: f"{found[0][:100]}...{found[0][-50:]}", message)
    if len(message) <= _LONGEST_MESSAGE:
        return message
    half = _LONGEST_MESSAGE // 2
    return f"{message[:half]} ... {message[-half:]}"
