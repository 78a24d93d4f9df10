"""The cards of the live page: numbers of `gn.explain`, edited weights, rows, layers, measures, what-if and links."""

from dataclasses import replace
from urllib.parse import urlencode

import numpy as np
import pytest
from tests.studio.conftest import expect

import glassnet as gn


def shown(page, name):
    """A number on the cards, in full precision."""
    return float(page.locator(f'.cards data[data-name="{name}"]').first.get_attribute("value"))


def settled(page):
    """Wait until what was asked for has come and is drawn."""
    page.evaluate("() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")
    page.wait_for_selector('#card[aria-busy="false"]')


def open_example(page, name):
    page.get_by_role("tab", name="Data").click()
    page.get_by_role("button", name=name).first.click()
    page.wait_for_selector(".diagram")
    page.wait_for_selector("#card h3")
    settled(page)


def train(page, epoch):
    """Up to an epoch, as fast as possible; then the page has all digits."""
    page.get_by_role("tab", name="Train").click()
    page.get_by_label("pace").select_option("")
    page.get_by_label("Train up to epoch").fill(str(epoch))
    page.get_by_role("button", name="Go", exact=True).click()
    page.wait_for_function("(words) => document.querySelector('.place').textContent === words", arg=f"epoch {epoch}")
    page.wait_for_selector(".status.paused, .status.finished")
    settled(page)


def told_of(subject, network=None):
    """The chosen row in `gn.explain`."""
    (place,) = np.flatnonzero(subject.rows == subject.row)
    return gn.explain(network or subject.network, subject.X[place], subject.Y[place], cost=subject.cost)


def wait_for(page, name, value):
    """Wait for a number on the cards, to the last bit."""
    page.wait_for_function(
        "([name, value]) => Number(document.querySelector(`.cards data[data-name='${name}']`)?.value) === value",
        arg=[name, float(value)],
    )


NEURON = ("z", "a", "dE_da", "da_dz", "delta")


def test_a_neuron_has_the_numbers_of_explain(open_live, live):
    page = open_live()
    open_example(page, "Penguins")
    train(page, 5)
    page.locator('[data-neuron="1.2"]').click()
    told = told_of(live.subject())
    ahead, back = told.forward[1].at(2), told.backward[1].at(2)
    wait_for(page, "z", ahead.z)

    found = [shown(page, name) for name in NEURON]
    assert found == pytest.approx([ahead.z, ahead.a, back.dE_da, back.da_dz, back.delta], rel=1e-12)
    assert found[:3] == [ahead.z, ahead.a, back.dE_da]


def test_a_neuron_over_the_data(open_live, live):
    """Its histogram, its mean blame, and the rows that excite it most; one of them becomes the chosen row."""
    page = open_live()
    open_example(page, "Penguins")
    train(page, 5)
    page.locator('[data-neuron="1.2"]').click()
    page.wait_for_selector(".neuron-data h4")
    subject = live.subject()
    told = [gn.explain(subject.network, x, y, cost=subject.cost) for x, y in zip(subject.X, subject.Y, strict=True)]
    a = np.asarray([each.forward[1].a[2] for each in told])
    deltas = [abs(each.backward[1].delta[2]) for each in told]
    excited = sorted(subject.rows[np.argsort(-a)[:5]].tolist())
    buttons = page.locator(".neuron-data table button")

    assert shown(page, "blame") == pytest.approx(sum(deltas) / len(deltas), rel=1e-9)
    assert sorted(int(each.inner_text().split()[1]) for each in buttons.all()) == excited
    bars = [float(each.get_attribute("height")) for each in page.locator(".neuron-data .bar").all()]
    counts = np.histogram(a, bins=20)[0]
    assert bars == pytest.approx(98 * counts / counts.max(), abs=0.06)
    row = int(buttons.nth(1).inner_text().split()[1])
    buttons.nth(1).click()
    now = a[subject.rows == row][0]
    wait_for(page, "a", now)
    expect(page.locator("#row")).to_have_value(str(row))
    assert live.subject().row == row
    x = 58 + 408 * (now - a.min()) / (a.max() - a.min())
    assert float(page.locator(".neuron-data .now").get_attribute("x1")) == pytest.approx(x, abs=0.1)


