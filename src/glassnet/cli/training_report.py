"""The report of `glassnet train`, section by section."""

import shlex
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from glassnet.cli.console import echo, heading, note, out, say, table
from glassnet.cli.inputs import SETTABLE
from glassnet.cli.scores import show_scores
from glassnet.data.columns.schema import Schema, column_rows, footer
from glassnet.drawing.small.blocks import span, sparkline
from glassnet.estimators.fitting.estimate import Estimate
from glassnet.training.history import History
from glassnet.wording import counted

_WIDEST_CURVE = 60


def show_schema(schema: Schema, source: str, notices: tuple[str, ...]) -> None:
    """Print the inferred columns and the notices about them."""
    heading(f"Columns of {source}")
    table(("column", "kind", "missing", "values"), column_rows(schema), right=[2], first="bold")
    say(footer(schema), style="dim")
    for notice in notices_of(schema, notices):
        note(notice)


def notices_of(schema: Schema, notices: tuple[str, ...] = ()) -> list[str]:
    """Return the notices about a table; for a column left out, with the option that keeps it."""
    ways = {
        item.sentence: f"{item.sentence} To use it: --keep {shlex.quote(item.name)}."
        for item in schema.left_out
        if item.can_be_kept
    }
    return [ways.get(notice, notice) for notice in (*notices, *schema.notices)]


def show_estimate(estimate: Estimate) -> None:
    """Print the estimated training time."""
    say(f"\nTraining will take {estimate}.")


def show_plan(how: str, network: Any, model: Any) -> None:
    """Print the split of the rows and the network."""
    heading("Split")
    say(how)
    heading("Network")
    rows = [("inputs", str(network.n_inputs), _named_inputs(model.encoder_.input_names))]
    rows += [
        (_layer_name(layer, network), str(network.sizes[layer]), sigma.name)
        for layer, sigma in network.activation.items()
    ]
    table(("layer", "neurons", "activation"), rows, right=[1], first="bold")
    say(_recipe(model, network), style="dim")


def _layer_name(layer: int, network: Any) -> str:
    return "output" if layer == network.n_layers else f"hidden {layer}"


def _named_inputs(names: tuple[str, ...]) -> str:
    shown = ", ".join(names[:4])
    return shown + (f", ... ({len(names)} in all)" if len(names) > 4 else "")


def _recipe(model: Any, network: Any) -> str:
    recipe = model.recipe_
    solver = recipe.solver if isinstance(recipe.solver, str) else recipe.solver[0]
    words = [f"{recipe.n_networks} such networks"] if recipe.n_networks > 1 else []
    words += [
        f"{network.theta.size:,} parameters",
        f"solver {solver}",
        f"at most {counted(recipe.max_iter, 'epoch')}",
    ]
    if solver != "lbfgs":
        words.append(f"learning rate {recipe.learning_rate_init:g} ({recipe.learning_rate})")
    return ", ".join([*words, f"alpha {recipe.alpha:g}"])


def show_training(history: History, why_apart: str = "") -> None:
    """Print a small learning curve, why training stopped, and, if known, why the two costs differ."""
    heading("Training")
    training, validation = history["cost"].tolist(), history["validation_cost"].tolist()
    curves = [("training cost", training)]
    if np.isfinite(validation).any():
        curves.append(("validation cost", validation))
    ends = span([value for _, values in curves for value in values])
    width = min(_WIDEST_CURVE, max(10, out().width - 40))
    for name, values in curves:
        if values:
            say(f"{name:<15}  {sparkline(values, width, ends)}  {values[0]:.4g} → {values[-1]:.4g}")
    seconds = history.epochs[-1].seconds if history.epochs else 0.0
    say(f"Stopped: {history.stop_reason} ({counted(len(history), 'epoch')}, {seconds:.1f} s).")
    if history.best_epoch != len(history):
        say(f"Kept: the network of epoch {history.best_epoch}, the best on the validation set.")
    if why_apart:
        say(why_apart, style="dim")


def show_test(result: dict[str, Any] | None) -> None:
    """Print the test scores next to those of the simple models; None if no rows were held out."""
    if result is None:
        say(
            "\nNot tested: no rows were held out (--test-size 0), and on rows that it has seen, a model looks too good."
        )
        return
    heading(f"Test on {counted(result['n_rows'], 'row')} held out from training")
    simple = [dict(scores) for scores in result["baselines"]]
    show_scores([("this model", result["model"]), *((scores.pop("name"), scores) for scores in reversed(simple))])


def show_next(output: Path, commands: list[str]) -> None:
    """Print the path of the model file and the next commands."""
    heading("Model")
    say(f"saved as {output}")
    say("\nNext:")
    for command in commands:
        echo(f"  {command}")


def next_commands(place: Path, data: Sequence[str], *, doctor: bool = False) -> list[str]:
    """Return the commands to try next with a model; the `doctor` looks at columns and rows."""
    words = shlex.join([str(place), *data])
    commands = [f"evaluate {words}", f"explain {words} --row 0", f"predict {words}"]
    commands += [f"doctor {words}"] if doctor else []
    return [f"glassnet {command}" for command in commands]


def doctor_of_data(data: Sequence[str], schema: Schema, model: Any) -> str:
    """Return the command that trains again with the settings of a model, and says what is wrong."""
    defaults = type(model)().get_params(deep=False)
    own = {name: value for name, value in model.get_params(deep=False).items() if repr(value) != repr(defaults[name])}
    own = {name: value for name, value in own.items() if name in SETTABLE and name != "random_state"}
    options = [word for name, value in own.items() for word in ("--set", f"{name}={value}")]
    return f"glassnet doctor {shlex.join([*data, '--target', schema.targets[0].name, *options])}"
