"""Draw docs/playback.png: the recording of docs/playback.md, near epoch 120, in a browser.

Run it with: python docs/draw_playback.py, which needs chromium and the extra: pip install -e '.[dev]'
"""

import re
import shutil
import tempfile
from pathlib import Path

from playwright.sync_api import sync_playwright

PAGE = Path(__file__).with_name("playback.md")
PICTURE = PAGE.parent / "playback.png"


def main() -> None:
    """Run the first block of the page in a folder of its own, and photograph the file that it writes."""
    first = re.search(r"^```python\n(.*?)^```$", PAGE.read_text(encoding="utf-8"), flags=re.MULTILINE | re.DOTALL)
    assert first is not None
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as driver:
        code = first[1].replace('"run.html"', repr(f"{folder}/run.html"))
        exec(compile(code, PAGE.name, "exec"), {})
        browser = driver.chromium.launch(executable_path=shutil.which("chromium"))
        page = browser.new_page(viewport={"width": 1280, "height": 720})
        page.goto(Path(folder, "run.html").as_uri())
        places = page.evaluate(
            "JSON.parse(document.getElementById('recording').textContent).frames.map((f) => f.epoch)"
        )
        page.get_by_role("slider", name="epoch").fill(str(min(range(len(places)), key=lambda k: abs(places[k] - 120))))
        page.get_by_label("Row", exact=True).select_option("3")
        page.get_by_label("error signals").check()
        page.locator('[data-neuron="1.0"]').click()
        page.mouse.move(0, 0)
        page.wait_for_timeout(500)
        page.screenshot(path=PICTURE)
        browser.close()


if __name__ == "__main__":
    main()
