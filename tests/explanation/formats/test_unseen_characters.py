"""Names and values with controls, bidirectional marks, NUL and U+FFFE: shown as escapes in every format that is read."""

import json
import re
import unicodedata
import zipfile
from html.parser import HTMLParser
from xml.etree import ElementTree

import numpy as np
import openpyxl
import pandas as pd
import pytest
from markdown_it import MarkdownIt

import glassnet as gn
from glassnet.escaping import placeholders, visible, visible_json, visible_lines

ODD = "m\x1b[31mass\x9b5m\u202ecod\x00\ufffe\n\u2066\x7f"
SHOWN = r"m\x1b[31mass\x9b5m\u202ecod\x00\ufffe\n\u2066\x7f"


def unseen(text):
    """Return the characters that Unicode says are controls, formats, separators, surrogates or none, but new lines."""
    return {
        letter
        for letter in text
        if letter != "\n" and (unicodedata.category(letter) in {"Cc", "Cf", "Cs", "Zl", "Zp"} or letter == "\ufffe")
    }


@pytest.fixture(scope="module")
def model():
    """A classifier whose column names, levels and classes are odd."""
    rng = np.random.default_rng(0)
    frame = pd.DataFrame({ODD: rng.normal(size=60), f"b{ODD}": np.asarray(["x", ODD])[rng.integers(0, 2, 60)]})
    y = np.asarray([f"no{ODD}", f"yes{ODD}"])[(frame[ODD] > 0).astype(int)]
    return gn.GlassClassifier((3,), max_iter=3, random_state=0).fit(frame, y), frame, y


@pytest.fixture(scope="module")
def explained(model):
    clf, frame, y = model
    return gn.explain(clf, frame.iloc[[0]], target=y[0])


def test_text(explained, model):
    clf, frame, y = model
    blame = gn.blame(clf, frame, y)
    texts = [explained.to_text(), str(explained.weight("w1")), blame.to_text(), str(blame.table("columns"))]
    texts += [clf.schema_.describe(), repr(explained), repr(explained.weight("w1")), repr(clf.schema_), repr(blame)]
    for text in texts:
        assert unseen(text) == set(), text
    for text in (*texts[:2], texts[4]):
        assert "\\x1b[31m" in text


@pytest.fixture(scope="module")
def ensemble(model):
    _, frame, y = model
    clf = gn.GlassClassifier((3,), n_networks=2, max_iter=3, random_state=0).fit(frame, y)
    return clf, gn.explain(clf, frame.iloc[[0]], target=y[0])


def test_an_ensemble_in_every_format(ensemble, tmp_path):
    _, explained = ensemble
    texts = [explained.to_text(), repr(explained), str(explained), explained.to_markdown(), explained.to_latex()]
    texts += [
        explained.to_json(),
        explained.to_html(),
        explained._repr_html_(),
    ]
    for text in texts:
        assert unseen(without_signs(text)) == set(), text
    for text in (texts[0], texts[3]):
        assert r"\x1b[31mass" in text.replace("\\\\", "\\").replace("\\[", "[")
    assert json.loads(explained.to_json()) == json.loads(json.dumps(explained.to_dict()))
    explained.to_xlsx(tmp_path / "e.xlsx")
    sheets = openpyxl.load_workbook(tmp_path / "e.xlsx")
    cells = [cell.value for sheet in sheets for row in sheet for cell in row if isinstance(cell.value, str)]
    assert any(SHOWN in cell for cell in cells)
    assert all(unseen(cell) == set() for cell in cells)


def test_summaries_and_reprs(ensemble, model, tmp_path):
    """Each on as many lines as without the odd letters: a new line in a name makes none."""
    clf, frame, y = model[0], model[1], model[2]
    with pytest.warns(gn.errors.DataWarning, match="is 1 in every row") as told:
        left = gn.GlassClassifier((3,), max_iter=3, random_state=0).fit(frame.assign(**{f"c{ODD}": 1.0}), y)
    clf.save(tmp_path / "odd.glassnet")
    summaries = [clf.summary(), ensemble[0].summary(), left.summary()]
    texts = [text for each in summaries for text in (repr(each), each.to_text(width=60), each._repr_html_())]
    texts += [repr(clf), repr(clf.schema_), repr(clf.history_), repr(clf.estimate(frame, y))]
    texts += [str(warning.message) for warning in told] + [repr(gn.inspect(tmp_path / "odd.glassnet"))]
    for text in texts:
        assert unseen(text) == set(), text
    assert r"m\x1b[31mass" in texts[0]
    assert not any(line.startswith((r"\u2066", "\u2066")) for line in texts[0].splitlines())


