"""Files of pictures: the right kind, whole or not at all, and what is said where that cannot be."""

import re
import struct
import sys
import zlib

import pytest

import glassnet as gn
from glassnet.drawing import activation_curves
from glassnet.errors import MissingExtraError, ParameterError
from glassnet.installing import install_line


@pytest.fixture
def diagram():
    return gn.draw(gn.Network.create([2, 2, 1], seed=0))


def pixels(png):
    """Return width, height and the raw first pixel of a PNG, by the file format's own description."""
    assert png[:8] == b"\x89PNG\r\n\x1a\n"
    width, height = struct.unpack(">II", png[16:24])
    data, at = b"", 8
    while at < len(png):
        (length,) = struct.unpack(">I", png[at : at + 4])
        if png[at + 4 : at + 8] == b"IDAT":
            data += png[at + 8 : at + 8 + length]
        at += 12 + length
    return width, height, zlib.decompress(data)[1:4]


def test_svg_is_the_text(diagram, tmp_path):
    diagram.save(tmp_path / "net.svg")

    assert (tmp_path / "net.svg").read_text(encoding="utf-8") == diagram.svg


@pytest.mark.parametrize(
    ("theme", "ground"), [("light", b"\xff\xff\xff"), ("auto", b"\xff\xff\xff"), ("dark", b"\x14\x18\x1f")]
)
def test_png_has_twice_the_size_and_the_themes_ground(diagram, read_svg, tmp_path, theme, ground):
    diagram.save(tmp_path / "net.PNG", theme=theme)
    width, height, first = pixels((tmp_path / "net.PNG").read_bytes())

    assert (width, height) == pytest.approx([2 * size for size in read_svg(diagram.svg).size], abs=2)
    assert first == ground


def test_pdf(diagram, tmp_path):
    diagram.save(tmp_path / "net.pdf")

    assert (tmp_path / "net.pdf").read_bytes().startswith(b"%PDF-")


def test_html_is_a_page_that_needs_nothing_else(diagram, tmp_path):
    diagram.save(str(tmp_path / "net.html"))
    page = (tmp_path / "net.html").read_text(encoding="utf-8")

    assert page.startswith("<!doctype html>")
    assert diagram.svg in page
    assert f"<title>{diagram.title}</title>" in page
    assert "src=" not in page
    assert "<script" not in page


def test_notebook(diagram):
    assert diagram._repr_svg_() == diagram.svg
    assert diagram.svg in diagram._repr_html_()
    assert repr(diagram) == "Diagram: Network 2-2-1 with sigmoid, sigmoid"


@pytest.mark.parametrize(("name", "ending"), [("net.gif", "'.gif'"), ("net", "'nothing'")])
def test_unknown_ending(diagram, tmp_path, name, ending):
    with pytest.raises(ParameterError, match=rf"ends in {ending}; pictures are written as \.svg, \.png, \.pdf, \.html"):
        diagram.save(tmp_path / name)
    assert list(tmp_path.iterdir()) == []


def test_unknown_theme(diagram, tmp_path):
    with pytest.raises(ParameterError, match="theme='blue' is not one of the themes"):
        diagram.save(tmp_path / "net.svg", theme="blue")


def test_folders(diagram, tmp_path):
    (tmp_path / "net.svg").mkdir()
    with pytest.raises(IsADirectoryError, match=r"is a folder; add a file name, such as '.*picture\.svg'"):
        diagram.save(tmp_path / "net.svg")
    with pytest.raises(FileNotFoundError, match=r"there is no folder '.*no'; make it first, or save elsewhere"):
        diagram.save(tmp_path / "no" / "net.svg")


def test_a_failure_leaves_the_old_file(diagram, tmp_path, monkeypatch):
    diagram.save(tmp_path / "net.png")
    before = (tmp_path / "net.png").read_bytes()
    monkeypatch.setitem(sys.modules, "vl_convert", None)

    with pytest.raises(MissingExtraError) as error:
        diagram.save(tmp_path / "net.png")
    assert str(error.value) == (
        f"PNG pictures need the package vl-convert-python, which is not installed; try: {install_line('charts')}"
    )
    assert (tmp_path / "net.png").read_bytes() == before
    assert [path.name for path in tmp_path.iterdir()] == ["net.png"]


@pytest.mark.parametrize(("module", "package"), [("altair", "altair"), ("vl_convert", "vl-convert-python")])
def test_charts_without_their_libraries(monkeypatch, module, package):
    monkeypatch.setitem(sys.modules, module, None)

    chart = activation_curves(["tanh"])
    sentence = f"charts need the package {package}, which is not installed; try: {install_line('charts')}"
    with pytest.raises(MissingExtraError, match=f"^{re.escape(sentence)}$"):
        chart.svg  # noqa: B018
    assert shown(chart) == {"text/html": f"<p>{sentence}</p>".replace("'", "&#x27;"), "text/plain": repr(chart)}


def shown(picture):
    """What a notebook shows of an object: each kind of text that Jupyter asks for, by its name."""
    asked = {
        "image/svg+xml": picture._repr_svg_(),
        "text/html": picture._repr_html_(),
        "text/plain": repr(picture),
    }
    return {kind: text for kind, text in asked.items() if text is not None}


def test_diagrams_need_no_extra(diagram, tmp_path, monkeypatch):
    for module in ("altair", "vl_convert"):
        monkeypatch.setitem(sys.modules, module, None)
    diagram.save(tmp_path / "net.svg")
    diagram.save(tmp_path / "net.html")

    assert len(list(tmp_path.iterdir())) == 2
