"""The page's files as they are served, and the two documents around them.

Modules import each other by names such as ``#page/store.js``, which an import map leads to their files. An import map
has to stand in the document, so the content security policy allows this one text by its hash. The alternatives are
worse: a nonce would let a document allow further scripts, and names that are replaced on the way out would make the
served modules differ from the files that the type checker, node and a reader see.
"""

import base64
import hashlib
import json
import re
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable

from glassnet.drawing.theme import variables

PAGE = files("glassnet.studio") / "page"
FOLDER = "/page/"
ENTRY = "studio.js"
THEME = "theme.css"
MEDIA_TYPES = {".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml", ".json": "application/json"}

_IMPORTED = re.compile(r'^(?:import|export) [^;]*?from "#page/([^"]+)";', flags=re.MULTILINE)
_IMPORT_MAP = json.dumps({"imports": {"#page/": FOLDER}})
IMPORT_MAP_HASH = f"sha256-{base64.b64encode(hashlib.sha256(_IMPORT_MAP.encode()).digest()).decode('ascii')}"


@cache
def page_files() -> dict[str, tuple[bytes, str]]:
    """Return the content and the media type of every file that is served, by its path below the folder of the page.

    Requests look names up here, so none of them becomes a path.
    """
    found = {THEME: (variables().encode(), MEDIA_TYPES[".css"])}
    found.update((path, (entry.read_bytes(), MEDIA_TYPES[_suffix(path)])) for path, entry in _below(PAGE))
    return dict(sorted(found.items()))


@cache
def document() -> str:
    """Return the page's HTML. Its modules are asked for at once, not one after the other as imports are found."""
    styles = [THEME, *(path for path in page_files() if path.endswith(".css") and path != THEME)]
    links = [f'<link rel="stylesheet" href="{FOLDER}{path}">' for path in styles]
    links += [f'<link rel="modulepreload" href="{FOLDER}{path}">' for path in _needed(ENTRY)]
    return _DOCUMENT.format(imports=_IMPORT_MAP, links="\n".join(links), entry=FOLDER + ENTRY)


def onward() -> str:
    """Return a document that leads from the address with the token to the one without.

    A redirect would not do: after a click on a link in a notebook, which is another site, the browser would not send
    the new cookie along. The refresh is a request of this document itself.
    """
    return _ONWARD


def _needed(entry: str) -> list[str]:
    """Return a module and all that it imports."""
    found: dict[str, None] = {}
    waiting = [entry]
    while waiting:
        path = waiting.pop()
        if path in page_files() and path not in found:
            found[path] = None
            waiting += _IMPORTED.findall(page_files()[path][0].decode())
    return sorted(found)


def _below(folder: Traversable, prefix: str = "") -> list[tuple[str, Traversable]]:
    found = []
    for entry in folder.iterdir():
        path = prefix + entry.name
        if entry.is_dir():
            found += _below(entry, f"{path}/")
        elif _suffix(path) in MEDIA_TYPES and entry.name not in {"package.json", "tsconfig.json"}:
            found.append((path, entry))
    return found


def _suffix(path: str) -> str:
    return "." + path.rpartition(".")[2]


_DOCUMENT = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>glassnet studio</title>
<link rel="icon" href="data:,">
<script type="importmap">{imports}</script>
{links}
</head>
<body>
<p class="starting">The studio is starting.</p>
<noscript>The studio needs a browser that runs JavaScript. It loads nothing from anywhere else.</noscript>
<script type="module" src="{entry}"></script>
</body>
</html>
"""

_ONWARD = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="refresh" content="0;url=/">
<title>glassnet studio</title>
<link rel="icon" href="data:,">
</head>
<body></body>
</html>
"""
