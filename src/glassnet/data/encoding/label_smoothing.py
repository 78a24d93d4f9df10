"""Label smoothing: targets that are a little less sure than the labels."""

from glassnet.typing import Array


def smooth_labels(Y: Array, share: float, *, multilabel: bool = False) -> Array:
    r"""Return targets that give a share of each label's certainty to all classes alike.

    .. math:: \tilde Y_{ij} = (1 - s)\, Y_{ij} + s / n_{classes}

    A network cannot reach 0 and 1 with finite weights and so never stops to push; with smoothed targets it stops at a
    finite margin, which predicts better where classes overlap (Szegedy et al. 2016). Its probabilities are too modest
    by then, which temperature scaling mends.

    Parameters
    ----------
    Y : array of shape (n_rows, n_out)
        One-hot, or one column of 0 and 1 for two classes, or for each label of several.
    share : float
        s, from 0 (no smoothing) to below 1.
    multilabel : bool
        Whether each column stands for a label of its own, which a row has or has not: two classes.

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