def test_json_holds_the_same_data_without_acting_on_a_terminal(explained):
    text = explained.to_json()

    assert unseen(text) == set()
    assert json.loads(text) == json.loads(json.dumps(explained.to_dict()))


def test_errors_that_list_the_columns(model):
    """Python shows them on a terminal, too."""
    clf, frame, _ = model
    for ask in (
        lambda: clf.predict(pd.DataFrame({"zz\x1b[31m\u202e": [1.0]})),
        lambda: gn.GlassClassifier(keep=["nowhere"]).fit(frame, np.arange(60) % 2),
    ):
        with pytest.raises(gn.errors.ColumnError) as error:
            ask()
        assert unseen(str(error.value)) == set()
        assert "\\x1b[31m" in str(error.value)


def without_signs(page):
    """Return a page without MathML's own invisible signs of multiplication, which are elements of their own."""
    return page.replace(">\u2062</mo>", "></mo>")


class Cells(HTMLParser):
    """Collects the texts of a page, and refuses a tag that is closed but was not open."""

    def __init__(self):
        super().__init__()
        self.texts, self.open = [], []

    def handle_starttag(self, tag, attributes):
        if tag != "meta":
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.texts.append(data)


@pytest.mark.parametrize("fragment", [False, True])
def test_html(explained, fragment):
    page = without_signs(explained.to_html(fragment=fragment))
    cells = Cells()
    cells.feed(page)
    cells.close()

    assert unseen(page) <= {"\u2062"}  # MathML's product without a sign, which screen readers speak
    assert cells.open == []
    assert any(SHOWN in text for text in cells.texts)


def test_markdown(explained):
    page = explained.to_markdown()
    html = MarkdownIt("commonmark").enable("table").render(page)

    assert unseen(page) == set()
    assert "\ufffd" not in html  # what CommonMark makes of NUL
    assert "<td>" in html
    assert SHOWN in html.replace("&lt;", "<")


def test_latex(explained):
    page = explained.to_latex()

    assert unseen(page) == set()
    assert r"\textbackslash{}x1b[31mass" in page


def test_workbook(explained, tmp_path):
    path = tmp_path / "row.xlsx"
    explained.to_xlsx(path)

    with zipfile.ZipFile(path) as book:
        for name in book.namelist():
            if name.endswith(".xml"):
                ElementTree.fromstring(book.read(name))
    sheets = openpyxl.load_workbook(path)
    texts = [cell.value for sheet in sheets for row in sheet for cell in row if isinstance(cell.value, str)]
    assert SHOWN in texts
    assert all(unseen(text) == set() for text in texts)


def test_pictures(model):
    clf, frame, y = model
    pictures = [gn.draw(clf), gn.draw(clf, frame.iloc[[0]], y[0])]
    for picture in pictures:
        assert unseen(picture.svg) == set()
        ElementTree.fromstring(picture.svg)
        assert unseen(picture.page("light")) == set()


def test_charts(model):
    from glassnet.drawing import confusion_matrix

    clf, frame, y = model
    chart = confusion_matrix(clf, frame, y)
    ElementTree.fromstring(chart.svg)
    assert unseen(chart.svg) == set()


def test_what_is_seen_stays():
    """Scripts of the world, joiners within them, emoji, combining marks and private characters."""
    text = "Zoë Ж 語 بيت ห้อง क्‍ष می‌خواهم 👩‍🔬 e\u0301 \ue000 a\\x1b"
    assert visible(text) == visible_lines(text) == visible_json(text) == placeholders(text) == text


@pytest.mark.parametrize("make", [visible, visible_lines, visible_json, placeholders])
def test_every_unseen_character_of_unicode(make):
    """But the two joiners and a new line."""
    joiners = {"\u200c", "\u200d"}
    for code in range(0x110000):
        letter = chr(code)
        if (unicodedata.category(letter) in {"Cc", "Cs", "Zl", "Zp"} and letter != "\n") or unicodedata.bidirectional(
            letter
        ) in {"LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI"}:
            assert letter not in make(letter), hex(code)
        elif letter in joiners:
            assert make(letter) == letter


def test_escapes_of_json_are_those_of_json():
    text = visible_json(json.dumps("\U000e0041\u2028\x7f", ensure_ascii=False))
    assert json.loads(text) == "\U000e0041\u2028\x7f"
    assert re.fullmatch(r'"[ -~]*"', text)
