"""The live page in a real browser with the real server: from a table of one's own to a trained and saved network."""

import re
from urllib.parse import urlsplit

import numpy as np
import pytest
from tests.studio.conftest import expect
from tests.studio.live.visiting import MEASURES, PENGUINS, Visitor, at, go, settled, shown, studio, upload

import glassnet as gn


def epoch_in(locator):
    return int(re.search(r"epoch ([\d,]+)", locator.inner_text())[1].replace(",", ""))


def build_4_8_3(page):
    go(page, "Build")
    page.get_by_label("neurons of hidden layer 1").fill("8")
    page.locator(".size", has_text="4-8-3").wait_for()


def test_from_a_table_to_a_saved_network(visit, running, measures_csv, tmp_path):
    page = visit()
    upload(page, measures_csv)
    expect(page.locator("#panel-data p").first).to_have_text(
        "342 rows: which species is it, from 4 columns? (classification)"
    )
    build_4_8_3(page)
    expect(page.locator(".size")).to_contain_text("67 parameters")  # 8 * (4 + 1) + 3 * (8 + 1)

    page.locator("#panel-build").get_by_role("button", name="Train").click()
    page.locator(".status.training").wait_for()
    page.wait_for_function("() => Number(document.querySelector('.player input').max) >= 5")
    page.locator(".player").get_by_role("button", name="pause").click()
    page.locator(".status.paused").wait_for()
    paused = epoch_in(page.locator(".status.paused"))
    at(page, f"epoch {paused}")
    costs = re.compile(r"cost from (\S+) to ([\d.e−-]+)")
    curves = page.locator(".curves-live svg")
    expect(curves).to_have_attribute("aria-label", costs)
    first, last = (float(number) for number in costs.search(curves.get_attribute("aria-label")).groups())
    assert last < first

    page.get_by_role("button", name="+1 step").click()
    page.locator(".player .place", has_text=f"epoch {paused}, 1 step on").wait_for()
    page.get_by_role("button", name="+1 epoch").click()
    page.locator(".player .place", has_text=re.compile(rf"^epoch {paused + 1}$")).wait_for()

    page.get_by_role("slider", name="epoch").fill("2")
    page.locator(".player .place", has_text=re.compile(r"^epoch 2$")).wait_for()
    page.get_by_role("button", name="Now").click()  # which waits until it can be clicked
    page.locator(".player .place", has_text=re.compile(rf"^epoch {paused + 1}$")).wait_for()

    go(page, "Train")
    page.get_by_label("Train up to epoch").fill(str(paused + 5))
    page.get_by_role("button", name="Go", exact=True).click()
    page.locator(".status.paused", has_text=f"epoch {paused + 5}:").wait_for()
    page.locator('[data-neuron="1.0"]').click()
    at(page, f"epoch {paused + 5}")
    answer = page.context.request.get(f"{running.origin}/download/model?session={running.sessions[page]}")
    path = tmp_path / "saved.glassnet"
    path.write_bytes(answer.body())
    model = gn.load(path)
    table = np.loadtxt(measures_csv, delimiter=",", skiprows=1, usecols=range(4))
    told = gn.explain(model, dict(zip(MEASURES, table[0], strict=True)))
    assert shown(page, "z") == pytest.approx(told.forward[1].at(0).z, rel=1e-12)


def test_the_slider_shows_what_training_did(visit):
    """Back in time the numbers are those of the epoch, with all digits: going there twice shows the same."""
    page = visit()
    page.locator('[data-example="boolean"]').click()
    page.locator(".status.ready").wait_for()
    page.get_by_label("pace").select_option("")
    go(page, "Train")
    page.get_by_label("Train up to epoch").fill("30")
    page.get_by_role("button", name="Go", exact=True).click()
    page.locator(".status.paused").wait_for()
    page.locator('[data-neuron="1.0"]').click()

    def z_at(epoch):
        page.get_by_role("slider", name="epoch").fill(str(epoch))
        at(page, f"epoch {epoch}")
        return shown(page, "z")

    first, second, again = z_at(10), z_at(20), z_at(10)
    assert first == again
    assert first != second


