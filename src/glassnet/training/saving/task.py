"""What a run is asked to do, as a record and back: network, settings, and the fingerprints of its data."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from glassnet.core.catalog.activation import ACTIVATIONS, Activation
from glassnet.core.catalog.costs import COSTS, Cost
from glassnet.core.catalog.schedules import ADAPTIVE, SCHEDULES
from glassnet.core.catalog.solvers import SOLVERS
from glassnet.core.front import Front
from glassnet.core.layout import Layout
from glassnet.core.network import Network
from glassnet.core.records import ByLayer
from glassnet.data.agreement import expect, shortened
from glassnet.data.fingerprint import fingerprint
from glassnet.errors import CheckpointError, ParameterError
from glassnet.settings.train_settings import TrainSettings
from glassnet.training.plan import Plan
from glassnet.training.samples import Samples, StreamedData
from glassnet.training.saving.formula_records import ActivationRecord, CostRecord
from glassnet.training.saving.own_formulas import (
    activation_of,
    cost_from,
    named_only,
    plain_activation,
    plain_cost,
    refuse_builtin_name,
)
from glassnet.training.saving.records import (
    DataRecord,
    FrontRecord,
    NamedRecord,
    RunNetworkRecord,
    SettingsRecord,
    SlotRecord,
    TaskRecord,
    named,
    spec_of,
)
from glassnet.typing import Array


def describe_task(plan: Plan, engine: str) -> TaskRecord:
    """Return everything that decides a run, as a record.

    Raises
    ------
    ParameterError
        If the solver or a schedule is the user's own, or the precision is one that files do not have.
    """
    problem = plan.problem
    for kind, entry, table in (
        ("solver", problem.solver, SOLVERS),
        ("schedule", plan.schedule, SCHEDULES),
        ("dropout_schedule", plan.dropout_schedule, SCHEDULES),
        ("decay_schedule", plan.decay_schedule, SCHEDULES),
    ):
        own: Any = entry
        known: Any = table.get(own.name)
        if known is None or replace(known, parameters=own.parameters) != own:
            raise ParameterError(
                f"a checkpoint cannot hold your own {kind} {own.name!r}; choose one of glassnet's, or leave "
                f"checkpoint out."
            )
    if not problem.cost.is_builtin and problem.cost.source is None:
        refuse_builtin_name("cost", problem.cost, COSTS)
    if str(problem.network.theta.dtype) not in ("float32", "float64"):
        raise ParameterError(
            f"a checkpoint cannot hold parameters in {problem.network.theta.dtype}; use network.astype('float64')."
        )
    cost = problem.cost
    settings = SettingsRecord(
        cost=NamedRecord(cost.name, {}) if not cost.is_builtin else named(cost),
        formula=None if cost.is_builtin or cost.source is None else CostRecord(**plain_cost(cost)),
        solver=named(problem.solver),
        epochs=plan.epochs,
        batch_size=plan.batch_size,
        learning_rate=plan.learning_rate,
        schedule=NamedRecord(ADAPTIVE, {}) if plan.adaptive else named(plan.schedule),
        dropout_schedule=named(plan.dropout_schedule),
        decay_schedule=named(plan.decay_schedule),
        l1=float(problem.penalty.l1),
        l2=float(problem.penalty.l2),
        dropout=[float(rate) for rate in problem.dropout],
        clip=problem.clip,
        monitor=plan.monitor,  # type: ignore[arg-type]  # checked by the plan
        patience=plan.patience,
        tolerance=plan.tolerance,
        shuffle=bool(plan.shuffle),
        snapshots=plan.snapshots,
        kept_states=plan.kept_states,
        time_limit=plan.time_limit,
        metric=None if problem.metric is None else problem.metric.name,  # type: ignore[arg-type]
        seed=problem.seed,
        engine=engine,  # type: ignore[arg-type]
        lanes=plan.lanes,
    )
    return TaskRecord(_describe_network(problem.network), settings, describe_data(plan.data, plan.validation))


def describe_data(data: Samples, validation: Samples | None) -> DataRecord:
    """Return the fingerprints of data; unlike those for replay, they cover every value."""
    X, Y, weights = _prints(data)
    assert X is not None
    assert Y is not None
    held_out = (None, None, None) if validation is None else _prints(validation)
    names = ("validation_X", "validation_Y", "validation_weights")
    return DataRecord(X=X, Y=Y, weights=weights, **dict(zip(names, held_out, strict=True)))


def _prints(data: Samples) -> list[str | None]:
    if isinstance(data, StreamedData):  # one fingerprint of all that is streamed together
        return [data.rows.fingerprint, data.rows.fingerprint, None]
    return [None if each is None else fingerprint(each) for each in (data.X, data.Y, data.weights)]


def settings_from(record: SettingsRecord, cost: Cost | None) -> TrainSettings:
    """Return the settings of a checkpoint's run; `cost` is the user's own."""
    if record.lanes is not None:
        raise CheckpointError(
            "this is the checkpoint of a training on a cluster; continue it by the call or command that began it."
        )
    given = TrainSettings.among({name: getattr(record, name) for name in record.__struct_fields__})
    named_choices = {
        name: spec_of(getattr(record, name)) for name in ("solver", "schedule", "dropout_schedule", "decay_schedule")
    }
    is_full_batch = record.solver.name in SOLVERS and SOLVERS[record.solver.name].full_batch
    batch_size = None if is_full_batch else record.batch_size
    return replace(given, cost=_cost_from(record, cost), batch_size=batch_size, **named_choices)


def network_from(record: RunNetworkRecord, theta: Array, own: Mapping[str, Activation]) -> Network:
    """Return the network of a record with its initial parameters; `own` are the user's activations.

    Raises
    ------
    CheckpointError, ModelFileError
        If its parts do not fit each other or the parameters.
    """
    n_layers = len(record.sizes) - 1
    for name in ("activations", "has_bias", "has_slope"):
        n = len(getattr(record, name))
        expect(n == n_layers, f"network.{name}", f"has {n} entries for {n_layers} layers")
    expect(not record.has_slope[-1], "network.has_slope", "gives slopes to the outputs, which have none")
    front = None
    if record.front is not None:
        front = Front(record.front.n_inputs, tuple(record.front.embedded), record.front.has_scaling)
        expect(bool(front.kind), "network.front", "does nothing")
        expect(len(set(front.embedded)) == len(front.embedded), "network.front", "embeds a column twice")
        expect(all(k < front.n_inputs for k in front.embedded), "network.front", "embeds a column that is not there")
        expect(front.n_outputs == record.sizes[0], "network.front", "does not make the numbers that the network takes")
    layout = Layout.dense(record.sizes, record.has_bias, front, record.has_slope)
    needed = f"need {layout.n_params} parameters, but there are {theta.size}"
    expect(layout.n_params == theta.size, "network.sizes", needed)
    expect(len(record.slots) == len(layout.slots), "network.slots", "are not those of the layout")
    slots = tuple(
        replace(slot, factor=given.factor, decays=given.decays, frozen=given.frozen)
        for slot, given in zip(layout.slots, record.slots, strict=True)
    )
    sigmas: ByLayer[Activation] = ByLayer([_activation(each, own) for each in record.activations], name="activation")
    return Network(tuple(record.sizes), sigmas, theta, Layout(slots), front)


def differences(there: TaskRecord, here: TaskRecord) -> Iterator[str]:
    """Yield what differs between the run of a checkpoint and another one, in words."""
    for name in DataRecord.__struct_fields__:
        if getattr(there.data, name) != getattr(here.data, name):
            yield f"its {name.replace('_', ' ')} {'has' if name[-1] in 'XY' else 'have'} other values"
    if there.network != here.network:
        yield "its network has another structure"
    for name in SettingsRecord.__struct_fields__:
        old, new = getattr(there.settings, name), getattr(here.settings, name)
        if old != new and name != "seed":  # of the masks only; the user's seed is seen by the sample orders
            yield f"it has {name}={_words(old)}, not {_words(new)}"


def check_given(there: DataRecord, weights: Any, validation: Sequence[Any] | None, path: str) -> None:
    """Refuse what is given beyond the run's data, or missing from them."""
    held_out = validation or ()
    for name, is_there, is_here in (
        ("weights", there.weights is not None, weights is not None),
        ("validation", there.validation_X is not None, len(held_out) > 0),
        ("weights of validation", there.validation_weights is not None, len(held_out) > 2),
    ):
        if is_there and not is_here:
            raise CheckpointError(f"the run in {path!r} has {name}, but none are given; pass them to resume, too.")
        if is_here and not is_there:
            raise CheckpointError(f"the run in {path!r} has no {name}, but some are given; leave them out.")


