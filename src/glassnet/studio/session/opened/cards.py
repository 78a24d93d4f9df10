"""The cards of the page: the data as they were understood, and the network."""

from typing import Any, Literal, TypeAlias

import numpy as np
from msgspec import structs

from glassnet.data.columns.column import Column
from glassnet.data.suggestions import listed
from glassnet.data.table import Table
from glassnet.data.type_inference import is_missing
from glassnet.explanation.words.numbers import number
from glassnet.studio.messages import ColumnCard, DataCard
from glassnet.studio.recording.picture import visible
from glassnet.studio.session.opened.projects import ModelProject, NetworkProject, Project, TableProject
from glassnet.studio.understanding.numbers import histogram
from glassnet.studio.understanding.words import PAGE, in_words
from glassnet.typing import Array
from glassnet.wording import counted

Task: TypeAlias = Literal["classification", "regression", "none"]

PREVIEW_ROWS = 8
MOST_COUNTS = 12  # bars of a column
MOST_CHOICES = 50
MOST_OTHERS, ALMOST = 3, 0.2  # values in a column of numbers that are none, and the largest share of them


def data_card(project: Project) -> DataCard:
    """Return the card of a project's data."""
    if isinstance(project, NetworkProject):
        return _of_network(project)
    return _of_model(project) if isinstance(project, ModelProject) else _of_table(project)


def _of_table(project: TableProject) -> DataCard:
    schema, table = project.schema, project.table
    left_out = {item.name: item.sentence for item in schema.left_out}
    known = {column.name: column for column in (*schema.columns, *schema.targets)}
    cards = []
    for name in table.names:
        values, column = table[name], known.get(name)
        role = "target" if name == project.target else "input" if name in schema.names else "left out"
        cards.append(_column_card(name, values, column, role, left_out.get(name, "")))
    task: Task = "none" if schema.task is None else "regression" if schema.task == "regression" else "classification"
    truth = project.truth_table
    return DataCard(
        title=visible(project.title),
        n_rows=table.n_rows,
        task=task,
        is_whole=project.has_whole_target,
        chosen_task=project.task,
        target=None if project.target is None else project.target,
        columns=tuple(cards),
        preview=tuple(
            tuple(in_words(table[name][i]) for name in table.names) for i in range(min(PREVIEW_ROWS, table.n_rows))
        ),
        warnings=tuple(
            visible(PAGE.rewrite(each))
            for each in (*project.notices, *schema.notices, *_almost_numbers(project), *_imbalance(project))
        ),
        truth_table=None if truth is None else (
            (*truth.variables, "F"),
            *(tuple(str(int(v)) for v in (*x, f)) for x, f in zip(truth.X, truth.F, strict=True)),
        ),
    )  # fmt: skip


def _column_card(name: str, values: Array, column: Column | None, role: Any, why: str) -> ColumnCard:
    missing = is_missing(values)
    present = values[~missing]
    if values.dtype.kind == "f":
        present = present[np.isfinite(present)]
    words = f"{column.values()}" if column is not None else why
    counts: tuple[tuple[str, int], ...] = ()
    least = most = None
    choices: tuple[str, ...] = ()
    is_number = values.dtype.kind == "f"
    levels, numbers = np.unique(present, return_counts=True) if is_number else _levels(present)
    if is_number and len(levels) > MOST_COUNTS:
        heights, edges = histogram(present, MOST_COUNTS)
        counts = tuple((f"{number(float(a))} to {number(float(b))}", int(n))
                       for a, b, n in zip(edges[:-1], edges[1:], heights, strict=True))  # fmt: skip
    else:
        order = range(len(levels)) if is_number else np.argsort(-numbers, kind="stable")
        counts = tuple((in_words(levels[k]), int(numbers[k])) for k in order)[:MOST_COUNTS]
    if is_number and len(present):
        least, most = float(present.min()), float(present.max())
    elif len(levels) <= MOST_CHOICES:
        choices = tuple(in_words(level) for level in levels)
    return ColumnCard(
        name=name,
        kind=column.kind if column is not None else _kind(values),
        role=role,
        words=visible(words),
        missing=int(missing.sum()),
        distinct=len(levels),
        counts=counts,
        least=least,
        most=most,
        choices=choices,
    )


