"""A file that is damaged, foreign, too large, too new or hostile is refused in one sentence, and runs nothing."""

import ast
import json
import pickle
import struct
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import save as to_bytes

import glassnet as gn
from glassnet.errors import ModelFileError
from glassnet.estimators import loading
from glassnet.estimators.files import content as model_content
from glassnet.estimators.files import records, restoring, saving


@pytest.fixture(scope="module")
def content(fitted, tmp_path_factory):
    """A valid model file, as bytes."""
    path = tmp_path_factory.mktemp("valid") / "m.glassnet"
    fitted.save(path)
    return path.read_bytes()


@pytest.fixture
def load(tmp_path):
    """`load(bytes)`: the model in a file with this content."""

    def load_bytes(content):
        path = tmp_path / "m.glassnet"
        path.write_bytes(content)
        return gn.load(path)

    return load_bytes


def assert_one_sentence(error):
    """What the user reads: one line that names the file and ends with what to do."""
    message = str(error.value)
    assert "\n" not in message
    assert message.startswith(("'", "the file"))
    assert message.endswith(".")


def test_every_truncation_is_refused(content, load):
    for length in range(0, len(content), 97):
        with pytest.raises(ModelFileError, match=r"is cut off or damaged|is not a glassnet model") as error:
            load(content[:length])
        assert_one_sentence(error)


def test_appended_bytes_are_refused(content, load):
    with pytest.raises(ModelFileError, match="is cut off or damaged"):
        load(content + b"\0")


def header_end(content):
    return 8 + struct.unpack("<Q", content[:8])[0]


def test_altered_bytes_are_refused_or_do_not_matter(content, load, fitted):
    """Whatever byte is altered, the file is refused or holds exactly the same model.

    Every byte of the first 300 and of the parameters' last 60, and a sample of those between; three alterations each.
    """
    rng = np.random.default_rng(0)
    end = len(content)
    positions = [*range(300), *rng.integers(300, end, 250).tolist(), *range(end - 60, end)]
    expected = saving.strict_json(saving.describe_model(load(content), "1.0"))
    n_refused = 0
    for position in positions:
        for change in (1, 32, 255):
            altered = bytearray(content)
            altered[position] ^= change
            try:
                model = load(bytes(altered))
            except ModelFileError:
                n_refused += 1
                continue
            assert saving.strict_json(saving.describe_model(model, "1.0")) == expected
            np.testing.assert_array_equal(model.network_.theta, fitted.network_.theta)

    assert n_refused > 0.95 * 3 * len(positions)


def test_an_altered_parameter_is_told_as_such(content, load):
    altered = bytearray(content)
    altered[-1] ^= 1
    with pytest.raises(ModelFileError, match="was altered after it was saved: its checksum does not fit; use a copy"):
        load(bytes(altered))


def forged(content, change=lambda record: None, theta=None, **metadata):
    """A file with another description and a checksum that fits: what a hostile sender would make."""
    header = json.loads(content[8 : header_end(content)])
    record = json.loads(header["__metadata__"]["glassnet"])
    changed = change(record)
    text = changed if isinstance(changed, str) else json.dumps(record)
    if theta is None:
        theta = np.frombuffer(content[header_end(content) :], dtype=np.float32)
    digest = model_content.digest_of(text, theta)
    return to_bytes({"theta": theta}, metadata={"glassnet": text, "format": "1", "sha256": digest, **metadata})


def setting(*path):
    """`setting("a", "b", 5)` is the change record["a"]["b"] = 5."""
    *keys, last, value = path

    def change(record):
        for key in keys:
            record = record[key]
        record[last] = value

    return change


def nested(key):
    """A change that puts dictionaries in lists in dictionaries, and so on, there."""

    def change(record):
        (record if key == "report" else record["parameters"])[key] = "here"
        return json.dumps(record).replace('"here"', '{"tuple":[' * 5000 + "]}" * 5000)

    return change


def test_a_forged_file_without_a_change_loads(content, load, fitted):
    np.testing.assert_array_equal(load(forged(content)).network_.theta, fitted.network_.theta)


