"""Starting and ending a server."""

import http.client
import socket
from contextlib import suppress

import pytest

from glassnet.errors import ParameterError
from glassnet.studio.server.launching import Studio


def refuse(tell):
    raise AssertionError("no page was opened")


def test_a_studio_listens_on_the_loopback_interface_only(served):
    """Other addresses of this machine have no such port."""
    port = int(served.host.partition(":")[2])
    for address in ("127.0.0.2", "::1"):
        family = socket.AF_INET6 if ":" in address else socket.AF_INET
        with socket.socket(family) as other, pytest.raises(OSError):  # noqa: PT011 -- the words are the system's
            other.connect((address, port))


@pytest.mark.parametrize("port", [-1, 65_536, 2.5, True, "80", None])
def test_ports_that_are_none(port):
    with pytest.raises(
        ParameterError, match="is no port; expected a number from 1 to 65535, or 0 for any that is free"
    ):
        Studio(refuse, port=port)


def test_a_port_in_use(served):
    port = int(served.host.partition(":")[2])
    with pytest.raises(
        ParameterError, match=rf"port={port} cannot be used \(address already in use\); try another one"
    ):
        Studio(refuse, port=port)


def test_a_port_is_free_again_after_the_end(served):
    port = int(served.host.partition(":")[2])
    with served.visit():
        served.studio.close()
    served.studio.close()
    again = Studio(refuse, port=port)
    assert again.address.startswith(f"http://127.0.0.1:{port}/?token=")
    assert again.address != served.address
    again.close()


def test_the_words_for_readers(served):
    assert repr(served.studio) == f"Studio at {served.address}"
    assert served.studio._repr_html_() == (
        f'<a href="{served.address}" target="_blank" rel="noopener">{served.address}</a>'
    )


@pytest.mark.parametrize(
    "request_",
    [
        b"GARBAGE\r\n\r\n",
        b"GET / HTTP/9.9\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
        b"GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
        b"POST /upload HTTP/1.1\r\nHost: a\r\nContent-Length: -5\r\n\r\n",
        b"POST /upload HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nFFFFFFFFFFFFFFFFFF\r\n",
        b"GET /" + b"a" * 200_000 + b" HTTP/1.1\r\nHost: a\r\n\r\n",
        b"GET /socket HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n",
    ],
)
def test_requests_that_are_none(served, request_, caplog):
    host, port = served.host.split(":")
    with socket.create_connection((host, int(port)), timeout=20) as connection:
        answer = b""
        with suppress(OSError):  # the server may hang up before it has read everything
            connection.sendall(request_)
            connection.shutdown(socket.SHUT_WR)
            answer = connection.recv(1000)
    assert answer == b"" or answer.split(b" ")[1][:1] == b"4", answer
    assert "Traceback" not in caplog.text
    client = http.client.HTTPConnection(host, int(port), timeout=20)
    client.request("GET", "/")
    assert client.getresponse().status == 403
    client.close()
