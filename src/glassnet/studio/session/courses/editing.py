"""Weights set by hand: a course that goes on from another state."""

from dataclasses import replace

import numpy as np

from glassnet.core.network import Network
from glassnet.engines.seeding import ShuffleStream, StreamPosition
from glassnet.errors import LayerIndexError, ParameterError
from glassnet.studio.session.courses.course import (
    MOST_CHANGES,
    Change,
    Course,
    Moment,
    engine_of,
    is_lbfgs,
    rates_of,
    taken,
)
from glassnet.training.checkpoints import Checkpoint
from glassnet.training.history import Epochs
from glassnet.training.loop.early_stopping import EarlyStopping
from glassnet.training.loop.recorder import Recorder
from glassnet.training.loop.stop_reasons import diverged
from glassnet.training.run import Run
from glassnet.training.run_state import End, RunState, Watched
from glassnet.training.train import Training
from glassnet.typing import Array


def with_weight(network: Network, layer: int, j: int, k: int | None, value: float) -> Network:
    """Return a network with another weight, or another bias if `k` is None.

    Raises
    ------
    LayerIndexError, ParameterError
        If there is no such weight.
    """
    sizes = network.sizes
    if not 1 <= layer <= network.n_layers or j >= sizes[layer] or (k is not None and k >= sizes[layer - 1]):
        raise LayerIndexError(
            f"there is no {'bias' if k is None else 'weight'} into neuron {j} of layer {layer}"
            f"{'' if k is None else f' from neuron {k}'}; the sizes of the layers are {'-'.join(map(str, sizes))}."
        )
    if k is None and network.b[layer] is None:
        raise ParameterError(f"layer {layer} of this network has no biases.")
    if not np.isfinite(value):
        raise ParameterError(f"{value!r} is not a number that a weight can have.")
    slot = next(each for each in network.layout.slots if (each.layer, each.name) == (layer, "b" if k is None else "W"))
    theta = np.array(network.theta)
    theta[slot.offset + (j if k is None else j * sizes[layer - 1] + k)] = value
    return network.with_theta(theta)


def changed(course: Course, moment: Moment, network: Network) -> Course:
    """Return the course that goes on from a moment with the parameters of `network`, and the solver's memory.

    A moment within an epoch is followed by the rest of its epoch at once, so that the new course is at the end of it.

    Raises
    ------
    ParameterError
        If the solver is L-BFGS, or the course was changed too often.
    """
    if is_lbfgs(course.plan):
        raise ParameterError(
            "solver 'lbfgs' steps along what it remembers of earlier weights, so none can be changed during its "
            "training; choose another solver, such as 'adam'."
        )
    source = course
    while source.change is not None and (moment.epoch, moment.step) < (source.change.epoch, source.change.step):
        source = source.change.before
    if len(source.changes) >= MOST_CHANGES:
        raise ParameterError(
            f"this training was changed by hand {MOST_CHANGES} times, the most that can be looked back at; reset it to "
            f"set further weights."
        )
    state = source.state_at(moment.epoch, moment.step)
    state = replace(state, theta=np.asarray(network.theta, dtype=state.theta.dtype))
    position = _position(source, moment.epoch)
    stream = ShuffleStream.resume(source.plan.data.n_samples, position, shuffle=source.plan.shuffle)
    order = stream.take(1)[0].copy()
    change = Change(source, moment.epoch, moment.step, state, order)
    at = _run_state(source, change, position, stream)
    source.rest()
    training = source.training
    run = Run(
        source.plan,
        engine_of(training),
        ShuffleStream.resume(source.plan.data.n_samples, at.position, shuffle=source.plan.shuffle),
        at=at,
    )
    return Course(Training(run, training.plan, training.engine, training.n_jobs, training.given,
                           training.fingerprint), change)  # fmt: skip


def _run_state(source: Course, change: Change, position: StreamPosition, after: ShuffleStream) -> RunState:
    """Return the state of the run from the change on; `after` is the stream after the epoch that follows."""
    epoch, plan = change.epoch, source.plan
    result = source.training.run.result()
    epochs = source.epochs.first(epoch)
    factors = tuple(each for each in result.factors if each[0] <= epoch)
    state, end = change.state, None
    watched = _watched(source, epochs, change)
    seconds = epochs[-1].seconds if epoch else 0.0
    if change.step > 0:
        engine = engine_of(source.training)
        state, records = taken(source, engine, state, epoch, slice(change.step, None), change.order)
        if records.divergence is not None:
            divergence = replace(records.divergence, epoch=epoch + 1)
            end = End("diverged", diverged(divergence, plan.problem), divergence)
        else:
            recorder = Recorder(plan, engine)
            recorder.epochs = epochs
            recorder.add_all(state.theta, records, rates_of(source, epoch))
            early_stopping = EarlyStopping(plan, state.theta)
            early_stopping.memory = watched
            early_stopping.see(epochs, epoch, state.theta)
            watched, epoch, position = early_stopping.memory, epoch + 1, after.position()
    start = Checkpoint(epoch, state, position)
    return RunState(
        state=state,
        epochs=epochs,
        position=position,
        watched=watched,
        factor=factors[-1][1],
        kept=(start,),
        factors=factors,
        snapshots={},
        seconds=seconds,
        heard=0,
        end=end,
    )


def _position(course: Course, epoch: int) -> StreamPosition:
    """Return the position in the stream of sample orders after an epoch."""
    change = course.change
    if change is not None and epoch == change.epoch and change.step > 0:
        return _position(change.before, epoch)
    kept = [each for each in course.training.run.result().kept if each.epochs <= epoch]
    nearest = max(kept, key=lambda each: each.epochs)
    stream = ShuffleStream.resume(course.plan.data.n_samples, nearest.position, shuffle=course.plan.shuffle)
    missing = epoch - nearest.epochs
    while missing > 0:
        missing -= len(stream.take(missing))
    return stream.position()


def _watched(course: Course, epochs: Epochs, change: Change) -> Watched:
    """Return the memory of early stopping at the change."""
    plan, epoch, theta = course.plan, change.epoch, change.state.theta
    early_stopping = EarlyStopping(plan, theta)
    if plan.monitor is None:
        return Watched(theta, epoch, np.inf, np.inf, 0)
    slowed = [since for since, _ in course.training.run.result().factors if 0 < since <= epoch]
    done = 0
    for end in [*slowed, epoch]:
        early_stopping.see(epochs.first(end), done, theta)
        done = end
        if end in slowed:
            early_stopping.wait_again()
    memory = early_stopping.memory
    if not early_stopping.keeps_best or memory.epoch == 0:
        return memory
    return memory._replace(theta=course.at(memory.epoch).network.theta)


def changed_weights(before: Network, after: Network) -> tuple[tuple[int, int, int | None], ...]:
    """Return the weights (layer, j, k) and biases (layer, j, None) in which two networks differ."""
    found: list[tuple[int, int, int | None]] = []
    for l in range(1, before.n_layers + 1):
        for j, k in zip(*np.nonzero(_differ(before.W[l], after.W[l])), strict=True):
            found.append((l, int(j), int(k)))
        b = before.b[l]
        if b is not None:
            found += [(l, int(j), None) for (j,) in zip(*np.nonzero(_differ(b, after.b[l])), strict=True)]
    return tuple(found)


def _differ(one: Array, other: Array) -> Array:
    return np.asarray(one) != np.asarray(other)
