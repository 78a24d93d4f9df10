"""The recording in a real browser, opened from a file: what a reader does, and the numbers that he sees."""

import base64
import re

import numpy as np
import pytest

import glassnet as gn
from glassnet.drawing.words import compact, short


def shown(page, name):
    """A number on the page, in full precision."""
    return float(page.locator(f'data[data-name="{name}"]').first.get_attribute("value"))


def go_to(page, frame):
    page.get_by_role("slider", name="epoch").fill(str(frame))


def settled(page):
    """Wait until everything that was asked for is drawn."""
    page.evaluate("() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")
    page.wait_for_selector('#card[aria-busy="false"]')


def test_the_page_opens_at_the_start(open_page, boolean, boolean_recording):
    page = open_page(boolean_recording)

    assert page.title() == "Training of a 3-3-1 network"
    assert page.locator("h1").inner_text() == "Training of a 3-3-1 network"
    assert page.locator(".stopped").inner_text() == f"Why it stopped: {boolean[0].history.stop_reason}."
    assert page.locator(".place").inner_text() == "start"
    assert page.get_by_role("slider", name="epoch").get_attribute("aria-valuetext") == "start"


def test_a_neuron_shows_the_numbers_of_explain(open_page, boolean, boolean_recording):
    result, X, Y = boolean
    page = open_page(boolean_recording)
    go_to(page, 60)
    page.get_by_label("Row", exact=True).select_option("5")
    page.locator('[data-neuron="1.1"]').click()
    settled(page)
    epoch = boolean_recording.epochs[60]
    told = gn.explain(result.at(epoch=epoch).network, X[5], Y[5], cost="half_squared_error")
    ahead, back = told.forward[1].at(1), told.backward[1].at(1)

    assert page.locator(".place").inner_text() == f"epoch {epoch}"
    assert page.locator("#card h3").inner_text() == "hidden1.2"
    assert [shown(page, name) for name in ("z", "a", "dE_da", "da_dz", "delta")] == pytest.approx(
        [ahead.z, ahead.a, back.dE_da, back.da_dz, back.delta], rel=1e-12
    )
    products = page.locator("#card table").first.locator("td:last-child data")
    values = [float(each.get_attribute("value")) for each in products.all()[:-1]]
    assert sorted(values) == pytest.approx(sorted(term.product for term in ahead.terms), rel=1e-12)
    assert shown(page, "cost") == pytest.approx(told.cost.total, rel=1e-12)


def test_a_connection_shows_its_chain_rule(open_page, boolean, boolean_recording):
    result, X, Y = boolean
    page = open_page(boolean_recording)
    go_to(page, 30)
    page.get_by_label("Row", exact=True).select_option("5")
    line = page.locator(".hit").nth(connection_place(boolean_recording, 2, 0, 1))
    line.dispatch_event("click")
    settled(page)
    moment = result.at(epoch=boolean_recording.epochs[30])
    settings = {"cost": "half_squared_error", "solver": "gd", "learning_rate": moment.learning_rate}
    told = gn.explain(moment.network, X[5], Y[5], **settings).weight("hidden1.2 -> output1")

    assert page.locator("#card h3").inner_text() == "hidden1.2 → F"
    assert [shown(page, name) for name in ("weight", "delta", "incoming", "gradient", "new")] == pytest.approx(
        [told.value, told.delta, told.dz_dw, told.gradient, told.new], rel=1e-12
    )
    drawn = page.locator(".diagram .lines line").nth(connection_place(boolean_recording, 2, 0, 1))
    assert ("negative" in drawn.get_attribute("class")) == (told.value < 0)


def connection_place(recording, layer, j, k):
    """Its place among the drawn ones."""
    connections = recording.record["scene"]["connections"]
    return next(n for n, c in enumerate(connections) if (c["layer"], c["j"], c["k"]) == (layer, j, k))


