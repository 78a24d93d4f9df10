"""Label smoothing."""

from glassnet.typing import Array


def smooth_labels(Y: Array, share: float, *, multilabel: bool = False) -> Array:
    r"""Return targets with a share of the probability spread evenly over all classes.

    .. math:: \tilde Y_{ij} = (1 - s)\, Y_{ij} + s / n_{classes}

    With hard targets 0 and 1, the weights of a network grow without end; smoothed targets have a finite optimum, which
    generalizes better where classes overlap (Szegedy et al. 2016). The resulting probabilities are underconfident;
    temperature scaling corrects them.

    Parameters
    ----------
    Y : array of shape (n_rows, n_out)
        One-hot, or one column of 0 and 1 for two classes, or one per label.
    share : float
        s, from 0 (no smoothing) to below 1.
    multilabel : bool
        Whether each column is a separate label, with two classes.

    Examples
    --------
    >>> import numpy as np
    >>> smooth_labels(np.asarray([[1.0, 0.0, 0.0, 0.0]]), 0.2).tolist()
    [[0.8500000000000001, 0.05, 0.05, 0.05]]
    >>> smooth_labels(np.asarray([[1.0], [0.0]]), 0.1).tolist()
    [[0.9500000000000001], [0.05]]
    >>> smooth_labels(np.asarray([[1.0, 1.0, 0.0]]), 0.1, multilabel=True).tolist()
    [[0.9500000000000001, 0.9500000000000001, 0.05]]
    """
    n_classes = 2 if multilabel else max(2, Y.shape[1])
    return (1.0 - share) * Y + share / n_classes  # (n_rows, n_out)
