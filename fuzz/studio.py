"""Messages of a hostile page to a studio with a real session: each is answered in words, and the server lives.

A case is one message: a command with changes, text that is no JSON, bytes, or a giant. A command that pauses follows,
whose answer shows that the session lives. `python -m fuzz studio`
"""

import copy
import http.client
import json
import random
from typing import Any
from urllib.parse import urlsplit

from fuzz.child import run_cases
from fuzz.mutations import NUMBERS, OTHERS, WORDS, mutate, places
from fuzz.tally import Tally

SECONDS = 20.0
"""A case may train for a moment, replay a training, or encode a table."""

SETUP = {
    "hidden": [{"size": 4, "activation": "tanh"}, {"size": 3, "activation": "relu"}], "loss": "log_loss",
    "solver": "adam", "learning_rate_init": 0.01, "learning_rate": "constant", "batch_size": 4, "max_iter": 50,
    "alpha": 0.001, "dropout": 0.1, "validation_fraction": 0.1, "n_iter_no_change": 5, "random_state": 0,
    "scaled": True,
}  # fmt: skip
COMMANDS: tuple[dict[str, Any], ...] = (
    *(
        {"type": "open_example", "name": name, "expression": None}
        for name in ("boolean", "circles", "penguins", "xor", "three-three-one")
    ),
    {"type": "open_example", "name": "boolean", "expression": "x*y + ~z"},
    {"type": "open_upload", "upload": "0123.csv"},
    {"type": "choose", "target": "F", "columns": ["x", "y", "z"]},
    {"type": "build", "setup": SETUP},
    {"type": "play", "until": 3},
    {"type": "play", "until": None, "pace": 5.0},
    *({"type": name} for name in ("pause", "step", "epoch", "reset", "restore")),
    {"type": "look", "row": 2},
    {"type": "seek", "epoch": 1, "step": 1},
    {"type": "find", "condition": "cost < 0.1"},
    {"type": "set_weight", "layer": 1, "j": 0, "k": 1, "value": 0.25},
    {"type": "show_neuron", "layer": 1, "index": 0},
    *({"type": "show_view", "view": view, "options": {}} for view in ("confusion", "blame", "weights", "learning")),
    {"type": "show_view", "view": "surface", "options": {"x": "x", "y": "y"}},
    {"type": "what_if", "values": {"x": 1.0, "y": "0", "z": None}},
    {"type": "drawn", "frame": 1},
)
DEFECTS = ("this should not happen", "glassnet has a mistake", "Traceback")

_page: Any = None
_address = _cookie = ""


def run(n: int, seed: int) -> Tally:
    """Send `n` messages."""
    return run_cases("studio", "fuzz.studio:message", n, seed, seconds=SECONDS)


def prepare() -> None:
    """Start a studio without limits on the rate of messages, and open a page."""
    global _address

    from glassnet.studio.server.launching import Studio
    from glassnet.studio.server.limits import ServerLimits
    from glassnet.studio.session.session import Session

    studio = Studio(Session, limits=ServerLimits(messages_per_second=1e9))
    _address = studio.address
    _open()
    _ask({"type": "play", "until": 2, "id": 1})  # the engine is compiled before cases are timed


def message(seed: int, case: int) -> str:
    """Send one message, and return how it was answered."""
    rng = random.Random(f"{seed} {case}")
    sent, may_close = _made(rng)
    answers = _exchange(sent, 2**53 - 2 - case)
    if answers is None:
        assert may_close, f"the connection was closed after {sent[:200]!r}"
        _open()
        return "closed"
    for answer in answers:
        words = answer.get("message") or ""
        assert not any(defect in words for defect in DEFECTS), f"{words} -- after {sent[:500]!r}"
    kinds = [answer["type"] for answer in answers if answer["type"] in {"done", "refused"}]
    return kinds[0] if kinds else "no answer needed"


