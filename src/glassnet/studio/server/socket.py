"""The websocket of a page: commands in, messages and frames out."""

import asyncio
import logging
from collections.abc import Coroutine
from contextlib import suppress
from typing import Any

import msgspec
from anyio.to_thread import run_sync
from msgspec import structs
from starlette.websockets import WebSocket, WebSocketDisconnect

from glassnet.errors import GlassnetError, readable
from glassnet.studio.messages import Command, Done, Drawn, FromPage, OpenUpload, Refused
from glassnet.studio.server.limits import ServerLimits
from glassnet.studio.server.outbox import Outbox, encoded
from glassnet.studio.server.rate import Rate
from glassnet.studio.server.sessions import Entry, Sessions

LOGGER = logging.getLogger("glassnet.studio")
TRY_AGAIN_LATER = 1013
_SECONDS_TO_CLOSE = 5.0
_SECONDS_TO_GO = 2.0  # until it is noticed that a page has gone which is reloaded
_LOOK_SECONDS = 60.0  # between two looks at whether a training has ended
_DECODER = msgspec.json.Decoder(FromPage)


class _Numbered(msgspec.Struct):
    """What is left of a message that cannot be understood."""

    id: int | None = None


async def converse(websocket: WebSocket, sessions: Sessions, limits: ServerLimits) -> None:
    """Give a page a session of its own, until one of them ends.

    A page that may come back, as after a reload, says so by ``?session=``, with the name of the session that it had; it
    finds it again for a while.
    """
    await websocket.accept()
    outbox = Outbox(limits.waiting)
    name = websocket.query_params.get("session")
    try:
        entry, is_again = await run_sync(_entered, name, sessions, outbox)
    except Exception as error:
        await _end(websocket, Refused(None, words_of(error)), TRY_AGAIN_LATER)
        return
    last, has_gone = None, False
    try:
        await websocket.send_text(str(encoded(structs.replace(entry.hello, is_again=is_again))))
        commands: asyncio.Queue[Command] = asyncio.Queue(limits.waiting_commands)
        rate = Rate(limits.messages_per_second, limits.burst)
        last = await _first_end(
            _read(websocket, entry, outbox, commands, rate, limits.message_bytes),
            _obey(entry, outbox, commands),
            _send(websocket, outbox),
            _until_overfull(outbox),
            _until_idle(entry, rate, limits.idle_seconds),
        )
        has_gone = last is None
    except WebSocketDisconnect:
        has_gone = True
    finally:
        with suppress(asyncio.CancelledError):  # the server ends, and does not wait for a session that takes its time
            if has_gone and name is not None:
                await asyncio.shield(_keep(entry, sessions, limits.away_seconds))
            else:
                await asyncio.shield(run_sync(sessions.close, entry))
    if last is not None:
        await _end(websocket, last, TRY_AGAIN_LATER)


def _entered(name: str | None, sessions: Sessions, outbox: Outbox) -> tuple[Entry, bool]:
    """Return the session of a page, and whether it is the one that the page names."""
    found = sessions.come_back(name, outbox.tell, _SECONDS_TO_GO) if name else None
    return (sessions.open(outbox.tell), False) if found is None else (found, True)


async def _keep(entry: Entry, sessions: Sessions, seconds: float) -> None:
    """Keep the session of a page that has gone for a while."""
    absence = await run_sync(sessions.go_away, entry)
    loop = asyncio.get_running_loop()
    loop.call_later(seconds, lambda: loop.run_in_executor(None, sessions.give_up, entry, absence))


async def _first_end(*works: Coroutine[Any, Any, Refused | None]) -> Refused | None:
    """Work until one of the works ends, and return its last message for the page."""
    tasks = [asyncio.create_task(work) for work in works]
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    return next((last for task in done if (last := task.result()) is not None), None)


async def _until_overfull(outbox: Outbox) -> Refused:
    await outbox.is_overfull.wait()
    return Refused(None, "this page did not read what its session told it; reload it.")


async def _until_idle(entry: Entry, rate: Rate, most: float) -> Refused:
    """Wait until a page has asked for nothing for too long. A training is no idleness, also of a hidden page."""
    while rate.idle_seconds() < most or entry.session.is_training:
        await asyncio.sleep(max(most - rate.idle_seconds(), _LOOK_SECONDS))
    return Refused(None, "nothing has happened on this page for too long, so its session was closed; reload it.")


async def _send(websocket: WebSocket, outbox: Outbox) -> None:
    while True:
        await _put(websocket, await outbox.next())


async def _put(websocket: WebSocket, ready: str | bytes) -> None:
    await (websocket.send_text(ready) if isinstance(ready, str) else websocket.send_bytes(ready))


async def _end(websocket: WebSocket, last: Refused, code: int) -> None:
    """Say a last word and close; a page that reads nothing hears neither."""
    with suppress(WebSocketDisconnect, TimeoutError):
        async with asyncio.timeout(_SECONDS_TO_CLOSE):
            await _put(websocket, encoded(last))
            await websocket.close(code)


async def _read(
    websocket: WebSocket, entry: Entry, outbox: Outbox, commands: asyncio.Queue[Command], rate: Rate, most: int
) -> None:
    """Take messages until the page goes away; commands wait for the one that is carried out."""
    while True:
        event = await websocket.receive()
        if event["type"] == "websocket.disconnect":
            return
        await rate.wait()
        message = _understood(event.get("text"), most)
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
    upload = entry.uploads.pop(command.upload, None)  # another file may come in meanwhile
    if upload is None:
        raise GlassnetError("this file is no longer on the server; upload it again.")
    try:
        entry.session.open_table(upload.path, upload.title)
    finally:
        upload.path.unlink(missing_ok=True)


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
