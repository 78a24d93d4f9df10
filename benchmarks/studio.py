"""What the studio's page costs: speed of training, memory over time, frames a second while the time slider moves.

Run it with: python -m benchmarks.studio, on a machine that does nothing else. It needs chromium and the extra:
pip install -e '.[dev]'

Speed: the same epochs, in turn, by the run of the library alone and in a session whose page is open and draws; the
shortest time of each counts. Memory: the browser's heap after a collection of garbage, and the resident memory of the
server's process, while the page trains for --minutes; the history of a run has an entry for each epoch. Frames: the
time between two frames of the screen, while the slider moves at every one of them.
"""

import argparse
import json
import shutil
import threading
import time
from pathlib import Path
from typing import Any

import numpy as np
from playwright.sync_api import sync_playwright

from glassnet.data.reading.tabular import table_from
from glassnet.data.table import Table
from glassnet.studio import messages as m
from glassnet.studio.server.launching import Studio
from glassnet.studio.session.building import build
from glassnet.studio.session.opened.limits import USUAL
from glassnet.studio.session.opened.projects import Origin, table_project
from glassnet.studio.session.session import Session

NETWORKS = {"64-64-10": (64, 64, 10, 1_800, 0.95), "30-16-3": (30, 16, 3, 500, 0.80)}
"""Inputs, hidden neurons, classes, rows, and the share of the library's speed that is asked for."""

SECONDS = 2.0  # of one timed training
EPOCHS = 1_000_000  # that a page may train
MANY = 10**6  # epochs without improvement that are waited for: never

MOVE = """(seconds) => new Promise((done) => {
  const slider = document.querySelector("input[type=range]");
  const [last, times] = [Number(slider.max), []];
  let frame = 0;
  function beat(now) {
    times.push(now);
    if (now - times[0] > 1000 * seconds) return done(times.slice(1).map((time, place) => time - times[place]));
    frame = (frame + 1) % (last + 1);
    slider.value = String(frame);
    slider.dispatchEvent(new Event("input", { bubbles: true }));
    requestAnimationFrame(beat);
  }
  requestAnimationFrame(beat);
})"""


class Watched:
    """A session, and events of its training."""

    def __init__(self, tell: Any, start: Any) -> None:
        self.n_frames = 0
        self._last_frame = b""
        self.has_stopped = threading.Event()
        self._tell = tell
        self.session = Session(self._hear, USUAL, start)

    def _hear(self, message: Any) -> None:
        self._tell(message)
        if isinstance(message, bytes):
            self.n_frames += 1
            self._last_frame = message
        elif isinstance(message, m.Status) and message.state != "training":
            self.has_stopped.set()

    @property
    def epoch(self) -> int:
        """The epoch that the page shows."""
        n = int.from_bytes(self._last_frame[:4], "little")
        return int(json.loads(self._last_frame[4 : 4 + n])["epoch"])

    def seconds_to(self, epoch: int) -> float:
        """Train up to an epoch, and return how long it took."""
        self.has_stopped.clear()
        began = time.perf_counter()
        self.session.handle(m.Play(1, until=epoch))
        self.has_stopped.wait()
        return time.perf_counter() - began


def table_of(n_inputs: int, n_classes: int, n_rows: int) -> Table:
    """Return numbers around one center for each class."""
    rng = np.random.default_rng(0)
    classes = rng.integers(n_classes, size=n_rows)
    X = rng.normal(size=(n_classes, n_inputs))[classes] + 2 * rng.normal(size=(n_rows, n_inputs))
    columns: dict[str, Any] = {f"x{k}": X[:, k] for k in range(n_inputs)}
    return table_from({**columns, "y": [f"class {j}" for j in classes]})


def setup_of(project: Any, n_hidden: int) -> m.Setup:
    """Return the network and a training that does not end by itself."""
    usual = build(project, None, USUAL).setup
    assert usual is not None
    given = {name: getattr(usual, name) for name in usual.__struct_fields__}
    return m.Setup(
        **given
        | {
            "hidden": (m.HiddenLayer(n_hidden, "relu"),), "solver": "adam", "batch_size": 32, "max_iter": EPOCHS,
            "dropout": 0.0, "validation_fraction": 0.0, "n_iter_no_change": MANY,
        }
    )  # fmt: skip