def test_finding_an_epoch(visit):
    page = visit()
    page.locator('[data-example="penguins"]').click()
    page.locator(".status.ready").wait_for()
    page.get_by_label("pace").select_option("")
    go(page, "Train")
    page.get_by_label("Train up to epoch").fill("20")
    page.get_by_role("button", name="Go", exact=True).click()
    at(page, "epoch 20")
    field = page.get_by_label("Find the first epoch where")
    field.fill("cost < 0.3")
    page.get_by_role("button", name="Find").click()
    page.wait_for_function("() => document.querySelector('.player .place').textContent !== 'epoch 20'")
    found = epoch_in(page.locator(".player .place"))
    assert 0 < found < 20
    cost = float(re.search(r"cost ([\d.]+)", page.locator(".player .cost").inner_text())[1])
    assert cost < 0.3
    page.get_by_role("slider", name="epoch").fill(str(found - 1))
    page.locator(".player .place", has_text=re.compile(rf"^epoch {found - 1}$")).wait_for()
    assert float(re.search(r"cost ([\d.]+)", page.locator(".player .cost").inner_text())[1]) >= 0.3

    field.fill("banana")
    page.get_by_role("button", name="Find").click()
    page.get_by_text("'banana' is not a condition").wait_for()
    field.fill("cost < 0.4")
    page.get_by_role("button", name="Find").click()
    page.get_by_text("'banana' is not a condition").wait_for(state="hidden")


def test_a_trained_network_is_not_lost_by_a_touch(visit):
    page = visit()
    page.locator('[data-example="penguins"]').click()
    page.locator(".status.ready").wait_for()
    page.get_by_role("button", name="+1 epoch").click()
    page.locator(".status.paused").wait_for()
    go(page, "Build")
    page.get_by_label("Learning rate", exact=True).fill("0.5")
    page.get_by_label("Learning rate", exact=True).blur()
    page.locator("#panel-build").get_by_text("This builds a new network and forgets the training.").wait_for()
    expect(page.locator(".status")).to_have_text(re.compile("^paused, epoch 1:"))
    page.locator("#panel-build").get_by_role("button", name="Discard").click()
    expect(page.get_by_label("Learning rate", exact=True)).not_to_have_value("0.5")

    page.get_by_label("Learning rate", exact=True).fill("0.5")
    page.get_by_label("Learning rate", exact=True).blur()
    page.locator("#panel-build").get_by_role("button", name="Build it").click()
    page.locator(".status.ready").wait_for()
    expect(page.get_by_label("Learning rate", exact=True)).to_have_value("0.5")


def test_training_goes_on_after_its_last_epoch(visit):
    """As many epochs again by one button, and up to a chosen epoch in Build; the network stays on the page."""
    page = visit()
    page.locator('[data-example="boolean"]').click()
    page.locator(".status.ready").wait_for()
    page.get_by_label("pace").select_option("")
    go(page, "Build")
    page.get_by_label("Epochs", exact=True).fill("30")
    page.get_by_label("Epochs", exact=True).blur()
    page.locator("#panel-build").get_by_role("button", name="Train").click()
    page.locator(".status.finished", has_text="epoch 30:").wait_for()
    first = page.locator("#panel-train .fields button").first
    expect(first).to_have_text("Train 30 more epochs")
    expect(page.locator("#more")).to_have_text("Training goes on as if 60 epochs had been planned from the start.")
    first.click()
    page.locator(".status.finished", has_text="epoch 60:").wait_for()
    expect(page.get_by_role("slider", name="epoch")).to_have_attribute("max", "60")
    expect(page.locator(".curves-live svg")).to_have_attribute("aria-label", re.compile("cost from"))

    go(page, "Build")
    expect(page.get_by_label("Epochs", exact=True)).to_have_value("60")
    page.get_by_label("Epochs", exact=True).fill("90")
    page.get_by_label("Epochs", exact=True).blur()
    page.get_by_role("button", name="Train up to epoch 90").click()
    page.locator(".status.finished", has_text="epoch 90:").wait_for()
    page.locator("#panel-train").get_by_role("button", name="Understand the network").click()
    page.locator("#panel-understand").wait_for()


def test_reset_goes_back_to_the_initial_weights(visit):
    page = visit()
    page.locator('[data-example="three"], [data-example="boolean"]').first.click()
    page.locator(".status.ready").wait_for()
    page.locator('[data-neuron="1.0"]').click()
    at(page, "start")
    before = shown(page, "z")
    page.get_by_role("button", name="+1 epoch").click()
    at(page, "epoch 1")
    assert shown(page, "z") != before
    go(page, "Train")
    page.get_by_role("button", name="Reset").click()
    at(page, "start")
    assert shown(page, "z") == before


