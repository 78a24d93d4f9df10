"""`resume`: continues a run from its checkpoint."""

from collections.abc import Mapping
from dataclasses import replace
from os import PathLike

from glassnet.core.catalog.activation import Activation
from glassnet.core.catalog.costs import Cost
from glassnet.engines.seeding import ShuffleStream
from glassnet.training.loop.listeners import Callback
from glassnet.training.plan import make_plan
from glassnet.training.result import TrainingResult
from glassnet.training.samples import Shared
from glassnet.training.saving.checkpoint_file import CheckpointFile
from glassnet.training.saving.content import named
from glassnet.training.saving.task import check_given, settings_from
from glassnet.training.train import engine_for, under_way
from glassnet.typing import Array


def resume(
    path: str | PathLike[str],
    X: Array,
    Y: Array,
    *,
    weights: Array | None = None,
    validation: tuple[Array, ...] | None = None,
    callback: Callback | None = None,
    n_jobs: int | None = None,
    activations: Mapping[str, Activation] | None = None,
    cost: Cost | None = None,
    checkpoint_every: float = 30.0,
) -> TrainingResult:
    """Continue a run from the checkpoint that ``train(..., checkpoint=path)`` wrote, however the run ended.

    The result has the same bits as if the run had never stopped: parameters, solver memory and history, seconds aside,
    with the same version of glassnet on the same kind of processor. The checkpoint of a finished run returns its
    result.

    Parameters
    ----------
    path : str or path
        The checkpoint, which holds the network and all settings of the run. It is updated further.
    X, Y, weights, validation
        The data of the run, as they were passed to `train`; a checkpoint knows them only by their fingerprints.
    callback : callable, optional
        See `train`; a checkpoint does not hold it.
    n_jobs : int, optional
        Number of threads, on which results do not depend.
    activations : dict of str to Activation, optional
        The user's own activations that the run uses, unless they come from `Activation.from_formula`.
    cost : Cost, optional
        The user's own cost that the run uses, unless it comes from `Cost.from_formula`.
    checkpoint_every : float
        See `train`.

    Returns
    -------
    TrainingResult

    Raises
    ------
    CheckpointError
        If the file is damaged or no checkpoint, another run uses it, or data or functions are not those of the run.
    FileNotFoundError
        If there is no such file.
    TrainingInterrupted
        As in `train`.

    Examples
    --------
    >>> import glassnet as gn
    >>> X, Y = [[0, 0], [0, 1], [1, 0], [1, 1]], [[0], [1], [1], [1]]
    >>> net = gn.Network.create([2, 3, 1], hidden="tanh", seed=0)
    >>> result = gn.train(net, X, Y, cost="binary_cross_entropy", epochs=9, checkpoint="run.ckpt")
    >>> bool((gn.resume("run.ckpt", X, Y).network.theta == result.network.theta).all())
    True
    """
    with CheckpointFile(path, checkpoint_every) as file:
        content = file.read()
        task = content.record.task
        network = content.network(activations or {})
        with named(file.path):
            settings = replace(settings_from(task.settings, cost), callback=callback, n_jobs=n_jobs).checked()
        check_given(task.data, weights, validation, str(path))
        plan = make_plan(network, X, Y, settings, weights=weights, validation=validation, seed=task.settings.seed)
        engine = engine_for(plan, settings)
        at = file.resumed(content, plan, engine)
        stream = ShuffleStream.resume(plan.data.n_ordered, at.position, shuffle=plan.shuffle)
        training = under_way(
            plan, engine, stream, settings, given=(X, Y, weights), start=None, at=at, file=file, shared=Shared()
        )
        training.run.advance()
        return training.result_or_interrupt()
