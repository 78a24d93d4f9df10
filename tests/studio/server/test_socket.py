"""The websocket of a page: every message is answered, and nothing that a page sends ends the server."""

import json
import threading
from contextlib import ExitStack, suppress

import pytest
from tests.studio.server.conftest import ask
from websockets.exceptions import ConnectionClosed

from glassnet.studio.server.limits import ServerLimits


@pytest.fixture
def client(served):
    with served.visit() as client:
        yield client


@pytest.fixture
def page(served, client):
    with served.page(client) as page:
        page.hello = json.loads(page.recv(timeout=20))
        yield page


def test_first_message_is_the_hello_of_the_session(page):
    assert page.hello["type"] == "hello"
    assert page.hello["session"] == "session0"


def test_commands_and_messages(served, page):
    """What a session tells while it works comes before the answer."""
    assert ask(page, type="pause", id=1) == {"type": "done", "id": 1}
    assert ask(page, type="play", id=2)["type"] == "status"
    assert json.loads(page.recv(timeout=20)) == {"type": "done", "id": 2}
    page.send(json.dumps({"type": "drawn", "frame": 1}))
    assert page.recv(timeout=20) == b"frame"
    assert [type(command).__name__ for command in served.sessions[0].commands] == ["Pause", "Play", "Drawn"]


def test_a_refusal_has_the_number_of_the_command(page):
    assert ask(page, type="find", id=5, condition="cost < 0") == {
        "type": "refused",
        "id": 5,
        "message": "there is no such moment.",
    }


def test_a_defect_of_the_session_is_told_and_the_session_lives(page, caplog):
    answer = ask(page, type="restore", id=6)

    assert (answer["type"], answer["id"]) == ("refused", 6)
    assert answer["message"] == (
        "this should not happen (ZeroDivisionError: a defect); what is on the page is still there."
    )
    assert "ZeroDivisionError" in caplog.text
    assert ask(page, type="pause", id=7) == {"type": "done", "id": 7}


@pytest.mark.parametrize(
    ("text", "number", "words"),
    [
        ("", None, "Input data was truncated"),
        ("nonsense", None, "JSON is malformed"),
        ("[" * 100_000, None, ""),
        ('{"type": "play", "id": 1' + ', "until": 1}' * 3, None, "JSON is malformed"),
        ('{"type": "explode", "id": 4}', 4, "Invalid value 'explode'"),
        ('{"type": "play"}', None, "missing required field `id`"),
        ('{"type": "play", "id": -1}', -1, "`int` >= 0"),
        ('{"type": "play", "id": 1e99}', None, ""),
        ('{"type": "seek", "id": 4, "epoch": "first"}', 4, "Expected `int`, got `str`"),
        ('{"type": "pause", "id": 4, "__proto__": {}}', 4, "unknown field"),
        ('{"type": "set_weight", "id": 4, "layer": 1, "j": 0, "k": 0, "value": NaN}', None, "JSON is malformed"),
        ('{"type": "open_example", "id": 4, "name": "' + "x" * 5000 + '"}', 4, "length <= 1000"),
        ("null", None, "Expected `object`, got `null`"),
    ],
)
def test_malformed_messages(page, text, number, words):
    page.send(text)
    answer = json.loads(page.recv(timeout=20))

    assert answer["type"] == "refused"
    assert answer["id"] == number
    assert answer["message"].startswith("the studio does not understand this message: ")
    assert words in answer["message"]
    assert len(answer["message"]) < 3000
    assert ask(page, type="pause", id=9) == {"type": "done", "id": 9}


def test_bytes_are_refused(page):
    page.send(b"\x00" * 100)
    assert json.loads(page.recv(timeout=20))["message"] == (
        "a message of bytes came, but messages to the studio are text."
    )


def test_a_large_message_is_refused_and_a_giant_one_ends_the_connection(served, client, page):
    page.send('{"type": "what_if", "id": 1, "values": {"a": "' + "x" * (1 << 20) + '"}}')
    assert json.loads(page.recv(timeout=20))["message"] == (
        "a message has 1,048,625 characters, but at most 1,048,576 are read; shorten it."
    )
    assert ask(page, type="pause", id=2) == {"type": "done", "id": 2}
    with suppress(ConnectionClosed):  # that it is closed may show before all has been sent
        page.send("x" * (5 << 20))
    with pytest.raises(ConnectionClosed):
        page.recv(timeout=20)
    assert served.sessions[0].is_closed.wait(20)
    with served.page(client) as another:
        assert json.loads(another.recv(timeout=20))["session"] == "session1"


