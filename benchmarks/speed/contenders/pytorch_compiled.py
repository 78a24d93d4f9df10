"""PyTorch with the whole step in one graph: forward, backward and Adam under `torch.compile`.

Of the ways tried (compiled forward with the fused optimizer, both compiled, the whole step with a graph break at
`backward`, compiled autograd, and this one with and without the C++ wrapper) this was the fastest on S and M, by a
factor of two and more. `torch.func.grad` keeps the backward pass in the graph, hence the hand-written Adam.
"""

import torch
from torch.func import functional_call, grad

from benchmarks.speed.contenders.base import Contender
from benchmarks.speed.contenders.pytorch import cost_of, minibatches_of, sequential
from benchmarks.speed.task import BETA_1, BETA_2, EPSILON, Layers, Task


class PyTorchCompiled(Contender):
    """`torch.compile(step, fullgraph=True)`; one graph for whole minibatches and one for the last, smaller one."""

    def __init__(self, task: Task, threads: int) -> None:
        torch.set_num_threads(threads)
        self._task = task
        self._minibatches = minibatches_of(task)
        model, cost, s = sequential(task), cost_of(task), task.settings
        self._begin = {name: value.detach() for name, value in model.named_parameters()}

        def cost_at(theta, X, y):
            return cost(functional_call(model, theta, (X,)), y)

        def adam(theta, m, v, t, X, y):
            g = grad(cost_at)(theta, X, y)
            t.add_(1)
            for name, parameter in theta.items():
                m[name].lerp_(g[name], 1 - BETA_1)
                v[name].mul_(BETA_2).addcmul_(g[name], g[name], value=1 - BETA_2)
                m_hat, v_hat = m[name] / (1 - BETA_1**t), v[name] / (1 - BETA_2**t)
                parameter.sub_(s.learning_rate * m_hat / (v_hat.sqrt() + EPSILON))

        def descend(theta, m, v, t, X, y):
            g = grad(cost_at)(theta, X, y)
            for name, parameter in theta.items():
                parameter.sub_(s.learning_rate * g[name])

        step = adam if s.solver == "adam" else descend
        self._step = torch.compile(step, fullgraph=True, dynamic=False, options={"cpp_wrapper": True})
        self.start()

    def start(self) -> None:
        """Put the start weights in place and clear the moments."""
        self._theta = {name: value.clone() for name, value in self._begin.items()}
        self._m = {name: torch.zeros_like(value) for name, value in self._begin.items()}
        self._v = {name: torch.zeros_like(value) for name, value in self._begin.items()}
        self._t = torch.zeros(())

    def run(self) -> None:
        """Train."""
        step, theta, m, v, t = self._step, self._theta, self._m, self._v, self._t
        with torch.no_grad():
            for _ in range(self._task.settings.epochs):
                for X, y in self._minibatches:
                    step(theta, m, v, t, X, y)

    def layers(self) -> Layers:
        """Return the parameters in pairs."""
        values = [value.numpy().copy() for value in self._theta.values()]
        return list(zip(values[::2], values[1::2]))
