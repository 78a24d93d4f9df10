"""The scores that a sweep can optimize."""

from glassnet.errors import ParameterError

OF_CLASSES = ("log_loss", "accuracy")
OF_QUANTITIES = ("r2", "rmse", "mae")
LARGER_IS_BETTER = {"accuracy", "r2"}
NAMES = {"log_loss": "log loss", "r2": "R²", "rmse": "RMSE", "mae": "MAE"}


def check_score(name: str | None, *, is_classification: bool) -> str:
    """Return the score to optimize, by default log loss for classes and R² for quantities.

    Examples
    --------
    >>> check_score(None, is_classification=True)
    'log_loss'
    >>> check_score("r2", is_classification=True)
    Traceback (most recent call last):
    ...
    glassnet.errors.ParameterError: score='r2' is not one of 'log_loss', 'accuracy', the scores for classes.
    """
    known, what = (OF_CLASSES, "classes") if is_classification else (OF_QUANTITIES, "quantities")
    if name is None:
        return known[0]
    if name not in known:
        raise ParameterError(f"score={name!r} is not one of {', '.join(map(repr, known))}, the scores for {what}.")
    return name


def words(name: str) -> str:
    """Return the name of a score in a report."""
    return NAMES.get(name, name)
