"""`gn.inspect`: shows the contents and problems of a model file without loading it."""

import os
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from glassnet.core.catalog.activation import ACTIVATIONS
from glassnet.data.columns.column import Column
from glassnet.data.records import ColumnRecord, value_of
from glassnet.errors import DataError, ModelFileError
from glassnet.escaping import brief, visible
from glassnet.estimators.files.agreement import check_agreement
from glassnet.estimators.files.content import read_content
from glassnet.estimators.files.records import Description, NetworkRecord, read_description
from glassnet.wording import counted

MOST_SHOWN = 12  # classes and targets


@dataclass(frozen=True, repr=False)
class ModelContents:
    """The contents of a model file. Unreadable parts are None or empty, and `problem` gives the reason.

    Attributes
    ----------
    file : str
    size : int
        Size of the file in bytes.
    format : int or None
    library : str or None
        Version of glassnet that saved the file.
    checksum_fits : bool or None
        Whether the checksum of description and parameters is correct.
    estimator : {"GlassClassifier", "GlassRegressor"} or None
    task : {"binary", "multiclass", "multilabel", "regression"} or None
    target : tuple of str
        Names of the target columns, if known.
    classes : tuple
        Classes in the user's types; empty for quantities.
    sizes, activations : tuple of int, tuple of str
        Layers of the network; all networks of an ensemble are alike.
    front : str or None
        Input scaling and numeric embedding before the first layer.
    own_activations : tuple of str
        Names of the custom activations that `glassnet.load` needs.
    n_networks : int or None
    n_parameters : int or None
        Total of all networks.
    dtype : str or None
        Precision of the parameters.
    columns : tuple of (str, str, str)
        Name, kind, and range or levels of each input column; for a sparse matrix only names.
    left_out : tuple of str
        Excluded columns.
    n_rows : int or None
        Number of labeled rows from which the schema was inferred.
    n_epochs : tuple of int
        Number of trained epochs of each network.
    data_fingerprint : str or None
        Fingerprint of the data of the last training.
    problem : str or None
        Reason for `glassnet.load` to reject the file; None if it loads.

    Examples
    --------
    >>> import glassnet as gn
    >>> reg = gn.GlassRegressor((4,), max_iter=2, random_state=0).fit([[0.0], [1.0], [2.0]], [0.0, 1.0, 2.0])
    >>> reg.save("line.glassnet")
    >>> contents = gn.inspect("line.glassnet")
    >>> contents.sizes, contents.activations, contents.n_parameters, contents.problem
    ((1, 4, 1), ('silu', 'identity'), 13, None)
    """

    file: str
    size: int
    format: int | None = None
    library: str | None = None
    checksum_fits: bool | None = None
    estimator: str | None = None
    task: str | None = None
    target: tuple[str, ...] = ()
    classes: tuple[Any, ...] = ()
    sizes: tuple[int, ...] = ()
    activations: tuple[str, ...] = ()
    front: str | None = None
    own_activations: tuple[str, ...] = ()
    n_networks: int | None = None
    n_parameters: int | None = None
    dtype: str | None = None
    columns: tuple[tuple[str, str, str], ...] = ()
    left_out: tuple[str, ...] = ()
    n_rows: int | None = None
    n_epochs: tuple[int, ...] = ()
    data_fingerprint: str | None = None
    problem: str | None = None

    def to_dict(self) -> dict[str, Any]:
        """Return the record as plain data."""
        columns = [dict(zip(("name", "kind", "values"), column, strict=True)) for column in self.columns]
        return {**asdict(self), "columns": columns}

    @property
    def facts(self) -> tuple[tuple[str, str], ...]:
        """The contents without the columns, as pairs (label, text)."""
        return tuple((what, words) for what, words in _facts(self) if words)

    @property
    def text(self) -> str:
        """The contents as text for a terminal; control characters are escaped."""
        columns = [(visible(name), kind, values) for name, kind, values in self.columns]
        width = max((len(name) for name, _, _ in columns), default=0)
        lines = [f"{what:<9} {words}" for what, words in self.facts]
        lines += [f"{'columns':<9} {len(self.columns)}"] * bool(self.columns)
        lines += [f"  {name:<{width}}  {kind:<11}  {values}".rstrip() for name, kind, values in columns]
        lines += [f"problem   {self.problem}"] * bool(self.problem)
        return "\n".join(map(visible, lines))

    def __repr__(self) -> str:
        return self.text


