"""Encodes and predicts one row at a time, in a few microseconds."""

from collections.abc import Sequence

import numpy as np

from glassnet.core.network import Network
from glassnet.engines.base import own_activation
from glassnet.engines.cpu.compiling.announcement import announced
from glassnet.engines.cpu.doors import check_network, checked_columns
from glassnet.engines.cpu.kernels.encoding import OK
from glassnet.engines.cpu.kernels.forward_pass import lay_out_all
from glassnet.engines.cpu.kernels.single_row import MISFIT, predict_row
from glassnet.engines.cpu.memory_layout import layout_of, padded
from glassnet.engines.cpu.schedule import blocks_of
from glassnet.errors import ShapeError
from glassnet.typing import Array


class RowForward:
    """Computes the outputs of one row of raw numbers, with the same bits as `Forward`.

    Parameters
    ----------
    network : Network
        In float64.
    steps, scales : arrays
        The encoding of each column: the result of `Encoder.as_arrays`.
    """

    def __init__(self, network: Network, steps: Array, scales: Array) -> None:
        check_network(network)
        if network.theta.dtype != np.float64:
            raise ShapeError(f"single rows are predicted in float64, but this network is in {network.theta.dtype}.")
        steps, scales = checked_columns(steps, scales, network.n_inputs, numbers_alone=False)
        layout = layout_of(network, 1, trains=False)
        workspace, theta = layout.workspace(), padded(network.theta, network.sizes)
        parts: Sequence[Array] = (
            theta, layout.params, np.zeros(network.n_layers + 1), scales.ravel(), workspace.Z, workspace.A,
            workspace.panels, workspace.zeros, workspace.largest, workspace.logs,
        )  # fmt: skip
        with announced("the prediction of single rows"):
            lay_out_all(tuple(layout.net), theta, tuple(workspace), blocks_of(layout, 1))
            self._sections = np.concatenate([[0], np.cumsum([part.size for part in parts])])
            self._numbers = np.concatenate(parts)
            self._plan, self._steps = layout.plan, steps
            self.n_outputs = network.sizes[-1]
            self(np.zeros(len(steps)), np.empty(self.n_outputs))

    @staticmethod
    def supports(network: Network) -> str | None:
        """Return why the engine cannot compute the outputs of a network; None if it can."""
        return own_activation(network)

    def __call__(self, raw: Array, outputs: Array) -> bool:
        """Fill `outputs` (n_out,) from raw numbers (n_columns,); return whether they could be encoded."""
        told = predict_row(self._plan, self._steps, self._sections, self._numbers, raw, outputs)
        if told == OK:
            return True
        if told == MISFIT:
            raise ShapeError(
                f"the row has the shape {raw.shape} and its outputs {outputs.shape}, but the model expects "
                f"({len(self._steps)},) and ({self.n_outputs},)."
            )
        return False