def _made(rng: random.Random) -> tuple[str | bytes, bool]:
    """Return a message, and whether the connection may be closed for it."""
    kind = rng.random()
    if kind < 0.01:
        return "x" * rng.choice((1 << 20, (1 << 20) + 1, 4 << 20)), False
    if kind < 0.012:
        return "x" * (5 << 20), True
    if kind < 0.05:
        return rng.randbytes(rng.choice((0, 1, 50, 5000))), False
    if kind < 0.1:
        return "".join(
            chr(rng.choice((rng.randrange(128), rng.randrange(0xD800)))) for _ in range(rng.randrange(60))
        ), False
    command = copy.deepcopy(rng.choice(COMMANDS)) | {"id": rng.randrange(1000)}
    if rng.random() < 0.4:
        _shifted(command, rng)
    elif rng.random() < 0.8:
        for _ in range(rng.choice((1, 1, 1, 2, 5))):
            _changed(command, rng)
    text = json.dumps(command)
    if rng.random() < 0.15:
        at = rng.randrange(len(text))
        text = (
            text[:at] + rng.choice(('"', "{", "[" * 5000, "\\u0000", "1e999", "", text)) + text[at + rng.randrange(3) :]
        )
    return text, False


def _shifted(command: dict[str, Any], rng: random.Random) -> None:
    """Put other values of the same kind into a command, which may then well be carried out."""
    for container, key in list(places(command)):
        value = container[key]
        if isinstance(value, bool) or key in {"id", "type"} or rng.random() < 0.5:
            continue
        if isinstance(value, int):
            container[key] = rng.randrange(6)
        elif isinstance(value, float):
            container[key] = rng.choice((0.0, 0.5, 2.0, -1.0, 1e3, 1e-9, 1e308))


def _changed(command: dict[str, Any], rng: random.Random) -> None:
    key = rng.choice(list(command) or ["type"])
    choice = rng.random()
    if choice < 0.5:
        mutate(command, copy.deepcopy(rng.choice(COMMANDS)), rng)
    elif choice < 0.6:
        command.pop(key, None)
    elif choice < 0.7:
        command[rng.choice(WORDS)] = rng.choice(OTHERS)
    elif choice < 0.8:
        command["type"] = rng.choice(COMMANDS)["type"]
    else:
        command[key] = rng.choice((rng.choice(WORDS), rng.choice(NUMBERS), rng.choice(OTHERS)))


def _open() -> None:
    """Open a page as a browser does, with the Boolean example."""
    global _page, _cookie

    from websockets.sync.client import connect

    place = urlsplit(_address)
    if not _cookie:
        client = http.client.HTTPConnection(place.netloc)
        client.request("GET", f"/?{place.query}")
        _cookie = client.getresponse().headers["set-cookie"].partition(";")[0]
        client.close()
    opening = connect(
        f"ws://{place.netloc}/socket", origin=f"http://{place.netloc}", additional_headers={"cookie": _cookie},
        proxy=None, compression=None, max_size=None,
    )  # fmt: skip
    _page = opening.__enter__()
    assert json.loads(_page.recv(timeout=SECONDS))["type"] == "hello"
    _ask({"type": "open_example", "name": "boolean", "id": 1})


def _ask(command: dict[str, Any]) -> None:
    _page.send(json.dumps(command))
    while True:
        heard = _page.recv(timeout=600)  # the engine may have to be compiled
        if isinstance(heard, str) and json.loads(heard).get("id") == command["id"]:
            return


def _exchange(sent: str | bytes, last: int) -> list[dict[str, Any]] | None:
    """Send a message and a pause, and return what comes up to the answer to the pause; None if the page is closed."""
    from websockets.exceptions import ConnectionClosed

    answers: list[dict[str, Any]] = []
    try:
        _page.send(sent)
        _page.send(json.dumps({"type": "pause", "id": last}))
        while True:
            heard = _page.recv(timeout=SECONDS)
            if isinstance(heard, bytes):
                n = int.from_bytes(heard[:4], "little")
                _page.send(json.dumps({"type": "drawn", "frame": json.loads(heard[4 : 4 + n])["frame"]}))
                continue
            answers.append(json.loads(heard))
            if answers[-1].get("id") == last:
                return answers[:-1]
    except ConnectionClosed:
        return None
