"""The panel "Understand" on the real page: its numbers are those of the model that can be taken away."""

import re
from dataclasses import replace

import numpy as np
import pytest
from msgspec import structs
from sklearn import metrics
from tests.studio.conftest import SIZES, expect
from tests.studio.understanding.conftest import PENGUINS

import glassnet as gn
from glassnet.data.reading.sources import read
from glassnet.studio.messages import Play
from glassnet.studio.session.opened.examples import open_example
from glassnet.studio.session.opened.files import open_file
from glassnet.studio.session.opened.limits import USUAL

VIEWS = [
    "surface",
    "response",
    "landscape",
    "learning",
    "confusion",
    "calibration",
    "ranking",
    "blame",
    "weights",
    "findings",
]


@pytest.fixture
def open_studio(browser):
    """Open the page on a table or an example, trained to an epoch; no error was logged, no other host was asked."""
    from glassnet.studio.server.launching import Studio
    from glassnet.studio.session.session import Session

    opened, troubles = [], []

    def open_one(start, until, *, size="wide", scheme="light", **options):
        sessions = []

        def new_session(tell):
            sessions.append(Session(tell, start=start))
            return sessions[-1]

        studio = Studio(new_session)
        width, height = SIZES[size]
        context = browser.new_context(viewport={"width": width, "height": height}, color_scheme=scheme, **options)
        opened.append((context, studio))
        page = context.new_page()
        page.set_default_timeout(60_000)
        host = studio.address.partition("/?")[0]
        page.on("request", lambda request: request.url.startswith(host) or troubles.append(request.url))
        page.on("pageerror", lambda error: troubles.append(str(error)))
        page.on("console", lambda message: troubles.append(message.text))
        page.goto(studio.address)
        page.locator(".diagram").wait_for(timeout=120_000)  # a session that begins may compile
        if until:
            sessions[-1].handle(Play(10**6, until=until))
            page.locator(".status", has_text=f"epoch {until}").wait_for()
            page.locator(".status.training").wait_for(state="detached")
        page.locator("#to-understand").click()
        page.locator(".understand nav button").first.wait_for()
        return page, sessions[-1]

    yield open_one
    for context, studio in opened:
        context.close()
        studio.close()
    assert troubles == []


def show(page, view):
    """Open a view, and wait until it is drawn."""
    page.locator(f'.understand nav [data-key="{view}"]').click()
    page.locator(f'.understand [data-view="{view}"][aria-busy="false"]').wait_for()


def value(page, name):
    return float(page.locator(f'.understand data[data-name="{name}"]').get_attribute("value"))


@pytest.fixture
def taken_away(tmp_path):
    """The model that the page saves, loaded, with the table."""

    def load(session):
        path = tmp_path / "model.glassnet"
        path.write_bytes(session.download("model").content)
        return gn.load(path), read(PENGUINS).table

    return load


def penguins(target):
    return open_file(PENGUINS, "penguins.csv", USUAL, target=target)


def test_numbers_are_those_of_the_model(open_studio, taken_away):
    """Training and validation rows together are the rows of the table, so their right predictions add up."""
    page, session = open_studio(penguins("species"), 3)
    model, table = taken_away(session)
    show(page, "confusion")
    counts = page.locator(".confusion td").all_inner_texts()
    total = np.asarray([int(n) for n in counts]).reshape(2, 3, 3).sum(axis=0)

    assert total.tolist() == metrics.confusion_matrix(table["species"].tolist(), model.predict(table)).tolist()

    show(page, "blame")
    first = page.locator(".blamed-rows tbody tr").first
    row = int(re.search(r"\d+", first.locator("th").inner_text())[0])
    p = model.predict_proba(table.take(np.asarray([row])))[0]
    assert value(page, f"blame row {row}") == pytest.approx(-np.log(p[model.classes_ == table["species"][row]][0]))


def test_values_are_read_by_keyboard(open_studio, taken_away):
    """The cross of the surface names what the model predicts there; Enter chooses the nearest row."""
    page, session = open_studio(penguins("species"), 20)
    model, _ = taken_away(session)
    show(page, "surface")
    page.locator(".field").focus()
    for key in ("ArrowLeft", "Shift+ArrowUp", "ArrowUp"):
        page.keyboard.press(key)
    words = page.locator(".readout-line").inner_text()
    x, at_x, y, at_y, label, share = re.fullmatch(r"(\S+) (\S+), (\S+) (\S+): (\w+), (\S+)%", words).groups()
    page.locator(".understand details summary").click()
    held = page.locator(".understand details p").inner_text()
    row = {name: [_value(value)] for name, value in (part.split(" = ") for part in held.split(", "))}
    row |= {x: [float(at_x)], y: [float(at_y)]}

    assert model.predict(row)[0] == label
    assert float(share) == pytest.approx(100 * model.predict_proba(row).max(), abs=0.2)  # of coordinates in six digits

    page.locator(".field").focus()
    page.keyboard.press("Enter")
    page.wait_for_function("() => document.querySelector('#row').value !== '0'")
    chosen = int(page.locator("#row").input_value())
    page.locator(".key", has_text=f"row {chosen}, the chosen one").wait_for()


def _value(text):
    return float(text) if re.fullmatch(r"[\d.]+", text) else text


