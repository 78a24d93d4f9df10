"""Uploads come in as private files whose limits hold on the way, and no file stays behind."""

import json
import os
import socket
import stat
import tempfile
from pathlib import Path

import pytest
from tests.studio.server.conftest import ask

TABLE = b"a,b\n1,2\n"


@pytest.fixture(autouse=True)
def files(tmp_path, monkeypatch):
    """The temporary files, by a folder of this test's own; the lock of the server's folder is none."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    return lambda: [path for path in tmp_path.rglob("*") if path.is_file() and path.name != "glassnet.lock"]


@pytest.fixture
def client(files, served):
    with served.visit() as client:
        yield client


@pytest.fixture
def page(served, client):
    with served.page(client) as page:
        page.recv(timeout=20)
        yield page


def upload(client, content, name="rain.csv", session="session0", **headers):
    return client.post("/upload", params={"session": session, "name": name}, content=content, headers=headers)


def test_a_table_is_opened_and_removed(served, client, page, files):
    answer = upload(client, TABLE)
    assert answer.status_code == 200
    (path,) = files()
    if os.name == "posix":
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert ask(page, type="open_upload", id=1, upload=answer.json()["upload"]) == {"type": "done", "id": 1}
    ((opened, title, content),) = served.sessions[0].tables
    assert (opened, title, content) == (path, "rain.csv", TABLE)
    assert files() == []


def test_a_file_that_is_no_table(client, page, files):
    name = upload(client, b"\0", name="bad.csv").json()["upload"]
    answer = ask(page, type="open_upload", id=1, upload=name)

    assert answer["message"] == "bad.csv is no table."
    assert files() == []
    again = ask(page, type="open_upload", id=2, upload=name)
    assert again["message"] == "this file is no longer on the server; upload it again."


@pytest.mark.parametrize("name", ["/etc/passwd", "../../etc/passwd", "session0", "", "\0"])
def test_no_path_from_the_page_is_opened(served, page, name):
    assert ask(page, type="open_upload", id=1, upload=name)["type"] == "refused"
    assert served.sessions[0].tables == []


@pytest.mark.parametrize(
    ("name", "title", "ending"),
    [
        ("../../x/rain.csv.gz", "rain.csv.gz", ".csv.gz"),
        ("C:\\data\\rain.PARQUET", "rain.PARQUET", ".parquet"),
        ("<script>alert(1)</script>.csv", "script>.csv", ".csv"),
        ("a\n\x00b*?[].csv", "ab*?[].csv", ".csv"),
        ("", "upload", ""),
        ("x" * 5000 + ".csv", "x" * 196 + ".csv", ".csv"),
        ("rain.c$v", "rain.c$v", ""),
    ],
)
def test_names(served, client, page, files, name, title, ending):
    """A name is text for readers; of it, only plain endings become part of a path."""
    answer = upload(client, TABLE, name=name)
    (path,) = files()
    ask(page, type="open_upload", id=1, upload=answer.json()["upload"])

    assert served.sessions[0].tables[0][1] == title
    assert path.name[32:] == ending
    assert int(path.name[:32], 16) >= 0


def test_a_stream_is_cut_at_the_limit(client, page, files):
    """A client that would send two gigabytes, and does not say so before."""
    sent = 0

    def blocks():
        nonlocal sent
        for _ in range(2000):
            sent += 1_000_000
            yield b"x" * 1_000_000

    answer = upload(client, blocks())

    assert answer.status_code == 413
    assert answer.json()["message"] == (
        "rain.csv is larger than 1 MB, the most that a page can upload; open it from the command line: glassnet studio "
        "FILE."
    )
    assert sent < 100_000_000
    assert files() == []
    assert upload(client, TABLE).status_code == 200


def test_a_size_above_the_limit_is_refused_before_anything_is_read(served, client, page, files):
    port = int(served.host.partition(":")[2])
    cookie = "; ".join(f"{name}={value}" for name, value in client.cookies.items())
    head = (
        f"POST /upload?session=session0&name=rain.csv HTTP/1.1\r\nHost: {served.host}\r\nOrigin: {served.origin}\r\n"
        f"Cookie: {cookie}\r\nContent-Length: 2147483648\r\n\r\n"
    )
    with socket.create_connection(("127.0.0.1", port), timeout=20) as connection:
        connection.sendall(head.encode())
        assert connection.recv(1000).startswith(b"HTTP/1.1 413 ")
    assert files() == []


def test_a_client_that_breaks_off(served, client, page, files):
    port = int(served.host.partition(":")[2])
    cookie = "; ".join(f"{name}={value}" for name, value in client.cookies.items())
    head = (
        f"POST /upload?session=session0&name=rain.csv HTTP/1.1\r\nHost: {served.host}\r\nOrigin: {served.origin}\r\n"
        f"Cookie: {cookie}\r\nContent-Length: 1000\r\n\r\n"
    )
    with socket.create_connection(("127.0.0.1", port), timeout=20) as connection:
        connection.sendall(head.encode() + b"abc")
    served.studio.close()
    assert files() == []


def test_a_client_that_sends_nothing_more_is_given_up(serve, files):
    from glassnet.studio.server.limits import ServerLimits

    served = serve(limits=ServerLimits(stalled_seconds=0.05))
    port = int(served.host.partition(":")[2])
    with served.visit() as client, served.page(client) as page:
        page.recv(timeout=20)
        cookie = "; ".join(f"{name}={value}" for name, value in client.cookies.items())
        head = (
            f"POST /upload?session=session0&name=rain.csv HTTP/1.1\r\nHost: {served.host}\r\nOrigin: {served.origin}\r\n"
            f"Cookie: {cookie}\r\nContent-Length: 1000\r\n\r\nabc"
        )
        with socket.create_connection(("127.0.0.1", port), timeout=20) as connection:
            connection.sendall(head.encode())
            answer = b"".join(iter(lambda: connection.recv(1000), b""))
        assert answer.startswith(b"HTTP/1.1 400 ")
        assert json.loads(answer.partition(b"\r\n\r\n")[2]) == {
            "message": "the upload of rain.csv has stopped; try again."
        }
        assert files() == []
        assert upload(client, TABLE).status_code == 200


def test_a_full_disk(client, page, files, monkeypatch):
    def full(*_, **__):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("glassnet.studio.server.uploads.os.open", full)
    answer = upload(client, TABLE)

    assert answer.status_code == 507
    assert answer.json() == {"message": "rain.csv cannot be kept: No space left on device."}


def test_only_sessions_of_open_pages_take_files(client, page, files):
    answer = upload(client, TABLE, session="session9")

    assert (answer.status_code, answer.json()["message"]) == (404, "this page has no session any more; reload it.")
    assert files() == []


def test_a_second_file_takes_the_place_of_the_first(client, page, files):
    first = upload(client, TABLE).json()["upload"]
    upload(client, b"c\n3\n")

    assert [path.read_bytes() for path in files()] == [b"c\n3\n"]
    assert ask(page, type="open_upload", id=1, upload=first)["type"] == "refused"


def test_files_go_with_the_page(served, client, page, files):
    upload(client, TABLE)
    assert len(files()) == 1
    page.close()
    assert served.sessions[0].is_closed.wait(20)
    served.studio.close()
    assert [*Path(tempfile.gettempdir()).glob("glassnet-*")] == []


def test_downloads(client, page):
    answer = client.get("/download/workbook", params={"session": "session0"})

    assert answer.content == b"workbook"
    assert answer.headers["content-type"].startswith("text/csv")
    assert answer.headers["content-disposition"] == "attachment; filename*=UTF-8''Gr%C3%B6%C3%9Fe%201.csv"
    assert answer.headers["x-content-type-options"] == "nosniff"


def test_downloads_that_there_are_not(client, page):
    nothing = client.get("/download/nothing", params={"session": "session0"})
    assert (nothing.status_code, nothing.text) == (400, "there is nothing to save yet.")
    gone = client.get("/download/model", params={"session": "session9"})
    assert (gone.status_code, gone.text) == (404, "This page has no session any more; reload it.")