def _levels(present: Array) -> tuple[Array, Array]:
    """Return the different values of a column that is no number, in order, and how often each occurs."""
    if present.dtype.kind != "O":
        return np.unique(present, return_counts=True)
    found: dict[Any, int] = {}
    for value in present.tolist():
        found[value] = found.get(value, 0) + 1
    levels = np.empty(len(found), dtype=object)
    levels[:] = sorted(found, key=str)
    return levels, np.asarray([found[level] for level in levels], dtype=np.int64)


def _kind(values: Array) -> str:
    return {"f": "numeric", "b": "boolean", "M": "datetime"}.get(values.dtype.kind, "categorical")


def _almost_numbers(project: TableProject) -> tuple[str, ...]:
    """Return a warning for each input of text that would be numbers but for a few values, such as "n/a" in words."""
    found = []
    for name in project.schema.names:
        values = project.table[name]
        if values.dtype.kind != "O":
            continue
        levels, counts = _levels(values[~is_missing(values)])
        others = [k for k, level in enumerate(levels) if not (isinstance(level, str) and _is_number(level))]
        n_others, n = int(counts[others].sum()), int(counts.sum())
        if 0 < len(others) <= MOST_OTHERS and n_others < ALMOST * n:
            found.append(
                f"column {name!r} is text because of {listed([repr(in_words(levels[k])) for k in others])}, in "
                f"{counted(n_others, 'row')}; the other {n - n_others:,} have numbers. Empty those cells to train on "
                f"numbers."
            )
    return tuple(found)


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def _imbalance(project: TableProject) -> tuple[str, ...]:
    """Return a warning if one class has very few rows."""
    if project.target is None or project.schema.task not in ("binary", "multiclass"):
        return ()
    values = project.table[project.target]
    levels, counts = _levels(values[~is_missing(values)])
    least, most = int(np.argmin(counts)), int(np.argmax(counts))
    if counts[most] < 10 * counts[least]:
        return ()
    return (
        f"the classes are unbalanced: {in_words(levels[most])} has {counts[most]:,} rows and {in_words(levels[least])} "
        f"{counts[least]:,}; a network that always says {in_words(levels[most])} is right in "
        f"{counts[most] / counts.sum():.0%} of the rows.",
    )


def _of_model(project: ModelProject) -> DataCard:
    if project.source is not None:
        return structs.replace(_of_table(project.source), title=project.title, is_fixed=True)
    schema, table = project.model.schema_, project.table
    return DataCard(
        title=visible(project.title),
        n_rows=0,
        task="regression" if project.model.target_encoder_.classes is None else "classification",
        target=getattr(project.model, "target_name_", None),
        columns=tuple(
            ColumnCard(
                name=column.name,
                kind=column.kind,
                role="input",
                words=visible(column.values()),
                missing=0,
                distinct=column.n_distinct,
                least=column.minimum if isinstance(column.minimum, float) else None,
                most=column.maximum if isinstance(column.maximum, float) else None,
                choices=tuple(in_words(level) for level in column.levels[:MOST_CHOICES]),
            )
            for column in schema.columns
        ),
        preview=(tuple(in_words(table[name][0]) for name in schema.names),),
        warnings=tuple(visible(each) for each in project.notices),
        is_fixed=True,
    )


def _of_network(project: NetworkProject) -> DataCard:
    names = (*project.inputs, *project.outputs)
    values = np.column_stack([project.X, project.Y])
    table = Table(names, tuple(values.T))
    n_inputs = len(project.inputs)
    return DataCard(
        title=project.title,
        n_rows=table.n_rows,
        task="none",
        target=None,
        columns=tuple(
            _column_card(name, column, None, "input" if k < n_inputs else "target", "a number of the tutorial")
            for k, (name, column) in enumerate(zip(names, table.columns, strict=True))
        ),
        preview=tuple(tuple(number(float(value)) for value in row) for row in values),
        warnings=(),
        is_fixed=True,
    )