def test_a_model_of_a_table(open_page, penguins, penguins_recording):
    """The prediction in the user's classes, a column's encoding, and a hidden neuron of the replayed network."""
    model, X, y = penguins
    page = open_page(penguins_recording)
    last = len(penguins_recording.epochs) - 1
    go_to(page, last)
    drawn = penguins_recording.record["scene"]["layers"][1]["drawn"][0]
    page.locator(f'[data-neuron="1.{drawn}"]').click()
    settled(page)
    network = model.replay(X, y).at(epoch=penguins_recording.epochs[-1]).network
    row = penguins_recording.record["rows"][0]
    told = gn.explain(network, row["X"], row["Y"], cost=model.cost_)

    assert page.locator(".prediction").inner_text().startswith("Prediction: ")
    assert y.iloc[3] in page.get_by_label("Row", exact=True).locator("option").first.inner_text()
    assert shown(page, "z") == pytest.approx(told.forward[1].at(drawn).z, rel=1e-12)
    assert shown(page, "delta") == pytest.approx(told.backward[1].at(drawn).delta, rel=1e-12)
    place = penguins_recording.record["names"][0].index("bill_length_mm")
    page.locator(f'[data-neuron="0.{place}"]').click()
    settled(page)
    column = gn.explain(model, X.iloc[[3]]).inputs[1]
    assert page.locator("#card .column p").all_inner_texts()[:2] == [f"bill_length_mm {column.raw}", column.steps[0]]


def test_a_neuron_that_is_not_drawn_has_a_card(open_page, penguins, penguins_recording):
    """Chosen by its number; of the weights into it a recording holds none, and says so."""
    model, X, y = penguins
    page = open_page(penguins_recording)
    go_to(page, len(penguins_recording.epochs) - 1)
    drawn = penguins_recording.record["scene"]["layers"][1]["drawn"]
    index = next(j for j in range(16) if j not in drawn)
    page.get_by_role("tab", name="Neuron").click()
    page.get_by_label("Layer").select_option("hidden 1")
    page.get_by_role("spinbutton", name="neuron").fill(str(index + 1))
    page.get_by_role("spinbutton", name="neuron").press("Enter")
    settled(page)
    network = model.replay(X, y).at(epoch=penguins_recording.epochs[-1]).network
    row = penguins_recording.record["rows"][0]
    told = gn.explain(network, row["X"], row["Y"], cost=model.cost_)

    assert page.locator("#card h3").inner_text() == f"hidden1.{index + 1}"
    assert "is not drawn, and the weights into it are not among the numbers" in page.locator("#card").inner_text()
    assert [shown(page, "a"), shown(page, "delta")] == pytest.approx(
        [told.forward[1].a[index], told.backward[1].delta[index]], rel=1e-12
    )
    page.locator('[data-neuron="3.0"]').click()
    settled(page)
    assert page.get_by_role("spinbutton", name="neuron").input_value() == "1"
    page.locator('[data-neuron="1.0"]').focus()
    for _ in drawn:
        page.keyboard.press("ArrowDown")
    assert page.evaluate("() => document.activeElement.getAttribute('aria-label')").endswith("not drawn one by one")
    page.keyboard.press("Enter")
    settled(page)
    assert page.locator("#card h3").inner_text() == f"hidden1.{index + 1}"


def test_neurons_are_colored_by_a_measure(open_page, boolean, boolean_recording):
    """The circles hold its number, the legend its range; the largest has the strongest color, and signs differ."""
    result, X, Y = boolean
    page = open_page(boolean_recording)
    go_to(page, 60)
    page.get_by_label("Row", exact=True).select_option("5")
    page.get_by_label("color neurons by").select_option("error signal δ of this row")
    settled(page)
    told = gn.explain(result.at(epoch=boolean_recording.epochs[60]).network, X[5], Y[5], cost="half_squared_error")
    deltas = [*told.backward[1].delta, *told.backward[2].delta]
    names = ["1.0", "1.1", "1.2", "2.0"]
    neurons = [page.locator(f'[data-neuron="{name}"]') for name in names]

    assert [each.locator(".value").text_content() for each in neurons] == [compact(delta) for delta in deltas]
    assert ["negative" in each.get_attribute("class") for each in neurons] == [bool(delta < 0) for delta in deltas]
    share = "(circle) => parseFloat(circle.style.getPropertyValue('--share'))"
    expected = [50 * abs(delta) / max(map(abs, deltas)) for delta in deltas]
    assert [each.locator("circle").evaluate(share) for each in neurons] == pytest.approx(expected)
    most = short(max(map(abs, deltas)))
    assert page.locator(".scale").inner_text().split() == [f"−{most}", most]
    assert page.locator('[data-neuron="0.0"]').get_attribute("aria-label") == "x, activation 1"


