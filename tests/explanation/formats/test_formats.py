"""Markdown, LaTeX and HTML: the numbers of plain Python, the same in every format, whatever the columns are called."""

import re
import subprocess
from html.parser import HTMLParser

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt

import glassnet as gn
from glassnet.errors import ParameterError

NUMBER = r"-?\d+(?:\.\d+)?(?:e[+-]\d+)?"
HARD_NAMES = [
    "50% of_x",
    "a|b",
    "$x^2$ & {y}",
    "<b>bold</b>",
    "naïve Größe",
    "中文",
    "back\\slash`tick`",
    "⟦m⟧ *it* #1",
]
PAIRS = [("identity", "half_squared_error"), ("sigmoid", "binary_cross_entropy"), ("softmax", "cross_entropy")]


@st.composite
def explanations(draw):
    """A random network of up to 6 neurons a layer, so that nothing is folded; its oracle's arguments beside it."""
    output, cost = draw(st.sampled_from(PAIRS))
    n_out = draw(st.integers(2 if output == "softmax" else 1, 3))
    sizes = [draw(st.integers(1, 5)), *draw(st.lists(st.integers(1, 5), max_size=2)), n_out]
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    network = gn.Network.create(sizes, hidden=draw(st.sampled_from(["tanh", "relu"])), output=output, seed=0)
    network = network.with_theta(rng.normal(0.0, draw(st.sampled_from([0.01, 1.0])), network.n_params))
    row = rng.normal(size=sizes[0]).tolist()
    target = np.eye(n_out)[0].tolist()
    options = {"cost": cost, "learning_rate": 0.25, "notation": draw(st.sampled_from(["names", "by_input"]))}
    return gn.explain(network, row, target, **options), (network, row, target, cost, 0.25)


class Shown(HTMLParser):
    """The text that a browser shows; fails where tags do not fit each other."""

    def __init__(self, page):
        super().__init__()
        self.open, self.texts = [], []
        self.feed(page)
        assert self.open == []

    def handle_starttag(self, tag, attrs):
        if tag not in ("meta", "link"):
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        if self.open and self.open[-1] not in ("style", "title"):
            self.texts.append(data)

    def numbers(self):
        """The numbers in their order; a power of ten is written 2×10^−8 here."""
        text = re.sub(
            r"\n×\n10\n(−?)(\d+)", lambda m: f"e{m[1].replace('−', '-') or '+'}{m[2]:0>2}", "\n".join(self.texts)
        )
        return numbers(text)


def shown_by_markdown(page):
    """The text that a reader of Markdown shows."""
    tokens = MarkdownIt("commonmark").enable("table").parse(page)
    texts = []
    for token in tokens:
        if token.type == "inline":
            assert not {child.type for child in token.children} & {
                "em_open",
                "strong_open",
                "html_inline",
                "code_inline",
            }
            texts.append("".join(child.content for child in token.children))
        elif token.type == "fence":
            texts.append(token.content)
        assert token.type not in ("html_block", "blockquote_open", "bullet_list_open", "ordered_list_open")
    return "\n".join(texts)


def shown_by_tex(fragment):
    """The words and numbers of a fragment, without what only arranges them."""
    text = re.sub(r"\\begin\{longtable\}.*", "", fragment.split("\n", 1)[1])
    text = text.replace(r"\hspace*{1.5em}\hangindent=3em\hangafter=1", "").replace("{-}", "-")
    text = re.sub(r" \\times 10\^\{([+-]?)(\d+)\}", lambda m: f"e{m[1] or '+'}{m[2]:0>2}", text)
    return text


def numbers(text):
    return re.findall(r"\d+(?:\.\d+)?(?:e[+-]\d+)?", text)


@settings(max_examples=40)
@given(case=explanations())
def test_markdown_shows_the_numbers_of_plain_python(work, is_rounded, case):
    explanation, arguments = case
    true = work(*arguments)
    names = explanation.forward[1].sources, *(layer.names for layer in explanation.forward)
    where = {name: (l, j) for l, layer in enumerate(names) for j, name in enumerate(layer)}
    sections = re.split(r"^## ", explanation.to_markdown(), flags=re.MULTILINE)
    text = {section.split()[0]: section for section in sections[1:]}

    seen = 0
    for name, z, a in re.findall(
        rf"^(\S+):\n    z = .* = ({NUMBER})\n    a = (?:.* = )?({NUMBER})$", text["Forward"], re.MULTILINE
    ):
        l, j = where[name]
        assert is_rounded(z, true.Z[l][j])
        assert is_rounded(a, true.A[l][j])
        seen += 1
    assert seen == sum(explanation.network.sizes[1:])
    for name, loss in re.findall(rf"^(output\d+):\n    (?:.* = )?({NUMBER})$", text["Cost"], re.MULTILINE):
        assert is_rounded(loss, true.losses[where[name][1]])
    assert is_rounded(re.findall(rf"^    E = ({NUMBER})$", text["Cost"], re.MULTILINE)[-1], true.total)
    deltas = re.findall(
        rf"^(\S+):\n(?:    ∂E/∂a.*\n    ∂a/∂z.*\n)?    delta = (?:.* = )?({NUMBER})$", text["Backward"], re.MULTILINE
    )
    assert len(deltas) == sum(explanation.network.sizes[1:])
    for name, delta in deltas:
        l, j = where[name]
        assert is_rounded(delta, true.delta[l][j])
    rows = re.findall(rf"^\| .*?(\S+) -> ([\w.]+)\)? \|.* ({NUMBER}) \|$", text["Backward"], re.MULTILINE)
    assert rows
    for source, name, gradient in rows:
        l, j = where[name]
        source = source.strip("(")
        assert is_rounded(gradient, true.delta[l][j] if source == "bias" else true.dW[l][j][where[source][1]])