def of_the_library(project: Any, setup: m.Setup, n_epochs: int) -> float:
    """Return the seconds of the run without a studio."""
    run = build(project, setup, USUAL).training.run
    began = time.perf_counter()
    run.advance(epochs=n_epochs)
    return time.perf_counter() - began


class Bench:
    """A studio with one page on one network."""

    def __init__(self, browser: Any, name: str) -> None:
        n_inputs, n_hidden, n_classes, n_rows, self.asked = NETWORKS[name]
        table = table_of(n_inputs, n_classes, n_rows)
        self.project = table_project(name, Origin("table", name), table, target="y")
        self.setup = setup_of(self.project, n_hidden)
        self.watched: list[Watched] = []
        self.studio = Studio(self._open)
        self.page = browser.new_page(viewport={"width": 1280, "height": 720})
        self.page.goto(self.studio.address)
        self.page.locator(".diagram").first.wait_for()
        self.watched[-1].session.handle(m.Build(1, self.setup))

    def _open(self, tell: Any) -> Session:
        self.watched.append(Watched(tell, self.project))
        return self.watched[-1].session

    def close(self) -> None:
        """End the studio and its page."""
        self.page.close()
        self.studio.close()

    def speed(self, n_rounds: int) -> str:
        """Compare the speed with the library's."""
        n_epochs, took = 20, 0.0
        while took < SECONDS / 2:  # the first ones are too short to judge by
            took = of_the_library(self.project, self.setup, n_epochs)
            n_epochs = int(n_epochs * min(10.0, 1.1 * SECONDS / took))
        alone, shown, frames = [], [], 0
        watched = self.watched[-1]
        for _ in range(n_rounds):
            alone.append(of_the_library(self.project, self.setup, n_epochs))
            watched.session.handle(m.Reset(1))
            before = watched.n_frames
            shown.append(watched.seconds_to(n_epochs))
            frames = watched.n_frames - before
        share = min(alone) / min(shown)
        return (
            f"{n_epochs:,} epochs: {min(alone):.2f} s by the library, {min(shown):.2f} s with the page open "
            f"({frames} frames drawn): {share:.1%} of its speed; {self.asked:.0%} are asked for"
        )

    def memory(self, minutes: float) -> None:
        """Train, and print the memory of both sides from time to time."""
        watched = self.watched[-1]
        watched.session.handle(m.Reset(1))
        tools = self.page.context.new_cdp_session(self.page)
        watched.session.handle(m.Play(1))
        began = time.monotonic()
        step = max(5.0, 60 * minutes / 20)
        print("  minutes  browser MB  server MB     epoch  frames", flush=True)
        while (passed := time.monotonic() - began) < 60 * minutes:
            tools.send("HeapProfiler.collectGarbage")
            heap = tools.send("Runtime.getHeapUsage")["usedSize"] / 1e6
            held = resident() / 1e6
            print(
                f"  {passed / 60:7.2f}  {heap:10.1f}  {held:9.1f}  {watched.epoch:8,}  {watched.n_frames:6}", flush=True
            )
            self.page.wait_for_timeout(1000 * step)
        watched.session.handle(m.Pause(1))

    def frames(self, seconds: float) -> str:
        """Move the slider at every frame of the screen."""
        self.page.wait_for_timeout(500)
        gaps = np.sort(self.page.evaluate(MOVE, seconds))
        return (
            f"{1000 / gaps.mean():.1f} frames a second while the slider moves; 99% of them within "
            f"{gaps[int(0.99 * len(gaps))]:.0f} ms"
        )


def resident() -> int:
    """Return the bytes of memory that this process, which is also the server's, holds."""
    import resource

    return int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize()


def main() -> None:
    """Measure what is asked for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--networks", nargs="+", choices=NETWORKS, default=list(NETWORKS))
    parser.add_argument("--rounds", type=int, default=7, help="timed trainings of each kind")
    parser.add_argument("--minutes", type=float, default=10.0, help="of training, over which memory is watched")
    parser.add_argument("--seconds", type=float, default=10.0, help="over which the slider moves")
    asked = parser.parse_args()
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=shutil.which("chromium"))
        for name in asked.networks:
            bench = Bench(browser, name)
            print(f"{name}\n  {bench.speed(asked.rounds)}\n  {bench.frames(asked.seconds)}", flush=True)
            if asked.minutes > 0:
                bench.memory(asked.minutes)
            bench.close()
        browser.close()


if __name__ == "__main__":
    main()