@pytest.mark.parametrize(
    "change, message",
    [
        (
            setting("estimator", "os.system"),
            "can read: estimator: Invalid value 'os.system'; use a copy of the file, or the",
        ),
        (setting("estimator", []), "estimator: Expected `str`"),
        (
            setting("network", "activations", [{"activation": "eval", "parameters": {}}] * 2),
            r"\[0\] is 'eval', which is not",
        ),
        (
            setting("network", "activations", 0, {"activation": "relu", "parameters": {"out": 1}}),
            r"the file's activation 'relu' has the parameters \['out'\], but here it has \[\]",
        ),
        (
            setting("network", "activations", []),
            "each other: network.activations has 0 entries for 2 layers; use a copy",
        ),
        (setting("network", "has_bias", []), "network.has_bias has 0 entries for 2 layers"),
        (
            setting("network", "has_slope", [False, True]),
            "network.has_slope gives slopes to the outputs, which have none",
        ),
        (setting("network", "sizes", [3, 6, 1]), "network.sizes 3-6-1 need 31 parameters, but the tensor has 26"),
        (
            setting("network", "sizes", [3, 10**9, 1]),
            "network.sizes 3-1000000000-1 need 5000000001 parameters, but the tensor",
        ),
        (setting("network", "sizes", [3, 10**12, 1]), r"network.sizes\[1\]: Expected `int` <= 4294967296"),
        (setting("network", "sizes", [float("inf"), 5, 1]), "JSON is malformed: invalid character"),
        (setting("network", None), "network: Expected `object`, got `null`"),
        (setting("encoder", "steps", []), "encoder.steps: Expected `array` of length >= 1"),
        (setting("encoder", "steps", 0, "type", "evil"), r"encoder.steps\[0\].type: Invalid value 'evil'"),
        (
            setting("target_encoder", "classes", [["exec", "x"], ["int", "1"]]),
            r"classes\[0\]\[0\]: Invalid value 'exec'",
        ),
        (
            setting("target_encoder", "classes", [["int", "9" * 400], ["int", "1"]]),
            r"classes\[0\]\[1\]: Expected `str` matching",
        ),
        (
            setting("target_encoder", "classes", [["int", "9" * 40], ["int", "1"]]),
            "are not of the type '<i8' that it names",
        ),
        (setting("parameters", "__class__", 1), "parameters: Object contains unknown field `__class__`"),
        (
            setting("parameters", "activation", {"activation": "evil", "parameters": {}}),
            "the file's activation 'evil' is not known; use a copy",
        ),
        (
            setting("members", 0, "history", "epochs", [{}]),
            r"history.epochs\[0\]: Object missing required field `epoch`",
        ),
        (setting("members", 0, "history", "best_epoch", {"float": "1+1"}), "best_epoch: Expected `int`, got `object`"),
        (setting("members", 0, "history", "epochs", 0, "cost", {"float": "1+1"}), r"Invalid enum value '1\+1'"),
        (setting("members", [{}]), r"members\[0\]: Object missing required field `history`"),
        (
            lambda record: record["members"].extend(record["members"] * 2),
            "members are 3 networks of equal size, but the tensor has 26",
        ),
        (
            lambda record: record["members"].extend(record["members"]),
            "3-5-1 need 26 parameters, but the tensor has 13 for each",
        ),
        (setting("members", []), "members: Expected `array` of length >= 1"),
        (
            setting("members", 0, "calibration", {"reliability": []}),
            "calibration: Object missing required field `temperature`",
        ),
        (setting("own_activations", [["x"]]), r"own_activations\[0\]: Expected `str`, got `array`"),
        (lambda record: "[" * 100_000 + "]" * 100_000, "Expected `object`, got `array`"),
        (nested("activation"), "it is nested too deeply"),
        (nested("report"), "it is nested too deeply"),
        (lambda record: "[]", "Expected `object`, got `array`"),
        (lambda record: "{", "Input data was truncated"),
        (lambda record: record.pop("network") and None, "Object missing required field `network`"),
    ],
)
def test_descriptions_of_no_model(content, load, change, message):
    """Their checksum fits, but what they describe cannot be built; names are looked up in tables, never run."""
    with pytest.raises(ModelFileError, match=message) as error:
        load(forged(content, change))
    assert_one_sentence(error)


@pytest.mark.parametrize(
    "metadata, message",
    [
        ({"format": "2"}, "has format 2, but this version reads up to 1; try: (pip|git) "),
        ({"format": "1000000"}, "has format 1000000, but this version reads up to 1"),
        ({"format": "0"}, "has no format version"),
        ({"format": "new"}, "has no format version"),
        ({"sha256": ""}, "was altered after it was saved"),
    ],
)
def test_versions_and_checksums(content, load, metadata, message):
    with pytest.raises(ModelFileError, match=message) as error:
        load(forged(content, **metadata))
    assert_one_sentence(error)