def test_broken_utf8_ends_only_its_connection(served, client, page):
    from websockets.frames import Frame, Opcode

    with page.protocol_mutex:
        page.protocol.send_frame(Frame(Opcode.TEXT, b"\xff\xfe"))
        page.send_data()
    with pytest.raises(ConnectionClosed, match="1007"):
        page.recv(timeout=20)
    assert served.sessions[0].is_closed.wait(20)
    with served.page(client) as another:
        assert json.loads(another.recv(timeout=20))["session"] == "session1"


def test_a_page_that_goes_away_closes_its_session(served, client):
    with served.page(client) as page:
        page.recv(timeout=20)
    assert served.sessions[0].is_closed.wait(20)

    with served.page(client) as page:
        page.recv(timeout=20)
        page.socket.close()  # as after a crash of the browser
        assert served.sessions[1].is_closed.wait(20)
    assert [session.n_closed for session in served.sessions] == [1, 1]


@pytest.fixture
def come(served, client):
    """`come(name)` is the websocket of a page that may come back, and its first message."""

    with ExitStack() as stack:

        def opened(name="", of=served, by=client):
            page = stack.enter_context(of.page(by, f"ws://{of.host}/socket?session={name}"))
            return page, json.loads(page.recv(timeout=20))

        yield opened


def test_a_page_that_comes_back_finds_its_session(served, come):
    """As after a reload; what the session told meanwhile is not told again, but everything that is open."""
    page, hello = come()
    assert not hello["is_again"]
    page.close()
    assert served.sessions[0].has_gone.wait(20)
    served.sessions[0].tell(b"nobody hears it")

    page, hello = come(hello["session"])
    assert (hello["session"], hello["is_again"]) == ("session0", True)
    assert json.loads(page.recv(timeout=20))["epoch"] == 3
    assert ask(page, type="pause", id=1) == {"type": "done", "id": 1}
    assert len(served.sessions) == 1
    assert served.sessions[0].n_closed == 0


def test_a_page_that_comes_back_at_once_waits_for_its_old_connection(served, come):
    """The new page may be there before it is noticed that the old one has gone."""
    old, hello = come()
    gone, found = served.sessions[0].has_gone, []
    new = threading.Thread(target=lambda: found.append(come(hello["session"])))
    new.start()
    old.close()
    new.join(20)

    ((_, hello),) = found
    assert (hello["session"], hello["is_again"], gone.is_set()) == ("session0", True, False)


def test_a_session_that_another_page_has_is_not_given_away(come, monkeypatch):
    monkeypatch.setattr("glassnet.studio.server.socket._SECONDS_TO_GO", 0.0)
    hellos = [come(name)[1] for name in ("", "session0", "unknown")]

    assert [each["session"] for each in hellos] == ["session0", "session1", "session2"]
    assert not any(each["is_again"] for each in hellos)


def test_a_page_that_does_not_come_back_loses_its_session(serve, come):
    served = serve(limits=ServerLimits(away_seconds=0.0))
    with served.visit() as client:
        page, hello = come(of=served, by=client)
        page.close()
        assert served.sessions[0].is_closed.wait(20)
        _, hello = come(hello["session"], of=served, by=client)
        assert (hello["session"], hello["is_again"]) == ("session1", False)


def test_a_new_page_takes_the_place_of_one_that_has_gone(serve, come):
    served = serve(limits=ServerLimits(sessions=2))
    with served.visit() as client:
        pages = [come(of=served, by=client)[0] for _ in range(2)]
        for page, session in zip(pages, served.sessions, strict=True):
            page.close()
            assert session.has_gone.wait(20)
        page, hello = come(of=served, by=client)
        assert hello["session"] == "session2"
        assert [session.n_closed for session in served.sessions] == [1, 0, 0]


def test_the_end_of_the_server_ends_sessions_whose_page_has_gone(served, come):
    page, _ = come()
    page.close()
    assert served.sessions[0].has_gone.wait(20)
    served.studio.close()

    assert served.sessions[0].n_closed == 1


