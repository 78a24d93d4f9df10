"""Sentences that name a parameter name one that the reader has: the command line's words know every name in them."""

import ast
import inspect
import re
from pathlib import Path

import pytest

import glassnet as gn
from glassnet.cli.vocabulary import DOCTOR, ONE_ROW, STUDIO, SWEEP, TRAIN

SOURCE = Path(gn.__file__).parent
NAMED = re.compile(r"(?<![\w.\[{-])([a-z]\w*)=")
ESTIMATORS = (gn.GlassClassifier, gn.GlassRegressor)

# Parameters of Python functions that no command calls, or calls with values of its own that cannot be wrong.
PYTHON_ALONE = {
    "gn.load": {"activations"},
    "charts": {"along", "high", "low"},
    "from_formula": {"outputs", "range", "targets"},
    "networks": {"biases", "by", "embedded", "hidden", "init", "kinks", "sizes", "slopes", "weights"},
    "gn.train": {"metric", "monitor", "schedule", "snapshots"},
    "estimators": {"classes"},
    "formulas of one's own": {"outputs", "range", "targets"},
    "replay": {"epoch", "every", "factor", "layer", "quantity", "step", "unit"},
    "gn.playback": {"frames", "rows"},
    "views of the studio": {"at"},
    "addresses of clusters": {"cpus", "detect", "gpus", "rank", "retries", "workers", "world"},
    "records of Ray": {"max_failures", "storage_path"},
    "spaces in TOML": {"log"},
    "others": {"folds", "method"},
}


def sentences(folder):
    """Yield (place, text) of every literal piece of a sentence that is raised below a folder."""
    for path in sorted(folder.rglob("*.py")):
        for raised in ast.walk(ast.parse(path.read_text())):
            if isinstance(raised, ast.Raise):
                for node in ast.walk(raised):
                    if isinstance(node, ast.Constant) and isinstance(node.value, str):
                        yield f"{path.relative_to(folder)}:{raised.lineno}", node.value


def test_every_name_in_a_sentence_is_known_to_the_command_line():
    """A new name has to be given an option, None, or a place in the list above."""
    known = {*TRAIN, *DOCTOR, *ONE_ROW, *STUDIO, *SWEEP}.union(*PYTHON_ALONE.values())
    unknown = {name: place for place, text in sentences(SOURCE) for name in NAMED.findall(text) if name not in known}
    assert not unknown


def test_the_command_line_names_no_parameter_itself():
    own = {place: NAMED.findall(text) for place, text in sentences(SOURCE / "cli") if NAMED.search(text)}
    assert not own


@pytest.mark.parametrize("name", sorted(TRAIN))
def test_what_the_command_line_translates_exists(name):
    """A parameter that was renamed would leave its translation behind."""
    own = set().union(*(inspect.signature(each).parameters for each in ESTIMATORS))
    fit = set(inspect.signature(gn.GlassClassifier.fit).parameters)
    on_cluster = set(inspect.signature(gn.fit_on_cluster).parameters)
    reading = {"target", "task", "keep", "drop", "missing", "validation"}
    assert name in own | fit | on_cluster | reading