def test_what_is_refused_is_told_in_its_place(visit, tmp_path):
    page = visit(refusals="400")
    path = tmp_path / "empty.csv"
    path.write_text("", encoding="utf-8")
    page.locator("#file").set_input_files(path)
    told = page.locator(".opening .refused")
    expect(told).to_have_text(re.compile(r"^empty\.csv is empty"))
    page.get_by_label("expression of A Boolean function").fill("x +")
    page.locator('[data-example="boolean"]').click()
    page.wait_for_function("() => !document.querySelector('.opening .refused').textContent.includes('empty.csv')")
    told.wait_for()
    page.get_by_label("expression of A Boolean function").fill("x + y")
    page.locator('[data-example="boolean"]').click()
    page.locator(".status.ready").wait_for()
    expect(told).to_be_hidden()
    rows = page.locator("#panel-data table.rows-of tbody tr")
    expect(rows).to_have_text(["0 0 0", "0 1 1", "1 0 1", "1 1 1"], use_inner_text=True)


def test_columns_are_chosen(visit):
    page = visit()
    upload(page, PENGUINS)
    page.get_by_label("use year").uncheck()
    page.locator("#panel-data p", has_text="from 6 columns").wait_for()
    page.get_by_label("Predict").select_option("body_mass_g")
    page.locator("#panel-data p", has_text="how large is body_mass_g").wait_for()
    page.locator(".status.ready").wait_for()
    expect(page.get_by_label("use species")).to_be_checked()
    expect(page.get_by_label("Its whole numbers are")).to_have_value("regression")
    page.get_by_label("Predict").select_option("year")
    page.locator("#panel-data p", has_text="which year is it").wait_for()
    page.get_by_label("Its whole numbers are").select_option("a quantity")
    page.locator("#panel-data p", has_text="how large is year").wait_for()
    page.wait_for_url(re.compile("target=year&task=regression"))
    page.get_by_label("Predict").select_option("species")
    page.locator("#panel-data p", has_text="which species is it").wait_for()
    expect(page.get_by_label("Its whole numbers are")).to_be_hidden()


LONG_EPOCHS = """
const parse = JSON.parse;
JSON.parse = (...given) => {
  const found = parse(...given);
  if (found?.type === "model") found.epoch_seconds = 20;
  return found;
};
const send = WebSocket.prototype.send;
WebSocket.prototype.send = function (text) {
  if (String(text).includes('"type":"pause"')) window.arrive = () => send.call(this, text);
  else send.call(this, text);
};
"""


def test_a_long_epoch_says_that_a_pause_waits(visit):
    """The command arrives as late as if an epoch had to end first."""
    page = visit()
    page.add_init_script(LONG_EPOCHS)
    page.reload()
    page.locator('[data-example="boolean"]').click()
    page.locator(".status.ready").wait_for()
    go(page, "Train")
    panel = page.locator("#panel-train")
    panel.get_by_role("button", name="Train", exact=True).click()
    panel.get_by_text("An epoch takes about 20 seconds; Pause and all questions wait for its end.").wait_for()
    panel.get_by_role("button", name="Pause", exact=True).click()
    panel.get_by_role("button", name="Pausing after this epoch …").wait_for()
    page.evaluate("() => window.arrive()")
    page.locator(".status.paused").wait_for()
    panel.get_by_role("button", name="Go on").wait_for()


# A click comes while a network is being built: the command is held until then.
CLICK_DURING_BUILD = """() => {
  const send = WebSocket.prototype.send;
  const click = () => [...document.querySelectorAll("#panel-build button")].find((b) => b.textContent === "Train").click();
  WebSocket.prototype.send = function (text) {
    if (!String(text).includes("1e+30")) return send.call(this, text);
    WebSocket.prototype.send = send;
    requestAnimationFrame(() => requestAnimationFrame(() => {
      click();
      this.send(text);
    }));
  };
}"""


