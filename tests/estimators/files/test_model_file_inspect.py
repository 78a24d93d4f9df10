"""`gn.inspect` shows what a file contains, whole or damaged, and builds nothing for it."""

import json
import subprocess
import sys
from dataclasses import FrozenInstanceError

import numpy as np
import pytest
from fuzz.models import forged
from safetensors import safe_open

import glassnet as gn
from glassnet.errors import DataWarning, ModelFileError


@pytest.fixture(scope="module")
def saved(mixed, small, tmp_path_factory):
    """A file of an ensemble that tells three classes apart, on a frame with text and gaps."""
    frame = mixed.assign(constant=1.0)
    with pytest.warns(DataWarning, match="column 'constant' is 1 in every row"):
        model = small("classifier", n_networks=2, numeric_embedding="pbld", input_scaling=True).fit(
            frame, np.asarray(["a", "b", "c"])[np.arange(60) % 3]
        )
    model.target_name_ = "species"
    model.save(tmp_path_factory.mktemp("saved") / "m.glassnet")
    return model, tmp_path_factory.getbasetemp() / "saved0" / "m.glassnet"


def changed(path, change, theta=None):
    """Write the file beside itself with another description and a checksum that fits; return where."""
    with safe_open(path, framework="numpy") as file:
        record, theta = json.loads(file.metadata()["glassnet"]), file.get_tensor("theta") if theta is None else theta
    change(record)
    path.with_name("changed.glassnet").write_bytes(forged(json.dumps(record), theta))
    return path.with_name("changed.glassnet")


def test_what_a_file_contains(saved):
    model, path = saved
    contents = gn.inspect(path)

    assert contents.file == str(path)
    assert contents.size == path.stat().st_size
    assert (contents.format, contents.library, contents.checksum_fits) == (1, gn.__version__, True)
    assert (contents.estimator, contents.task) == ("GlassClassifier", "multiclass")
    assert (contents.target, contents.classes) == (("species",), ("a", "b", "c"))
    assert contents.sizes == model.network_.sizes
    assert contents.activations == ("silu", "softmax")
    assert contents.front == "waves beside 2 of 7 inputs and learned scales"
    assert (contents.n_networks, contents.n_parameters) == (2, 2 * model.network_.n_params)
    assert contents.dtype == "float32"
    assert contents.columns == tuple((c.name, c.kind, c.values()) for c in model.schema_.columns)
    assert contents.left_out == ("constant",)
    assert (contents.n_rows, contents.n_epochs) == (60, (3, 3))
    assert contents.data_fingerprint == model.data_fingerprint_
    assert contents.problem is None
    json.dumps(contents.to_dict(), allow_nan=False)
    with pytest.raises(FrozenInstanceError):
        contents.size = 0


def test_it_prints_itself(saved):
    lines = repr(gn.inspect(saved[1])).splitlines()

    assert lines[0].startswith(f"file      {saved[1]}, ")
    assert lines[0].endswith("; the checksum fits")
    assert lines[1] == "model     GlassClassifier, multiclass, 2 networks"
    assert "classes   'a', 'b', 'c'" in lines
    assert "training  3 epochs, 60 rows" in lines
    assert lines[-1] == "  island  categorical  Biscoe, Dream, Torgersen"


def test_a_sparse_model(numbers, small, tmp_path):
    from scipy.sparse import csr_array

    small("regressor").fit(csr_array(numbers[0]), numbers[0][:, 0]).save(tmp_path / "m.glassnet")
    contents = gn.inspect(tmp_path / "m.glassnet")

    assert (contents.columns[1], contents.n_rows, contents.classes) == (("x1", "numeric", ""), None, ())


def test_nothing_is_loaded_for_it(saved):
    """Neither scikit-learn nor the compiled engine; a model that does not fit together is still shown."""
    code = (
        f"import sys, glassnet as gn; contents = gn.inspect({str(saved[1])!r}); repr(contents)\n"
        "print(sorted({name.split('.')[0] for name in sys.modules} & {'sklearn', 'numba', 'scipy', 'duckdb'}))"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert run.stdout == "[]\n"


@pytest.mark.parametrize(
    "change, problem",
    [
        (lambda record: record["network"]["sizes"].__setitem__(1, 10**9), "need .* parameters, but the tensor has"),
        (lambda record: record["network"].update(has_bias=[]), "network.has_bias has 0 entries for 2 layers"),
        (
            lambda record: record["target_encoder"].update(dtype="<U500000000", classes=[["str", "a"], ["int", "1"]]),
            "classes",
        ),
        (lambda record: record["recipe"].update(dropout="auto"), "recipe.dropout is 'auto', but a recipe needs"),
        (lambda record: record["encoder"]["steps"].clear(), "encoder.steps: Expected `array` of length >= 1"),
        (lambda record: record.update(own_activations=["swoosh"]), None),
    ],
)
def test_what_is_wrong_with_a_file(saved, change, problem):
    """It says what `load` would, and shows what it could read."""
    path = changed(saved[1], change)
    contents = gn.inspect(path)
    if problem is None:
        assert contents.own_activations == ("swoosh",)
        assert "own       load(path, activations=...) needs swoosh" in repr(contents)
        return
    assert contents.problem is not None
    with pytest.raises(ModelFileError, match=problem) as error:
        gn.load(path)
    assert contents.problem in str(error.value)
    assert f"problem   {contents.problem}" in repr(contents)


def test_a_damaged_file(saved, tmp_path):
    content = saved[1].read_bytes()
    path = tmp_path / "m.glassnet"
    path.write_bytes(content[:-1] + bytes([content[-1] ^ 1]))
    altered = gn.inspect(path)
    assert altered.problem == "the file was altered after it was saved: its checksum does not fit; use a copy."
    assert (altered.checksum_fits, altered.estimator) == (False, "GlassClassifier")

    path.write_bytes(content[:100])
    cut = gn.inspect(path)
    assert "is cut off or damaged" in cut.problem
    assert (cut.size, cut.sizes, cut.checksum_fits, cut.estimator) == (100, (), None, None)

    path.write_bytes(b"a,b\n1,2\n")
    assert "is not a glassnet model" in gn.inspect(path).problem


def test_names_do_not_reach_the_terminal_as_they_are(saved):
    """An escape sequence in a column's name would be obeyed; a bidirectional mark would turn the line."""

    def change(record):
        record["target_name"] = "\x1b[31mred\u202e\nx"

    text = repr(gn.inspect(changed(saved[1], change)))

    assert r"target    \x1b[31mred\u202e\nx" in text.splitlines()
    assert "\x1b" not in text


def test_columns_are_aligned_where_names_hold_escapes(tmp_path):
    X = {"m\x1b[31m": [0.0, 1.0, 2.0], "x": [3.0, 5.0, 4.0]}
    gn.GlassRegressor((2,), max_iter=1, random_state=0).fit(X, [0.0, 1.0, 2.0]).save(tmp_path / "odd.glassnet")

    lines = repr(gn.inspect(tmp_path / "odd.glassnet")).splitlines()

    assert lines[-2:] == [r"  m\x1b[31m  numeric      0 to 2", "  x          numeric      3 to 5"]


def test_files_that_are_not_there(tmp_path):
    with pytest.raises(FileNotFoundError):
        gn.inspect(tmp_path / "nowhere.glassnet")
    with pytest.raises(ModelFileError, match=r"is a folder; expected a \.glassnet file"):
        gn.inspect(tmp_path)
