"""Who may come in: one browser, from the studio's own pages, by the studio's own name."""

import socket

import httpx
import pytest
from websockets.exceptions import InvalidStatus

OTHERS = "This request comes from another page than the studio's; open the address that the studio printed."


def fresh(served, **headers):
    return httpx.Client(base_url=served.origin, trust_env=False, timeout=20, headers=headers)


def test_first_visit_gets_the_cookie(served):
    with fresh(served) as client:
        answer = client.get(served.address)

        assert answer.status_code == 200
        assert 'http-equiv="refresh" content="0;url=/"' in answer.text
        (cookie,) = answer.headers.get_list("set-cookie")
        assert {"HttpOnly", "SameSite=strict", "Path=/"} <= set(cookie.split("; "))
        assert cookie.startswith(f"glassnet-studio-{served.host.partition(':')[2]}=")
        assert "importmap" in client.get("/").text


def test_token_works_once(served):
    """Whoever follows the address later gets no cookie; the browser that opened it first can use it again."""
    with fresh(served) as first, fresh(served) as second:
        first.get(served.address)
        again, late = first.get(served.address), second.get(served.address)

        assert "set-cookie" not in again.headers
        assert "set-cookie" not in late.headers
        assert (first.get("/").status_code, second.get("/").status_code) == (200, 403)
        assert "It works in the browser that opened it first" in second.get("/").text


@pytest.mark.parametrize("query", ["?token=", "?token=wrong", "?token=%FF%00", "?token=" + "x" * 5000])
def test_wrong_token(served, query):
    with fresh(served) as client:
        answer = client.get(f"/{query}")

        assert answer.status_code == 403
        assert answer.text == "This address is of another studio; open the one that this studio printed."
        assert "set-cookie" not in answer.headers
        assert client.get(served.address).headers.get("set-cookie")


@pytest.mark.parametrize("path", ["/page/store.js", "/page/theme.css", "/download/model", "/nothing", "/page/%2e%2e/x"])
def test_nothing_without_the_cookie(served, path):
    with fresh(served) as client:
        assert client.get(path).status_code == 403
        assert "has not opened the studio's address" in client.get(path).text
    with fresh(served, cookie=f"glassnet-studio-{served.host.partition(':')[2]}=wrong") as client:
        assert client.get(path).status_code == 403


@pytest.mark.parametrize(
    "host", ["evil.example", "127.0.0.1", "127.0.0.1:1", "evil.example:{port}", "[::1]:{port}", ""]
)
def test_rebound_host(served, host):
    """The name of another site that leads to the loopback interface, even with the cookie."""
    port = served.host.partition(":")[2]
    with served.visit() as client:
        for path in ("/", "/page/store.js", served.address):
            answer = client.get(path, headers={"host": host.format(port=port)})

            assert answer.status_code == 403
            assert answer.text == (
                f"The studio answers to http://127.0.0.1:{port} only; open the address that it printed."
            )
            assert "evil" not in str(answer.headers)


def test_localhost_is_a_name_of_the_loopback_interface(served):
    port = served.host.partition(":")[2]
    with fresh(served, host=f"localhost:{port}") as client:
        assert client.get(served.address).headers.get("set-cookie")


@pytest.mark.parametrize(
    "origin", ["http://evil.example", "null", "http://127.0.0.1:1", "https://{host}", "http://localhost:{port}"]
)
def test_other_origin(served, origin):
    port = served.host.partition(":")[2]
    with served.visit() as client:
        headers = {"origin": origin.format(host=served.host, port=port)}
        for path in ("/", "/page/store.js"):
            answer = client.get(path, headers=headers)
            assert (answer.status_code, answer.text) == (403, OTHERS)
        answer = client.post("/upload", headers=headers, content=b"a\n1\n")
        assert (answer.status_code, answer.text) == (403, OTHERS)
        with pytest.raises(InvalidStatus, match="403"):
            served.page(client, origin=headers["origin"])
    assert served.sessions == []


def test_changes_and_websockets_have_to_name_their_origin(served):
    with served.visit() as client:
        del client.headers["origin"]
        assert client.get("/").status_code == 200
        assert (client.post("/upload", content=b"").status_code) == 403
        with pytest.raises(InvalidStatus, match="403"):
            served.page(client, origin=None)


@pytest.mark.parametrize("site", ["cross-site", "same-site", "nonsense"])
def test_elements_of_other_pages(served, site):
    """A script or picture of a page on another port carries the cookie, and no origin."""
    with served.visit() as client:
        answer = client.get("/page/store.js", headers={"sec-fetch-site": site})
        assert (answer.status_code, answer.text) == (403, OTHERS)
        assert client.get("/page/store.js", headers={"sec-fetch-site": "same-origin"}).status_code == 200
        assert client.get("/", headers={"sec-fetch-site": site}).status_code == 200, "a link may lead to the studio"


def test_websocket_without_the_cookie(served):
    with fresh(served) as client, pytest.raises(InvalidStatus, match="403"):
        served.page(client)
    port = int(served.host.partition(":")[2])
    with (
        served.visit() as client,
        socket.create_connection(("127.0.0.1", port)) as rebound,
        pytest.raises(InvalidStatus, match="403"),
    ):
        served.page(client, address=f"ws://evil.example:{port}/socket", sock=rebound)
    assert served.sessions == []


@pytest.mark.parametrize("path", ["/", "/page/store.js", "/page/no-such-file.js", "/nothing", "/upload"])
def test_headers_of_every_answer(served, path):
    with served.visit() as client:
        headers = client.get(path).headers
        policy = dict(part.split(" ", 1) for part in headers["content-security-policy"].split("; "))

        assert policy["default-src"] == policy["frame-ancestors"] == policy["base-uri"] == "'none'"
        assert policy["connect-src"] == f"'self' ws://{served.host}"
        assert "unsafe" not in headers["content-security-policy"]
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] == "no-referrer"
        assert headers["cache-control"] == "no-store"
        assert headers["cross-origin-resource-policy"] == "same-origin"
        assert "server" not in headers