def test_the_steps_of_a_row(open_page, boolean, boolean_recording):
    result, X, Y = boolean
    page = open_page(boolean_recording)
    go_to(page, 30)
    page.get_by_label("Row", exact=True).select_option("5")
    network = result.at(epoch=boolean_recording.epochs[30]).network
    told = gn.explain(network, X[5], Y[5], cost="half_squared_error")
    titles, values = [], {}
    for place in range(7):
        settled(page)
        titles.append(page.locator("#card h3").inner_text())
        values[place] = [float(each.get_attribute("value")) for each in page.locator("#card data").all()]
        if place < 6:
            page.get_by_role("button", name="Next ›").click()

    assert titles == [
        "1 of 7: inputs", "2 of 7: forward, hidden layer 1", "3 of 7: forward, outputs", "4 of 7: cost",
        "5 of 7: backward, outputs", "6 of 7: backward, hidden layer 1", "7 of 7: update",
    ]  # fmt: skip
    assert set(told.forward[1].z) | set(told.forward[1].a) <= set(values[1])
    assert {told.forward[2].z[0], told.forward[2].a[0]} <= set(values[2])
    assert values[3] == [told.cost.total] * 2
    assert values[4][-1] == told.backward[2].delta[0]
    assert set(told.backward[1].delta) <= set(values[5])
    assert page.get_by_role("button", name="Next ›").is_disabled()


def test_playing_and_pausing(open_page, boolean_recording):
    page = open_page(boolean_recording)
    page.get_by_label("speed").select_option("30")
    page.get_by_role("button", name="play").click()
    page.wait_for_function("() => document.querySelector('.player input').value >= 3")
    page.get_by_role("button", name="pause").click()
    settled(page)
    held = page.get_by_role("slider", name="epoch").input_value()
    settled(page)

    assert page.get_by_role("slider", name="epoch").input_value() == held
    last = len(boolean_recording.epochs) - 1
    go_to(page, last - 2)
    page.get_by_role("button", name="play").click()
    page.wait_for_function(f"() => document.querySelector('.player input').value == {last}")
    page.get_by_role("button", name="play").wait_for()
    announced = f"epoch 400: cost {last_cost(boolean_recording):.3g}, falling"
    page.wait_for_function("(words) => document.querySelector('[aria-live]').textContent === words", arg=announced)


def last_cost(recording):
    return np.frombuffer(base64.b64decode(recording.record["history"]["curves"]["cost"]))[-1]


def test_less_motion_for_those_who_ask(open_page, boolean_recording):
    page = open_page(boolean_recording, reduced_motion="reduce")

    assert page.get_by_label("speed").locator("option:checked").inner_text() == "slow"


def test_connections_follow_the_slider(open_page, boolean_recording):
    """Also their sign: dashes where a weight has become negative."""
    page = open_page(boolean_recording)
    lines = page.locator(".diagram .lines line")
    before = [(each.get_attribute("stroke-width"), each.get_attribute("class")) for each in lines.all()]
    go_to(page, len(boolean_recording.epochs) - 1)
    settled(page)
    after = [(each.get_attribute("stroke-width"), each.get_attribute("class")) for each in lines.all()]

    assert {kind for _, kind in before} == {"positive"}
    assert {kind for _, kind in after} == {"positive", "negative"}
    assert all(one[0] != other[0] for one, other in zip(before, after, strict=True))
    dashes = "(line) => getComputedStyle(line).strokeDasharray"
    assert {each.evaluate(dashes) for each in page.locator(".diagram .lines .negative").all()} == {"6px, 4px"}
    assert {each.evaluate(dashes) for each in page.locator(".diagram .lines .positive").all()} == {"none"}


def test_blame_flows_back(open_page, boolean, boolean_recording):
    """In the backward step of a hidden layer: w·δ beside its curve, dashed if negative; marks move unless one asks."""
    result, X, Y = boolean
    page = open_page(boolean_recording)
    go_to(page, 60)
    page.get_by_label("Row", exact=True).select_option("5")
    settled(page)
    flows = page.locator(".diagram .flow")
    assert [each.is_visible() for each in flows.all()] == [False] * 3
    for _ in range(5):
        page.get_by_role("button", name="Next ›").click()
        settled(page)
    network = result.at(epoch=boolean_recording.epochs[60]).network
    told = gn.explain(network, X[5], Y[5], cost="half_squared_error")
    blames = np.asarray(network.W[2])[0] * told.backward[2].delta[0]
    places = [connection_place(boolean_recording, 2, 0, k) for k in range(3)]
    order = np.argsort(places)

    assert page.locator(".diagram .flows text").all_text_contents() == [short(blames[k]) for k in order]
    assert ["negative" in each.get_attribute("class") for each in flows.all()] == [bool(blames[k] < 0) for k in order]
    animation = "(each) => getComputedStyle(each).animationName"
    assert page.locator(".flow .marks").first.evaluate(animation) == "flow"
    assert "blame w·δ flowing back" in page.locator(".legend").inner_text()
    page.emulate_media(reduced_motion="reduce")
    assert page.locator(".flow .marks").first.evaluate(animation) == "none"
    assert flows.first.is_visible()


