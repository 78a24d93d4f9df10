"""Registers the commands, and turns failures into one message and an exit code.

Exit codes: 0 success; 2 wrong use (an unknown option, an invalid value, an expression that cannot be parsed); 1 every
other failure. GLASSNET_TRACEBACK=1 shows the traceback.
"""

import os
from collections.abc import Callable, Sequence
from functools import wraps
from typing import Annotated, Any, NamedTuple

import typer

from glassnet.cli.commands.doctor import doctor
from glassnet.cli.commands.draw import draw
from glassnet.cli.commands.evaluate import evaluate
from glassnet.cli.commands.explain import explain
from glassnet.cli.commands.inspect_file import inspect
from glassnet.cli.commands.listings import activations, costs, solvers
from glassnet.cli.commands.predict import predict
from glassnet.cli.commands.studio import studio
from glassnet.cli.commands.sweep import sweep
from glassnet.cli.commands.train import train
from glassnet.cli.commands.truth_table import truth_table
from glassnet.cli.commands.warm_up import warm_up
from glassnet.cli.console import complain, one_line_warnings
from glassnet.cli.process import (
    INTERRUPTED,
    Ended,
    end_cleanly_on_signals,
    end_quietly_from_here,
    flushed,
    open_streams,
    prepare_output,
)
from glassnet.cli.vocabulary import in_options, options_of
from glassnet.clustering.leaving import TRY_AGAIN, Stopped
from glassnet.errors import ExpressionError, GlassnetError, ParameterError

app = typer.Typer(
    name="glassnet",
    add_completion=False,
    no_args_is_help=True,
    rich_markup_mode="rich",
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)

_MODELS, _TABLES, _INSTALLATION = "Models", "Tables", "Installation"


class _Command(NamedTuple):
    function: Callable[..., None]
    panel: str
    example: str  # what follows "glassnet" and the command's name


COMMANDS = {
    "train": _Command(train, _MODELS, "examples/penguins.csv --target species"),
    "sweep": _Command(sweep, _MODELS, "examples/penguins.csv --target species --trials 48"),
    "predict": _Command(predict, _MODELS, "penguins.glassnet new.csv --output predictions.csv"),
    "evaluate": _Command(evaluate, _MODELS, "penguins.glassnet examples/penguins.csv"),
    "explain": _Command(explain, _MODELS, "penguins.glassnet examples/penguins.csv --row 0 --output row.html"),
    "draw": _Command(draw, _MODELS, "penguins.glassnet examples/penguins.csv --row 0 --output penguins.svg"),
    "inspect": _Command(inspect, _MODELS, "penguins.glassnet"),
    "doctor": _Command(doctor, _MODELS, "penguins.glassnet examples/penguins.csv"),
    "studio": _Command(studio, _MODELS, "examples/penguins.csv --target species"),
    "activations": _Command(activations, _TABLES, "--plot activations.svg"),
    "costs": _Command(costs, _TABLES, "--json"),
    "solvers": _Command(solvers, _TABLES, "--json"),
    "truth-table": _Command(truth_table, _TABLES, "'x*y + ~z' --output xyz.csv"),
    "warm-up": _Command(warm_up, _INSTALLATION, ""),
}
"""In the order of the help."""


def _help(command: Callable[..., None]) -> str:
    """Return a docstring with each paragraph on one line; the terminal wraps it."""
    return "\n\n".join(" ".join(paragraph.split()) for paragraph in (command.__doc__ or "").split("\n\n"))


class _Interrupted(GlassnetError):
    """Ctrl-C as an exception unknown to typer, so that it is handled like every other failure."""


def _interruptible(command: Callable[..., None]) -> Callable[..., None]:
    @wraps(command)
    def run(*arguments: Any, **options: Any) -> None:
        try:
            command(*arguments, **options)
        except KeyboardInterrupt:
            raise _Interrupted(INTERRUPTED) from None

    return run


for _name, _command in COMMANDS.items():
    app.command(
        _name,
        help=_help(_command.function),
        epilog=f"[bold]Example:[/] glassnet {_name} {_command.example}".rstrip(),
        rich_help_panel=_command.panel,
    )(_interruptible(_command.function))

