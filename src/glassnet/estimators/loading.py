"""`gn.load`: reads and validates a model file and returns the fitted estimator. It runs no code from the file.

It is separate from the estimators, so that these do not depend on how files are read.
"""

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from glassnet.core.catalog.activation import Activation
from glassnet.data.agreement import shortened
from glassnet.errors import DataError, ModelFileError
from glassnet.escaping import brief
from glassnet.estimators.classifier import GlassClassifier
from glassnet.estimators.files.agreement import check_agreement
from glassnet.estimators.files.content import read_content
from glassnet.estimators.files.records import ClassifierDescription, Description, read_description
from glassnet.estimators.files.restoring import restore_model
from glassnet.estimators.regressor import GlassRegressor


def load(path: str | os.PathLike[str], *, activations: Mapping[str, Activation] | None = None) -> Any:
    """Load a model from a file of `save`.

    Parameters
    ----------
    path : str or path
        A ``.glassnet`` file.
    activations : dict of str to Activation, optional
        The custom activations of the model. A file contains only their names; activations from
        `Activation.from_formula` are stored completely and not needed here.

    Returns
    -------
    GlassClassifier or GlassRegressor
        The fitted estimator; its predictions are bit-identical to those of the saved one.

    Raises
    ------
    ModelFileError
        If the file is truncated, altered, too large, of a newer format, inconsistent, or not a model.
        `glassnet.inspect` shows its contents without loading it.
    FileNotFoundError
        If the file does not exist.

    Examples
    --------
    >>> import glassnet as gn
    >>> reg = gn.GlassRegressor((4,), max_iter=2, random_state=0).fit([[0.0], [1.0], [2.0]], [0.0, 1.0, 2.0])
    >>> reg.save("line.glassnet")
    >>> bool(gn.load("line.glassnet").predict([[1.5]]) == reg.predict([[1.5]]))
    True
    """
    content = read_content(Path(path))
    if not content.is_as_written:
        raise ModelFileError(
            f"{str(content.path)!r} was altered after it was saved: its checksum does not fit; use a copy."
        )
    own = dict(activations or {})
    with _named(content.path):
        description = read_description(content.text)
    _refuse_unknown(content.path, description, own)
    with _named(content.path):
        check_agreement(description, content.theta, own)
        make = GlassClassifier if isinstance(description, ClassifierDescription) else GlassRegressor
        return restore_model(make, description, content.theta, own)


@contextmanager
def _named(path: Path) -> Iterator[None]:
    """Add the file name to errors."""
    try:
        yield
    except (DataError, ModelFileError) as error:  # invalid columns raise DataError
        raise ModelFileError(f"{str(path)!r} cannot be loaded: {brief(str(error))}") from None


def _refuse_unknown(path: Path, description: Description, own: Mapping[str, Activation]) -> None:
    missing = [shortened(name) for name in description.own_activations if name not in own]
    if missing:
        raise ModelFileError(
            f"{str(path)!r} uses your own activation {missing[0]}, and a file stores only its name; "
            f"try gn.load(path, activations={{{missing[0]}: ...}}), or save a model whose activation comes from "
            f"gn.Activation.from_formula."
        )
