"""`Pace`: how often a training can be looked at, so that it hardly takes longer."""

SHARE = 0.02  # of the time of training that looks may take
FIRST_SECONDS = 0.02  # of the first look, which loads code,
LOOK_SECONDS = 0.002  # and of a later one of a small network
OPERATIONS_PER_SECOND = 3e10  # expected, until a look was timed


class Pace:
    """Lets a look begin once training has been long enough to pay for it.

    Parameters
    ----------
    operations : float
        Multiplications and additions of a look.
    """

    def __init__(self, operations: float) -> None:
        self._usual = LOOK_SECONDS + operations / OPERATIONS_PER_SECOND
        self._expected = FIRST_SECONDS + self._usual
        self._spent, self._n_looks = 0.0, 0

    def allows(self, trained: float, more: float = 0.0) -> bool:
        """Whether a look, which takes some seconds `more` than others, can be paid after so many seconds of training.

        >>> pace = Pace(operations=3e8)  # expected to take 0.032 s
        >>> [pace.allows(seconds) for seconds in (1.0, 1.5, 1.6)]
        [False, False, True]
        >>> pace.see(0.018)  # its code is loaded now: 0.012 s
        >>> [pace.allows(seconds) for seconds in (1.4, 1.5)]
        [False, True]
        """
        return self._spent + self._expected + more <= SHARE * trained

    def see(self, seconds: float) -> None:
        """Record the duration of a look."""
        self._spent += seconds
        self._n_looks += 1
        self._expected = min(seconds, self._usual) if self._n_looks == 1 else seconds