def test_fifty_tabs(serve):
    """Those above the limit are refused in a sentence; when one is closed, the next may come."""
    served = serve(limits=ServerLimits(sessions=20))
    with served.visit() as client, ExitStack() as stack:
        pages = [stack.enter_context(served.page(client)) for _ in range(50)]
        # They open at the same time, so which of them come first is left to chance.
        first = [(page, json.loads(page.recv(timeout=20))) for page in pages]
        opened = {message["session"]: page for page, message in first if message["type"] == "hello"}
        refused = [(page, message) for page, message in first if message["type"] != "hello"]
        assert sorted(opened) == sorted(session.name for session in served.sessions)
        assert (len(opened), len(refused)) == (20, 30)
        for page, message in refused:
            assert message == {
                "type": "refused",
                "id": None,
                "message": "20 pages of this studio are open, which is the most at a time; close one of them, and reload "
                "this page.",
            }
            with pytest.raises(ConnectionClosed, match="1013"):
                page.recv(timeout=20)
        opened["session0"].close()
        assert next(session for session in served.sessions if session.name == "session0").is_closed.wait(20)
        with served.page(client) as late:
            assert json.loads(late.recv(timeout=20))["type"] == "hello"


def test_a_session_that_cannot_open(serve, caplog):
    served = serve()
    opening = served._open

    def broken(tell):
        session = opening(tell)
        session.limits = None
        session.hello = lambda: 1 / 0
        return session

    served.studio._sessions._open_session = broken
    with served.visit() as client, served.page(client) as page:
        assert "this should not happen (ZeroDivisionError" in json.loads(page.recv(timeout=20))["message"]
    assert served.sessions[0].n_closed == 1
    assert len(served.studio._sessions) == 0


def test_messages_above_the_rate_wait():
    from glassnet.studio.server.rate import Rate

    now = 0.0
    rate = Rate(10, 3, clock=lambda: now)
    assert [rate.delay() for _ in range(5)] == pytest.approx([0, 0, 0, 0.1, 0.2])
    now = 100.0
    assert [rate.delay() for _ in range(4)] == pytest.approx([0, 0, 0, 0.1])


def test_a_page_that_reads_nothing_is_given_up(serve):
    """Its connection is closed, and its session with it."""
    served = serve(limits=ServerLimits(waiting=4))
    with served.visit() as client, served.page(client, max_queue=1) as page:
        page.recv(timeout=20)
        for _ in range(200):
            served.sessions[0].tell(b"\0" * 1_000_000)
        assert served.sessions[0].is_closed.wait(20)
        page.socket.close()


def test_a_page_without_a_sign_of_life_loses_its_session(serve, monkeypatch):
    monkeypatch.setattr("glassnet.studio.server.socket._LOOK_SECONDS", 0.01)
    served = serve(limits=ServerLimits(idle_seconds=0.05))
    served.training.set()
    with served.visit() as client, served.page(client) as page:
        page.recv(timeout=20)
        assert ask(page, type="pause", id=1) == {"type": "done", "id": 1}, "it trains"
        served.training.clear()
        assert json.loads(page.recv(timeout=20)) == {
            "type": "refused",
            "id": None,
            "message": "nothing has happened on this page for too long, so its session was closed; reload it.",
        }
        with pytest.raises(ConnectionClosed, match="1013"):
            page.recv(timeout=20)
    assert served.sessions[0].n_closed == 1


def test_other_pages_go_on_while_one_session_works(served, client, page):
    """Commands are carried out beside the server's loop."""
    go_on, has_begun = threading.Event(), threading.Event()

    handle = served.sessions[0].handle

    def slow(command):
        handle(command)
        if command.__class__.__name__ == "Pause":
            has_begun.set()
            assert go_on.wait(20)

    served.sessions[0].handle = slow
    page.send('{"type": "pause", "id": 1}')
    assert has_begun.wait(20)
    with served.page(client) as other:
        other.recv(timeout=20)
        assert ask(other, type="pause", id=2) == {"type": "done", "id": 2}
    page.send('{"type": "pause", "id": 3}')
    page.send('{"type": "drawn", "frame": 1}')
    assert page.recv(timeout=20) == b"frame", "that a frame was drawn waits for no command"
    go_on.set()
    assert [json.loads(page.recv(timeout=20))["id"] for _ in range(2)] == [1, 3]


def test_a_page_that_goes_away_waits_for_no_command(served, client):
    go_on, has_begun = threading.Event(), threading.Event()

    def slow(command):
        has_begun.set()
        assert go_on.wait(20)

    with served.page(client) as page:
        page.recv(timeout=20)
        served.sessions[0].handle = slow
        page.send('{"type": "pause", "id": 1}')
        assert has_begun.wait(20)
    assert served.sessions[0].is_closed.wait(20)
    go_on.set()


def test_the_end_of_the_server_ends_sessions_and_connections(served, client, page):
    served.studio.close()

    assert served.sessions[0].n_closed == 1
    with pytest.raises(ConnectionClosed):
        page.recv(timeout=20)