@settings(max_examples=30)
@given(case=explanations())
def test_all_formats_show_the_same(case):
    explanation, _ = case
    markdown = numbers(shown_by_markdown(explanation.to_markdown()))
    assert Shown(explanation.to_html()).numbers() == markdown
    assert numbers("The arithmetic\n" + shown_by_tex(explanation.to_latex(fragment=True))) == markdown


@pytest.fixture(scope="module")
def hard():
    """A model whose columns and classes are called as nobody should call them."""
    rng = np.random.default_rng(0)
    frame = pd.DataFrame({name: rng.normal(size=40) for name in HARD_NAMES})
    frame["-> *level*"] = rng.choice(["<1>", "a & b", "_under_"], 40)
    y = rng.choice(["yes|", "no~", "100%"], 40)
    return gn.GlassClassifier((3,), max_iter=2, random_state=0).fit(frame, y), frame


def test_names_are_shown_as_they_are(hard):
    model, frame = hard
    explanation = gn.explain(model, frame.iloc[[0]], "100%")
    shown = shown_by_markdown(explanation.to_markdown()), "\n".join(Shown(explanation.to_html()).texts)
    for name in [*HARD_NAMES[:-1], "-> *level*", "yes|"]:
        for text in shown:
            assert name in text, name
    assert explanation._repr_html_() == explanation.to_html(fragment=True)
    assert "http" not in explanation.to_html()


def test_a_page_stands_alone(tutorial):
    explanation = gn.explain(tutorial, (1, 0, 1), 0, cost="half_squared_error")
    page = explanation.to_html()
    assert page.startswith("<!DOCTYPE html>")
    assert not re.search(r"<(script|link|img|iframe)|src=|href=|url\(|@import", page)
    assert "prefers-color-scheme: dark" in page
    latex = explanation.to_latex()
    assert latex.startswith(r"\documentclass")
    assert latex.rstrip().endswith(r"\end{document}")
    assert r"\begin{document}" not in explanation.to_latex(fragment=True)
    assert r"\frac{\partial E}{\partial a}" in latex


def latex_cases(tutorial, hard):
    model, frame = hard
    wide = gn.Network.create([784, 256, 128, 10], hidden="relu", output="softmax", dtype="float32", seed=0)
    mixed = gn.Network.create([2, 3, 2, 1], hidden=["gelu", "mish"], output="softplus", seed=3)
    kinked = gn.Network.create([2, 3, 1], hidden=[("leaky_relu", {"slope": 0.2})], output="identity", seed=3)
    soft = gn.Network.create([2, 3, 1], hidden="softmax", output="sigmoid", seed=3)
    cost = "half_squared_error"
    yield gn.explain(tutorial, (1, 0, 1), 0, cost=cost, notation="by_input")
    yield gn.explain(tutorial, (1, 0, 1), 0, cost=cost, solver="rprop", notation="from_to")
    yield gn.explain(model, frame.iloc[[0]], "100%", notation="by_neuron")
    yield gn.explain(mixed, [1, -2], 3.0, cost="poisson", solver="nadam")
    yield gn.explain(kinked, [1, -2], 3.0, cost="huber", solver="adamw", notation="by_input")
    yield gn.explain(soft, [1, -2], 1.0, cost=("pinball", {"quantile": 0.9}), solver="rmsprop")
    yield gn.explain(wide, np.random.default_rng(0).random(784), np.eye(10)[3], cost="cross_entropy", solver="momentum")
    yield gn.explain(wide, np.zeros(784))


def test_latex_compiles(require, tutorial, hard, tmp_path):
    pdflatex = require("pdflatex", "compiles explanations")
    for i, explanation in enumerate(latex_cases(tutorial, hard)):
        (tmp_path / f"{i}.tex").write_text(explanation.to_latex(), encoding="utf-8")
        command = [pdflatex, "-interaction=nonstopmode", "-halt-on-error", "-no-shell-escape", f"{i}.tex"]
        run = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, errors="replace", check=False)
        assert run.returncode == 0, run.stdout[-2000:]
        assert "Missing character" not in run.stdout
        assert (tmp_path / f"{i}.pdf").read_bytes().startswith(b"%PDF")
        lines = re.findall(r"Overfull \\hbox \((\d+)", run.stdout)
        assert all(int(points) < 40 for points in lines), lines


def test_a_wide_network_stays_readable():
    network = gn.Network.create([784, 256, 128, 10], hidden="relu", output="softmax", dtype="float32", seed=0)
    explanation = gn.explain(network, np.random.default_rng(0).random(784), np.eye(10)[3], cost="cross_entropy")
    assert len(explanation.to_markdown().splitlines()) < 300
    assert len(explanation.to_html()) < 60_000
    assert len(explanation.to_latex()) < 40_000


def test_without_a_target(tutorial):
    text = gn.explain(tutorial, (1, 0, 1)).to_markdown()
    assert "none given: forward only" in text
    assert "## Backward" not in text


@pytest.mark.parametrize("form", ["to_markdown", "to_latex", "to_html"])
def test_errors(tutorial, form):
    with pytest.raises(ParameterError, match="terms=0 must be a whole number from 1 upwards"):
        getattr(gn.explain(tutorial, (1, 0, 1)), form)(terms=0)
    with pytest.raises(ParameterError, match="neurons='all' must be a whole number from 1 upwards"):
        getattr(gn.explain(tutorial, (1, 0, 1)), form)(neurons="all")
