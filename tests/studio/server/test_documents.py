"""The files of the page, as a browser gets them."""

import base64
import hashlib
import re

from tests.studio.conftest import PAGE


def test_files_are_those_of_the_folder(served):
    with served.visit() as client:
        for path in PAGE.rglob("*.js"):
            answer = client.get(f"/page/{path.relative_to(PAGE).as_posix()}")
            assert answer.content == path.read_bytes()
            assert answer.headers["content-type"].startswith("text/javascript")
        assert client.get("/page/page.css").headers["content-type"].startswith("text/css")
        assert "--surface" in client.get("/page/theme.css").text


def test_only_files_of_the_page(served):
    paths = [
        "package.json",
        "README.md",
        "recording.d.ts",
        "../messages.py",
        "..%2fmessages.py",
        "%2fetc/passwd",
        "",
        ".",
    ]
    with served.visit() as client:
        for path in paths:
            assert client.get(f"/page/{path}").status_code == 404, path


def test_document(served):
    """Its one inline text is the import map, which the policy knows by its hash; what it names is there."""
    with served.visit() as client:
        answer = client.get("/")
        (inline,) = re.findall(r"<script[^>]*>(.+?)</script>", answer.text)
        digest = base64.b64encode(hashlib.sha256(inline.encode()).digest()).decode()

        assert inline == '{"imports": {"#page/": "/page/"}}'
        assert f"script-src 'self' 'sha256-{digest}';" in answer.headers["content-security-policy"]
        assert "style=" not in answer.text
        assert "<style" not in answer.text
        for path in re.findall(r'<link rel="(?:stylesheet|modulepreload)" href="([^"]+)"', answer.text):
            assert client.get(path).status_code == 200


def test_modules_are_asked_for_at_once():
    from glassnet.studio.server.documents import _needed

    asked = _needed("playback.js")

    assert {"playback.js", "store.js", "components/neuron-card.js", "dom.js"} <= set(asked)
    assert _needed("no-such-file.js") == []