def test_keyboard_only(open_page, boolean_recording):
    """Tab reaches every control once, arrows move within the network, and the place is kept while cards change."""
    page = open_page(boolean_recording)
    visited = []
    for _ in range(20):
        page.keyboard.press("Tab")
        visited.append(page.evaluate(FOCUSED))
        if visited[-1] in visited[:-1]:
            break
    assert {"x, activation 0", "error signals δ", "play", "epoch", "row", "speed", "tab-steps", "next", "card"} <= set(
        visited
    )

    page.locator('[data-neuron="0.0"]').focus()
    for key in ("ArrowRight", "ArrowDown", "ArrowRight", "ArrowLeft", "Enter"):
        page.keyboard.press(key)
    settled(page)
    assert page.locator("#card h3").inner_text() == "hidden1.2"
    assert page.locator('[data-neuron="1.1"]').get_attribute("aria-pressed") == "true"
    assert page.locator('.diagram [tabindex="0"]').count() == 1
    assert page.locator('[data-neuron="1.1"] circle').evaluate("(each) => getComputedStyle(each).strokeWidth") == "5px"

    page.locator('[data-key="weight-1.1.2"]').focus()
    page.keyboard.press("Enter")
    settled(page)
    assert page.locator("#card h3").inner_text() == "z → hidden1.2"
    page.locator('[data-key="target"]').focus()
    go_on = "() => document.querySelector('.player input').dispatchEvent(new Event('input'))"
    page.evaluate(go_on)
    settled(page)
    assert page.evaluate("() => document.activeElement.dataset.key") == "target"

    page.get_by_role("tab", name="Connection").focus()
    page.keyboard.press("ArrowRight")
    settled(page)
    assert page.get_by_role("tab", name="Step through").get_attribute("aria-selected") == "true"
    for _ in range(6):
        page.locator('[data-key="next"]').focus()
        page.keyboard.press("Enter")
        settled(page)
    assert page.locator("#card h3").inner_text() == "7 of 7: update"
    assert page.evaluate("() => document.activeElement.id") == "card"  # its button is disabled now

    page.get_by_role("slider", name="epoch").focus()
    page.keyboard.press("End")
    settled(page)
    assert page.locator(".place").inner_text() == "epoch 400"


FOCUSED = """() => {
  const on = document.activeElement;
  const words = on.getAttribute("aria-label") ?? on.dataset.key ?? (on.labels?.[0]?.textContent || on.id);
  return on.id === "row" ? "row" : on.id.startsWith("tab-") || on.id === "card" ? on.id : words;
}"""


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_an_audit_finds_what_cannot_be_read(browser, audit, scheme):
    page = browser.new_page()
    page.set_content(
        '<!doctype html><html lang="en"><title>t</title><main><h1>A title</h1><p>words</p></main>'
        f"<style>@media (prefers-color-scheme: {scheme}) {{ p {{ color: #777; background: #666 }} }}</style>"
    )
    with pytest.raises(AssertionError, match=r"color-contrast.*<p>words</p>"):
        audit(page)
    page.close()


@pytest.mark.parametrize("size", ["wide", "tall"])
def test_no_violation_of_accessibility(open_page, audit, penguins_recording, size):
    """By the rules of axe-core for WCAG 2.2 AA, on every tab, light and dark."""
    page = open_page(penguins_recording, size=size, bypass_csp=True)
    go_to(page, 10)
    page.get_by_label("error signals").check()
    for tab in ("Step through", "Neuron", "Connection"):
        page.get_by_role("tab", name=tab).click()
        settled(page)
        audit(page)


@pytest.mark.parametrize("size", ["wide", "tall"])
def test_the_page_fits_its_window(open_page, penguins_recording, size):
    """Nothing is wider than the window, and on a wide one nothing is below it."""
    page = open_page(penguins_recording, size=size)
    width, height, most_x, most_y = page.evaluate(
        "() => [document.documentElement.scrollWidth, document.documentElement.scrollHeight, innerWidth, innerHeight]"
    )

    assert width <= most_x
    assert size == "tall" or height <= most_y


HOSTILE = "<img src=x onerror=alert(1)></script><script>alert(1)</script>"