@pytest.mark.parametrize(
    "theta", [np.zeros((1, 26), np.float32), np.zeros(26, np.int64), np.zeros(26, np.float16), np.zeros((), np.float64)]
)
def test_parameters_in_another_form(content, load, theta):
    with pytest.raises(ModelFileError, match="has parameters of an unexpected type or shape; use a copy"):
        load(forged(content, theta=theta))


@pytest.mark.parametrize("dtype", ["BF16", "F8_E4M3", "F8_E5M2"])
def test_parameters_in_a_form_that_numpy_has_not(content, load, dtype):
    header = json.loads(content[8 : header_end(content)])
    header["theta"].update(dtype=dtype, shape=[52 if dtype == "BF16" else 104])
    text = json.dumps(header).encode()
    with pytest.raises(ModelFileError, match="has parameters of an unexpected type or shape; use a copy"):
        load(struct.pack("<Q", len(text)) + text + content[header_end(content) :])


def test_other_safetensors_files(content, load):
    with pytest.raises(ModelFileError, match="is a safetensors file, but not one that glassnet saved"):
        load(to_bytes({"theta": np.zeros(3)}))
    with pytest.raises(ModelFileError, match="does not have the tensors of a glassnet model; use a copy"):
        load(to_bytes({"theta": np.zeros(3), "phi": np.zeros(3)}, metadata={"glassnet": "{}", "format": "1"}))


class Bomb:
    """Unpickling it would leave a file behind."""

    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return Path.touch, (self.path,)


def test_files_that_are_no_models(fitted, load, tmp_path):
    """A pickle (which is not unpickled), nothing, text, zeros, and a header that claims to be endless."""
    bomb = pickle.dumps(Bomb(tmp_path / "exploded"))
    contents = [bomb, pickle.dumps(fitted), b"", b"abc", b"species,island\n" * 50, bytes(1000), b"\xff" * 1000]
    for content in contents:
        with pytest.raises(ModelFileError, match="is not a glassnet model; expected a file saved by model") as error:
            load(content)
        assert_one_sentence(error)
    assert not (tmp_path / "exploded").exists()


def test_files_that_are_not_there(tmp_path):
    with pytest.raises(FileNotFoundError, match="No such file"):
        gn.load(tmp_path / "nowhere.glassnet")
    with pytest.raises(ModelFileError, match=r"is a folder; expected a \.glassnet file"):
        gn.load(tmp_path)


def test_a_file_that_is_too_large(content, load, monkeypatch):
    """It is refused by its size, before anything of it is read."""
    monkeypatch.setattr(model_content, "LARGEST_FILE", len(content) - 1)
    with pytest.raises(ModelFileError, match=r"has [\d,]+ bytes; the maximum for a model is [\d,]+ bytes") as error:
        load(content)
    assert_one_sentence(error)
    monkeypatch.setattr(model_content, "LARGEST_FILE", len(content))
    load(content)


def test_the_size_is_judged_before_reading(tmp_path, monkeypatch):
    """A hole of 5 GB in a file costs no memory."""
    with (tmp_path / "hole").open("wb") as file:
        file.truncate(5 << 30)
    monkeypatch.setattr("safetensors.safe_open", None)
    with pytest.raises(ModelFileError, match="has 5,368,709,120 bytes; the maximum for a model is 4,294,967,296 bytes"):
        gn.load(tmp_path / "hole")


@pytest.mark.parametrize("module", [loading, model_content, records, restoring])
def test_the_readers_know_no_way_to_run_anything(module):
    """None of these files imports pickle and its like, nor calls eval, exec, compile, __import__ or import_module."""
    tree = ast.parse(Path(module.__file__).read_text())
    imported = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    imported |= {node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    packages = {name.split(".")[0] for name in imported}
    names = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}

    assert not packages & {"pickle", "joblib", "dill", "cloudpickle", "marshal", "shelve", "importlib", "yaml", "torch"}
    assert not names & {"eval", "exec", "compile", "__import__", "import_module"}


def test_a_copy_of_a_model_is_opened_without_a_warning(content, load, recwarn):
    """No file stays open, neither of a good model nor of a damaged one."""
    load(content)
    with pytest.raises(ModelFileError):
        load(content[:-1])
    assert [str(warning.message) for warning in recwarn] == []
