"""The epoch loop: runs the engine, monitors the results, and decides when to stop."""

from dataclasses import replace
from typing import Any

from glassnet.engines.base import Engine, State
from glassnet.engines.seeding import ShuffleStream
from glassnet.training.checkpoints import Checkpoint, CheckpointPolicy
from glassnet.training.history import History
from glassnet.training.interrupting import Whole, raise_if_stopped
from glassnet.training.loop.early_stopping import EarlyStopping
from glassnet.training.loop.epoch_batcher import EpochBatcher
from glassnet.training.loop.listeners import Callback
from glassnet.training.loop.recorder import Recorder
from glassnet.training.loop.stop_reasons import all_done, interrupted, is_late, out_of_time, why_early
from glassnet.training.plan import Plan
from glassnet.typing import Array

SMALLEST_RATE = 1e-6  # an adaptive learning rate ends the run here, as in scikit-learn
ADAPTIVE_FACTOR = 0.2


def run_epochs(
    plan: Plan, engine: Engine, rng: Any, callback: Callback | None, state: State | None
) -> tuple[Array, State, History, CheckpointPolicy]:
    """Run the plan's epochs; return the best parameters, the final state, the history and the checkpoints."""
    network = plan.problem.network
    recorder = Recorder(plan, engine)
    stream = ShuffleStream(plan.data.n_samples, rng, shuffle=plan.shuffle)
    keeper = CheckpointPolicy(plan.kept_states, Checkpoint(0, state, stream.position()))
    state = state or engine.start(plan.learning_rate)
    early_stopping = EarlyStopping(plan, state.theta)
    batcher = EpochBatcher(plan, every_epoch=callback is not None)
    factor = 1.0
    stopped, reason, divergence = "epochs", all_done(plan.epochs), None
    whole = Whole(state, 0, state.theta, 0)
    try:
        while (done := len(recorder.epochs)) < plan.epochs:
            raise_if_stopped()
            began = recorder.seconds
            order = stream.take(keeper.at_most(batcher.n_epochs(done, early_stopping, recorder.seconds), done))
            rates = factor * plan.rates(done, len(order))
            state, records = engine.run(state, order, rates, plan.batch_size, plan.factors(done, len(order)))
            batcher.see(len(records.cost), recorder.seconds)
            if len(records.cost):
                recorder.add_all(state.theta, records, rates)
                early_stopping.see(recorder.epochs, done, state.theta)
                whole = Whole(state, len(recorder.epochs), early_stopping.theta, early_stopping.epoch)
            if records.divergence is not None:
                divergence = replace(records.divergence, epoch=len(recorder.epochs) + 1)
                stopped, reason = "diverged", f"{divergence}; try a smaller learning rate, or clip=1.0"
                break
            keeper.offer(len(recorder.epochs), state, stream)
            if callback is not None and callback(recorder.epochs[-1], network.with_theta(state.theta)):
                stopped, reason = "callback", f"the callback asked to stop after epoch {len(recorder.epochs)}"
                break
            if early_stopping.has_waited_enough:
                if plan.adaptive and factor * plan.learning_rate > SMALLEST_RATE:
                    factor *= ADAPTIVE_FACTOR
                    keeper.slow_down(len(recorder.epochs), factor)
                    early_stopping.waited = 0
                    continue
                stopped, reason = why_early(plan, early_stopping)
                break
            if plan.time_limit is not None:
                seconds_per_epoch = (recorder.seconds - began) / len(order)
                if is_late(plan.time_limit, recorder.seconds, seconds_per_epoch):
                    stopped, reason = "time", out_of_time(plan.time_limit, recorder)
                    break
    except KeyboardInterrupt:
        state, n_epochs, early_stopping.theta, early_stopping.epoch = whole
        recorder.cut(n_epochs)
        stopped, reason, divergence = "interrupted", interrupted(n_epochs), None
    theta, best = (
        (early_stopping.theta, early_stopping.epoch)
        if early_stopping.keeps_best
        else (state.theta, len(recorder.epochs))
    )
    return theta, replace(state, theta=theta), recorder.history(stopped, reason, best, divergence), keeper