def test_names_are_text(open_page):
    """Of columns, of classes and in rows; no element comes from them, and no script runs."""
    import pandas as pd

    rng = np.random.default_rng(0)
    X = pd.DataFrame({HOSTILE: rng.normal(size=40), "<b>b</b>": ["<i>", "&amp;"] * 20})
    y = np.asarray([HOSTILE, "<u>u</u>"] * 20)
    model = gn.GlassClassifier((3,), max_iter=3, random_state=0).fit(X, y)
    page = open_page(gn.playback(model, X, y))
    for neuron in page.locator("[data-neuron]").all():
        neuron.click()
        settled(page)
    for tab in ("Connection", "Step through"):
        page.get_by_role("tab", name=tab).click()
        settled(page)

    assert page.locator("img, b, i, u").count() == 0
    assert page.locator("script").count() == 3
    assert HOSTILE in page.locator("#card").inner_text()
    assert f"target {HOSTILE[:60]}" in page.get_by_label("Row", exact=True).locator("option").first.inner_text()


def test_no_script_but_its_own_runs(open_page, boolean_recording):
    """The policy refuses a script that is added, and code from text."""
    page = open_page(boolean_recording, refusals="Content Security Policy")
    refused = page.evaluate(
        """() => new Promise((done) => {
          document.addEventListener("securitypolicyviolation", (event) => done(event.effectiveDirective), { once: true });
          const script = document.createElement("script");
          script.textContent = "document.title = 'changed'";
          document.head.append(script);
        })"""
    )

    assert refused == "script-src-elem"
    assert page.title() == "Training of a 3-3-1 network"
    policy = re.search(r'Policy" content="([^"]*)"', boolean_recording.html)[1]
    assert "unsafe" not in policy
    assert policy.startswith("default-src 'none'; script-src 'nonce-")


def test_a_diverged_run_says_so(open_page):
    X = np.random.default_rng(0).normal(size=(50, 3))
    net = gn.Network.create([3, 4, 1], hidden="relu", output="identity", seed=0)
    result = gn.train(net, X, X[:, :1], cost="squared_error", solver="gd", learning_rate=1.5, epochs=300)
    recording = gn.playback(result)
    page = open_page(recording)
    for frame in range(len(recording.epochs)):
        go_to(page, frame)
        settled(page)

    assert page.locator(".stopped").inner_text() == f"Training diverged: {result.history.stop_reason}."
    assert page.locator(".place").inner_text() == f"epoch {recording.epochs[-1]}"


def test_without_a_finished_epoch(open_page):
    """Infinite numbers are shown as such; every card and step of it opens without an error."""
    X = np.random.default_rng(0).normal(size=(50, 3))
    net = gn.Network.create([3, 4, 1], hidden="relu", output="identity", seed=0)
    settings = {"cost": "squared_error", "solver": "sgd", "learning_rate": 1e60, "epochs": 30, "batch_size": 10}
    page = open_page(gn.playback(gn.train(net, X, X[:, :1] * 1e150, **settings)))
    go_to(page, 1)
    for tab in ("Neuron", "Connection", "Step through"):
        page.get_by_role("tab", name=tab).click()
        settled(page)
    for _ in range(6):
        page.get_by_role("button", name="Next ›").click()
        settled(page)

    assert page.locator(".place").inner_text() == "epoch 1, after its step 1"
    assert "∞" in page.locator('[data-neuron="2.0"]').text_content()
    assert "no epoch was finished" in page.locator(".curves").text_content()


def test_one_frame(open_page):
    result = gn.train(
        gn.Network.create([1, 1], seed=0), [[0.0], [1.0]], [[0], [1]], cost="binary_cross_entropy", epochs=3
    )
    page = open_page(gn.playback(result, frames=[2]))
    page.get_by_role("button", name="play").click()
    settled(page)

    assert page.locator(".place").inner_text() == "epoch 2"
    assert page.get_by_role("button", name="play").is_visible()


def test_softmax_says_what_its_letters_mean(open_page, penguins_recording):
    page = open_page(penguins_recording)
    page.locator('[data-neuron="3.0"]').click()
    settled(page)

    assert "m is the largest z of the layer (" in page.locator("#card").inner_text()


def test_in_a_frame_without_an_origin(browser, boolean_recording):
    """As a notebook shows it."""
    page = browser.new_page()
    page.set_content(f"<body>{boolean_recording._repr_html_()}</body>")
    page.frame_locator("iframe").locator(".diagram").wait_for()
    page.close()
