"""The server's application: what each address answers."""

from pathlib import Path
from urllib.parse import quote

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, Response
from starlette.routing import Route, WebSocketRoute
from starlette.types import ASGIApp
from starlette.websockets import WebSocket

from glassnet.studio.server.access import Access, Visit
from glassnet.studio.server.documents import document, onward, page_files
from glassnet.studio.server.guard import ENTRANCE, Guard
from glassnet.studio.server.limits import ServerLimits
from glassnet.studio.server.sessions import Sessions
from glassnet.studio.server.socket import converse, words_of
from glassnet.studio.server.uploads import receive


def application(access: Access, sessions: Sessions, limits: ServerLimits, folder: Path) -> ASGIApp:
    """Return the application behind its guard; uploads are kept in `folder`."""

    async def entrance(request: Request) -> Response:
        """The page, for the browser that opened the address first."""
        if "token" in request.query_params:
            visit = access.visit(request.query_params["token"])
            if visit is Visit.WRONG:
                return _refused("This address is of another studio; open the one that this studio printed.")
            answer = HTMLResponse(onward())
            if visit is Visit.FIRST:
                answer.set_cookie(access.cookie_name, access.cookie, httponly=True, samesite="strict")
            return answer
        if not access.knows(request.cookies.get(access.cookie_name)):
            return _refused(
                "This browser may not see the studio: open the address that the studio printed. It works in the "
                "browser that opened it first; for another one, start the studio again."
            )
        return HTMLResponse(document())

    async def page_file(request: Request) -> Response:
        found = page_files().get(request.path_params["path"])
        if found is None:
            return PlainTextResponse("There is no such file.", status_code=404)
        return Response(found[0], media_type=found[1])

    async def upload(request: Request) -> Response:
        return await receive(request, sessions, folder, limits.stalled_seconds)

    async def download(request: Request) -> Response:
        entry = sessions.get(request.query_params.get("session", ""))
        if entry is None:
            return PlainTextResponse("This page has no session any more; reload it.", status_code=404)
        try:
            file = await run_in_threadpool(entry.session.download, request.path_params["kind"])
        except Exception as error:
            return PlainTextResponse(words_of(error), status_code=400)
        saved_as = f"attachment; filename*=UTF-8''{quote(file.name, safe='')}"
        return Response(file.content, media_type=file.media_type, headers={"content-disposition": saved_as})

    async def socket(websocket: WebSocket) -> None:
        await converse(websocket, sessions, limits)

    routes = [
        Route(ENTRANCE, entrance),
        Route("/page/{path:path}", page_file),
        Route("/upload", upload, methods=["POST"]),
        Route("/download/{kind}", download),
        WebSocketRoute("/socket", socket),
    ]
    app = Starlette(routes=routes)
    app.router.redirect_slashes = False
    return Guard(app, access)


def _refused(words: str) -> Response:
    return PlainTextResponse(words, status_code=403)
