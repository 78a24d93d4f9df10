"""A browser, node, and packages of npm, for the tests of pages; recordings that several tests open."""

import json
import subprocess
from pathlib import Path

import numpy as np
import pytest
from tests.conftest import REQUIRE_ALL

import glassnet as gn

HERE = Path(__file__).parent
PAGE = Path(gn.__file__).parent / "studio" / "page"
SIZES = {"wide": (1280, 720), "tall": (820, 1180)}


def missing(message):
    """A skip, or a failure where everything is required."""
    if REQUIRE_ALL:
        pytest.fail(f"{message} (GLASSNET_REQUIRE_ALL is set)")
    pytest.skip(message)


def expect(locator):
    """Playwright's assertions, which wait until they hold: a page is drawn in the frame after an event."""
    from playwright.sync_api import expect as playwright_expect

    return playwright_expect(locator)


@pytest.fixture(scope="session")
def npm_package():
    """`npm_package("axe-core")` is the folder of a package that `npm install --prefix tests/studio` brings."""

    def find(name):
        folder = HERE / "node_modules" / name
        if not folder.is_dir():
            missing(f"the npm package {name!r} is not installed; run: npm install --prefix tests/studio")
        return folder

    return find


OF_COLORS = ["color-contrast", "link-in-text-block"]
AUDIT = """async ([where, runOnly]) => {
  const { violations } = await axe.run(where, { runOnly, resultTypes: ["violations"] });
  return violations.map(({ id, nodes }) => [id, nodes.map(({ html }) => html)]);
}"""


@pytest.fixture(scope="session")
def audit(npm_package):
    """`audit(page)`: a light page violates no rule of axe-core for WCAG 2.2 AA, nor a rule of colors when it is dark.

    Colors come from a style sheet alone, so everything else is as on the light page, and a tall page, whose light
    colors are looked at, has the dark ones of a wide page. The page is opened with `bypass_csp=True`.
    """
    axe = (npm_package("axe-core") / "axe.min.js").read_text(encoding="utf-8")

    def check(page, where="html"):
        page.evaluate(f"() => {{ if (window.axe === undefined) {{ {axe} }} }}")
        kinds = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
        assert page.evaluate(AUDIT, [where, {"type": "tag", "values": kinds}]) == []
        if page.viewport_size["width"] == SIZES["tall"][0]:
            return
        page.emulate_media(color_scheme="dark")
        assert page.evaluate(AUDIT, [where, {"type": "rule", "values": OF_COLORS}]) == []
        page.emulate_media(color_scheme="light")

    return check


@pytest.fixture(scope="session")
def node(require):
    """`node(script, data)` runs a module script in the folder of the page; it reads `input` and prints JSON."""
    program = require("node", "runs the page's modules without a browser")

    def run(script, data):
        text = (
            f'import {{ readFileSync }} from "node:fs";\nconst input = JSON.parse(readFileSync(0, "utf8"));\n{script}'
        )
        command = [program, "--input-type=module", "--eval", text]
        ran = subprocess.run(command, cwd=PAGE, input=json.dumps(data), capture_output=True, text=True, check=False)
        assert ran.returncode == 0, ran.stderr
        return json.loads(ran.stdout)

    return run


@pytest.fixture(scope="session")
def browser(require):
    chromium = require("chromium", "opens the pages as a reader does")
    try:
        from playwright.sync_api import expect as playwright_expect
        from playwright.sync_api import sync_playwright
    except ImportError:
        missing("playwright is not installed; run: pip install -e '.[dev]'")
    playwright_expect.set_options(timeout=20_000)
    with sync_playwright() as driver:
        opened = driver.chromium.launch(executable_path=chromium)
        yield opened
        opened.close()


@pytest.fixture
def open_page(browser, tmp_path):
    """Open a recording from a file; afterwards, no error was logged and no other address was asked for anything.

    `refusals` is in the messages of errors that a test provokes.
    """
    contexts, troubles = [], []

    def open_one(recording, *, size="wide", scheme="light", refusals=None, **options):
        path = tmp_path / f"run{len(contexts)}.html"
        recording.save(path)
        width, height = SIZES[size]
        context = browser.new_context(
            viewport={"width": width, "height": height}, color_scheme=scheme, offline=True, **options
        )
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(20_000)

        def check(request):
            if not request.url.startswith(("data:", path.as_uri())):
                troubles.append(f"asked for {request.url}")

        page.on("request", check)
        page.on("pageerror", lambda error: troubles.append(f"error: {error}"))

        def log(message):
            if refusals is None or refusals not in message.text:
                troubles.append(f"{message.type}: {message.text}")

        page.on("console", log)
        page.goto(path.as_uri())
        page.wait_for_selector(".diagram")
        return page

    yield open_one
    for context in contexts:
        context.close()
    assert troubles == []


@pytest.fixture(scope="session")
def boolean():
    """The tutorials' network 3-3-1 on F = xy + not z."""
    X = np.asarray([[x, y, z] for x in (0, 1) for y in (0, 1) for z in (0, 1)], dtype=float)
    Y = np.asarray([[float(bool(x and y) or not z)] for x, y, z in X])
    W1, W2 = [[0.9, 0.3, 0.2], [0.8, 0.5, 0.4], [0.1, 0.6, 0.7]], [[0.3], [0.5], [0.9]]
    net = gn.Network.from_weights([(W1, None), (W2, None)], hidden="sigmoid", output="sigmoid", by="input")
    return gn.train(net, X, Y, cost="half_squared_error", solver="gd", learning_rate=2.0, epochs=400), X, Y


@pytest.fixture(scope="session")
def boolean_recording(boolean):
    return gn.playback(boolean[0], inputs=["x", "y", "z"], outputs=["F"], rows=range(8))


@pytest.fixture(scope="session")
def penguins():
    """A classifier of the penguins with names of columns and classes, and its table."""
    import pandas as pd

    frame = pd.read_csv(HERE.parents[1] / "examples" / "penguins.csv").dropna(subset=["sex"])
    X, y = frame.drop(columns="species"), frame["species"]
    return gn.GlassClassifier((16, 8), random_state=0, max_iter=20).fit(X, y), X, y


@pytest.fixture(scope="session")
def penguins_recording(penguins):
    return gn.playback(*penguins, rows=[3, 200])
