"""onnxruntime, with the leanest graph: Gemm, activation, ..., Gemm, Softmax.

A graph that a converter makes of an estimator also works out the label; this one does not, which is faster.
"""

from pathlib import Path

import onnxruntime
from onnx import TensorProto, checker, helper, numpy_helper

from benchmarks.speed.predicting.base import Predictor
from benchmarks.speed.task import Task

OPERATORS = {"relu": "Relu", "tanh": "Tanh", "sigmoid": "Sigmoid"}
OPSET, IR_VERSION = 17, 8  # which every onnxruntime of the last years reads


def graph_of(task: Task) -> bytes:
    """Return the task's network as an ONNX model."""
    nodes, weights, name = [], [], "X"
    last = len(task.layers)
    for l, (W, b) in enumerate(task.layers, start=1):
        weights += [numpy_helper.from_array(W, f"W{l}"), numpy_helper.from_array(b, f"b{l}")]
        nodes.append(helper.make_node("Gemm", [name, f"W{l}", f"b{l}"], [f"Z{l}"], transB=1))
        operator, options = ("Softmax", {"axis": 1}) if l == last else (OPERATORS[task.settings.hidden], {})
        nodes.append(helper.make_node(operator, [f"Z{l}"], [f"A{l}"], **options))
        name = f"A{l}"
    sizes = task.settings.sizes
    inputs = [helper.make_tensor_value_info("X", TensorProto.FLOAT, ["rows", sizes[0]])]
    outputs = [helper.make_tensor_value_info(name, TensorProto.FLOAT, ["rows", sizes[-1]])]
    graph = helper.make_graph(nodes, "network", inputs, outputs, weights)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", OPSET)], ir_version=IR_VERSION)
    checker.check_model(model)
    return model.SerializeToString()


class OnnxPredictor(Predictor):
    """`session.run`."""

    def prepare(self, model: Path, task: Task, threads: int) -> None:
        """Open a session."""
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        self._session = onnxruntime.InferenceSession(graph_of(task), options, providers=["CPUExecutionProvider"])

    def one(self, n_calls: int) -> None:
        """It wants a table of one row."""
        run, rows = self._session.run, self.row[None, :]
        for _ in range(n_calls):
            run(None, {"X": rows})

    def batch(self) -> None:
        """All rows."""
        (self.answer,) = self._session.run(None, {"X": self.X})
