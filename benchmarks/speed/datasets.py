"""The rows: real ones where a package brings them along, random ones of a stated size where none does."""

import numpy as np
from sklearn.datasets import load_breast_cancer, load_digits


def three_bits() -> tuple[np.ndarray, np.ndarray]:
    """All rows of three bits, and how many are on: at most one, two, three."""
    X = np.array([[row >> bit & 1 for bit in range(3)] for row in range(8)], dtype=np.float32)
    return X, np.maximum(X.sum(axis=1).astype(int) - 1, 0)


def breast_cancer() -> tuple[np.ndarray, np.ndarray]:
    """scikit-learn's breast cancer table, scaled; malignant tumors parted at their median area: three classes."""
    table = load_breast_cancer()
    malignant, area = table.target == 0, table.data[:, 3]
    y = np.where(malignant, 1 + (area > np.median(area[malignant])), 0)
    return (table.data - table.data.mean(axis=0)) / table.data.std(axis=0), y


def breast_cancer_from_0_to_1() -> tuple[np.ndarray, np.ndarray]:
    """The same classes, each column from 0 to 1: no sigmoid is near its ends at the start, see contenders/fann.py."""
    X, y = breast_cancer()
    return (X - X.min(axis=0)) / np.ptp(X, axis=0), y


def digits() -> tuple[np.ndarray, np.ndarray]:
    """scikit-learn's digits of 8 by 8 pixels, from 0 to 1."""
    table = load_digits()
    return table.data / 16.0, table.target


def random_rows(n_samples: int, n_features: int, n_classes: int) -> tuple[np.ndarray, np.ndarray]:
    """Standard normal rows; the class is the largest of as many random sums of them."""
    rng = np.random.default_rng(0)
    X = rng.standard_normal((n_samples, n_features), dtype=np.float32)
    return X, (X @ rng.standard_normal((n_features, n_classes), dtype=np.float32)).argmax(axis=1)
