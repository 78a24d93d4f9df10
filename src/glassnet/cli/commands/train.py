"""`glassnet train`: trains, tests and saves a model in one command."""

import shlex
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from glassnet.cli import training_report
from glassnet.cli.console import caution, emit_json, working
from glassnet.cli.files import check_checkpoint, check_output, refuse_own_input
from glassnet.cli.fitting import Prepared, TrainRequest, check, estimator, fit, prepare, schema_of, test
from glassnet.cli.inputs import hidden_sizes, missing_markers, read_data
from glassnet.cli.options import Data, Json
from glassnet.cli.progress import epoch_bar
from glassnet.cli.vocabulary import in_options
from glassnet.data.columns.schema import Schema
from glassnet.data.reading.sources import Source
from glassnet.data.reading.sql.query import is_query
from glassnet.estimators.summarizing.costs_apart import why_training_costs_more

_COLUMNS, _NETWORK, _TRAINING, _RESULT = "Columns", "Network", "Training", "Test and result"


def _option(*names: str, metavar: str, panel: str, help: str) -> Any:
    return typer.Option(*names, metavar=metavar, rich_help_panel=panel, help=help, show_default=False, readable=False)


def train(
    data: Data,
    target: Annotated[str, _option("--target", "-t", metavar="COLUMN", panel=_COLUMNS, help="The column to predict.")],
    task: Annotated[
        str | None,
        _option("--task", metavar="TASK", panel=_COLUMNS, help="classification or regression; else inferred."),
    ] = None,
    keep: Annotated[
        list[str] | None,
        _option(
            "--keep",
            metavar="COLUMN",
            panel=_COLUMNS,
            help="Use this column even if it looks like an id; may be repeated.",
        ),
    ] = None,
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
    hidden: Annotated[
        str | None, _option("--hidden", metavar="64,32", panel=_NETWORK, help="Sizes of the hidden layers, or none.")
    ] = None,
    activation: Annotated[
        str | None, _option("--activation", metavar="NAME", panel=_NETWORK, help="See glassnet activations.")
    ] = None,
    preset: Annotated[
        str,
        _option(
            "--preset", metavar="NAME", panel=_NETWORK, help="tabular: tuned for tables; plain: as in the textbook."
        ),
    ] = "tabular",
    dropout: Annotated[
        float | None, _option("--dropout", metavar="SHARE", panel=_NETWORK, help="Share of hidden units dropped.")
    ] = None,
    alpha: Annotated[
        float | None, _option("--alpha", metavar="NUMBER", panel=_NETWORK, help="L2 penalty on the weights.")
    ] = None,
    l1: Annotated[
        float | None, _option("--l1", metavar="NUMBER", panel=_NETWORK, help="L1 penalty on the weights.")
    ] = None,
    solver: Annotated[
        str | None, _option("--solver", metavar="NAME", panel=_TRAINING, help="See glassnet solvers.")
    ] = None,
    learning_rate: Annotated[
        float | None, _option("--learning-rate", metavar="NUMBER", panel=_TRAINING, help="Step size of the solver.")
    ] = None,
    schedule: Annotated[
        str | None,
        _option("--schedule", metavar="NAME", panel=_TRAINING, help="Learning-rate schedule, such as cosine."),
    ] = None,
    epochs: Annotated[
        int | None, _option("--epochs", metavar="N", panel=_TRAINING, help="Maximum number of training epochs.")
    ] = None,
    batch_size: Annotated[
        int | None, _option("--batch-size", metavar="N", panel=_TRAINING, help="Rows per step.")
    ] = None,
    early_stopping: Annotated[
        bool | None,
        typer.Option(
            "--early-stopping/--no-early-stopping",
            rich_help_panel=_TRAINING,
            help="Keep the epoch with the best validation cost; by default decided by the number of rows.",
            show_default=False,
        ),
    ] = None,
    class_weight: Annotated[
        str | None,
        _option("--class-weight", metavar="balanced", panel=_TRAINING, help="Give every class the same total weight."),
    ] = None,
    networks: Annotated[
        int | None,
        _option("--networks", metavar="N", panel=_TRAINING, help="Train N networks and average their predictions."),
    ] = None,
    time_limit: Annotated[
        float | None,
        _option("--time-limit", metavar="SECONDS", panel=_TRAINING, help="Stop training after this time."),
    ] = None,
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
    seed: Annotated[
        int, typer.Option("--seed", metavar="N", rich_help_panel=_TRAINING, help="Seed of all random numbers.")
    ] = 0,
    test_size: Annotated[
        float, typer.Option("--test-size", metavar="SHARE", rich_help_panel=_RESULT, help="Share of held-out rows.")
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
    json: Json = False,
) -> None:
    """Train a network on a table, and test it on held-out rows.

    Prints the inferred columns, the network, the learning curve, the test scores next to a trivial and a linear model,
    and the next commands. Ctrl-C ends training; the best network so far is tested, without the linear model, and
    saved. A second Ctrl-C ends the command at once. An existing model file is replaced.
    """
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
    parameters = {
        "hidden_layer_sizes": None if hidden is None else hidden_sizes(hidden),
        "activation": activation,
        "preset": preset,
        "dropout": dropout,
        "alpha": alpha,
        "l1": l1,
        "solver": solver,
        "learning_rate_init": learning_rate,
        "learning_rate": schedule,
        "max_iter": epochs,
        "batch_size": batch_size,
        "early_stopping": early_stopping,
        "class_weight": class_weight,
        "n_networks": networks,
        "time_limit": time_limit,
        "random_state": seed,
    }
    check(request)
    check_checkpoint(checkpoint, resume=resume)
    place = output or Path(_stem(data, target) + ".glassnet")
    refuse_own_input(place, data)
    check_output(place, force=force, replaces_models=True)
    _run(data, request, parameters, place, checkpoint, json)


def _run(
    data: Sequence[str],
    request: TrainRequest,
    parameters: dict[str, Any],
    place: Path,
    checkpoint: Path | None,
    json: bool,
) -> None:
    source = read_data(data, request.missing)
    schema = schema_of(source.table, request)
    model = estimator(schema, parameters)
    prepared = prepare(source.table, schema, request, validates=_validates(model, schema, request))
    if not json:
        training_report.show_schema(schema, source.description, source.notices)
    interrupted = _fit(model, prepared, request, checkpoint, json)
    with working("testing"):
        result = test(model, prepared, linear=not interrupted)
    model.save(place)
    commands = _next_commands(place, data)
    if json:
        emit_json(_record(source, schema, prepared, model, result, place, commands))
        return
    training_report.show_training(model.history_, why_training_costs_more(model))
    training_report.show_test(result)
    training_report.show_next(place, commands)


def _validates(model: Any, schema: Schema, request: TrainRequest) -> bool:
    """Return whether the best epoch is chosen by validation: as requested, else by the number of rows."""
    from glassnet.estimators.fitting.recipe import resolve_recipe

    n_train = round(schema.n_rows * (1 - request.test_size))
    return bool(resolve_recipe(model.get_params(deep=False), n_train)["early_stopping"])


def _fit(model: Any, prepared: Prepared, request: TrainRequest, checkpoint: Path | None, json: bool) -> str:
    """Fit under a progress bar; print the estimated time before training and the plan once the network is built.

    Returns the reason if Ctrl-C ended it, else an empty text.
    """
    shown = False

    def show_plan(network: Any) -> int:
        nonlocal shown
        shown = True
        if not json:
            training_report.show_plan(prepared.parts.how, network, model)
        return int(model.recipe_.max_iter)

    model._report = None if json else training_report.show_estimate
    with epoch_bar(show_plan) as callback:
        model.callback = callback
        interrupted = fit(model, prepared, request, checkpoint)
    model.callback = model._report = None
    if not shown:  # no epoch was trained, or the resumed training had ended
        show_plan(model.network_)
    if interrupted:
        caution(f"{interrupted}.")
    return interrupted


def _stem(data: Sequence[str], target: str) -> str:
    """Return the model file's stem: the data file's, or the target's for several files or a query."""
    if len(data) == 1 and not is_query(data[0]) and Path(data[0]).is_file():
        return Path(data[0]).name.split(".")[0] or "model"
    return "".join(letter if letter.isalnum() or letter in "-_" else "_" for letter in target)


def _next_commands(place: Path, data: Sequence[str]) -> list[str]:
    words = shlex.join([str(place), *data])
    commands = (f"evaluate {words}", f"explain {words} --row 0", f"predict {words}")
    return [f"glassnet {command}" for command in commands]


def _record(
    source: Source,
    schema: Schema,
    prepared: Prepared,
    model: Any,
    result: dict[str, Any],
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
