"""The sessions of all open pages, and what the server knows of a session."""

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple, Protocol

from glassnet.errors import GlassnetError
from glassnet.studio.messages import Hello

Tell = Callable[[Any], None]
"""Takes a message of `glassnet.studio.messages.FromServer` or the bytes of a frame, from any thread."""


class File(Protocol):
    """A file to save."""

    @property
    def name(self) -> str:
        """Its name, without a folder."""

    @property
    def media_type(self) -> str:
        """Its media type."""

    @property
    def content(self) -> bytes:
        """Its content."""


class Session(Protocol):
    """One page's work. Its methods raise `GlassnetError` to refuse, and may take long.

    Commands come one after the other, but `Drawn` and `close` at any moment.
    """

    @property
    def is_training(self) -> bool:
        """Whether it trains at this moment."""

    def hello(self) -> Hello:
        """Return the first message, with the name of the session."""

    def handle(self, command: Any) -> None:
        """Carry out a command."""

    def open_table(self, path: Path, title: str) -> None:
        """Open an uploaded file, which is removed afterwards."""

    def download(self, kind: str) -> File:
        """Return a file to save."""

    def go_away(self) -> None:
        """Tell nothing more to a page that has gone; work goes on."""

    def come_back(self, tell: Tell) -> None:
        """Tell a page that has come back everything that is open, and go on telling it."""

    def close(self) -> None:
        """End all work; further calls do nothing."""


class Upload(NamedTuple):
    """A received file."""

    path: Path
    title: str


@dataclass(eq=False)
class Entry:
    """A session, and the files that were uploaded for it and not opened yet."""

    session: Session
    hello: Hello
    uploads: dict[str, Upload] = field(default_factory=dict)
    is_receiving: bool = False
    n_absences: int = 0

    def close(self) -> None:
        """End the session, and remove its files."""
        try:
            self.session.close()
        finally:
            self.drop_uploads()

    def drop_uploads(self) -> None:
        """Remove the files."""
        while self.uploads:
            _, upload = self.uploads.popitem()
            upload.path.unlink(missing_ok=True)


class Sessions:
    """The open sessions by their names."""

    def __init__(self, open_session: Callable[[Tell], Session], most: int) -> None:
        self._open_session = open_session
        self._most = most
        self._lock = threading.Condition()
        self._entries: dict[str, Entry] = {}
        self._away: dict[str, Entry] = {}  # whose page has gone and may come back, the longest absence first
        self._n_taken = 0
        self._is_closed = False

    def __len__(self) -> int:
        return len(self._entries)

    def open(self, tell: Tell) -> Entry:
        """Open a session for a page, or raise a GlassnetError if there are too many."""
        self._take()
        try:
            session = self._open_session(tell)
            try:
                entry = Entry(session, session.hello())
            except BaseException:
                session.close()
                raise
        except BaseException:
            self._give_back()
            raise
        with self._lock:
            self._entries[entry.hello.session] = entry
            is_late = self._is_closed
        if is_late:
            self.close(entry)
        return entry

    def get(self, name: str) -> Entry | None:
        """Return a session by its name."""
        return self._entries.get(name)

    def go_away(self, entry: Entry) -> int:
        """Keep the session of a page that has gone; return the number of this absence, for `give_up`."""
        entry.drop_uploads()
        entry.session.go_away()
        with self._lock:
            entry.n_absences += 1
            if entry.hello.session in self._entries:
                self._away[entry.hello.session] = entry
            self._lock.notify_all()
            return entry.n_absences

    def come_back(self, name: str, tell: Tell, timeout: float) -> Entry | None:
        """Return the session of a page that comes back, or None if it is not there or another page has it.

        The new page may come before it is noticed that the old one has gone, so that is waited for.
        """
        with self._lock:
            self._lock.wait_for(lambda: name in self._away or name not in self._entries, timeout)
            entry = self._away.pop(name, None)
        if entry is not None:
            entry.session.come_back(tell)
        return entry

    def give_up(self, entry: Entry, absence: int) -> None:
        """Close a session whose page has not come back since."""
        with self._lock:
            is_away = self._away.get(entry.hello.session) is entry and entry.n_absences == absence
        if is_away:
            self.close(entry)

    def close(self, entry: Entry) -> None:
        """Close a session; its place becomes free."""
        with self._lock:
            self._away.pop(entry.hello.session, None)
            is_open = self._entries.pop(entry.hello.session, None) is not None
            self._lock.notify_all()
        if is_open:
            try:
                entry.close()
            finally:
                self._give_back()

    def close_all(self) -> None:
        """Close all sessions, and open no further one."""
        with self._lock:
            self._is_closed = True
            entries = [*self._entries.values()]
        for entry in entries:
            self.close(entry)

    def _take(self) -> None:
        """Take a place, that of a page which has gone longest if no other is free."""
        while True:
            with self._lock:
                if self._is_closed:
                    raise GlassnetError("the studio is closing; start it again.")
                if self._n_taken < self._most:
                    self._n_taken += 1
                    return
                if not self._away:
                    raise GlassnetError(
                        f"{self._most} pages of this studio are open, which is the most at a time; close one of them, "
                        "and reload this page."
                    )
                longest = self._away.pop(next(iter(self._away)))
            self.close(longest)

    def _give_back(self) -> None:
        with self._lock:
            self._n_taken -= 1