def test_a_neuron_that_is_not_drawn(open_live, live):
    """Chosen by its number, its card has everything, and the weights into it can be opened and set."""
    page = open_live(fragment='example=penguins&setup={"hidden":[{"size":30,"activation":"tanh"}]}')
    page.wait_for_selector('[data-group="1"]')
    page.locator('[data-group="1"]').click()
    index = int(page.get_by_label("neuron", exact=True).input_value()) - 1
    told = told_of(live.subject())
    ahead, back = told.forward[1].at(index), told.backward[1].at(index)
    wait_for(page, "z", ahead.z)

    expect(page.locator(f'[data-neuron="1.{index}"]')).to_have_count(0)
    assert shown(page, "delta") == pytest.approx(back.delta, rel=1e-12)
    page.locator(f'[data-key="weight-1.{index}.null"]').click()
    wait_for(page, "weight", live.subject().network.b[1][index])
    page.locator("#weight").fill("0.25")
    page.locator("#weight").press("Enter")
    wait_for(page, "weight", 0.25)
    assert live.subject().network.b[1][index] == 0.25


def test_everything_follows_an_edited_weight(open_live, live):
    """The numbers are those of a network with that weight, made in Python; with the keyboard, and back again."""
    page = open_live()
    open_example(page, "Penguins")
    train(page, 5)
    before = live.subject()
    theta = np.array(before.network.theta)
    page.locator('[data-neuron="2.1"]').click()
    page.locator('[data-key="weight-2.1.3"]').focus()
    page.keyboard.press("Enter")
    settled(page)
    wait_for(page, "weight", before.network.W[2][1, 3])
    page.locator("#weight").focus()
    page.keyboard.press("Control+a")
    page.keyboard.type("-1.75")
    page.keyboard.press("Enter")
    wait_for(page, "weight", -1.75)
    place = int(np.flatnonzero(theta == before.network.W[2][1, 3])[0])
    theta[place] = -1.75
    edited = before.network.with_theta(theta)
    assert edited.W[2][1, 3] == -1.75
    told = told_of(before, edited)
    weight = told.weight("hidden1.4 -> output2")

    assert [shown(page, name) for name in ("delta", "gradient", "cost")] == pytest.approx(
        [told.backward[2].delta[1], weight.gradient, told.cost.total], rel=1e-12
    )
    assert page.evaluate("() => document.activeElement.id") == "weight"
    expect(page.locator(".diagram .edit:not(.off)")).to_have_count(1)
    expect(page.locator(".legend").get_by_text("1 weight set by hand")).to_be_visible()
    page.locator('[data-neuron="2.1"]').click()
    wait_for(page, "z", told.forward[2].z[1])
    page.get_by_role("tab", name="Connection").click()
    page.get_by_role("button", name="Take back the edit").click()
    wait_for(page, "weight", before.network.W[2][1, 3])
    assert live.subject().network.theta.tolist() == before.network.theta.tolist()
    page.wait_for_selector(".diagram .edit:not(.off)", state="detached")


def test_rows_one_after_the_other(open_live, live):
    page = open_live()
    open_example(page, "Penguins")
    for action, row in (
        (lambda: page.get_by_role("button", name="next row").click(), 1),
        (lambda: page.locator("#row").fill("200") or page.locator("#row").press("Enter"), 200),
        (lambda: page.get_by_role("button", name="previous row").click(), 199),
    ):
        action()
        told = told_of(replace(live.subject(), row=row))  # the server may not have heard of it yet
        wait_for(page, "cost", told.cost.total)
        expect(page.locator("#row")).to_have_value(str(row))
        assert live.subject().row == row
    worth = page.get_by_label("rows worth a look")
    words = worth.locator("option").nth(2).inner_text()
    worth.select_option(words)
    expect(page.locator("#row")).to_have_value(words.split()[1])
    expect(worth.locator("option:checked")).to_have_text(words)


