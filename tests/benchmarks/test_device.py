"""The script for accelerators runs to its end without one, and says so."""

import json
import sys
from dataclasses import replace

from benchmarks.speed.cases import CASES

from benchmarks import device


def absent(task):
    raise ImportError("No module named 'torch'")


def hasty(task):
    return device.GlassnetTrain(replace(task, settings=replace(task.settings, learning_rate=2e-3)))


def test_a_small_run_on_the_cores(monkeypatch, tmp_path, capsys):
    monkeypatch.setattr(device, "PARITY", device.PARITY[:1])
    monkeypatch.setattr(device, "TOLERANCE", {"float32": 1e-4, "float64": -1.0})  # nothing is as near as that
    monkeypatch.setattr(device, "TIMED", {"T": replace(CASES["T"], epochs=2)})
    monkeypatch.setattr(device, "SMALL", {"T": 8})
    contenders = {
        "glassnet": device.GlassnetEngine, "plain JAX": absent, "again": device.GlassnetTrain, "twice as fast": hasty
    }  # fmt: skip
    monkeypatch.setattr(device, "CONTENDERS", contenders)
    monkeypatch.setattr(sys, "argv", ["device", "--repeats", "1", "--results", str(tmp_path)])
    device.main()
    printed = capsys.readouterr().out
    (path,) = tmp_path.glob("device-*.json")
    document = json.loads(path.read_text())
    found = document["cases"]["T"]["contenders"]

    assert "NO ACCELERATOR" in printed
    assert document["is_accelerator"] is False
    assert [each["agrees"] for each in document["parity"]] == [True, False]
    assert "DEVIATES: relu, softmax, cross_entropy, adam in float64" in " ".join(printed.split())
    assert [each["status"] for each in found.values()] == ["ok", "missing", "ok", "not the same work"]
    assert found["again"]["deviation"] == found["glassnet"]["deviation"] < 1e-6
    assert "not the" in printed
    assert found["glassnet"]["seconds"][0] > 0
