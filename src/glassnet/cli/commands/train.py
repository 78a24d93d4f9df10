"""`glassnet train`: trains, tests and saves a model in one command."""

from collections.abc import Sequence
from contextlib import nullcontext
from pathlib import Path
from typing import Annotated, Any

import typer

from glassnet.cli import training_report
from glassnet.cli.console import caution, emit_json, report, working
from glassnet.cli.diagnosing.showing import in_words, show_live
from glassnet.cli.files import check_checkpoint, check_output, refuse_own_input, stem_of
from glassnet.cli.fitting import (
    AnyTable,
    TrainRequest,
    check,
    estimator,
    fit,
    prepare,
    rows_if_large,
    schema_of,
    streamed,
)
from glassnet.cli.inputs import hidden_sizes, missing_markers, one_or_several, other_settings, read_data
from glassnet.cli.options import Data, Json
from glassnet.cli.progress import epoch_bar
from glassnet.cli.together import Together
from glassnet.cli.vocabulary import in_options
from glassnet.clustering.addresses import parse_address
from glassnet.clustering.joining import HEARTBEAT
from glassnet.data.columns.schema import Schema
from glassnet.data.reading.sources import Source
from glassnet.data.rows.memory import bytes_of_windows, memory_for
from glassnet.data.rows.row_source import RowSource
from glassnet.diagnosis.live_doctor import LiveDoctor
from glassnet.errors import DivergenceError, ParameterError
from glassnet.estimators.summarizing.costs_apart import why_training_costs_more
from glassnet.settings.table import OPTIONS
from glassnet.training.loop.listeners import Several

_COLUMNS, _TRAINING, _CLUSTER, _RESULT = "Columns", "Training", "Several machines", "Test and result"


def _option(*names: str, metavar: str, panel: str, help: str) -> Any:
    return typer.Option(*names, metavar=metavar, rich_help_panel=panel, help=help, show_default=False, readable=False)


def _setting(name: str, *, show_default: bool = False) -> Any:
    """Return the option of a setting, by its parameter of the estimators."""
    option = OPTIONS[name]
    metavar = option.metavar or None
    return typer.Option(
        option.name, metavar=metavar, rich_help_panel=option.panel, help=option.help, show_default=show_default
    )


