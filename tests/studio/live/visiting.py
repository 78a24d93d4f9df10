"""A real studio as a child process, and pages of it in a real browser."""

import json
import subprocess
import sys
from contextlib import contextmanager
from urllib.parse import urlsplit

from tests.studio.conftest import HERE, SIZES

PENGUINS = HERE.parents[1] / "examples" / "penguins.csv"
MEASURES = ["bill_length_mm", "bill_depth_mm", "flipper_length_mm", "body_mass_g"]


@contextmanager
def studio(port=0):
    """Run `glassnet studio` and give its address, which is its first line."""
    command = [sys.executable, "-m", "glassnet", "studio", "--no-browser", "--port", str(port)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as child:
        try:
            address = child.stdout.readline().strip()
            assert address.startswith("http://127.0.0.1:"), child.stderr.read()
            yield address, child
        finally:
            child.terminate()
            child.communicate()


class Visitor:
    """A browser that has opened the studio's address; its pages log no error and ask no other host for anything."""

    def __init__(self, browser, address):
        self.browser, self.address, self.troubles, self.contexts = browser, address, [], []
        self.sessions = {}  # the name of the last session of each page
        self.sockets = {}
        self.origin = "http://" + urlsplit(address).netloc
        first = browser.new_context()
        page = first.new_page()
        page.goto(address)
        page.locator("[data-example]").first.wait_for()
        self.cookies = first.cookies()
        first.close()

    def open(self, *, size="wide", scheme="light", fragment="", refusals=None, **options):
        width, height = SIZES[size]
        context = self.browser.new_context(viewport={"width": width, "height": height}, color_scheme=scheme, **options)
        self.contexts.append(context)
        context.add_cookies(self.cookies)
        page = context.new_page()
        page.set_default_timeout(60_000)
        ours = (f"{self.origin}/", f"ws{self.origin.removeprefix('http')}/", "data:", "blob:")

        def check(url):
            if not url.startswith(ours):
                self.troubles.append(f"asked for {url}")

        def log(message):
            if refusals is None or refusals not in message.text:
                self.troubles.append(f"{message.type}: {message.text}")

        page.on("request", lambda request: check(request.url))

        def greet(text):
            if isinstance(text, str) and text.startswith('{"type":"hello"'):
                self.sessions[page] = json.loads(text)["session"]

        def connected(socket):
            check(socket.url)
            self.sockets[page] = socket
            socket.on("framereceived", greet)

        page.on("websocket", connected)
        page.on("pageerror", lambda error: self.troubles.append(f"error: {error}"))
        page.on("console", log)
        page.goto(f"{self.origin}/{fragment}")
        page.locator("[data-example]").first.wait_for()
        return page

    def leave(self):
        for context in self.contexts:
            context.close()
        self.contexts = []
        troubles, self.troubles = self.troubles, []
        assert troubles == []


def upload(page, path):
    page.locator("#file").set_input_files(path)
    page.locator("#panel-data h2", has_text=path.name).wait_for()
    page.locator(".status.ready").wait_for()


def go(page, name):
    page.get_by_role("tab", name=name, exact=True).click()


def settled(page):
    page.evaluate("() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")
    page.wait_for_function("() => document.querySelector('#card')?.ariaBusy !== 'true'")


def at(page, place):
    """Wait until a moment is shown with all its digits: frames come after the status, and live ones are rounded."""
    page.wait_for_function(
        "(place) => document.querySelector('.player').dataset.bytes === '8'"
        " && document.querySelector('.player .place').textContent === place",
        arg=place,
    )
    settled(page)


def shown(page, name):
    """A number on a card, with all its digits."""
    return float(page.locator(f'#card data[data-name="{name}"]').first.get_attribute("value"))
