"""A page without a browser: it keeps what it is told, draws every frame, and waits for events, never for time."""

import json
import threading

import numpy as np
import pytest

from glassnet.errors import GlassnetError
from glassnet.studio import messages as m
from glassnet.studio.session.session import Session

SECONDS = 120  # until a test gives up, on a slow machine


class Frame:
    """A binary message, read as the page reads it."""

    def __init__(self, message):
        length = int.from_bytes(message[:4], "little")
        self.header = json.loads(message[4 : 4 + length])
        begin = 4 + length + -(4 + length) % 8
        self.numbers = np.frombuffer(message, dtype=f"<f{self.header['bytes']}", offset=begin)

    def __getattr__(self, name):
        return self.header[name]


class Page:
    """What a browser does: sends commands, keeps messages, tells which frames it has drawn."""

    def __init__(self, *arguments, draws=True, make=Session):
        self.told, self.draws = [], draws
        self._changed = threading.Condition()
        self.session = make(self._hear, *arguments)

    def _hear(self, message):
        with self._changed:
            self.told.append(Frame(message) if isinstance(message, bytes) else message)
            self._changed.notify_all()
        if self.draws and isinstance(message, bytes):
            self.session.handle(m.Drawn(Frame(message).frame))

    def ask(self, command, *arguments, **named):
        """Send a command, and return the messages until it was carried out."""
        begin = len(self.told)
        self.session.handle(command(1, *arguments, **named))
        return self.told[begin:]

    def refused(self, command, *arguments, **named):
        """Send a command that is refused, and return the sentence."""
        with pytest.raises(GlassnetError) as error:
            self.ask(command, *arguments, **named)
        return str(error.value)

    def wait(self, what):
        """Wait until `what` returns something, and return it."""
        with self._changed:
            assert self._changed.wait_for(what, SECONDS), "nothing happened"
            return what()

    def last(self, kind):
        """Return the last message of a kind."""
        return [x for x in self.told if isinstance(x, kind)][-1]

    def play(self, **named):
        """Train to the end, or until an epoch, and return the status then and the still frame."""
        begin = len(self.told)
        self.ask(m.Play, **named)
        status = self.wait(lambda: self._since(begin, m.Status, lambda each: each.state in ("paused", "finished")))
        frame = self.wait(lambda: self._since(begin, Frame, lambda each: not each.is_live))
        return status, frame

    def _since(self, begin, kind, holds):
        return next((x for x in self.told[begin:] if isinstance(x, kind) and holds(x)), None)
