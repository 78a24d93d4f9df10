"""The shell command that trains the network of the page again."""

import shlex
from typing import Any

from glassnet.settings.table import OPTIONS
from glassnet.studio.session.building import parameters_of
from glassnet.studio.session.opened.projects import TableProject
from glassnet.studio.session.taking_away.files import MODEL_NAME
from glassnet.studio.session.taking_away.names import table_name
from glassnet.studio.session.taking_away.python import as_python, edits
from glassnet.studio.session.taking_away.shown import Download, Shown

FLAGS = ("early_stopping",)


def shell_command(shown: Shown) -> Download:
    """Return a script for a shell. It trains the network of the shown moment with the same bits."""
    return Download("train.sh", "text/x-shellscript", as_shell(shown).encode())


def as_shell(shown: Shown) -> str:
    """Return `glassnet train` with its options, or the Python program where the command cannot stop at the moment."""
    project, n_epochs = shown.project, _n_epochs(shown)
    if not isinstance(project, TableProject) or n_epochs is None:
        return f"python - <<'END'\n{as_python(shown)}END\n"
    lines = []
    if project.origin.kind != "file":
        lines.append(f"# {table_name(project.origin)}: save the table of the page first.")
    words = [["glassnet", "train", _path(table_name(project.origin))], ["--target", _text(project.target)]]
    if project.task is not None:
        words.append(["--task", project.task])
    words += [*_columns(project), *_settings(shown, project), ["--test-size", "0"]]
    if n_epochs < shown.course.plan.epochs:
        words.append(["--stop-after", str(n_epochs)])
    words.append(["--output", MODEL_NAME])
    return "\n".join([*lines, *edits(shown), _wrapped(words)]) + "\n"


def _n_epochs(shown: Shown) -> int | None:
    """Return the length of a training after which `fit` keeps the shown network; None if there is none."""
    moment, setup = shown.moment, shown.built.setup
    if moment.step or moment.epoch == 0 or setup is None:
        return None
    if setup.validation_fraction == 0:
        return moment.epoch
    return shown.course.n_epochs if shown.is_kept else None


def _columns(project: TableProject) -> list[list[str]]:
    if project.columns is None:
        return []
    dropped = [name for name in project.table.names if name != project.target and name not in project.columns]
    return [*(["--keep", name] for name in project.columns), *(["--drop", name] for name in dropped)]


def _settings(shown: Shown, project: TableProject) -> list[list[str]]:
    setup = shown.built.setup
    assert setup is not None
    parameters = parameters_of(project, setup)
    return [_option(name, value) for name, value in parameters.items() if name != "keep"]


def _option(name: str, value: Any) -> list[str]:
    """Return a parameter of the estimators as an option of `glassnet train`.

    >>> _option("hidden_layer_sizes", (8, 4)), _option("early_stopping", False), _option("rates", "equal")
    (['--hidden', '8,4'], ['--no-early-stopping'], ['--set', 'rates=equal'])
    """
    if name not in OPTIONS or value is None:
        return ["--set", f"{name}={value}"]
    flag = OPTIONS[name].name
    if name in FLAGS:
        yes, no = flag.split("/")
        return [yes if value else no]
    if isinstance(value, tuple | list):
        return [flag, ",".join(map(str, value)) or "none"]
    return [flag, str(value)]


def _text(name: str | None) -> str:
    assert name is not None
    return name


def _wrapped(words: list[list[str]]) -> str:
    """Return a command on several lines, each with one option; a value that begins with a dash is no option."""
    joined = [[f"{each[0]}={each[1]}"] if len(each) == 2 and each[1].startswith("-") else each for each in words]
    return " \\\n  ".join(shlex.join(each) for each in joined)


def _path(name: str) -> str:
    return f"./{name}" if name.startswith("-") else name
