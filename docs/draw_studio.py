"""Draw the pictures of docs/studio.md and README.md: every panel of the studio, in both themes, in a browser.

Run it with: python docs/draw_studio.py, which needs chromium and the extra: pip install -e '.[dev]'
"""

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

import glassnet as gn

PICTURES = Path(__file__).with_name("pictures") / "studio"
QUALITY = 72  # of 100; all pictures together take about 3 MB
SIZES = {"wide": (1280, 720), "tall": (820, 1180)}
SCHEMES = ("light", "dark")


def open_example(page: Page, name: str) -> None:
    page.get_by_role("tab", name="Data").click()
    page.locator(f'[data-example="{name}"]').click()
    page.wait_for_selector("#card h3")


def train(page: Page, epoch: int) -> None:
    page.get_by_role("tab", name="Train").click()
    page.get_by_label("pace").select_option("")
    page.get_by_label("Train up to epoch").fill(str(epoch))
    page.get_by_role("button", name="Go", exact=True).click()
    page.wait_for_selector(".status.paused, .status.finished")


def data(page: Page) -> None:
    open_example(page, "penguins")


def build(page: Page) -> None:
    open_example(page, "spirals")
    page.get_by_role("tab", name="Build").click()


def training(page: Page) -> None:
    open_example(page, "penguins")
    train(page, 60)
    page.locator('[data-neuron="1.0"]').click()
    page.get_by_label("error signals").check()


def understand(page: Page) -> None:
    open_example(page, "spirals")
    train(page, 500)
    page.get_by_role("tab", name="Understand").click()
    page.wait_for_selector("#panel-understand svg, #panel-understand canvas")


def what_if(page: Page) -> None:
    open_example(page, "penguins")
    train(page, 60)
    page.get_by_role("tab", name="What if").click()


def lessons(page: Page) -> None:
    page.get_by_role("tab", name="Lessons").click()
    page.locator('[data-lesson="blame"]').click()
    page.wait_for_selector(".lessons .notice", state="hidden")
    for label, value in (("o − t", "0.77"), ("o (1 − o)", "0.23"), ("activation of hidden neuron 1", "0.731")):
        field = page.locator(".task", has_text=label).get_by_role("textbox")
        field.fill(value)
        field.press("Enter")


def take_away(page: Page) -> None:
    open_example(page, "penguins")
    train(page, 60)
    page.get_by_role("tab", name="Take away").click()
    page.locator('[data-program="shell"] code', has_text="glassnet").wait_for()


PANELS: dict[str, Callable[[Page], None]] = {
    "data": data, "build": build, "train": training, "understand": understand, "what-if": what_if, "lessons": lessons,
    "take-away": take_away,
}  # fmt: skip


@contextmanager
def pages() -> Iterator[Callable[[str, str], Page]]:
    """Yield a function that opens a page of a new studio, by size and theme."""
    studio = gn.open_studio(browser=False)
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=shutil.which("chromium"))
        first = browser.new_context()
        first.new_page().goto(studio.address)
        cookies = first.cookies()

        def opened(size: str, scheme: str) -> Page:
            width, height = SIZES[size]
            context = browser.new_context(viewport={"width": width, "height": height}, color_scheme=scheme)
            context.add_cookies(cookies)
            page = context.new_page()
            page.goto(studio.address.partition("?")[0])
            page.wait_for_selector("[data-example]")
            return page

        yield opened
        browser.close()
    studio.close()


def main() -> None:
    """Photograph every panel; the wide pictures stand in the documentation, all of them are looked at."""
    PICTURES.mkdir(exist_ok=True)
    with pages() as opened:
        for name, prepare in PANELS.items():
            for size in SIZES:
                for scheme in SCHEMES:
                    page = opened(size, scheme)
                    prepare(page)
                    page.mouse.move(0, 0)
                    page.wait_for_timeout(1500)
                    suffix = "" if size == "wide" else "-tall"
                    page.screenshot(path=PICTURES / f"{name}-{scheme}{suffix}.jpg", quality=QUALITY)
                    page.context.close()


if __name__ == "__main__":
    main()