def test_building_on_the_picture_with_the_keyboard(open_live, live):
    """Focus stays on the control, also when the layers are drawn anew."""
    page = open_live()
    open_example(page, "Penguins")

    def press(name, key="Enter"):
        page.get_by_role("button", name=name, exact=True).focus()
        page.keyboard.press(key)

    def drawn(*sizes):
        page.wait_for_function(
            "(words) => document.querySelector('.diagram')?.getAttribute('aria-label').startsWith(words)",
            arg=f"Network of {'-'.join(map(str, sizes))};",
        )
        assert live.subject().network.sizes == sizes

    n_in, first, n_out = live.subject().network.sizes
    press("one more neuron in hidden layer 1")
    drawn(n_in, first + 1, n_out)
    assert page.evaluate("() => document.activeElement.getAttribute('aria-label')") == (
        "one more neuron in hidden layer 1"
    )
    press("one neuron fewer in hidden layer 1", " ")
    drawn(n_in, first, n_out)
    press("add a layer before the outputs")
    drawn(n_in, first, first, n_out)
    page.get_by_label("activation of hidden layer 2").select_option("relu")
    page.wait_for_function("() => document.querySelector('.diagram').textContent.includes('relu')")
    assert [each.builtin_name for each in live.subject().network.activation] == ["tanh", "relu", "softmax"]
    press("remove hidden layer 1")
    drawn(n_in, first, n_out)


def test_a_trained_network_is_not_thrown_away_without_a_word(open_live, live):
    page = open_live()
    open_example(page, "Penguins")
    train(page, 3)
    sizes = live.subject().network.sizes
    page.get_by_role("button", name="one more neuron in hidden layer 1").click()
    controls = page.get_by_role("group", name="layers", exact=True)
    controls.get_by_role("button", name="Build it").wait_for()

    assert live.subject().network.sizes == sizes
    controls.get_by_role("button", name="Discard").click()
    controls.get_by_role("button", name="Build it").wait_for(state="hidden")
    page.get_by_role("button", name="one more neuron in hidden layer 1").click()
    controls.get_by_role("button", name="Build it").click()
    page.wait_for_function("() => document.querySelector('.place').textContent === 'start'")
    assert live.subject().network.sizes == (sizes[0], sizes[1] + 1, sizes[2])


def test_what_if(open_live, live):
    """Sliders and lists give the prediction of the model for such a row."""
    page = open_live()
    open_example(page, "Penguins")
    train(page, 20)
    page.get_by_role("tab", name="What if").click()
    page.wait_for_selector(".if-answer td data")
    page.get_by_role("slider", name="body_mass_g").fill("6000")
    page.get_by_role("combobox", name="island").select_option("Dream")
    page.get_by_label("bill_length_mm, as a number").fill("")
    page.get_by_label("bill_length_mm, as a number").press("Tab")
    subject = live.subject()
    row = subject.table.take(np.flatnonzero(subject.rows == subject.row))
    columns = dict(zip(row.names, row.columns, strict=True))
    columns["body_mass_g"] = np.asarray([6000.0])
    columns["bill_length_mm"] = np.asarray([np.nan])
    columns["island"] = np.asarray(["Dream"], dtype=object)
    changed = type(row)(row.names, tuple(columns.values()))
    X = subject.model.encode(changed)
    told = gn.explain(subject.network, X[0], subject.Y[0], cost=subject.cost)
    expected = dict(zip(subject.names[-1], told.forward[2].a.tolist(), strict=True))
    page.wait_for_function(
        "(value) => [...document.querySelectorAll('.if-answer data[data-name=what-if]')]"
        ".some((each) => Math.abs(each.value - value) < 1e-12)",
        arg=expected["Adelie"],
    )
    rows = page.locator(".if-answer tbody tr").all()
    found = {each.locator("th").inner_text(): float(each.locator("data").last.get_attribute("value")) for each in rows}

    assert found == pytest.approx(expected, rel=1e-9)
    page.get_by_role("button", name="Back to the row").click()
    own = dict(zip(subject.names[-1], told_of(subject).forward[2].a.tolist(), strict=True))
    page.wait_for_function(
        "(value) => [...document.querySelectorAll('.if-answer data[data-name=what-if]')]"
        ".some((each) => Math.abs(each.value - value) < 1e-12)",
        arg=own["Adelie"],
    )


