"""The live page in a real browser, with the real server and the real session behind it."""

import pytest
from tests.studio.conftest import SIZES, missing
from tests.studio.live.visiting import MEASURES, PENGUINS, Visitor, studio

import glassnet as gn


@pytest.fixture(scope="session", autouse=True)
def web():
    """The libraries of the extra."""
    for name in ("starlette", "uvicorn", "websockets"):
        try:
            __import__(name)
        except ImportError:
            missing(f"{name} is not installed; run: pip install -e '.[dev]'")


@pytest.fixture(scope="session", autouse=True)
def engine():
    """The engine, compiled before a page waits for it."""
    gn.GlassClassifier((2,), max_iter=1).fit([[0.0], [1.0]] * 8, ["a", "b"] * 8)


class Live:
    """A studio with its pages; `sessions` are what stands behind them, in the order in which they connected."""

    def __init__(self):
        from glassnet.studio.server.launching import Studio
        from glassnet.studio.session.session import Session

        self.sessions = []

        def open_session(tell):
            self.sessions.append(Session(tell))
            return self.sessions[-1]

        self.studio = Studio(open_session)
        self.origin = self.studio.address.partition("/?")[0]

    def subject(self, place=-1):
        """The network that a page shows, with its data."""
        from glassnet.studio.session.work import subject_of

        session = self.sessions[place]
        return session._worker.begin(lambda: subject_of(session._ready())).result()


@pytest.fixture
def live():
    opened = Live()
    yield opened
    opened.studio.close()


@pytest.fixture
def open_live(browser, live):
    """Open a page of the studio; afterwards, no error was logged and no other host was asked for anything.

    `fragment` is that of the address, `refusals` is in the messages of errors that a test provokes.
    """
    contexts, troubles = [], []

    def open_one(*, size="wide", scheme="light", fragment="", refusals=None, **options):
        width, height = SIZES[size]
        if not contexts:
            contexts.append(
                browser.new_context(viewport={"width": width, "height": height}, color_scheme=scheme, **options)
            )
        page = contexts[0].new_page()
        page.set_default_timeout(20_000)
        page.on("request", lambda request: check(request.url))
        page.on("websocket", lambda socket: check(socket.url.replace("ws:", "http:", 1)))
        page.on("pageerror", lambda error: troubles.append(f"error: {error}"))

        def log(message):
            if refusals is None or refusals not in message.text:
                troubles.append(f"{message.type}: {message.text}")

        page.on("console", log)
        if len(contexts[0].pages) == 1:
            page.goto(live.studio.address)
            page.wait_for_url(f"{live.origin}/")
        if fragment or len(contexts[0].pages) > 1:
            page.goto(f"{live.origin}/#{fragment}")
            page.reload()
        page.wait_for_selector(".masthead")
        return page

    def check(url):
        if not url.startswith((live.origin, "data:", "blob:")):
            troubles.append(f"asked for {url}")

    yield open_one
    for context in contexts:
        context.close()
    assert troubles == []


@pytest.fixture(scope="session")
def running(browser):
    with studio() as (address, _):
        yield Visitor(browser, address)


@pytest.fixture
def visit(running):
    """`visit(size=..., scheme=...)` opens a page with a session of its own."""
    yield running.open
    running.leave()


@pytest.fixture(scope="session")
def measures_csv(tmp_path_factory):
    """The penguins without missing values, with four measures and the species: a network with four inputs."""
    import pandas as pd

    frame = pd.read_csv(PENGUINS)[[*MEASURES, "species"]].dropna()
    path = tmp_path_factory.mktemp("tables") / "measures.csv"
    frame.to_csv(path, index=False)
    return path
