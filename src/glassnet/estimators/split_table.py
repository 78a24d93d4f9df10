"""`SplitTable`: a table with a target, split into rows to train on, to choose the best epoch by, and to test on.

`StreamedTable` is the same for rows that do not fit into the memory.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from os import PathLike
from typing import Any, TypeAlias

from glassnet.data.columns.column_exclusion import unused_columns
from glassnet.data.columns.labels import target_values
from glassnet.data.columns.schema import Schema
from glassnet.data.fingerprint import fingerprints
from glassnet.data.rows.digest import Digest
from glassnet.data.rows.parts import TEST
from glassnet.data.spill.columns_file import StoredColumn, StoredRows
from glassnet.data.split import Split
from glassnet.data.table import Table
from glassnet.estimators.fitting.preparation import Extras, Start
from glassnet.estimators.fitting.streamed import Streaming, some_rows
from glassnet.estimators.judging.scoring import predicted, score
from glassnet.training.result import TrainingResult
from glassnet.training.train import RunArguments
from glassnet.typing import Array


@dataclass(frozen=True, eq=False)
class SplitTable:
    """The rows of a table that have a target, their schema, and which of them train, choose the epoch and test.

    `fit` trains on ``parts.train`` alone, so that no other row leaks into scales and levels, and chooses the best epoch
    on ``parts.validation``, if there are any; `test` looks at ``parts.test``. The table is described once and hashed
    once, and the model file knows its target and its excluded columns.

    Attributes
    ----------
    rows : Table
    y : array of shape (n_rows,) or StoredColumn
        The target, from `glassnet.data.columns.labels.target_values`, or where a large one is kept.
    schema : Schema
        Of these rows, with the target.
    parts : Split

    Examples
    --------
    >>> import glassnet as gn
    >>> from glassnet.data.columns.labels import target_values
    >>> from glassnet.data.columns.schema_inference import infer_schema
    >>> from glassnet.data.reading.tabular import table_from
    >>> from glassnet.data.split import split
    >>> rows = table_from({"x": [k / 40 for k in range(40)], "side": ["low"] * 20 + ["high"] * 20})
    >>> schema = infer_schema(rows, target="side")
    >>> y = target_values(rows, schema)
    >>> table = SplitTable(rows, y, schema, split(y, fractions=(0.75, 0, 0.25), seed=0))
    >>> clf = gn.GlassClassifier((4,), learning_rate_init=0.05, random_state=0)
    >>> table.fit(clf)
    >>> clf.target_name_, clf.schema_.names
    ('side', ('x',))
    >>> table.test(clf, linear=False)["n_rows"]
    10
    """

    rows: Table
    y: Array | StoredColumn
    schema: Schema
    parts: Split

    def fit(
        self,
        model: Any,
        *,
        checkpoint: str | PathLike[str] | None = None,
        checkpoint_every: float = 30.0,
        callback: Any = None,
        at_start: Callable[[Start], Any] | None = None,
        train: Callable[[RunArguments], TrainingResult] | None = None,
    ) -> None:
        """Fit an estimator to the training rows.

        Parameters
        ----------
        model : GlassClassifier or GlassRegressor
        checkpoint, checkpoint_every
            As in the estimator's `fit`.
        callback : callable, optional
            Used instead of the estimator's own.
        at_start : callable, optional
            Called before the first step with the encoders, the initial networks and, on request, the estimated time.
        train : callable, optional
            Trains each run, instead of `RunArguments.trained`.

        Raises
        ------
        TrainingInterrupted
            On Ctrl-C after the first epoch, as by the estimator's `fit`.
        """
        X, y = self._inputs(self.parts.train), self._kept_target(self.parts.train)
        held = self.part(self.parts.validation) if len(self.parts.validation) else None
        name = self.schema.targets[0].name
        extras = Extras(self.schema, name, self._fingerprints[1], callback, at_start, train)
        model._fit_with(extras, X, y, None, held, checkpoint, checkpoint_every)

    def test(self, model: Any, *, linear: bool) -> dict[str, Any]:
        """Return the scores on the test rows, next to simple models; the model stores them in ``report_``.

        `linear` adds a linear model to them, which Ctrl-C skips.
        """
        unused = unused_columns(self.schema.left_out)  # the simple models use them, which reveals a lost signal
        training, held_out = self.part(self.parts.train, unused), self.part(self.parts.test, unused)
        result = _tested(model, training, held_out, linear=linear)
        model.report_ = {"test": result, "split": self.parts.how, "rows": self._fingerprints[0]}
        return result

    def part(self, positions: Array, also: tuple[str, ...] = ()) -> tuple[Table, Array]:
        """Return inputs and target of some rows, optionally with columns that the network does not use."""
        return self._inputs(positions, also), self.y[positions]

    def _inputs(self, positions: Array, also: tuple[str, ...] = ()) -> Table:
        return self.rows.select([*self.schema.names, *also]).take(positions)

    def _kept_target(self, positions: Array) -> Array | StoredColumn:
        """Return the target of some rows where it is kept: the texts of a large one stay in their file."""
        return StoredRows(self.y, positions) if isinstance(self.y, StoredColumn) else self.y[positions]

    @cached_property
    def _fingerprints(self) -> list[str]:
        """The fingerprint of the inputs, and of inputs and target."""
        return fingerprints(self.rows.select(self.schema.names), self.y)


Pair: TypeAlias = tuple[Table, Array]

MOST_TESTED = 100_000
"""Rows of a streamed table that are tested on: a score of them is as good as one of all."""


@dataclass(frozen=True, eq=False)
class StreamedTable:
    """Rows that do not fit into the memory, their schema, and which of them train, choose the epoch and test.

    Attributes
    ----------
    digest : Digest
        Of all rows.
    schema : Schema
        Of these rows, with the target.
    n_bytes : int
        Bytes of memory that the windows of rows may take.
    """

    digest: Digest
    schema: Schema
    n_bytes: int

    @cached_property
    def parts(self) -> Split:
        """The numbers of rows of each part, and how they were dealt."""
        sizes = [sum(part) for part in self.digest.sizes]
        counts = f"{sizes[0]:,} rows to train, {sizes[1]:,} to validation, {sizes[2]:,} to test"
        how = f"The rows do not fit into the memory allowed and are streamed. At random, row by row: {counts}."
        return Split(range(sizes[0]), range(sizes[1]), range(sizes[2]), how)

    def fit(
        self,
        model: Any,
        *,
        checkpoint: str | PathLike[str] | None = None,
        checkpoint_every: float = 30.0,
        callback: Any = None,
        at_start: Callable[[Start], Any] | None = None,
        train: Callable[[RunArguments], TrainingResult] | None = None,
    ) -> None:
        """Fit an estimator to the training rows, as `SplitTable.fit`."""
        digest = self.digest
        extras = Extras(self.schema, digest.target, None, callback, at_start, train)
        how = Streaming(digest.target, self.n_bytes, digest.deal, digest)
        model._fit_streamed(extras, digest.source, how, checkpoint, checkpoint_every)

    def test(self, model: Any, *, linear: bool) -> dict[str, Any]:
        """Return the scores on at most `MOST_TESTED` test rows, next to simple models; see `SplitTable.test`."""
        columns = [*self.schema.names, *unused_columns(self.schema.left_out)]
        held_out, sample = (
            some_rows(self.digest.part(TEST), MOST_TESTED, seed=self.digest.deal.seed),
            self.digest.sample(),
        )
        pairs = [(table.select(columns), target_values(table, self.schema)) for table in (sample, held_out)]
        result = _tested(model, pairs[0], pairs[1], linear=linear)
        model.report_ = {"test": result, "split": self.parts.how, "rows": model.data_fingerprint_}
        return result


def _tested(
    model: Any, training: tuple[Table, Array], held_out: tuple[Table, Array], *, linear: bool
) -> dict[str, Any]:
    """Return the scores of a model and of simple models."""
    from glassnet.estimators.judging.baselines import baselines

    prediction, probabilities = predicted(model, held_out[0])
    scores = score(held_out[1], prediction, probabilities, model.target_encoder_.classes)
    try:
        simple = baselines(model, training, held_out, linear=linear)
    except KeyboardInterrupt:  # a linear model can take longer than the network, and the network must not be lost
        if not linear:  # the second Ctrl-C
            raise
        simple = baselines(model, training, held_out, linear=False)
    return {
        "n_rows": len(held_out[1]),
        "model": scores,
        "baselines": [{"name": found.name, **found.scores} for found in simple],
    }
