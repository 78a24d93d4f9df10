"""What a page gives to take away: files that open elsewhere, programs to copy, a link."""

import ast

import numpy as np
import pytest
from tests.studio.conftest import expect

import glassnet as gn


def open_example(page, title, epoch):
    page.get_by_role("tab", name="Data").click()
    page.get_by_role("button", name=title).first.click()
    page.wait_for_selector("#card h3")
    page.get_by_role("tab", name="Train").click()
    page.get_by_label("pace").select_option("")
    page.get_by_label("Train up to epoch").fill(str(epoch))
    page.get_by_role("button", name="Go", exact=True).click()
    page.wait_for_function("(words) => document.querySelector('.place').textContent === words", arg=f"epoch {epoch}")
    page.wait_for_selector(".status.paused, .status.finished")
    page.get_by_role("tab", name="Take away").click()


def saved(page, kind):
    with page.expect_download() as found:
        page.locator(f'[data-save="{kind}"]').click()
    return found.value


def test_files(open_live, live, tmp_path):
    page = open_live()
    open_example(page, "Penguins", 30)
    files = {}
    for kind in ("model", "recording", "picture.svg", "picture.png", "workbook", "table", "python", "shell"):
        download = saved(page, kind)
        files[kind] = tmp_path / download.suggested_filename
        download.save_as(files[kind])
    model = gn.load(files["model"])

    assert {kind: path.name for kind, path in files.items()} == {
        "model": "model.glassnet", "recording": "run.html", "picture.svg": "network.svg", "picture.png": "network.png",
        "workbook": "row-0.xlsx", "table": "penguins.csv", "python": "train.py", "shell": "train.sh",
    }  # fmt: skip
    np.testing.assert_array_equal(model.network_.theta, live.subject().network.theta)
    assert files["picture.png"].read_bytes().startswith(b"\x89PNG")
    assert files["recording"].read_text(encoding="utf-8").startswith("<!doctype html>")
    for kind in ("python", "shell"):
        page.wait_for_function(
            "([kind, text]) => document.querySelector(`[data-program='${kind}'] code`).textContent === text",
            arg=[kind, files[kind].read_text(encoding="utf-8")],
        )
    ast.parse(files["python"].read_text(encoding="utf-8"))


def test_programs_follow_the_page_and_can_be_copied(open_live):
    page = open_live(permissions=["clipboard-read", "clipboard-write"])
    open_example(page, "Boolean", 20)
    code = page.locator('[data-program="python"] code', has_text="epoch.epoch >= 20")
    code.wait_for()
    page.get_by_role("button", name="Copy", exact=True).first.click()
    page.get_by_text("Copied.").first.wait_for()

    assert page.evaluate("navigator.clipboard.readText()").replace("\r", "") == code.text_content()
    page.get_by_role("button", name="+1 epoch").click()
    page.locator('[data-program="python"] code', has_text="epoch.epoch >= 21").wait_for()
    page.get_by_role("button", name="Copy link").click()
    expect(page.get_by_text("Copied.")).to_have_count(2)  # of the program and of the link
    link = page.evaluate("navigator.clipboard.readText()")
    assert "example=boolean" in link
    assert "epoch=21" in link


def test_a_link_opens_what_was_shown(open_live):
    page = open_live()
    open_example(page, "3-3-1, by hand", 5)
    page.locator('[data-neuron="1.1"]').click()
    page.wait_for_function("() => document.getElementById('link').value.includes('neuron=1.1')")
    link = page.locator("#link").input_value()
    other = open_live(fragment=link.partition("#")[2])
    other.wait_for_function("() => document.querySelector('.place').textContent === 'epoch 5'")

    expect(other.locator("#card h3")).to_have_text("hidden1.2")


def test_what_there_is_not_is_told_beside_its_button(open_live):
    page = open_live(refusals="400")
    page.get_by_role("tab", name="Data").click()
    page.get_by_role("button", name="Penguins").first.click()
    page.wait_for_selector("#card h3")
    page.get_by_role("tab", name="Take away").click()
    page.locator('[data-save="recording"]').click()

    page.locator(
        ".take-away .refused", has_text="Nothing has been trained yet, so there is nothing to play back"
    ).wait_for()


@pytest.mark.parametrize("title", ["3-3-1, by hand", "Four outputs"])
def test_a_textbook_network_offers_what_it_has(open_live, title):
    page = open_live()
    open_example(page, title, 3)

    page.locator('[data-program="shell"] code', has_text="python - <<'END'").wait_for()
    expect(page.locator('[data-save="model"]')).to_be_hidden()
    expect(page.locator('[data-save="table"]')).to_be_hidden()
