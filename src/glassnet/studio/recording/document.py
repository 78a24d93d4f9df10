"""A page as one file: components, style and record, with a content security policy that allows nothing else.

Modules import each other by names, which the import map of the file leads to ``data:`` addresses, and that of a server
would lead to files. So there is no bundler and no build. The nonce passes from a script to the modules that it imports.
"""

import base64
import hashlib
import json
import re
from functools import cache
from html import escape
from importlib.resources import files
from typing import Any

from glassnet.drawing.theme import variables

PAGE = files("glassnet.studio") / "page"
ENTRY = "#page/playback.js"
_IMPORTED = re.compile(r'^import .*?from "(#page/[^"]+)";$', flags=re.MULTILINE | re.DOTALL)


@cache
def modules() -> dict[str, str]:
    """Return the modules of a recording by the names under which they import each other: the entry and all below it."""
    found: dict[str, str] = {}
    to_read = [ENTRY]
    while to_read:
        name = to_read.pop()
        if name not in found:
            found[name] = PAGE.joinpath(name.removeprefix("#page/")).read_text(encoding="utf-8")
            to_read += _IMPORTED.findall(found[name])
    return dict(sorted(found.items()))


def document(record: dict[str, Any]) -> str:
    """Return the page of a record as HTML that needs nothing else."""
    style = variables() + (PAGE / "page.css").read_text(encoding="utf-8")
    imports = {name: _address(text) for name, text in modules().items()}
    data = json.dumps(record, allow_nan=False, separators=(",", ":")).replace("<", "\\u003c")
    nonce = hashlib.sha256((style + json.dumps(imports) + data).encode()).hexdigest()[:32]
    return _TEMPLATE.format(
        policy=f"default-src 'none'; script-src 'nonce-{nonce}'; style-src 'nonce-{nonce}'; base-uri 'none'; "
        "form-action 'none'",
        nonce=nonce,
        title=escape(record["title"]),
        style=style,
        imports=json.dumps({"imports": imports}),
        data=data,
        entry=ENTRY,
    )


def _address(text: str) -> str:
    return f"data:text/javascript;base64,{base64.b64encode(text.encode()).decode('ascii')}"


_TEMPLATE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="{policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>{title}</title>
<style nonce="{nonce}">
{style}</style>
<script type="importmap" nonce="{nonce}">{imports}</script>
</head>
<body>
<noscript>This recording plays in a browser that runs JavaScript. It loads nothing from anywhere.</noscript>
<script type="application/json" id="recording">{data}</script>
<script type="module" nonce="{nonce}">
import {{ start }} from "{entry}";
start(document.body, JSON.parse(document.getElementById("recording").textContent));
</script>
</body>
</html>
"""