def test_divergence_is_named(visit):
    """Also if training is asked for while the network is still being built."""
    page = visit()
    page.locator('[data-example="penguins"]').click()
    page.locator(".status.ready").wait_for()
    go(page, "Build")
    page.get_by_label("activation of hidden layer 1").first.select_option("relu")
    page.get_by_label("Solver").select_option("sgd")
    page.get_by_label("pace").select_option("")
    page.evaluate(CLICK_DURING_BUILD)
    page.get_by_label("Learning rate", exact=True).fill("1e30")
    page.get_by_label("Learning rate", exact=True).blur()
    expect(page.locator(".why.diverged")).to_have_text(re.compile(r"^Training diverged: .*epoch \d+"))
    expect(page.get_by_role("button", name="Reset")).to_be_enabled()


def test_keyboard_only(visit, measures_csv):
    """From a file to a trained network and back in time, without a pointer."""
    page = visit()

    def tab_to(name):
        for _ in range(80):
            page.keyboard.press("Tab")
            if page.evaluate(NAMED) == name:
                return
        raise AssertionError(f"the keyboard does not reach {name!r}")

    tab_to("Data")
    with page.expect_file_chooser() as chooser:
        tab_to("Choose a file")  # within: when the page has answered, it knows that the dialog is awaited
        page.keyboard.press("Enter")
    chooser.value.set_files(measures_csv)
    page.locator(".status.ready").wait_for()
    tab_to("Build the network first")
    page.keyboard.press("Enter")
    page.locator("#panel-build").wait_for()
    tab_to("neurons of hidden layer 1")
    page.keyboard.press("ArrowUp")
    tab_to("Train")
    page.keyboard.press("Enter")
    page.locator(".status.training").wait_for()
    tab_to("Pause")
    page.keyboard.press("Enter")
    page.locator(".status.paused").wait_for()
    tab_to("epoch")
    page.keyboard.press("Home")
    page.locator(".player .place", has_text="start").wait_for()
    page.get_by_role("tab", name="Train", exact=True).focus()
    page.keyboard.press("ArrowLeft")
    expect(page.get_by_role("tab", name="Build", exact=True)).to_have_attribute("aria-selected", "true")
    page.keyboard.press("Home")
    expect(page.get_by_role("tab", name="Data", exact=True)).to_have_attribute("aria-selected", "true")


NAMED = """() => {
  const on = document.activeElement;
  return on.getAttribute("aria-label") ?? on.textContent.trim();
}"""


def test_training_is_announced(visit):
    page = visit()
    page.locator('[data-example="penguins"]').click()
    page.locator(".status.ready").wait_for()
    page.get_by_role("button", name="+1 epoch").click()
    page.wait_for_function(
        "() => /^paused, epoch 1: (validation )?cost [0-9.]+/.test("
        "document.querySelector('.studio > [aria-live]').textContent)"
    )


def test_a_hidden_page_gets_no_frames(visit, running):
    """A browser draws no frames of a hidden page; training goes on, and what it came to is shown afterwards."""
    page = visit()
    page.locator('[data-example="penguins"]').click()
    page.locator(".status.ready").wait_for()
    page.get_by_label("pace").select_option("")
    settled(page)
    page.evaluate(HIDE)
    frames = []
    socket = running.sockets[page]
    socket.on("framereceived", lambda each: frames.append(each) if isinstance(each, bytes) else None)
    with socket.expect_event("framereceived", lambda each: '"state":"finished"' in str(each)):
        page.evaluate("() => document.querySelector('.player .play').click()")

    assert len(frames) <= 1
    assert page.locator(".status").inner_text().startswith("ready")
    page.evaluate(SHOW)
    page.locator(".status.finished").wait_for()
    page.locator(".player .place", has_text="epoch").wait_for()


HIDE = """() => {
  const draw = window.requestAnimationFrame;
  window.held = [];
  window.show = () => {
    window.requestAnimationFrame = draw;
    for (const each of window.held.splice(0)) draw(each);
  };
  window.requestAnimationFrame = (each) => window.held.push(each);
}"""
SHOW = "() => window.show()"