_OF_TYPER_AFTER_CTRL_C = 130  # outside a command, such as during parsing

# The exceptions of typer for wrong use. Newer versions of typer bundle click, older ones depend on it.
_WrongUse: type[Exception] = typer.BadParameter.__mro__[1]


def _print_version(wanted: bool) -> None:
    if wanted:
        from glassnet import __version__

        typer.echo(f"glassnet {__version__}")
        raise typer.Exit


@app.callback(epilog="[bold]Example:[/] glassnet train examples/penguins.csv --target species")
def _root(
    version: Annotated[
        bool, typer.Option("--version", help="Print the version.", callback=_print_version, is_eager=True)
    ] = False,
) -> None:
    """Feed-forward neural networks that you can see through."""


def run_program(given: Sequence[str]) -> int:
    """Run one command with the process's own streams and signals."""
    closed = open_streams()
    if closed:
        complain(closed)
        return 1
    end_cleanly_on_signals()
    code = run(given)
    failed = flushed()
    if failed is not None and code == 0:
        code = 1
        if not isinstance(failed, BrokenPipeError):  # the reader of the pipe has closed it, as in `glassnet ... | head`
            complain(f"the output could not be written: {_of_the_system(failed)}")
    end_quietly_from_here()
    return code


def run(given: Sequence[str]) -> int:
    """Run one command and return its exit code, also after an error."""
    prepare_output()
    try:
        with options_of(given[0] if given else ""), one_line_warnings():
            code = app(args=list(given), prog_name="glassnet", standalone_mode=False)
        if code == _OF_TYPER_AFTER_CTRL_C:
            raise KeyboardInterrupt
        return code if isinstance(code, int) else 0
    except SystemExit as end:  # how typer and rich end after a broken pipe
        if end.code == _OF_TYPER_AFTER_CTRL_C:
            complain(INTERRUPTED)
            return 1
        return end.code if isinstance(end.code, int) else 1
    except KeyboardInterrupt:
        complain(INTERRUPTED)
        return 1
    except Ended as end:
        complain(str(end))
        return end.code
    except Exception as error:
        if os.environ.get("GLASSNET_TRACEBACK", "") not in {"", "0"}:
            raise
        code, sentence = _described(error, given)
        if sentence:
            with options_of(given[0] if given else ""):
                complain(in_options(sentence))
        return code


def _described(error: Exception, given: Sequence[str]) -> tuple[int, str]:
    """Return the exit code and the message for an error."""
    if isinstance(error, _WrongUse):
        return 2, _wrong_use(error, given)
    if isinstance(error, (ParameterError, ExpressionError)):
        return 2, str(error)
    if isinstance(error, Stopped):
        return TRY_AGAIN, str(error)
    if isinstance(error, OSError):
        return 1, _of_the_system(error)
    if isinstance(error, typer.Abort):
        return 1, INTERRUPTED
    if isinstance(error, RecursionError):
        return 1, "the input is nested too deeply; try a simpler one."
    if isinstance(error, OverflowError):
        return 2, f"a number is too large for this machine ({error}); try a smaller one."
    if isinstance(error, MemoryError):
        return 1, "out of memory; try fewer rows or a smaller network."
    if isinstance(error, (GlassnetError, ValueError)):
        return 1, str(error)
    return 1, f"this should not happen ({type(error).__name__}: {error}); GLASSNET_TRACEBACK=1 shows the traceback."


def _wrong_use(error: Exception, given: Sequence[str]) -> str:
    command = given[0] if given and given[0] in COMMANDS else ""
    message = str(getattr(error, "format_message", error.__str__)()).strip()
    if not message:  # `glassnet` alone: the help has been printed
        return ""
    stop = "" if message.endswith((".", "?", "!")) else "."
    return f"{message}{stop} See: glassnet {command + ' ' if command else ''}--help"


def _of_the_system(error: OSError) -> str:
    if error.errno is None or error.strerror is None:
        return str(error)
    where = f"{error.filename!r}: " if error.filename is not None else ""
    return f"{where}{error.strerror[0].lower()}{error.strerror[1:]}."
