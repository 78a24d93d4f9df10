"""Every error that glassnet raises on purpose. Floor 0: imports nothing of the project.

::

    GlassnetError
    ├── ParameterError (ValueError)        a parameter has a value that cannot work
    │   └── MethodError (AttributeError)   the method does not exist with this value of a parameter
    ├── ShapeError (ValueError)            arrays do not fit each other or the network
    ├── LayerIndexError (IndexError)       the layer does not exist
    ├── EpochIndexError (IndexError)       the epoch does not exist
    ├── ColumnError (ValueError, KeyError) a column is missing, unknown, duplicated or of the wrong kind
    ├── DataError (ValueError)             the data are invalid or unsuitable for training
    │   ├── SourceError                    a file or query cannot be read
    │   ├── DivergenceError                training met a number that is not finite; `model` holds what is left
    │   └── ExpressionError                a Boolean expression cannot be parsed
    ├── ReplayError (ValueError)           a run cannot be replayed: the data or the machine differ
    ├── CheckpointError (ValueError)       a checkpoint is damaged, in use, or of another run
    ├── ClusterError (RuntimeError)        processes on several machines cannot train together
    ├── ModelFileError (ValueError)        a .glassnet file is damaged, too new or not a model
    └── MissingExtraError (ImportError)    an optional dependency is not installed

    KeyboardInterrupt
    └── TrainingInterrupted                Ctrl-C ended training; `result` holds the model so far

Warnings about the data are of class `DataWarning`, about a checkpoint that cannot be written of class
`CheckpointWarning` (both UserWarning).

Each message says what is wrong with the values given, what was expected, and one thing to try.
"""

import re
from typing import Any

_LONGEST_MESSAGE, _LONGEST_WORD = 2000, 1000  # a very long column name must not hide the message around it


class GlassnetError(Exception):
    """Root of all errors that glassnet raises on purpose. Overlong messages are shortened in the middle."""

    def __init__(self, *args: object) -> None:
        super().__init__(*(readable(argument) if isinstance(argument, str) else argument for argument in args))


class ParameterError(GlassnetError, ValueError):
    """A parameter has a value that cannot work."""


class MethodError(ParameterError, AttributeError):
    """A method does not exist with this value of a parameter; `hasattr` is then False."""


class ShapeError(GlassnetError, ValueError):
    """Arrays do not fit each other or the network."""


class LayerIndexError(GlassnetError, IndexError):
    """The layer does not exist."""


class EpochIndexError(GlassnetError, IndexError):
    """The epoch does not exist."""


class ColumnError(GlassnetError, ValueError, KeyError):
    """A column is missing, unknown, duplicated or of the wrong kind."""

    def __str__(self) -> str:  # KeyError would show the repr, quotes and all
        return str(self.args[0]) if self.args else ""


class DataError(GlassnetError, ValueError):
    """The data are invalid or unsuitable for training."""


class SourceError(DataError):
    """A file or query cannot be read."""


class DivergenceError(DataError):
    """Training met a number that is not finite, and left no network to use.

    Attributes
    ----------
    model : GlassClassifier or GlassRegressor
        The estimator with the last finite parameters and its history: for ``glassnet.diagnose(error.model, X, y)``.
    """

    def __init__(self, message: str = "", model: Any = None) -> None:
        super().__init__(message)
        self.model = model


class ExpressionError(DataError):
    """A Boolean expression cannot be parsed."""


class ReplayError(GlassnetError, ValueError):
    """A run cannot be replayed."""


class CheckpointError(GlassnetError, ValueError):
    """A checkpoint is damaged, foreign, too new, in use, or of another run."""


class ClusterError(GlassnetError, RuntimeError):
    """Processes on several machines cannot train together."""


class ModelFileError(GlassnetError, ValueError):
    """A .glassnet file is damaged, too new or not a model."""


class MissingExtraError(GlassnetError, ImportError):
    """An optional dependency is not installed."""


class TrainingInterrupted(KeyboardInterrupt):
    """Ctrl-C ended training after at least one epoch; the model so far is kept.

    It is not a subclass of Exception, so that a grid search stops instead of counting a failed fit.

    Attributes
    ----------
    result : object
        From `glassnet.train` the `TrainingResult` so far. From `glassnet.train_many` a list with one entry per run,
        None if no epoch was finished. From `fit` and `partial_fit` the fitted estimator.

    Examples
    --------
    >>> issubclass(TrainingInterrupted, KeyboardInterrupt), issubclass(TrainingInterrupted, Exception)
    (True, False)
    """

    def __init__(self, message: str = "", result: Any = None) -> None:
        super().__init__(message)
        self.result = result


class DataWarning(UserWarning):
    """Data may not be used as expected: a column was left out, or a text value is ambiguous.

    To silence it: ``warnings.filterwarnings("ignore", category=glassnet.errors.DataWarning)``.
    """


class CheckpointWarning(UserWarning):
    """A checkpoint could not be written; training continues, and the previous checkpoint is whole."""


def first_line(error: Exception) -> str:
    r"""Return the first line of another library's message without its final punctuation, for quoting.

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