@pytest.mark.parametrize("size", ["wide", "tall"])
def test_no_violation_of_accessibility(visit, audit, size):
    """By the rules of axe-core for WCAG 2.2 AA: the panels of this page, before and after training, light and dark."""
    page = visit(size=size, bypass_csp=True)

    def check():
        settled(page)
        audit(page)

    for name in ("Data", "Build", "Train"):
        go(page, name)
        check()
    go(page, "Data")
    page.locator('[data-example="penguins"]').click()
    page.locator(".status.ready").wait_for()
    check()
    page.locator("#panel-data summary", has_text="The first rows").click()
    check()
    go(page, "Build")
    page.locator("#panel-build summary").click()
    check()
    page.get_by_role("button", name="+1 epoch").click()
    page.locator(".status.paused").wait_for()
    page.get_by_label("Learning rate", exact=True).fill("0.5")
    page.get_by_label("Learning rate", exact=True).blur()
    check()
    go(page, "Train")
    check()


@pytest.mark.parametrize("size", ["wide", "tall"])
def test_the_page_fits_its_window(visit, size):
    page = visit(size=size)
    page.locator('[data-example="digits"]').click()
    page.locator(".status.ready").wait_for()
    for name in ("Data", "Build", "Train"):
        go(page, name)
        settled(page)
        width, height, most_x, most_y = page.evaluate(
            "() => [document.documentElement.scrollWidth, document.documentElement.scrollHeight, innerWidth, innerHeight]"
        )
        assert width <= most_x
        assert size == "tall" or height <= most_y


def test_a_model_file_says_why_it_has_no_earlier_moments(visit, tmp_path):
    page = visit()
    path = tmp_path / "model.glassnet"
    gn.GlassClassifier((2,), max_iter=1).fit([[0.0], [1.0]] * 8, ["a", "b"] * 8).save(path)
    page.locator("#file").set_input_files(path)
    page.locator(".player .place", has_text="as it was opened").wait_for()

    expect(page.locator(".player .cost")).to_have_text(
        "There are no earlier moments: a model keeps its last weights, and not its training."
    )
    expect(page.get_by_role("slider", name="epoch")).to_be_disabled()
    go(page, "Train")
    page.locator("#panel-train").get_by_text("it is here to be looked at, not to be trained").wait_for()


def test_a_reload_loses_nothing(visit, measures_csv):
    """The file, the network, the training, a weight set by hand, the place of the slider, the panel and the card."""
    page = visit()
    upload(page, measures_csv)
    build_4_8_3(page)
    page.get_by_label("pace").select_option("200")
    go(page, "Train")
    page.get_by_label("Train up to epoch").fill("9")
    page.get_by_role("button", name="Go", exact=True).click()
    page.locator(".status.paused", has_text="epoch 9:").wait_for()
    page.locator('[data-neuron="1.2"]').click()
    page.get_by_role("slider", name="epoch").fill("4")
    at(page, "epoch 4")
    z = shown(page, "z")
    page.wait_for_url(re.compile(r"neuron=1\.2"))

    page.reload()
    at(page, "epoch 4")
    assert shown(page, "z") == z
    expect(page.locator(".status")).to_have_text(re.compile("^paused, epoch 9: "))
    expect(page.get_by_role("tab", name="Train", exact=True)).to_have_attribute("aria-selected", "true")
    expect(page.get_by_label("pace")).to_have_value("200")
    expect(page.locator(".notice")).to_be_hidden()
    page.get_by_role("button", name="Now").click()
    page.locator(".player .place", has_text=re.compile("^epoch 9$")).wait_for()
    page.get_by_role("button", name="+1 epoch").click()
    page.locator(".status.paused", has_text="epoch 10:").wait_for()
    go(page, "Data")
    expect(page.locator("#panel-data h2").first).to_have_text("measures.csv")


def test_a_killed_server(browser, measures_csv):
    """The page says so, finds the next one when its address has been opened, and opens the same file again."""
    with studio() as (address, child):
        visitor = Visitor(browser, address)
        page = visitor.open(refusals="WebSocket")
        upload(page, measures_csv)
        page.get_by_role("button", name="play").click()
        page.locator(".status.training").wait_for()
        child.kill()
        page.get_by_text("The server has gone").wait_for()
        expect(page.locator(".status")).to_have_text("no server")
        child.wait()
    with studio(urlsplit(address).port) as (address, _):
        other = page.context.new_page()
        other.goto(address)
        page.get_by_text("A new session has begun. Open measures.csv again to go on.").wait_for()
        page.get_by_role("button", name="Open measures.csv again").click()
        page.locator(".status.ready").wait_for()
        expect(page.locator(".notice")).to_be_hidden()
        visitor.leave()
