"""The websocket of a page: commands in, messages and frames out."""

import asyncio
import logging
from contextlib import suppress
from typing import Any

import msgspec
from anyio.to_thread import run_sync
from starlette.websockets import WebSocket, WebSocketDisconnect

from glassnet.errors import GlassnetError, readable
from glassnet.studio.messages import Command, Done, Drawn, FromPage, OpenUpload, Refused
from glassnet.studio.server.limits import ServerLimits
from glassnet.studio.server.outbox import Outbox, encoded
from glassnet.studio.server.rate import Rate
from glassnet.studio.server.sessions import Entry, Sessions

LOGGER = logging.getLogger("glassnet.studio")
TRY_AGAIN_LATER = 1013
_DECODER = msgspec.json.Decoder(FromPage)


class _Numbered(msgspec.Struct):
    """What is left of a message that cannot be understood."""

    id: int | None = None


async def converse(websocket: WebSocket, sessions: Sessions, limits: ServerLimits) -> None:
    """Give a page a session of its own, until one of them ends."""
    await websocket.accept()
    outbox = Outbox(limits.waiting)
    try:
        entry = await run_sync(sessions.open, outbox.tell)
    except Exception as error:
        await _end(websocket, [encoded(Refused(None, words_of(error)))], TRY_AGAIN_LATER)
        return
    try:
        await websocket.send_text(str(encoded(entry.hello)))
        commands: asyncio.Queue[Command] = asyncio.Queue(limits.waiting_commands)
        await _until_one_ends(
            _read(websocket, entry, outbox, commands, limits),
            _obey(entry, outbox, commands),
            _send(websocket, outbox),
            outbox.is_overfull.wait(),
        )
        if outbox.is_overfull.is_set():
            await _end(websocket, [], TRY_AGAIN_LATER)
    except WebSocketDisconnect:
        pass
    finally:
        with suppress(asyncio.CancelledError):  # the server ends, and does not wait for a session that takes its time
            await asyncio.shield(run_sync(sessions.close, entry))


async def _until_one_ends(*works: Any) -> None:
    tasks = [asyncio.ensure_future(work) for work in works]
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    for task in done:
        task.result()


async def _send(websocket: WebSocket, outbox: Outbox) -> None:
    while True:
        await _put(websocket, await outbox.next())


async def _put(websocket: WebSocket, ready: str | bytes) -> None:
    await (websocket.send_text(ready) if isinstance(ready, str) else websocket.send_bytes(ready))


async def _end(websocket: WebSocket, last: list[str | bytes], code: int) -> None:
    with suppress(WebSocketDisconnect):
        for ready in last:
            await _put(websocket, ready)
        await websocket.close(code)


async def _read(
    websocket: WebSocket, entry: Entry, outbox: Outbox, commands: asyncio.Queue[Command], limits: ServerLimits
) -> None:
    """Take messages until the page goes away; commands wait for the one that is carried out."""
    rate = Rate(limits.messages_per_second, limits.burst)
    while True:
        event = await websocket.receive()
        if event["type"] == "websocket.disconnect":
            return
        await rate.wait()
        message = _understood(event.get("text"), limits.message_bytes)
        if isinstance(message, Refused):
            await outbox.answer(message)
        elif isinstance(message, Drawn):
            entry.session.handle(message)
        else:
            await commands.put(message)


def _understood(text: str | None, most: int) -> Command | Drawn | Refused:
    if text is None:
        return Refused(None, "a message of bytes came, but messages to the studio are text.")
    if len(text) > most:  # characters, of which none takes less than a byte
        return Refused(None, f"a message has {len(text):,} characters, but at most {most:,} are read; shorten it.")
    try:
        message: Command | Drawn = _DECODER.decode(text)
    except (msgspec.MsgspecError, RecursionError, UnicodeError) as error:
        return Refused(_number(text), f"the studio does not understand this message: {readable(str(error))}.")
    return message


async def _obey(entry: Entry, outbox: Outbox, commands: asyncio.Queue[Command]) -> None:
    while True:
        command = await commands.get()
        try:
            # If the page goes away, its session is closed at once, whatever it does.
            await run_sync(_carry_out, command, entry, abandon_on_cancel=True)
        except Exception as error:
            await outbox.answer(Refused(command.id, words_of(error)))
        else:
            await outbox.answer(Done(command.id))


def _carry_out(command: Command, entry: Entry) -> None:
    if not isinstance(command, OpenUpload):
        entry.session.handle(command)
        return
    upload = entry.uploads.get(command.upload)
    if upload is None:
        raise GlassnetError("this file is no longer on the server; upload it again.")
    try:
        entry.session.open_table(upload.path, upload.title)
    finally:
        entry.drop_uploads()


def _number(text: str) -> int | None:
    with suppress(msgspec.MsgspecError, RecursionError, UnicodeError):
        return msgspec.json.decode(text, type=_Numbered).id
    return None


def words_of(error: Exception) -> str:
    """Return what a page is told; an error that is none of the project's is a defect, and the session goes on."""
    if isinstance(error, GlassnetError):
        return str(error)
    if isinstance(error, MemoryError):
        return "out of memory; try fewer rows or a smaller network."
    if isinstance(error, OSError) and error.strerror:
        return f"{error.strerror[0].lower()}{error.strerror[1:]}."
    LOGGER.error("a session failed", exc_info=error)
    return (
        f"this should not happen ({readable(f'{type(error).__name__}: {error}')}); what is on the page is still there."
    )