def test_what_if_with_switches(open_live, live):
    """Columns of 0 and 1: the keyboard turns one on."""
    page = open_live(fragment="example=boolean&panel=what-if")
    page.wait_for_selector(".if-answer td data")
    page.get_by_role("switch", name="z").focus()
    page.keyboard.press(" ")
    subject = live.subject()
    assert subject.row == 0
    told = gn.explain(subject.network, [0.0, 0.0, 1.0], subject.Y[0], cost=subject.cost)
    page.wait_for_function(
        "(value) => Number(document.querySelector('.if-answer data[data-name=what-if]').value) === value",
        arg=float(told.forward[2].a[0]),
    )


def test_names_and_values_are_text(open_live, tmp_path):
    """Of columns, classes and cells, on every card and in What if; no element comes from them, and no script runs."""
    hostile = "<img src=x onerror=alert(1)><b>"
    rows = "".join(f"{k % 7},{k},<i>{k % 3}</i>,<u>{k % 2}</u>\n" for k in range(80))
    (tmp_path / "odd.csv").write_text(f"{hostile},k,kind,y\n{rows}")
    page = open_live(fragment=urlencode({"file": "odd.csv", "target": "y", "panel": "what-if"}))
    page.locator(".notice").get_by_text("The link is of the file odd.csv").wait_for()
    page.locator("input[type=file]").set_input_files(tmp_path / "odd.csv")
    page.get_by_role("slider", name=hostile).wait_for()
    page.get_by_role("combobox", name="kind").select_option("<i>2</i>")
    for neuron in ("0.0", "1.0", "2.0"):
        page.locator(f'[data-neuron="{neuron}"]').click()
        settled(page)
    page.locator(".neuron-data table td").get_by_text("<u>", exact=False).first.wait_for()
    page.locator('[data-key="weight-2.0.0"]').click()
    settled(page)

    expect(page.locator("#card h3")).to_contain_text("<u>")
    assert page.locator("main img, main b, main i, main u").count() == 0


def test_colors_over_the_data(open_live, live):
    page = open_live()
    open_example(page, "Penguins")
    train(page, 5)
    page.get_by_label("color neurons by").select_option("size of its weights")
    page.wait_for_selector('[data-neuron="1.0"].measured')
    W = live.subject().network.W[1]
    expected = [float(np.sqrt(np.sum(np.square(row)))) for row in W]
    labels = [page.locator(f'[data-neuron="1.{j}"]').get_attribute("aria-label") for j in range(len(W))]

    assert labels == [f"hidden1.{j + 1}, size of its weights {norm:.2f}" for j, norm in enumerate(expected)]


def test_a_link_restores_the_page(open_live, live):
    """In another session: the same parameters to the last bit, the same row, and the same card."""
    page = open_live()
    open_example(page, "Penguins")
    page.get_by_role("button", name="one more neuron in hidden layer 1").click()
    page.wait_for_function("() => document.querySelector('.diagram').getAttribute('aria-label').includes('-9-')")
    train(page, 7)
    page.locator("#row").fill("12")
    page.locator("#row").press("Enter")
    page.locator('[data-neuron="1.4"]').click()
    page.get_by_role("tab", name="What if").click()
    page.wait_for_function("() => /epoch=7/.test(location.hash) && /row=12/.test(location.hash)")
    page.wait_for_function("() => /neuron=1.4/.test(location.hash) && /panel=what-if/.test(location.hash)")
    fragment = page.evaluate("() => location.hash.slice(1)")
    first = live.subject(0)
    page.close()
    other = open_live(fragment=fragment)
    other.wait_for_function("() => document.querySelector('.place')?.textContent === 'epoch 7'")
    other.wait_for_selector(".status.paused")
    second = live.subject()

    assert len(live.sessions) > 1
    assert second.network.theta.tobytes() == first.network.theta.tobytes()
    assert second.row == 12
    expect(other.locator("#card h3")).to_have_text("hidden1.5")
    expect(other.get_by_role("tab", name="What if")).to_have_attribute("aria-selected", "true")


