"""How often the recording of a 64-64-10 network is drawn while its time slider moves at every frame of the screen.

Run it with: python -m benchmarks.page, which needs chromium and the extra: pip install -e '.[dev]'
"""

import shutil
import tempfile
from pathlib import Path

import numpy as np
from playwright.sync_api import sync_playwright
from sklearn.datasets import load_digits

import glassnet as gn

FRAMES = 600
TABS = ("Step through", "Neuron", "Connection")

MOVE = """(n) => new Promise((done) => {
  const slider = document.querySelector(".player input");
  const [last, times] = [Number(slider.max), []];
  let frame = 0;
  function beat(now) {
    times.push(now);
    if (times.length > n) return done(times.slice(1).map((time, place) => time - times[place]));
    frame = (frame + 1) % (last + 1);
    slider.value = String(frame);
    slider.dispatchEvent(new Event("input"));
    requestAnimationFrame(beat);
  }
  requestAnimationFrame(beat);
})"""


def main() -> None:
    """Print frames per second for each tab, and the slowest hundredth."""
    digits = load_digits()
    net = gn.Network.create([64, 64, 10], hidden="relu", output="softmax", seed=0)
    result = gn.train(net, digits.data / 16, np.eye(10)[digits.target], cost="cross_entropy", epochs=100)
    recording = gn.playback(result)
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as driver:
        path = Path(folder, "run.html")
        recording.save(path)
        print(f"{recording}: {path.stat().st_size / 1e6:.2f} MB")
        browser = driver.chromium.launch(executable_path=shutil.which("chromium"))
        page = browser.new_page(viewport={"width": 1280, "height": 720})
        page.goto(path.as_uri())
        page.get_by_role("button", name="Next ›").click()
        for tab in TABS:
            page.get_by_role("tab", name=tab).click()
            gaps = np.sort(page.evaluate(MOVE, FRAMES))
            slow = gaps[int(0.99 * len(gaps))]
            print(f"{tab}: {1000 / gaps.mean():.1f} frames a second; 99% of the frames within {slow:.0f} ms")
        browser.close()


if __name__ == "__main__":
    main()
