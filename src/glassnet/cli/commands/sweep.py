"""`glassnet sweep`: searches for the settings that predict held-out rows best, and saves the best model."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import typer

from glassnet.cli.console import caution, emit_json, heading, say, table, working
from glassnet.cli.files import check_output, refuse_own_input, stem_of
from glassnet.cli.fitting import TrainRequest, check, estimator, fit, prepare, schema_of
from glassnet.cli.inputs import missing_markers, other_settings, read_data
from glassnet.cli.options import Data, Json
from glassnet.cli.progress import sweep_bar
from glassnet.cli.training_report import next_commands, notices_of, show_next, show_schema, show_test
from glassnet.cli.vocabulary import in_options
from glassnet.clustering.addresses import LocalAddress, RayAddress, parse_address
from glassnet.errors import GlassnetError, ParameterError, TrainingInterrupted
from glassnet.estimators.judging.candidates import model_for_all_rows
from glassnet.estimators.split_table import SplitTable
from glassnet.settings.table import OPTIONS
from glassnet.sweeping.report import best_table, in_numbers, what_mattered
from glassnet.sweeping.result import SweepResult
from glassnet.typing import Array

_COLUMNS, _SEARCH, _RESULT = "Columns", "Search", "Test and result"
PLOTS = {"importance.svg": "importance_chart", "candidates.svg": "parallel_chart"}


def _option(name: str, metavar: str, panel: str, help: str, *more: str) -> Any:
    return typer.Option(name, *more, metavar=metavar, rich_help_panel=panel, help=help, show_default=False)


def sweep(
    data: Data,
    target: Annotated[str, _option("--target", "COLUMN", _COLUMNS, "The column to predict.", "-t")],
    task: Annotated[
        str | None, _option("--task", "TASK", _COLUMNS, "classification or regression; else inferred.")
    ] = None,
    keep: Annotated[list[str] | None, _option("--keep", "COLUMN", _COLUMNS, OPTIONS["keep"].help)] = None,
    drop: Annotated[
        list[str] | None, _option("--drop", "COLUMN", _COLUMNS, "Drop this column; may be repeated.")
    ] = None,
    missing: Annotated[
        list[str] | None,
        _option("--missing", "TEXT", _COLUMNS, "Text that means 'no value'; may be repeated."),
    ] = None,
    space: Annotated[
        Path | None,
        _option("--space", "FILE.toml", _SEARCH, "What to choose from; by default what suits a table of this size."),
    ] = None,
    trials: Annotated[
        int,
        typer.Option("--trials", metavar="N", rich_help_panel=_SEARCH, help="Number of candidates to try in all."),
    ] = 100,
    minutes: Annotated[
        float | None, _option("--minutes", "M", _SEARCH, "Begin no further training after this time.")
    ] = None,
    score: Annotated[
        str | None,
        _option("--score", "NAME", _SEARCH, "log_loss or accuracy for classes; r2, rmse or mae for quantities."),
    ] = None,
    folds: Annotated[
        int | None,
        _option("--folds", "K", _SEARCH, "Score by cross-validation; by default 5 folds below 1,000 rows, else none."),
    ] = None,
    validation_fraction: Annotated[
        float | None, _option("--validation-fraction", "SHARE", _SEARCH, "Share of the rows that score candidates.")
    ] = None,
    sampler: Annotated[
        str, typer.Option("--sampler", metavar="tpe|random", rich_help_panel=_SEARCH, help="What proposes candidates.")
    ] = "tpe",
    pruner: Annotated[
        str,
        typer.Option(
            "--pruner",
            metavar="halving|none",
            rich_help_panel=_SEARCH,
            help="halving stops candidates early that fall behind.",
        ),
    ] = "halving",
    batch: Annotated[
        int,
        typer.Option("--batch", metavar="N", rich_help_panel=_SEARCH, help="Number of candidates proposed together."),
    ] = 24,
    others: Annotated[
        list[str] | None,
        _option("--set", "NAME=VALUE", _SEARCH, "A parameter of all candidates; may be repeated."),
    ] = None,
    storage: Annotated[
        Path | None,
        _option(
            "--storage", "FILE.db", _SEARCH, "Where the same command goes on after a kill; by default named after DATA."
        ),
    ] = None,
    cluster: Annotated[
        str | None, _option("--cluster", "ray://ADDRESS", _SEARCH, "Train the candidates on a Ray cluster.")
    ] = None,
    seed: Annotated[
        int,
        typer.Option("--seed", metavar="N", rich_help_panel=_SEARCH, help=OPTIONS["random_state"].help),
    ] = 0,
    test_size: Annotated[
        float,
        typer.Option(
            "--test-size",
            metavar="SHARE",
            rich_help_panel=_RESULT,
            help="Share of rows that nothing looks at before the end.",
        ),
    ] = 0.2,
    group: Annotated[
        str | None, _option("--group", "COLUMN", _RESULT, "Keep rows of one group in the same part.")
    ] = None,
    time: Annotated[
        str | None, _option("--time", "COLUMN", _RESULT, "Train on the earliest rows, test on the latest.")
    ] = None,
    plots: Annotated[
        Path | None,
        _option("--plots", "DIR", _RESULT, "Write importance.svg and candidates.svg into this folder."),
    ] = None,
    output: Annotated[
        Path | None, _option("--output", "FILE", _RESULT, "The model file; by default named after DATA.", "-o")
    ] = None,
    force: Annotated[
        bool, typer.Option("--force", rich_help_panel=_RESULT, help="Replace files that are there already.")
    ] = False,
    json: Json = False,
) -> None:
    """Search for the settings that predict held-out rows best, and save the best model.

    Candidates are proposed in batches and trained side by side; those that fall behind stop early. The best one is
    fitted again to all training rows and tested on rows that nothing has looked at. What was found is in --storage, a
    file for optuna-dashboard: after Ctrl-C or a kill, the same command goes on there.
    """
    request = TrainRequest(
        target, task, tuple(keep or ()), tuple(drop or ()), missing_markers(missing), test_size, group, time, seed
    )
    check(request)
    stem = stem_of(data, target)
    place, file = output or Path(f"{stem}.glassnet"), storage or Path(f"{stem}.sweep.db")
    refuse_own_input(place, data)
    refuse_own_input(file, data)
    check_output(place, force=force, replaces_models=True)
    if plots is not None:
        plots.mkdir(exist_ok=True)
        for name in PLOTS:
            check_output(plots / name, force=force)
    parameters = other_settings(others or (), {})
    source = read_data(data, request.missing)
    schema = schema_of(source.table, request)
    model = estimator(schema, parameters)
    prepared = prepare(source.table, schema, request, validation=0.0)
    if not json:
        show_schema(schema, source.description, source.notices)
    options = {
        "space": space, "trials": trials, "minutes": minutes, "score": score, "folds": folds, "sampler": sampler,
        "validation_fraction": validation_fraction, "pruner": pruner, "batch": batch, "seed": seed, "storage": file,
        "groups": _column(prepared, group), "time": _column(prepared, time), "schema": schema, "refit": False,
    }  # fmt: skip
    result = _searched(model, prepared, options, cluster, json)
    best = model_for_all_rows(model, result.best.parameters, len(prepared.parts.train), seed=seed)
    with working("fitting the best"):
        best, interrupted = fit(best, prepared, None)
    if interrupted:
        caution(f"{interrupted}.")
    tested = None
    if len(prepared.parts.test):
        with working("testing"):
            tested = prepared.test(best, linear=not interrupted)
    best.save(place)
    for name, method in PLOTS.items() if plots is not None else ():
        assert plots is not None
        if name != "importance.svg" or result.importances():
            getattr(result, method)().save(plots / name)
    commands = next_commands(place, data)
    if json:
        split = {name: len(getattr(prepared.parts, name)) for name in ("train", "test")}
        emit_json(
            {
                "source": source.description,
                "notices": [in_options(notice) for notice in notices_of(schema, source.notices)],
                "schema": schema.to_dict(),
                "split": {"how": prepared.parts.how, **split},
                "sweep": result.to_dict(),
                "test": tested,
                "model": str(place),
                "next": commands,
            }
        )
        return
    show_sweep(result)
    show_test(tested)
    show_next(place, commands)


def _column(prepared: SplitTable, name: str | None) -> Array | None:
    return None if name is None else prepared.rows[name][prepared.parts.train]


def _searched(
    model: Any, prepared: SplitTable, options: dict[str, Any], cluster: str | None, json: bool
) -> SweepResult:
    """Search under a progress bar. After Ctrl-C, print what was found and how to go on, and end the command."""
    from glassnet.sweeping.sweep import sweep as search

    X, y = prepared.part(prepared.parts.train)
    try:
        with sweep_bar() as progress, _executor_of(cluster) as executor:
            return search(model, X, y, **options, executor=executor, progress=progress)
    except TrainingInterrupted as end:
        if not json:
            show_sweep(end.result)
        kept = f"{end}; they are kept in {options['storage']}, and the same command goes on"
        raise GlassnetError(f"{kept}.") from None


@contextmanager
def _executor_of(cluster: str | None) -> Iterator[Any]:
    """Yield what trains the candidates on a cluster; None trains them here."""
    address = LocalAddress() if cluster is None else parse_address(cluster)
    if isinstance(address, LocalAddress):
        yield None
        return
    if not isinstance(address, RayAddress) or address.parameters:
        raise ParameterError(f"--cluster {cluster} is not for a sweep; use ray://auto, or leave it out.")
    from glassnet.sweeping.ray_tasks import RayExecutor

    with RayExecutor(address.place, workers=address.workers[1] if "workers=" in str(cluster) else None) as executor:
        yield executor


def show_sweep(result: SweepResult) -> None:
    """Print the best candidates, and what mattered."""
    heading("Search")
    resumed = f"{result.n_resumed} of them were in {result.storage} already." if result.n_resumed else ""
    say(" ".join(filter(None, [in_numbers(result.trials), resumed, result.how, result.stopped])))
    head, rows = best_table(result.ranked(), result.score, result.space)
    say("")
    table(head, rows, right=range(len(head)), first="bold")
    importances = result.importances()
    if importances:
        say("\n" + what_mattered(importances), style="dim")
