"""Who fits the settings that are tried: the estimators of this library side by side, and scikit-learn's networks."""

import warnings
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Protocol

import numpy as np

from glassnet.core.catalog.costs import losses_of_trace
from glassnet.data.table import Table
from glassnet.diagnosis.from_model import subject_of
from glassnet.diagnosis.remedy import Remedy
from glassnet.diagnosis.subject import Rows, Subject
from glassnet.engines.cores import n_cores, n_to_start
from glassnet.errors import GlassnetError, ParameterError
from glassnet.estimators.inputs import Inputs
from glassnet.estimators.judging.fits_beside import FitBeside, FitsBeside
from glassnet.estimators.predicting.outputs import outputs
from glassnet.training.train_many import train_many
from glassnet.typing import Array

Tell = Callable[[int], None]
SMALLEST = 1e-15  # of a loss, so that perfect answers have a ratio, too


class Trainer(Protocol):
    """Fits settings to the rows of training, and measures them on new rows."""

    n_rows: int

    def refusal(self, remedy: Remedy) -> str:
        """Return why a remedy cannot be tried; empty if it can."""

    def fitted(self, remedies: Sequence[Remedy], seed: int, tell: Tell) -> list[Any]:
        """Return a model for each remedy, None where training diverged; `tell` hears how many are fitted."""

    def losses(self, model: Any) -> Array | None:
        """Return the loss of each new row, above that of a perfect answer; None if one is not finite."""


class OurTrainer:
    """Fits estimators of this library by `train_many`, the table encoded once for each encoding.

    Quantities are compared in the units of the model as it is, whatever the remedy scales.
    """

    def __init__(
        self, model: Any, X: Inputs, y: Array, new: tuple[Inputs, Array], *, precision: str, n_jobs: int | None
    ) -> None:
        self._model, self._n_jobs, self._precision = model, n_jobs, precision
        self._X, self._y, self._new = X, y, new[0]
        self._Y = np.asarray(model.target_encoder_.transform(new[1]), dtype=np.float64)
        self._usual = type(model)(**model.get_params(deep=False))
        self._fits: dict[tuple[str, ...], FitsBeside] = {}
        self.n_rows = len(y)

    def refusal(self, remedy: Remedy) -> str:
        """Return why a remedy cannot be tried; empty if it can."""
        try:
            self._begun(remedy, 0).run.begun()  # which also checks what the solver takes
        except GlassnetError as error:
            return str(error)
        return ""

    def fitted(self, remedies: Sequence[Remedy], seed: int, tell: Tell) -> list[Any]:
        """Return a model for each remedy, None where training diverged."""
        begun = [self._begun(remedy, seed) for remedy in remedies]
        results = train_many([each.run for each in begun], n_jobs=self._n_jobs, progress=lambda n_done, _: tell(n_done))
        return [
            None if result.history.stopped == "diverged" else each.fitted(result)
            for each, result in zip(begun, results, strict=True)
        ]

    def losses(self, model: Any) -> Array | None:
        """Return the loss of each new row, above that of a perfect answer; None if one is not finite."""
        network, encoder, cost = model.network_, model.target_encoder_, self._model.cost_
        if not np.isfinite(network.theta).all():
            return None
        A0 = model.encoder_.transform(model._columns_of(self._new))
        Z, A = outputs(network, A0, n_jobs=1)  # (n_rows, n_out)
        with np.errstate(all="ignore"):
            if encoder.classes is None:
                if not np.isfinite(A).all():
                    return None
                values = np.asarray(encoder.inverse(A), dtype=np.float64)
                A = self._model.target_encoder_.transform(values) if np.isfinite(values).all() else values
                found = cost.of_outputs(A, self._Y)
            else:
                found = losses_of_trace(cost, network.activation[network.n_layers], Z, A, self._Y)
            return above_perfect(found.sum(axis=1), cost, self._Y)

    def _begun(self, remedy: Remedy, seed: int) -> FitBeside:
        return self._beside(remedy.drop).begun_alone(remedy.parameters, seed=seed)

    def _beside(self, drop: tuple[str, ...]) -> FitsBeside:
        """Return the rows without some columns."""
        if drop not in self._fits:
            X, schema = self._X, self._model.schema_
            if drop:
                if not isinstance(X, Table):
                    raise ParameterError("a column of a sparse matrix has no name; leave it out by hand.")
                X = X.drop(drop)
                kept = tuple(column for column in schema.columns if column.name not in drop)
                schema = type(schema)(**{**schema.__dict__, "columns": kept})
            self._fits[drop] = FitsBeside(self._usual, X, self._y, schema=schema, precision=self._precision)
        return self._fits[drop]


class ForeignTrainer:
    """Fits networks of scikit-learn, as many at a time as there are cores."""

    def __init__(self, model: Any, X: Any, y: Any, new: tuple[Any, Any], n_jobs: int | None) -> None:
        self._model, self._X, self._y, self._new = model, X, y, new
        self._workers = n_cores() if n_jobs is None else n_to_start(n_jobs)
        self.n_rows = len(y)

    def refusal(self, remedy: Remedy) -> str:
        """Return why a remedy cannot be tried; empty if it can."""
        return "X of a network of scikit-learn is passed as it is" if remedy.drop else ""

    def fitted(self, remedies: Sequence[Remedy], seed: int, tell: Tell) -> list[Any]:
        """Return a model for each remedy, None where training diverged."""
        found = []
        with warnings.catch_warnings(), ThreadPoolExecutor(self._workers) as pool:
            warnings.simplefilter("ignore")  # such as scikit-learn's ConvergenceWarning, for every fit
            for n_done, model in enumerate(pool.map(lambda each: self._fit(each, seed), remedies), start=1):
                found.append(model)
                tell(n_done)
        return found

    def _fit(self, remedy: Remedy, seed: int) -> Any:
        given = {**self._model.get_params(deep=False), **remedy.parameters, "random_state": seed, "warm_start": False}
        try:
            return type(self._model)(**given).fit(self._X, self._y)
        except ValueError:  # as scikit-learn says that the weights are not finite
            return None

    def losses(self, model: Any) -> Array | None:
        """Return the loss of each new row, above that of a perfect answer; None if one is not finite."""
        if not all(np.isfinite(each).all() for each in (*model.coefs_, *model.intercepts_)):
            return None
        with np.errstate(all="ignore"):
            subject = subject_of(model, *self._new, None, None, None)
            return above_perfect(subject.losses, subject.cost, subject.rows.Y)


def above_perfect(losses: Array, cost: Any, Y: Array) -> Array | None:
    """Return losses above those of perfect answers, so that costs that may be negative have a ratio."""
    perfect = np.asarray(cost.of_outputs(Y, Y)).sum(axis=1)
    found = np.asarray(losses, dtype=np.float64) - np.where(np.isfinite(perfect), perfect, 0.0)
    found = np.maximum(found, 0.0) + SMALLEST
    return found if np.isfinite(found.mean()) else None


def constant_losses(subject: Subject, rows: Rows) -> Array | None:
    """Return what always the mean, or the shares of the classes, would cost in each of the rows."""
    with np.errstate(all="ignore"):
        return above_perfect(subject.losses_of_constant(rows), subject.cost, rows.Y)


def part_of(X: Any, rows: Array) -> Any:
    """Return some rows of what scikit-learn takes."""
    if hasattr(X, "iloc"):
        return X.iloc[rows]
    return X.tocsr()[rows] if hasattr(X, "tocsr") else np.asarray(X)[rows]
