"""A real server on a real socket, with a session that knows no networks."""

import json
import threading
from collections import namedtuple
from contextlib import contextmanager
from itertools import count

import pytest
from tests.studio.conftest import missing

from glassnet.errors import GlassnetError
from glassnet.studio.messages import Hello, Limits, Status

File = namedtuple("File", "name media_type content")


class StandIn:
    """A session that records what it is asked, and answers some of it in odd ways."""

    limits = Limits(upload_bytes=1_000_000, rows=1000, columns=100, cells=10_000, parameters=1000)

    def __init__(self, tell, name, training):
        self.tell, self.name, self.training = tell, name, training
        self.commands, self.tables, self.n_closed = [], [], 0
        self.has_gone = threading.Event()
        self.is_closed = threading.Event()

    @property
    def is_training(self):
        return self.training.is_set()

    def hello(self):
        return Hello(version=1, session=self.name, limits=self.limits, controls=(), examples=())

    def handle(self, command):
        self.commands.append(command)
        kind = type(command).__name__
        if kind == "Find":
            raise GlassnetError("there is no such moment.")
        if kind == "Restore":
            raise ZeroDivisionError("a defect")
        if kind == "Play":
            self.tell(Status(state="training", epoch=1, step=2))
        if kind == "Drawn":
            self.tell(b"frame")

    def open_table(self, path, title):
        if title.startswith("bad"):
            raise GlassnetError(f"{title} is no table.")
        self.tables.append((path, title, path.read_bytes()))

    def download(self, kind):
        if kind == "nothing":
            raise GlassnetError("there is nothing to save yet.")
        return File("Größe 1.csv", "text/csv", kind.encode())

    def go_away(self):
        self.tell = lambda message: None
        self.has_gone.set()

    def come_back(self, tell):
        self.tell = tell
        self.has_gone.clear()
        tell(Status(state="paused", epoch=3, step=0))

    def close(self):
        self.n_closed += 1
        self.is_closed.set()


class Served:
    """A studio and its sessions."""

    def __init__(self, **options):
        from glassnet.studio.server.launching import Studio

        self.sessions, self.training = [], threading.Event()
        self._numbers = count()
        self.studio = Studio(self._open, **options)
        self.address = self.studio.address
        self.origin = self.address.partition("/?")[0]
        self.host = self.origin.removeprefix("http://")

    def _open(self, tell):
        session = StandIn(tell, f"session{next(self._numbers)}", self.training)  # pages may come at the same time
        self.sessions.append(session)
        return session

    def visit(self):
        return visit(self.address)

    def page(self, client, address=None, **options):
        return connected(client, address, **options)


@contextmanager
def visit(address):
    """A client with the cookie of a studio, which names its origin as a page does."""
    import httpx

    origin = address.partition("/?")[0]
    with httpx.Client(base_url=origin, headers={"origin": origin}, trust_env=False, timeout=60) as client:
        assert client.get(address).status_code == 200
        yield client


def connected(client, address=None, **options):
    """The open websocket of a page."""
    from websockets.sync.client import connect

    cookie = "; ".join(f"{name}={value}" for name, value in client.cookies.items())
    headers = {"cookie": cookie, **options.pop("headers", {})}
    origin = str(client.base_url).rstrip("/")
    options = {"origin": origin, "proxy": None, "compression": None, "open_timeout": 20, "max_size": None, **options}
    return connect(address or f"ws{origin.removeprefix('http')}/socket", additional_headers=headers, **options)


@contextmanager
def page_of(address):
    """A page's websocket at the address of a studio; `page.client` is its browser."""
    with visit(address) as client, connected(client) as page:
        page.client = client
        yield page


@pytest.fixture(scope="session", autouse=True)
def web():
    """The libraries of the extra and of the tests."""
    for name in ("starlette", "uvicorn", "websockets", "httpx"):
        try:
            __import__(name)
        except ImportError:
            missing(f"{name} is not installed; run: pip install -e '.[dev]'")


@pytest.fixture
def serve(web):
    """`serve(...)` starts a server, which is closed after the test."""
    started = []

    def start(**options):
        started.append(Served(**options))
        return started[-1]

    yield start
    for each in started:
        each.studio.close()


@pytest.fixture
def served(serve):
    return serve()


def ask(page, **message):
    """Send a message, and return the answer."""
    page.send(json.dumps(message))
    return json.loads(page.recv(timeout=20))
