"""`glassnet warm-up`: what it says when there was something to compile, and when there was not."""

from pathlib import Path

from glassnet.engines.cpu import warming
from glassnet.engines.cpu.warming import WarmUp


def test_it_tells_the_seconds_and_the_folder(run, monkeypatch):
    done = WarmUp(9, 14.24, (Path("a", "b"),), 3_400_000)
    monkeypatch.setattr(warming, "warm_up", lambda: done)

    assert run("warm-up").out == f"compiled in 14.2 s; the machine code (3.4 MB) is in {Path('a', 'b')}\n"
    assert run("warm-up", "--json").json == {
        "compiled": 9,
        "seconds": 14.24,
        "folders": [str(Path("a", "b"))],
        "bytes": 3_400_000,
    }


def test_the_second_time_there_is_nothing_to_do(run):
    run("warm-up")
    second = run("warm-up")

    assert second.code == 0
    assert second.err == ""
    assert second.out.startswith("nothing to do: the machine code (")


def test_without_a_folder_it_fails_in_a_sentence(run, monkeypatch, one_sentence):
    monkeypatch.setattr(warming, "cache_folder", lambda: None)
    monkeypatch.setattr(warming.build, "run_workers", lambda folder: None)
    outcome = run("warm-up")

    assert outcome.code == 1
    one_sentence(outcome.err)
    assert "the machine code cannot be stored, because no folder for it is writable" in outcome.err