def train(
    data: Data,
    target: Annotated[str, _option("--target", "-t", metavar="COLUMN", panel=_COLUMNS, help="The column to predict.")],
    task: Annotated[
        str | None,
        _option("--task", metavar="TASK", panel=_COLUMNS, help="classification or regression; else inferred."),
    ] = None,
    keep: Annotated[list[str] | None, _setting("keep")] = None,
    drop: Annotated[
        list[str] | None, _option("--drop", metavar="COLUMN", panel=_COLUMNS, help="Drop this column; may be repeated.")
    ] = None,
    missing: Annotated[
        list[str] | None,
        _option(
            "--missing",
            metavar="TEXT",
            panel=_COLUMNS,
            help="Text that means 'no value', instead of NA, N/A, NaN, null, ? and -; may be repeated.",
        ),
    ] = None,
    hidden: Annotated[str | None, _setting("hidden_layer_sizes")] = None,
    activation: Annotated[str | None, _setting("activation")] = None,
    preset: Annotated[str, _setting("preset")] = "tabular",
    dropout: Annotated[float | None, _setting("dropout")] = None,
    alpha: Annotated[float | None, _setting("alpha")] = None,
    l1: Annotated[float | None, _setting("l1")] = None,
    loss: Annotated[str | None, _setting("loss")] = None,
    solver: Annotated[str | None, _setting("solver")] = None,
    learning_rate: Annotated[float | None, _setting("learning_rate_init")] = None,
    schedule: Annotated[str | None, _setting("learning_rate")] = None,
    epochs: Annotated[int | None, _setting("max_iter")] = None,
    batch_size: Annotated[int | None, _setting("batch_size")] = None,
    stop_after: Annotated[
        int | None,
        typer.Option(
            "--stop-after",
            metavar="N",
            min=1,
            rich_help_panel=_TRAINING,
            help="Stop after this epoch; schedules still end with --epochs.",
        ),
    ] = None,
    early_stopping: Annotated[bool | None, _setting("early_stopping")] = None,
    validation_fraction: Annotated[float | None, _setting("validation_fraction")] = None,
    patience: Annotated[int | None, _setting("n_iter_no_change")] = None,
    class_weight: Annotated[str | None, _setting("class_weight")] = None,
    networks: Annotated[int | None, _setting("n_networks")] = None,
    engine: Annotated[str | None, _setting("engine")] = None,
    others: Annotated[
        list[str] | None,
        _option(
            "--set",
            metavar="NAME=VALUE",
            panel=_TRAINING,
            help="Another parameter of the estimators in Python; may be repeated.",
        ),
    ] = None,
    time_limit: Annotated[float | None, _setting("time_limit")] = None,
    checkpoint: Annotated[
        Path | None,
        _option(
            "--checkpoint",
            metavar="DIR",
            panel=_TRAINING,
            help="Save the state of training in this folder, so that --resume continues it after a kill.",
        ),
    ] = None,
    resume: Annotated[
        bool,
        typer.Option(
            "--resume",
            rich_help_panel=_TRAINING,
            help="Continue the training in --checkpoint, if there is one; the result is the same as without the kill.",
        ),
    ] = False,
    doctor: Annotated[
        bool,
        typer.Option(
            "--doctor",
            rich_help_panel=_TRAINING,
            help="Look at the network while it trains, say what is wrong as soon as it shows, and sum up at the end.",
        ),
    ] = False,
    cluster: Annotated[
        str | None,
        _option(
            "--cluster",
            metavar="ADDRESS",
            panel=_CLUSTER,
            help="Train with other processes: jax://HOST:PORT?rank=R&world=N, jax://auto, mpi or "
            "ray://auto?workers=2..8; local gives the same result alone.",
        ),
    ] = None,
    lanes: Annotated[
        int | None,
        _option(
            "--lanes",
            metavar="V",
            panel=_CLUSTER,
            help="Deal each epoch's rows to so many lanes, which up to as many processes share; by default 16.",
        ),
    ] = None,
    accumulate: Annotated[
        int,
        _option(
            "--accumulate", metavar="K", panel=_CLUSTER, help="Sum the gradients of K minibatches for each message."
        ),
    ] = 1,
    heartbeat: Annotated[
        float,
        _option(
            "--heartbeat",
            metavar="SECONDS",
            panel=_CLUSTER,
            help="Give up a silent process after this; default 20.",
        ),
    ] = HEARTBEAT,
    seed: Annotated[int, _setting("random_state", show_default=True)] = 0,
    test_size: Annotated[
        float,
        typer.Option(
            "--test-size",
            metavar="SHARE",
            rich_help_panel=_RESULT,
            help="Share of held-out rows; 0 trains on all rows.",
        ),
    ] = 0.2,
    group: Annotated[
        str | None, _option("--group", metavar="COLUMN", panel=_RESULT, help="Keep rows of one group in the same part.")
    ] = None,
    time: Annotated[
        str | None,
        _option("--time", metavar="COLUMN", panel=_RESULT, help="Train on the earliest rows, test on the latest."),
    ] = None,
    output: Annotated[
        Path | None,
        _option("--output", "-o", metavar="FILE", panel=_RESULT, help="The model file; by default named after DATA."),
    ] = None,
    force: Annotated[
        bool, typer.Option("--force", rich_help_panel=_RESULT, help="Replace a file that is not a model.")
    ] = False,
    memory: Annotated[
        str | None,
        _option(
            "--memory",
            metavar="SIZE",
            panel=_TRAINING,
            help="Memory that the command may take, such as 400MB; larger tables are streamed. Else what is free.",
        ),
    ] = None,
    json: Json = False,
) -> None:
    """Train a network on a table, and test it on held-out rows.

    Prints the inferred columns, the network, the learning curve, the test scores next to a trivial and a linear model,
    and the next commands. Ctrl-C ends training; the best network so far is tested, without the linear model, and
    saved. A second Ctrl-C ends the command at once. An existing model file is replaced.

    With --cluster, start the same command once on each machine. Rank 0 prints and writes; the others train along. After
    a failure all end, with exit code 75 or by SIGABRT: start them again with the same --checkpoint to continue.
    """
    given = locals()
    request = TrainRequest(
        target,
        task,
        tuple(keep or ()),
        tuple(drop or ()),
        missing_markers(missing),
        test_size,
        group,
        time,
        seed,
    )
    parameters = {name: given[option.argument] for name, option in OPTIONS.items() if name != "keep"}
    parameters["hidden_layer_sizes"] = None if hidden is None else hidden_sizes(hidden)
    parameters["activation"] = None if activation is None else one_or_several(activation)
    parameters = {name: value for name, value in parameters.items() if value is not None}
    parameters |= other_settings(others or (), parameters)
    check(request)
    if doctor and cluster is not None:
        raise ParameterError(
            "--doctor looks at rows of the whole table, of which each process of --cluster has a part; leave it out, "
            "and run glassnet doctor on the model."
        )
    listener = LiveDoctor(tell=None) if doctor else None
    together = None if cluster is None else Together(parse_address(cluster), lanes, accumulate, heartbeat)
    check_checkpoint(checkpoint, resume=resume or (checkpoint is not None and together is not None))
    place = output or Path(stem_of(data, target) + ".glassnet")
    refuse_own_input(place, data)
    check_output(place, force=force, replaces_models=True)
    left = memory_for(memory)
    with nullcontext() if together is None else together.joined():
        with rows_if_large(data, request, left, together=together is not None) as rows:
            if rows is not None:
                _run_streamed(
                    rows, data, request, parameters, place, checkpoint, stop_after, memory, json, together, listener
                )
                return
        _run(data, request, parameters, place, checkpoint, stop_after, json, together, listener)