def test_what_is_clicked_is_shown_beside_it(open_studio):
    """A cell shows its rows, a row becomes the chosen one, a neuron opens its card, an epoch is gone to."""
    page, _ = open_studio(penguins("species"), 3)
    show(page, "confusion")
    cell = page.locator(".cell-count").last
    cell.click()
    row = page.locator(".examples").last.get_by_role("button").last
    number = re.search(r"\d+", row.inner_text())[0]
    row.click()
    page.wait_for_function(f"() => document.querySelector('#row').value === '{number}'")

    show(page, "blame")
    page.locator('.understand [data-key="hidden1.2"]').click()
    page.locator('#tab-neuron[aria-selected="true"]').wait_for()

    show(page, "landscape")
    page.locator('.understand [data-key="epoch 0"]').click()
    page.locator(".understand .time", has_text="epoch 0").wait_for()
    page.locator(".plot", has_text="now, epoch 0").wait_for()


def test_a_quantity(open_studio, taken_away):
    page, session = open_studio(penguins("body_mass_g"), 10)
    model, table = taken_away(session)
    show(page, "residuals")
    known = np.flatnonzero(np.isfinite(table["body_mass_g"]))
    rows = table.take(known)
    worst = known[np.argmax(np.abs(model.predict(rows) - rows["body_mass_g"]))]
    expect(page.locator(".understand").get_by_role("button", name=f"row {worst}", exact=True)).to_have_count(1)

    show(page, "surface")
    page.locator(".scale", has_text="body_mass_g").wait_for()
    page.locator('.understand nav [data-key="confusion"]').click()
    refused = "Not for this model: the model predicts quantities, not classes; look at the residuals."
    page.get_by_text(refused, exact=True).wait_for()


def test_one_column(open_studio):
    """There is no plane, so the view along the column is open; its table says what the curve says."""
    page, _ = open_studio(open_example("line"), 3)
    page.locator('.understand nav [data-key="response"][aria-current]').wait_for()
    page.locator('.understand [data-view="response"] .response').first.wait_for()
    page.locator(".understand details summary", has_text="The numbers").click()
    assert page.locator(".understand details tbody tr").count() >= 10
    page.locator('.understand nav [data-key="surface"]').click()
    page.get_by_text("Not for this model: it needs two columns of numbers or categories").wait_for()


def test_options_ask_anew(open_studio):
    page, _ = open_studio(penguins("species"), 3)
    show(page, "surface")
    page.locator("#view-x").select_option(label="year")
    page.locator(".plot .label", has_text="year").wait_for()
    page.locator("#view-output").focus()
    page.locator("#view-output").select_option(label="Gentoo")
    page.locator(".scale", has_text="probability of Gentoo").wait_for()
    expect(page.locator("#view-output")).to_be_focused()


def test_a_fix_is_tried_and_undone(open_studio):
    """The button of a card trains with the changed setting from the start; Undo trains what was before again."""
    project = penguins("species")
    slow = replace(project, usual={**project.usual, "learning_rate_init": 1e-6, "max_iter": 12})
    page, session = open_studio(slow, 12)
    show(page, "findings")
    slow_words = page.locator(".status.finished").inner_text()
    before, found = session._work.built.setup, session._work.course.training.run.result().theta.copy()
    page.get_by_role("button", name="Try this fix: learning rate 0.001").first.click()
    page.get_by_text("This training tries a fix: learning rate 0.001.").wait_for()
    expect(page.locator(".status")).not_to_have_text(slow_words)
    page.locator(".status.finished", has_text="epoch 12").wait_for()
    assert structs.asdict(session._work.built.setup) == {**structs.asdict(before), "learning_rate_init": 0.001}
    page.get_by_role("button", name="Undo this fix").click()
    page.get_by_text("This training tries a fix").wait_for(state="hidden")
    expect(page.locator(".status")).to_have_text(slow_words)
    assert session._work.built.setup == before
    assert np.array_equal(session._work.course.training.run.result().theta, found)


def test_before_and_beside_training(open_studio):
    """Before the first epoch there are no curves; while training goes on, a view comes again and again."""
    page, session = open_studio(open_example("boolean"), 0)
    page.locator('.understand nav [data-key="learning"]').click()
    page.get_by_text("Not for this model: no epoch was trained yet; train first.").wait_for()
    show(page, "surface")
    expect(page.locator(".understand .time")).to_have_text(re.compile("^epoch 0"))
    session.handle(Play(10**6, pace=20))
    page.wait_for_function("() => /epoch [1-9]/.test(document.querySelector('.understand .time').innerText)")
    page.get_by_label("follow training").uncheck()


@pytest.mark.parametrize("size", ["wide", "tall"])
def test_no_violation_of_accessibility(open_studio, audit, size):
    """By the rules of axe-core for WCAG 2.2 AA, in every view, light and dark."""
    page, _ = open_studio(penguins("species"), 3, size=size, bypass_csp=True)
    for view in VIEWS:
        show(page, view)
        audit(page, ".work")


@pytest.mark.parametrize("size", ["wide", "tall"])
def test_views_fit_the_panel(open_studio, size):
    page, _ = open_studio(penguins("species"), 3, size=size)
    for view in VIEWS:
        show(page, view)
        width, most = page.evaluate("() => ((e) => [e.scrollWidth, e.clientWidth])(document.querySelector('.work'))")
        assert width <= most, view
