"""The work of `glassnet train --cluster`: joining the other processes, and fitting with them."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

from glassnet.clustering.addresses import Address, RayAddress
from glassnet.clustering.comm import Comm, agree
from glassnet.clustering.fitting import FitTogether
from glassnet.clustering.joining import join, work_together
from glassnet.errors import GlassnetError
from glassnet.estimators.split_table import SplitTable, StreamedTable


class Together:
    """The processes that train together.

    Parameters
    ----------
    address : Address
    lanes, accumulate, heartbeat
        As in `glassnet.fit_on_cluster`.
    """

    def __init__(self, address: Address, lanes: int | None, accumulate: int, heartbeat: float) -> None:
        self._address, self._lanes, self._accumulate, self._heartbeat = address, lanes, accumulate, heartbeat
        self._comm: Comm | None = None
        self._has_begun = False

    @property
    def is_first(self) -> bool:
        """Whether this process prints, and writes the model."""
        return self._comm is None or self._comm.rank == 0

    @contextmanager
    def joined(self) -> Iterator[None]:
        """Join the others, unless Ray starts them; if this process cannot begin, let the others know."""
        if not isinstance(self._address, RayAddress):
            self._comm = join(self._address, heartbeat=self._heartbeat)
        try:
            yield
        except (GlassnetError, OSError) as error:
            if self._comm is not None and self._comm.world > 1 and not self._has_begun:
                agree(self._comm, str(error))
            raise

    def fit(
        self, model: Any, table: SplitTable | StreamedTable, *, checkpoint: Path | None, callback: Any, at_start: Any
    ) -> Any:
        """Return the model, fitted to the training rows."""
        self._has_begun = True
        if self._comm is None:
            work = FitTogether(partial(_fitted, model, table, checkpoint=checkpoint), self._lanes, self._accumulate)
            return work_together(self._address, work, heartbeat=self._heartbeat, folder=checkpoint)
        options = {"checkpoint": checkpoint, "callback": callback, "at_start": at_start}
        fitted = FitTogether(partial(_fitted, model, table, **options), self._lanes, self._accumulate)(self._comm)
        self._comm.close()
        return fitted


def _fitted(model: Any, table: SplitTable | StreamedTable, **options: Any) -> Any:
    table.fit(model, **options)
    return model
