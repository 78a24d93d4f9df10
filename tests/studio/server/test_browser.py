"""Hostile pages and hostile tables, in a real browser."""

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from tests.studio.conftest import expect

import glassnet as gn

EVIL = "<script>window.hit = 1</script><img src=x onerror='window.hit = 1'>"


@pytest.fixture
def elsewhere():
    """`elsewhere(html)` is the address of a page on another port."""
    pages, servers = {}, []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(200)
            self.send_header("content-type", "text/html")
            self.end_headers()
            self.wfile.write(pages.get(self.path, b""))

        def log_message(self, *_):
            pass

    def serve(html):
        servers.append(ThreadingHTTPServer(("127.0.0.1", 0), Handler))
        threading.Thread(target=servers[-1].serve_forever, daemon=True).start()
        pages["/evil"] = html.encode()
        return servers[-1].server_port

    yield serve
    for server in servers:
        server.shutdown()
        server.server_close()


ATTACK = """<!doctype html><title>waiting</title><iframe src="{origin}/"></iframe>
<script src="{origin}/page/store.js" onload="loaded.push('script')"></script>
<script>
const loaded = [];
const tries = [
  fetch("{origin}/", {{ credentials: "include" }}).then((got) => got.text()),
  fetch("{origin}/download/model?session=x", {{ credentials: "include" }}).then((got) => got.text()),
  fetch("{origin}/upload?session=x", {{ method: "POST", body: "a", mode: "no-cors", credentials: "include" }}).then(
    (got) => got.type === "opaque" ? Promise.reject() : got.text()),
  new Promise((done, fail) => {{
    const socket = new WebSocket("ws{address}/socket");
    socket.onopen = done;
    socket.onerror = fail;
  }}),
];
Promise.allSettled(tries).then((all) => {{
  document.title = [...all.map((each) => each.status), ...loaded].join(" ");
}});
</script>"""


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1"])
def test_a_page_of_another_origin_gets_nothing(browser, served, elsewhere, host):
    """Also one on the same host, to which the browser sends the cookie of the studio along."""
    port = elsewhere(ATTACK.format(origin=served.origin, address=served.origin.removeprefix("http")))
    context = browser.new_context()
    page = context.new_page()
    page.goto(served.address)
    page.wait_for_url(f"{served.origin}/")
    page.locator(".status.empty").wait_for()  # its own session has greeted it
    n_sessions = len(served.sessions)
    page.goto(f"http://{host}:{port}/evil")
    page.wait_for_function("document.title !== 'waiting'")

    assert page.title() == "rejected rejected rejected rejected"
    assert all(frame.url != f"{served.origin}/" for frame in page.frames)
    assert len(served.sessions) == n_sessions
    context.close()


def test_a_link_from_another_site_opens_the_studio_twice(browser, served, elsewhere):
    """As from a notebook, whose server is another site: the browser sends no strict cookie along with its link."""
    port = elsewhere(f'<a href="{served.address}">the studio</a>')
    context = browser.new_context()
    for _ in range(2):
        page = context.new_page()
        page.goto(f"http://localhost:{port}/evil")
        page.click("a")
        page.wait_for_url(f"{served.origin}/")
        page.wait_for_function("document.querySelector('script[type=importmap]') !== null")
    context.close()


def test_markup_in_names_and_values_stays_text(browser):
    table = {EVIL: [0.5, 1.5, 2.5, 3.5] * 10, "b": [EVIL, "x"] * 20, "y": [f"{EVIL}1", f"{EVIL}2"] * 20}
    studio = gn.open_studio(table, target="y", browser=False)
    context = browser.new_context()
    page = context.new_page()
    troubles = []
    page.on("console", lambda message: troubles.append(message.text))
    page.on("pageerror", lambda error: troubles.append(str(error)))
    page.on("dialog", lambda dialog: troubles.append(dialog.message))
    page.goto(studio.address)
    page.locator(".diagram").first.wait_for()

    expect(page.locator("body")).to_contain_text(EVIL, use_inner_text=True)
    assert page.evaluate("window.hit") is None
    assert page.locator("img").count() == 0
    assert troubles == []
    context.close()
    studio.close()