def _run(
    data: Sequence[str],
    request: TrainRequest,
    parameters: dict[str, Any],
    place: Path,
    checkpoint: Path | None,
    stop_after: int | None,
    json: bool,
    together: Together | None,
    doctor: LiveDoctor | None,
) -> None:
    source = read_data(data, request.missing)
    schema = schema_of(source.table, request)
    model = estimator(schema, parameters)
    prepared = prepare(source.table, schema, request, validation=_validation(model, schema, request))
    _train(source, prepared, model, data, place, checkpoint, stop_after, json, together, doctor)


def _run_streamed(
    rows: RowSource,
    data: Sequence[str],
    request: TrainRequest,
    parameters: dict[str, Any],
    place: Path,
    checkpoint: Path | None,
    stop_after: int | None,
    memory: str | None,
    json: bool,
    together: Together | None,
    doctor: LiveDoctor | None,
) -> None:
    with working("reading all rows once"):
        prepared = streamed(rows, request, parameters, bytes_of_windows(memory))
    source = Source(prepared.digest.rows, (), ", ".join(data))
    model = estimator(prepared.schema, parameters)
    _train(source, prepared, model, data, place, checkpoint, stop_after, json, together, doctor)


def _train(
    source: Source,
    prepared: AnyTable,
    model: Any,
    data: Sequence[str],
    place: Path,
    checkpoint: Path | None,
    stop_after: int | None,
    json: bool,
    together: Together | None,
    doctor: LiveDoctor | None,
) -> None:
    is_first, schema = together is None or together.is_first, prepared.schema
    if not json and is_first:
        training_report.show_schema(schema, source.description, source.notices)
    try:
        model, interrupted = _fit(model, prepared, checkpoint, stop_after, json or not is_first, together, doctor)
    except DivergenceError:
        report(f"to see why: {training_report.doctor_of_data(data, schema, model)}")
        raise
    if not is_first:
        return
    result = None
    if len(prepared.parts.test):
        with working("testing"):
            result = prepared.test(model, linear=not interrupted)
    model.save(place)
    diverged = model.history_.stopped == "diverged"
    commands = training_report.next_commands(place, data, doctor=doctor is not None or diverged)
    if json:
        record = _record(source, schema, prepared, model, result, place, commands)
        if doctor is not None:
            record["doctor"] = [in_words(each.diagnosis).to_dict() for each in doctor.runs]
        emit_json(record)
        return
    training_report.show_training(model.history_, why_training_costs_more(model))
    if doctor is not None:
        show_live(doctor)
    training_report.show_test(result)
    training_report.show_next(place, commands)


def _validation(model: Any, schema: Schema, request: TrainRequest) -> float:
    """Return the share of rows that choose the best epoch: as requested, else by the number of rows; 0 for none."""
    from glassnet.estimators.fitting.recipe import resolve_recipe

    n_train = round(schema.n_rows * (1 - request.test_size))
    recipe = resolve_recipe(model.get_params(deep=False), n_train)
    return float(recipe["validation_fraction"]) if recipe["early_stopping"] else 0.0


def _fit(
    model: Any,
    table: AnyTable,
    checkpoint: Path | None,
    stop_after: int | None,
    quiet: bool,
    together: Together | None,
    doctor: LiveDoctor | None,
) -> tuple[Any, str]:
    """Fit under a progress bar; before the first step, print the estimated time and the plan.

    Returns the model, and the reason if Ctrl-C ended it, else an empty text.
    """
    with epoch_bar(stop_after) as bar:

        def at_start(start: Any) -> None:
            if not quiet:
                training_report.show_estimate(start.estimate)
                training_report.show_plan(table.parts.how, start.network, start.model)
            bar.begin(int(start.model.recipe_.max_iter))

        callback: Any = bar.callback
        if doctor is not None:
            doctor.tell = None if quiet else bar.say
            callback = Several(callback, doctor)
        options = {"checkpoint": checkpoint, "callback": callback, "at_start": at_start}
        model, interrupted = fit(model, table, together, **options)
    if interrupted:
        caution(f"{interrupted}.")
    return model, interrupted


def _record(
    source: Source,
    schema: Schema,
    prepared: AnyTable,
    model: Any,
    result: dict[str, Any] | None,
    place: Path,
    commands: list[str],
) -> dict[str, Any]:
    history = model.history_.to_dict()
    parts = prepared.parts
    return {
        "source": source.description,
        "notices": [in_options(notice) for notice in training_report.notices_of(schema, source.notices)],
        "schema": schema.to_dict(),
        "split": {
            "how": parts.how,
            **{name: len(getattr(parts, name)) for name in ("train", "validation", "test")},
        },
        "network": {
            "sizes": list(model.network_.sizes),
            "activations": [sigma.name for sigma in model.network_.activation],
            "n_parameters": int(model.network_.theta.size),
            "inputs": list(model.encoder_.input_names),
        },
        "history": history,
        "test": result,
        "model": str(place),
        "next": commands,
    }
