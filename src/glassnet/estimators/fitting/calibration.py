"""Calibration of a classifier's probabilities, measured on validation rows."""

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from glassnet.estimators.fitting.temperature import best_temperature, probabilities
from glassnet.typing import Array

BINS = 10
DRAWS = 200


@dataclass(frozen=True)
class ReliabilityBin:
    """A bin of the reliability curve: rows by the probability of their predicted class, in steps of one tenth.

    Attributes
    ----------
    n_rows : int
    confidence : float
        Mean probability of the predicted class.
    accuracy : float
        Share of correct predictions.
    """

    n_rows: int
    confidence: float
    accuracy: float


@dataclass(frozen=True)
class Calibration:
    """The temperature of a classifier, and its effect on the probabilities of the validation rows.

    The temperature is fitted on the same rows as the errors. As it is a single number, the errors are only slightly
    optimistic; separate test rows give unbiased ones.

    Attributes
    ----------
    temperature : float
        Divisor of the logits; above 1 if the network was overconfident, below 1 if it was underconfident.
    n_rows : int
        Number of validation rows.
    log_loss, log_loss_before : float
        Mean cross-entropy with and without the temperature.
    ece, ece_before : float
        Expected calibration error: the mean distance between confidence and accuracy over ten bins of equal width,
        weighted by their rows.
    ece_null : float
        Expected `ece` for perfect probabilities and the same number of rows, which is positive by chance.
    ece_p_value : float
        Probability of an error of at least `ece` for perfect probabilities; small if calibration is poor.
    reliability : tuple of ReliabilityBin
        The non-empty bins, by increasing confidence.
    """

    temperature: float
    n_rows: int
    log_loss: float
    log_loss_before: float
    ece: float
    ece_before: float
    ece_null: float
    ece_p_value: float
    reliability: tuple[ReliabilityBin, ...]

    def to_dict(self) -> dict[str, Any]:
        """Return the record as strict JSON."""
        return {**asdict(self), "reliability": [asdict(each) for each in self.reliability]}

    @classmethod
    def from_dict(cls, record: dict[str, Any]) -> "Calibration":
        """Return the record from the data of `to_dict`."""
        bins = tuple(ReliabilityBin(**each) for each in record["reliability"])
        return cls(**{**record, "reliability": bins})

    def __str__(self) -> str:
        return (
            f"Temperature {self.temperature:.4g} from {self.n_rows:,} held-out rows: log loss {self.log_loss:.4g} "
            f"(before: {self.log_loss_before:.4g}), calibration error {self.ece:.2%} (before: {self.ece_before:.2%}; "
            f"by chance alone: {self.ece_null:.2%})"
        )


def calibrate(Z: Array, labels: Array, weights: Array | None = None, *, rescale: bool, seed: int = 0) -> Calibration:
    """Fit the temperature on the logits of validation rows, and measure its effect.

    Parameters
    ----------
    Z : array of shape (n_rows, n_out)
        Logits; one column for two classes.
    labels : array of shape (n_rows,)
        Classes as whole numbers from 0.
    weights : array of shape (n_rows,), optional
        Sample weights for the temperature and the log loss; bins ignore them.
    rescale : bool
        If False, the temperature stays 1.
    seed : int
        Seed of the draws for `ece_null`.

    Examples
    --------
    >>> Z = np.repeat([[4.0], [-4.0]], 50, axis=0)
    >>> labels = np.repeat([1, 0, 0, 1], [40, 10, 40, 10])  # sure at 98%, right at 80%
    >>> print(calibrate(Z, labels, rescale=True))
    Temperature 2.924 from 100 held-out rows: log loss 0.5004 (before: 0.8181), calibration error 0.30% ...
    """
    temperature = best_temperature(Z, labels, weights) if rescale else 1.0
    before, after = probabilities(Z), probabilities(Z / temperature)
    ece, bins = expected_calibration_error(after, labels)
    null = chance_of_errors(after, seed)
    return Calibration(
        temperature=temperature,
        n_rows=len(labels),
        log_loss=_log_loss(after, labels, weights),
        log_loss_before=_log_loss(before, labels, weights),
        ece=ece,
        ece_before=expected_calibration_error(before, labels)[0],
        ece_null=float(null.mean()),
        ece_p_value=float((1 + np.sum(null >= ece)) / (1 + len(null))),
        reliability=bins,
    )


def expected_calibration_error(P: Array, labels: Array) -> tuple[float, tuple[ReliabilityBin, ...]]:
    r"""Return the error :math:`\sum_b (n_b / n)\, |accuracy_b - confidence_b|` and the non-empty bins b.

    >>> P = np.asarray([[0.9, 0.1], [0.9, 0.1], [0.3, 0.7]])
    >>> error, bins = expected_calibration_error(P, np.asarray([0, 1, 1]))
    >>> round(error, 6), [(each.n_rows, each.accuracy) for each in bins]
    (0.366667, [(1, 1.0), (2, 0.5)])
    """
    confidence = P.max(axis=1)  # (n_rows,)
    counts, sure, right = _sums(confidence, P.argmax(axis=1) == labels)
    bins = tuple(
        ReliabilityBin(int(n), float(c / n), float(a / n)) for n, c, a in zip(counts, sure, right, strict=True) if n
    )
    return float(np.abs(right - sure).sum() / len(labels)), bins


def chance_of_errors(P: Array, seed: int) -> Array:
    """Return calibration errors (n_draws,) of outcomes drawn from the probabilities.

    Consistency resampling (Bröcker & Smith 2007): the errors of perfect probabilities.

    >>> float(chance_of_errors(np.asarray([[1.0, 0.0]] * 3), seed=0).max())
    0.0
    """
    rng = np.random.default_rng(seed)
    confidence = P.max(axis=1)  # (n_rows,)
    errors = np.empty(DRAWS)
    for k in range(DRAWS):
        _, sure, right = _sums(confidence, rng.random(len(P)) < confidence)
        errors[k] = np.abs(right - sure).sum() / len(P)
    return errors


def _sums(confidence: Array, is_right: Array) -> tuple[Array, Array, Array]:
    """Return the number of rows, summed confidence and correct predictions of each bin, (BINS,)."""
    at = np.minimum((confidence * BINS).astype(np.int64), BINS - 1)
    counts = np.bincount(at, minlength=BINS)
    return counts, np.bincount(at, confidence, BINS), np.bincount(at, is_right, BINS)


def _log_loss(P: Array, labels: Array, weights: Array | None) -> float:
    p = np.clip(P[np.arange(len(labels)), labels], np.finfo(np.float64).tiny, 1.0)
    return float(np.average(-np.log(p), weights=weights))