def check_data_is_that(there: DataRecord, here: DataRecord, path: str) -> None:
    """Refuse data with other values than those of the run."""
    for name in DataRecord.__struct_fields__:
        old, new = getattr(there, name), getattr(here, name)
        if old != new:
            raise CheckpointError(
                f"{name.replace('_', ' ')} is not that of the run in {path!r}: its fingerprint is {new[:8]}, that of "
                f"the run {old[:8]}; pass the same rows in the same order, unchanged."
            )


def _describe_network(network: Network) -> RunNetworkRecord:
    front = network.front
    named_only(network.activation)
    return RunNetworkRecord(
        list(network.sizes),
        [ActivationRecord(**plain_activation(sigma)) for sigma in network.activation],
        [b is not None for b in network.b],
        [slope is not None for slope in network.slope],
        None if front is None else FrontRecord(front.n_inputs, list(front.embedded), front.has_scaling),
        [SlotRecord(float(slot.factor), bool(slot.decays), bool(slot.frozen)) for slot in network.layout.slots],
    )


def _activation(record: ActivationRecord, own: Mapping[str, Activation]) -> Activation:
    if record.formula is None and record.activation not in ACTIVATIONS and record.activation not in own:
        name = shortened(record.activation)
        raise CheckpointError(
            f"the run uses your own activation {name}, of which a checkpoint holds only the name; "
            f"pass activations={{{name}: ...}} to resume."
        )
    return activation_of(record, own)


def _cost_from(record: SettingsRecord, own: Cost | None) -> Any:
    if record.formula is not None:
        return cost_from(record.formula)
    if record.cost.name in COSTS:
        return spec_of(record.cost)
    if own is None or own.name != record.cost.name:
        raise CheckpointError(
            f"the run has your own cost {shortened(record.cost.name)}, of which a checkpoint holds only the name; "
            f"pass cost=... to resume."
        )
    return own


def _words(value: Any) -> str:
    if isinstance(value, NamedRecord):
        return repr(spec_of(value))
    return repr(value.formula if isinstance(value, CostRecord) else value)
