"""`gn.load`: from a model file to a fitted estimator, in one strict reading. Nothing in a file can run.

It stands above both estimators, so that neither has to know how files are read.
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
    """Read a model that `save` wrote.

    Parameters
    ----------
    path : str or path
        A ``.glassnet`` file.
    activations : dict of str to Activation, optional
        The user's own activations that the model was made with; a file holds only their names, except of those made by
        `Activation.from_formula`, which it holds whole.

    Returns
    -------
    GlassClassifier or GlassRegressor
        Fitted, with the same predictions bit by bit.

    Raises
    ------
    ModelFileError
        If the file is truncated, altered, too large, of a newer format, or not a model at all. What it describes has to
        have the right types and ranges and to fit together; `glassnet.inspect` shows it without loading it.
    FileNotFoundError
        If there is no such file.

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
    """Let an error say which file it is about."""
    try:
        yield
    except (DataError, ModelFileError) as error:  # columns speak of themselves as data
        raise ModelFileError(f"{str(path)!r} is not read: {brief(str(error))}") from None


def _refuse_unknown(path: Path, description: Description, own: Mapping[str, Activation]) -> None:
    missing = [shortened(name) for name in description.own_activations if name not in own]
    if missing:
        raise ModelFileError(
            f"{str(path)!r} uses your own activation {missing[0]}, of which a file holds only the name; "
            f"try gn.load(path, activations={{{missing[0]}: ...}}), or save a model whose activation comes from "
            f"gn.Activation.from_formula."
        )