def test_a_link_of_a_file_asks_for_it(open_live, live, tmp_path):
    """Its name is text; when it is opened, the rest of the link follows."""
    name = "<b>mine & yours.csv"
    (tmp_path / name).write_text("a,b,y\n" + "".join(f"{k},{k % 3},{k * k}\n" for k in range(60)))
    wanted = urlencode({"file": name, "target": "b", "panel": "train", "epoch": "3", "row": "7"})
    page = open_live(fragment=wanted)
    page.locator(".notice").get_by_text(f"The link is of the file {name}. Open it").wait_for()
    expect(page.get_by_role("tab", name="Data")).to_have_attribute("aria-selected", "true")
    page.locator("input[type=file]").set_input_files(tmp_path / name)
    page.wait_for_function("() => document.querySelector('.place').textContent === 'epoch 3'")
    page.wait_for_function("() => document.querySelector('#row').value === '7'")

    assert page.locator("b").count() == 0
    expect(page.get_by_role("tab", name="Train")).to_have_attribute("aria-selected", "true")
    expect(page.locator(".notice")).to_be_hidden()
    assert live.subject().names[-1] == ("0", "1", "2")


@pytest.mark.parametrize("size", ["wide", "tall"])
def test_no_violation_of_accessibility(open_live, audit, size):
    """By the rules of axe-core for WCAG 2.2 AA: the cards, a measure, the flow of blame, what-if, an edited weight; both schemes."""
    page = open_live(size=size, bypass_csp=True)
    open_example(page, "Penguins")
    train(page, 5)
    page.get_by_label("error signals").check()
    page.get_by_label("color neurons by").select_option("activation of this row")
    page.get_by_role("tab", name="What if").click()
    page.locator('[data-neuron="1.2"]').click()
    page.wait_for_selector(".neuron-data h4")
    settled(page)
    audit(page)
    page.locator('[data-key="weight-1.2.null"]').click()
    page.locator("#weight").fill("2")
    page.locator("#weight").press("Enter")
    wait_for(page, "weight", 2)
    page.get_by_role("button", name="one more neuron in hidden layer 1").click()
    settled(page)
    audit(page)


def test_the_picture_can_be_enlarged(open_live):
    """What is larger than its place is moved about in it, also by the keyboard; another network fits again."""
    page = open_live()
    open_example(page, "Penguins")
    width = "() => document.querySelector('.diagram').getBoundingClientRect().width"
    fitting = page.evaluate(width)
    larger, smaller = page.get_by_label("larger picture"), page.get_by_label("smaller picture")

    larger.click()
    larger.click()

    assert page.evaluate(width) == pytest.approx(2 * fitting, rel=0.05)
    assert page.locator(".canvas").evaluate("(canvas) => [canvas.tabIndex, canvas.scrollWidth > canvas.clientWidth]") \
        == [0, True]  # fmt: skip
    smaller.click()
    assert page.evaluate(width) == pytest.approx(1.5 * fitting, rel=0.05)
    page.get_by_text("Open other data").click()
    page.get_by_role("button", name="Circles").click()
    page.locator(".status", has_text="2-4-1").wait_for()
    settled(page)
    assert page.evaluate(width) == pytest.approx(fitting, rel=0.05)
    expect(smaller).to_have_attribute("aria-disabled", "true")
