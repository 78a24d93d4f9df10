"""Callbacks of a run."""

from typing import Protocol

from glassnet.core.network import Network
from glassnet.training.history import Epoch


class Callback(Protocol):
    """Called after each epoch; training stops when it returns True."""

    def __call__(self, epoch: Epoch, network: Network) -> bool | None:
        """Called with the epoch's record and the network after it."""
