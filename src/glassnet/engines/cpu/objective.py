"""What a problem minimizes, and how, as the codes of kernels."""

import numpy as np

from glassnet.engines.base import Problem
from glassnet.engines.cpu.kernels import costs as cost_kernels
from glassnet.engines.cpu.kernels import optimizers as solver_kernels
from glassnet.engines.cpu.kernels.buffers import Objective
from glassnet.engines.cpu.memory_layout import Memo
from glassnet.typing import Array

METRICS = {"accuracy": cost_kernels.ALL_SIDES, "r2": cost_kernels.SQUARED_ERRORS}
PAIRS = {
    ("sigmoid", "binary_cross_entropy"): cost_kernels.SIGMOID_COMBINED,
    ("softmax", "cross_entropy"): cost_kernels.SOFTMAX_COMBINED,
}


def objective_of(problem: Problem) -> Objective:
    """Return cost, solver, penalty, clipping, dropout and metric of a problem for kernels."""
    network, cost, solver = problem.network, problem.cost, problem.solver
    metric = cost_kernels.NO_METRIC
    if problem.metric is not None:
        is_class = problem.metric.name == "accuracy" and cost.name == "cross_entropy"
        metric = cost_kernels.BEST_CLASS if is_class else METRICS[problem.metric.name]
    code = PAIRS.get((network.activation[-1].name, cost.name), cost_kernels.CODES.index(cost.name))
    parameter = network.theta.dtype.type(next(iter(dict(cost.parameters).values()), 0.0))
    parameters = tuple(solver.parameters.items())
    # L-BFGS has no code of its own: its steps are taken from the sums over all rows
    code_of_solver = solver_kernels.CODES.index(solver.name) if solver.has_step else solver_kernels.GD
    return Objective(
        cost=(code, parameter),
        solver=(code_of_solver, _parameters.get(parameters, lambda: solver_kernels.parameters_of(dict(parameters)))),
        penalty=(float(problem.penalty.l1), float(problem.penalty.l2)),
        clip=np.inf if problem.clip is None else float(problem.clip),
        seed=int(problem.seed),
        dropout=np.asarray([0.0, *problem.dropout, *([0.0] * (len(network.sizes) - 1 - len(problem.dropout)))]),
        metric=metric,
    )


_parameters: Memo[Array] = Memo()
"""The parameters of solvers for kernels: the runs of a sweep mostly share them."""
