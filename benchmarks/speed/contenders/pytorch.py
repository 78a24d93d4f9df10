"""PyTorch as most people write it, with what makes it fast: views as minibatches, fused Adam, no `.item()`."""

import torch
from torch import nn

from benchmarks.speed.contenders.base import Contender
from benchmarks.speed.task import BETA_1, BETA_2, EPSILON, Layers, Task

ACTIVATIONS = {"relu": nn.ReLU, "tanh": nn.Tanh, "sigmoid": nn.Sigmoid, "mish": nn.Mish}


def sequential(task: Task) -> nn.Sequential:
    """Return the task's network up to its logits."""
    modules: list[nn.Module] = []
    for W, b in task.layers:
        linear = nn.Linear(W.shape[1], W.shape[0])
        linear.weight.data, linear.bias.data = torch.tensor(W), torch.tensor(b)
        modules += [linear, ACTIVATIONS[task.settings.hidden]()]
    return nn.Sequential(*modules[:-1])


def half_squared_error(output: torch.Tensor, target: torch.Tensor) -> torch.Tensor:
    """Mean over rows of half the squared error, summed over outputs."""
    return 0.5 * (output - target).square().sum(dim=1).mean()


def cost_of(task: Task):
    """Return the cost as a function of the network's output and the target."""
    return nn.functional.cross_entropy if task.settings.output == "softmax" else half_squared_error


def minibatches_of(task: Task) -> list[tuple[torch.Tensor, torch.Tensor]]:
    """Return the rows and targets of each step: views, nothing is copied."""
    X = torch.from_numpy(task.X)
    y = torch.from_numpy(task.labels if task.settings.output == "softmax" else task.Y)
    return [(X[rows], y[rows]) for rows in task.minibatches]


class PyTorch(Contender):
    """Eager mode."""

    def __init__(self, task: Task, threads: int) -> None:
        torch.set_num_threads(threads)
        self._task = task
        self._minibatches = minibatches_of(task)
        self._cost = cost_of(task)
        self.start()

    def start(self) -> None:
        """Make the model and the optimizer anew."""
        s = self._task.settings
        self._model = sequential(self._task)
        if s.solver == "adam":
            self._optimizer = torch.optim.Adam(
                self._model.parameters(), lr=s.learning_rate, betas=(BETA_1, BETA_2), eps=EPSILON, fused=True
            )
        else:
            self._optimizer = torch.optim.SGD(self._model.parameters(), lr=s.learning_rate, fused=True)

    def run(self) -> None:
        """Train."""
        model, cost, optimizer = self._model, self._cost, self._optimizer
        for _ in range(self._task.settings.epochs):
            for X, y in self._minibatches:
                optimizer.zero_grad()
                cost(model(X), y).backward()
                optimizer.step()

    def layers(self) -> Layers:
        """Return the weights of the linear layers."""
        linears = [module for module in self._model if isinstance(module, nn.Linear)]
        return [(linear.weight.detach().numpy().copy(), linear.bias.detach().numpy().copy()) for linear in linears]

    @staticmethod
    def train_many(tasks: list[Task], cores: int) -> list[Layers]:
        """Train many networks, one process per core."""
        from joblib import Parallel, delayed

        return Parallel(n_jobs=cores)(delayed(train_one)(task) for task in tasks)


def train_one(task: Task) -> Layers:
    """Train one network from start to end."""
    contender = PyTorch(task, threads=1)
    contender.run()
    return contender.layers()
