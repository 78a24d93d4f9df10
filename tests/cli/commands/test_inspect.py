"""`glassnet inspect`: what a model file contains, as text and as JSON; exit code 1 for one that would not be loaded."""

import json

import glassnet as gn


def test_as_text_and_as_json(run, penguins_model):
    shown = run("inspect", penguins_model)

    assert (shown.code, shown.err) == (0, "")
    assert shown.out.splitlines() == repr(gn.inspect(penguins_model)).splitlines()
    assert "model     GlassClassifier, multiclass" in shown.out
    assert "target    species" in shown.out
    record = run("inspect", penguins_model, "--json").json
    assert record == json.loads(json.dumps(gn.inspect(penguins_model).to_dict()))
    assert record["classes"] == ["Adelie", "Chinstrap", "Gentoo"]


def test_a_damaged_file_is_shown_and_fails(run, penguins_model, one_sentence):
    content = bytearray(penguins_model.read_bytes())
    content[-1] ^= 1
    penguins_model.write_bytes(bytes(content))
    shown = run("inspect", penguins_model)

    assert shown.code == 1
    assert "target    species" in shown.out
    assert "the file was altered after it was saved: its checksum does not fit; use a copy." in one_sentence(shown.err)
    as_json = run("inspect", penguins_model, "--json")
    assert (as_json.code, as_json.json["checksum_fits"]) == (1, False)
    assert as_json.json["problem"].startswith("the file was altered")


def test_other_files(run, folder, one_sentence):
    other = run("inspect", "penguins.csv")
    assert "is not a glassnet model; expected a file saved by glassnet train." in one_sentence(other.err)
    assert "expected a file saved by glassnet train." in other.out
    missing = run("inspect", "nowhere.glassnet")
    assert missing.code == 1
    assert "there is no model nowhere.glassnet; glassnet train makes one." in one_sentence(missing.err)
    assert run("inspect").code == 2


def test_help_has_an_example(run):
    assert "glassnet inspect penguins.glassnet" in run("inspect", "--help").out
