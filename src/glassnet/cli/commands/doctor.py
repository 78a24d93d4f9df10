"""`glassnet doctor`: what is wrong with a network or its data."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any, TypeAlias

import typer

from glassnet.cli.console import emit_json, note, report, say, working
from glassnet.cli.diagnosing.fixing import WORDS, tried
from glassnet.cli.diagnosing.showing import in_words, show
from glassnet.cli.files import check_output, refuse_own_input
from glassnet.cli.fitting import TrainRequest, estimator, fit, prepare, schema_of
from glassnet.cli.inputs import (
    load_model,
    missing_markers,
    one_network,
    other_settings,
    read_data,
    read_for,
    target_of,
)
from glassnet.cli.options import Force, Json, Member, Target
from glassnet.cli.vocabulary import in_options
from glassnet.data.table import Table
from glassnet.diagnosis.diagnose import diagnose
from glassnet.diagnosis.diagnosis import Diagnosis
from glassnet.errors import DivergenceError, GlassnetError, ParameterError
from glassnet.estimators.judging.scoring import observed
from glassnet.files import write_atomically
from glassnet.remedies.fixes import Fixes

FAIL_ON = ("error", "warning")
MODEL_ENDING = ".glassnet"
TEST_SIZE = 0.2
SEEDS = 5


def doctor(
    words: Annotated[
        list[str],
        typer.Argument(
            metavar="[MODEL] [DATA...]",
            show_default=False,
            help="A .glassnet file, its data, or both. Data alone need --target: a network is trained on them.",
        ),
    ],
    target: Target = None,
    validation: Annotated[
        list[str] | None,
        typer.Option(
            "--validation",
            metavar="DATA",
            show_default=False,
            help="Rows that the model was not trained on; may be repeated. They show overfitting and repeated rows.",
        ),
    ] = None,
    member: Member = None,
    others: Annotated[
        list[str] | None,
        typer.Option(
            "--set",
            metavar="NAME=VALUE",
            show_default=False,
            help="For data alone: a parameter of the estimators in Python, instead of its default; may be repeated.",
        ),
    ] = None,
    fail_on: Annotated[
        str | None,
        typer.Option(
            "--fail-on", metavar="|".join(FAIL_ON), show_default=False, help="Exit with 1 if there is such a finding."
        ),
    ] = None,
    html: Annotated[
        Path | None,
        typer.Option(
            "--html", metavar="FILE", readable=False, show_default=False, help="Also write a page with all plots."
        ),
    ] = None,
    force: Force = False,
    try_fixes: Annotated[
        bool, typer.Option("--try-fixes", help="Refit with each fix, and measure on new rows which ones help.")
    ] = False,
    seeds: Annotated[
        int, typer.Option("--seeds", metavar="N", help="With --try-fixes: fits of each of the best, to confirm them.")
    ] = SEEDS,
    json: Json = False,
) -> None:
    """Say what is wrong with a network or its data, and what to do.

    Rules compare numbers with thresholds: dead and saturated units, a cost no better than a linear model's, inputs of
    very different scales, a column that gives the target away, rare classes that are forgotten, and others. Each
    finding comes with its evidence. Data alone are split: a network with the default settings, or those of --set, is
    trained on one part, and the other shows how it does on new rows. If that training breaks off, the doctor says at
    which number. With --try-fixes, the settings are changed as the findings say, fitted again with several seeds, and
    compared on rows that none of them was trained on.
    """
    if fail_on is not None and fail_on not in FAIL_ON:
        raise ParameterError(f"--fail-on {fail_on!r} is not known. Choose from: {', '.join(FAIL_ON)}.")
    if seeds != SEEDS and not try_fixes:
        raise ParameterError(f"--seeds {seeds} belongs to --try-fixes; add it, or leave this out.")
    is_model = words[0].endswith(MODEL_ENDING)
    if html is not None:
        model, data = (Path(words[0]), words[1:]) if is_model else (None, words)
        for read in (data, validation or []):
            refuse_own_input(html, read, model)
        check_output(html, force=force)
    if is_model:
        if others:
            raise ParameterError("--set belongs to data alone, but a model was named; leave it out.")
        model, rows, notices = _of_model(Path(words[0]), words[1:], target, validation or [], member)
    else:
        model, rows, notices = _of_data(words, target, validation, member, others or [])
    found, fixes = _examined(model, rows, seeds if try_fixes else None)
    found = in_words(found)
    if html is not None:
        last = [in_options(notice) for notice in notices]
        page = found.to_html(notes=last) if fixes is None else _page(fixes, found, last)
        write_atomically(html, page.encode(), example="doctor.html")
        report(f"the findings are written to {html}")
    if json:
        emit_json({"notices": notices, **found.to_dict(), **({} if fixes is None else {"fixes": fixes.own_dict()})})
    else:
        show(found)
        if fixes is not None:
            say(f"\n{fixes.own_text(WORDS)}")
        for notice in notices:
            note(notice)
    if fixes is not None and fixes.is_interrupted:
        raise GlassnetError(fixes.stopped[:1].lower() + fixes.stopped[1:])
    if fail_on is not None and found.of_level("error" if fail_on == "error" else "warning"):
        raise typer.Exit(1)


Rows: TypeAlias = tuple[Any, Any, tuple[Any, Any] | None]
"""Rows of training, their targets, and new rows with theirs."""


def _examined(model: Any, rows: Rows | None, seeds: int | None) -> tuple[Diagnosis, Fixes | None]:
    """Diagnose a model, and with a number of seeds try fixes."""
    if seeds is not None:
        if rows is None:
            raise ParameterError("--try-fixes needs the rows of training as DATA; name them after the model.")
        fixes = tried(model, *rows, seeds)
        return fixes.diagnosis, fixes
    X, y, validation = rows or (None, None, None)
    with working("looking"):
        return diagnose(model, X, y, validation=validation), None


def _page(fixes: Fixes, found: Diagnosis, notes: Sequence[str]) -> str:
    return replace(fixes, diagnosis=found).to_html(notes=notes, words=WORDS)


def _of_model(
    path: Path, data: Sequence[str], target: str | None, validation: Sequence[str], member: int | None
) -> tuple[Any, Rows | None, list[str]]:
    model = load_model(path)
    if not data:
        if validation:
            raise ParameterError("--validation needs the rows of training as DATA; name them after the model.")
        return one_network(model, member), None, []
    name = target_of(model, target)
    if name is None:
        raise ParameterError("the model does not store the name of its target; name the column with --target.")
    source = read_for(model, data)
    new = read_for(model, validation) if validation else None
    X, y = _labeled(model, source.table, name)
    new_rows = None if new is None else _labeled(model, new.table, name)
    return (
        one_network(model, member),
        (X, y, new_rows),
        [*source.notices, *(new.notices if new is not None else ())],
    )


def _labeled(model: Any, table: Table, name: str) -> tuple[Table, Any]:
    truth = observed(model, table, name)
    return table.take(truth.rows), truth.values


def _of_data(
    data: Sequence[str], target: str | None, validation: Sequence[str] | None, member: int | None, others: Sequence[str]
) -> tuple[Any, Rows, list[str]]:
    if target is None:
        raise ParameterError(
            f"{data[0]!r} is not a model file ({MODEL_ENDING}), and --target is missing; name the column to learn, or "
            f"a model first."
        )
    if validation or member is not None:
        option = "--validation" if validation else "--member"
        raise ParameterError(f"{option} belongs to a model, but only data were named; leave it out.")
    request = TrainRequest(target, missing=missing_markers(None), test_size=TEST_SIZE)
    source = read_data(data, request.missing)
    schema = schema_of(source.table, request)
    model = estimator(schema, {"random_state": request.seed, **other_settings(others, {})})
    table = prepare(source.table, schema, request, validation=0.0)
    with working("training"):
        try:
            model, interrupted = fit(model, table)
        except DivergenceError as error:
            model, interrupted = error.model, ""
    rows = (*table.part(table.parts.train), table.part(table.parts.test))
    settings = f"with {', '.join(others)}" if others else "with the default settings"
    notices = [*source.notices, f"A network {settings} was trained. {table.parts.how}"]
    return model, rows, [*notices, f"{interrupted}."] if interrupted else notices