def inspect(path: str | os.PathLike[str]) -> ModelContents:
    """Show the contents of a model file without loading it or running any code from it.

    Parameters
    ----------
    path : str or path
        A ``.glassnet`` file, whole or damaged.

    Returns
    -------
    ModelContents
        Printing shows it as text; ``.problem`` is the reason for `load` to reject the file, or None.

    Raises
    ------
    FileNotFoundError
        If the file does not exist.
    ModelFileError
        If it is a folder.

    Examples
    --------
    >>> import glassnet as gn
    >>> clf = gn.GlassClassifier((4,), max_iter=2, random_state=0).fit([[0.0], [1.0]] * 4, ["no", "yes"] * 4)
    >>> clf.save("answers.glassnet")
    >>> gn.inspect("answers.glassnet")
    file      answers.glassnet, ... bytes, format 1, saved by glassnet ...; the checksum fits
    model     GlassClassifier, binary
    classes   'no', 'yes'
    network   1-4-1: silu, sigmoid; 13 parameters, float32
    training  2 epochs, 8 rows
    columns   1
      x0  numeric      0 to 1
    """
    path = Path(path)
    if path.is_dir():
        raise ModelFileError(f"{str(path)!r} is a folder; expected a .glassnet file.")
    size = path.stat().st_size
    try:
        content = read_content(path)
    except ModelFileError as error:
        return ModelContents(str(path), size, problem=str(error))
    is_as_written = content.is_as_written
    problems = (
        [] if is_as_written else ["the file was altered after it was saved: its checksum does not fit; use a copy."]
    )
    description = None
    try:
        description = read_description(content.text)
        check_agreement(description, content.theta)
    except (DataError, ModelFileError) as error:  # invalid columns raise DataError
        problems.append(brief(str(error)))
    return ModelContents(
        file=str(path),
        size=size,
        format=content.format,
        checksum_fits=is_as_written,
        n_parameters=int(content.theta.size),
        dtype=str(content.theta.dtype),
        problem=" ".join(problems) or None,
        **({} if description is None else _said(description)),
    )


def _said(description: Description) -> dict[str, Any]:
    """Return the contents of a description, which has valid types but may be inconsistent."""
    network, target, schema = description.network, description.target_encoder, description.schema
    several = len(target.target_names) > 0
    return {
        "library": description.library,
        "estimator": type(description).__struct_config__.tag,
        "task": target.task,
        "target": tuple(target.target_names) if several else tuple(filter(None, [description.target_name])),
        "classes": tuple(map(value_of, target.classes or ())),
        "sizes": tuple(network.sizes),
        "activations": tuple(record.activation for record in network.activations),
        "front": _front(network),
        "own_activations": tuple(name for name in description.own_activations if name not in ACTIVATIONS),
        "n_networks": len(description.networks),
        "columns": tuple((step.name, "numeric", "") for step in description.encoder.steps)
        if schema is None
        else tuple(map(_column, schema.columns)),
        "left_out": () if schema is None else tuple(item.name for item in schema.left_out),
        "n_rows": None if schema is None else schema.n_rows,
        "n_epochs": tuple(len(member.history.epochs) for member in description.networks),
        "data_fingerprint": description.data_fingerprint,
    }


def _column(record: ColumnRecord) -> tuple[str, str, str]:
    try:
        return record.name, record.kind, Column.from_record(record).values()
    except DataError:  # reported as `problem`
        return record.name, record.kind, ""


def _front(network: NetworkRecord) -> str | None:
    front = network.front
    if front is None:
        return None
    waves = f"waves beside {len(front.embedded)} of {front.n_inputs} inputs" if front.embedded else ""
    return " and ".join(filter(None, [waves, "learned scales" if front.has_scaling else ""])) or None


def _facts(it: ModelContents) -> list[tuple[str, str]]:
    checksum = {True: "the checksum fits", False: "the checksum does not fit", None: ""}[it.checksum_fits]
    origin = f", format {it.format}" if it.format else ""
    origin += f", saved by glassnet {it.library}" if it.library else ""
    sizes = "-".join(map(str, it.sizes[:MOST_SHOWN])) + ("-..." if len(it.sizes) > MOST_SHOWN else "")
    network = f"{sizes}: {_listed(it.activations)}; " if it.sizes else ""
    network += f"{it.n_parameters:,} parameters, {it.dtype}" if it.dtype else ""
    return [
        ("file", f"{it.file}, {it.size:,} bytes{origin}" + (f"; {checksum}" if checksum else "")),
        ("model", ", ".join(filter(None, [it.estimator, it.task, _ensemble(it.n_networks)]))),
        ("target", _listed(it.target)),
        ("classes", _listed([repr(label) for label in it.classes])),
        ("network", network),
        ("front", it.front or ""),
        ("own", f"load(path, activations=...) needs {_listed(it.own_activations)}" if it.own_activations else ""),
        ("training", _training(it)),
        ("left out", _listed(it.left_out)),
    ]


def _ensemble(n: int | None) -> str:
    return f"{n} networks" if n is not None and n > 1 else ""


def _training(it: ModelContents) -> str:
    if not it.n_epochs:
        return ""
    few, most = min(it.n_epochs), max(it.n_epochs)
    epochs = counted(most, "epoch") if few == most else f"{few:,} to {most:,} epochs"
    return epochs if it.n_rows is None else f"{epochs}, {counted(it.n_rows, 'row')}"


def _listed(words: Any) -> str:
    more = f", ... ({len(words)} in all)" if len(words) > MOST_SHOWN else ""
    return ", ".join(map(str, words[:MOST_SHOWN])) + more
