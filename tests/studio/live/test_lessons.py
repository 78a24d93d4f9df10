"""Every lesson to its end on the live page, as a reader goes: wrong answers get their hint, right ones their praise.

The answers are those of the tutorials; docs/worked-examples.md has their arithmetic.
"""

import pytest
from tests.studio.conftest import expect

TYPED, CHOSEN, DONE = "typed", "chosen", "done"


def play(page):
    """Train at full speed."""
    page.get_by_label("pace").select_option("")
    page.get_by_role("button", name="play", exact=True).click()


def step(page):
    page.get_by_role("button", name="+1 step").click()


def cure(page):
    """With a penalty."""
    page.get_by_role("tab", name="Build").click()
    page.locator("summary", has_text="More settings").click()
    page.get_by_label("Penalty").fill("12")
    page.get_by_label("Penalty").press("Enter")
    page.locator("#panel-build").get_by_role("button", name="Build it").click()
    page.wait_for_selector(".status.ready")
    page.get_by_role("tab", name="Lessons").click()
    play(page)


LESSONS = {
    "one-neuron": [
        [(TYPED, "z of hidden neuron 1", "1", [("1.1", "weights out of input 1"), ("1.8", "added the weights alone"), ("0.731", "That is the activation"), ("2", "too large"), ("-1", "the sign is not"), ("one", "not read as a number"), ("", "Type a number first")])],
        [(TYPED, "z of hidden neuron 2", "9/10", [("1.4", "added the weights alone")]), (TYPED, "z of hidden neuron 3", "0,9", [("1.3", "added the weights alone")])],
        [(TYPED, "σ(1.0)", ".73", [("0.27", "That is σ(−1)"), ("1", "That is z itself"), ("0.74", "off by a little")])],
        [(CHOSEN, "Which product", "that of hidden neuron 3", [("that of hidden neuron 1", "A product needs both"), ("that of hidden neuron 2", "its weight is smaller")])],
    ],
    "the-error": [
        [(TYPED, "Read the output", "0.77", [("1.2146", "the output neuron's sum z"), ("0", "That is the target")])],
        [(TYPED, "E", ".29645", [("0.5946", "the whole square"), ("0.3856", "not squared yet"), ("0.771", "That is the difference")])],
    ],
    "three-costs": [
        [(TYPED, "The sum of the four differences", "4", [("8", "the sum of the sizes"), ("-4", "output − target")])],
        [(TYPED, "The sum of the four sizes", "8", [("4", "still the signed sum")])],
        [(TYPED, "The sum of the four halved squares", "9", [("18", "whole squares"), ("8", "Square each difference first")])],
        [(DONE, "Take one step", step, "The cost of the row is now 0."), (CHOSEN, "Are the four outputs right", "no: too high and too low cancel", [("yes, all of them: the error is 0", "Errors of opposite signs cancel"), ("no, not one of them", "One of them is")])],
    ],
    "blame": [
        [(TYPED, "∂E/∂o = o − t", "0.771", [("-0.771", "the sign is not")]), (TYPED, "∂o/∂z = o (1 − o)", "0.1765", [("0.229", "Multiply it by o")]), (TYPED, "∂z/∂w", "0.731", [("0.3", "That is the weight")])],
        [(TYPED, "∂E/∂w", "0.0995", [("0.1361", "the neuron's error signal"), ("0.5637", "The slope of the sigmoid")])],
        [(CHOSEN, "largest gradient", "the one from hidden neuron 1, weight 0.3", [("the one from hidden neuron 3, weight 0.9", "does not matter here"), ("the one from hidden neuron 2, weight 0.5", "not the most active one")])],
    ],
    "one-step": [
        [(TYPED, "The new weight", ".25", [("0.3497", "uphill"), ("0.2005", "Multiply it by the learning rate")])],
        [(DONE, "Take one step", step, "The weight is now 0.250252"), (TYPED, "What is the cost of the row now", "0.2819", [("0.35", "too large")])],
        [(DONE, "below 0.01", play, "close to its target")],
    ],
    "truth-table": [
        [(TYPED, "In how many of the eight rows", "5", [("3", "F is false"), ("4", "In which other row"), ("6", "Count it once")])],
        [(DONE, "no row is wrong", play, "learned without a mistake")],
        [(CHOSEN, "What does this success prove", "It can store these eight rows.", [("The network has understood the rule.", "only about rows that it had learned"), ("Nothing: eight of eight can be luck.", "once in 256 times")])],
    ],
    "log-odds": [
        [(DONE, "Train it to the end", play, "w = 0.8443")],
        [(TYPED, "The probability p", "0.676", [("0.324", "the probability of “benign”"), ("0.737", "That is z, the log-odds")])],
        [(TYPED, "The odds", "2.09", [("0.479", "Turn the fraction round")])],
        [(TYPED, "The odds ratio", "2.326", [("0.844", "That is w itself"), ("0.43", "the power of −w")])],
    ],
    "overfitting": [
        [(DONE, "clearly risen", play, "That is overfitting")],
        [(TYPED, "lowest", "67", [("400", "too large"), ("20", "off by a little")])],
        [(DONE, "stays near its lowest point", cure, "Cured"), (CHOSEN, "Which rows may judge", "others, that were used for nothing so far", [("those that it learned from", "the overfitted network looked best"), ("those of the validation set", "they flatter the choice")])],
    ],
}  # fmt: skip


def task_of(page, label):
    return page.locator(".task", has_text=label).first


def answer(page, kind, label, right, wrongs):
    task = task_of(page, label)
    for given, hint in wrongs:
        reply(task, kind, given)
        task.locator('.feedback[data-right="false"]', has_text=hint).wait_for()
    expect(task).to_have_attribute("data-done", "false")
    reply(task, kind, right)
    task.locator('.feedback[data-right="true"]', has_text="Right").wait_for()


def reply(task, kind, given):
    if kind == TYPED:
        task.get_by_role("textbox").fill(given)
        task.get_by_role("textbox").press("Enter")
    else:
        task.get_by_label(given, exact=True).check()
        task.get_by_role("button", name="Check").click()


def open_lesson(page, name):
    page.get_by_role("tab", name="Lessons").click()
    page.locator(f'[data-lesson="{name}"]').click()
    page.locator(".lessons .notice").wait_for(state="hidden")


@pytest.mark.parametrize("name", LESSONS)
def test_a_lesson_to_its_end(open_live, name):
    page = open_live()
    open_lesson(page, name)
    for place, tasks in enumerate(LESSONS[name], start=1):
        page.locator(".lesson-place", has_text=f"step {place} of {len(LESSONS[name])}").wait_for()
        page.locator(".lessons .notice").wait_for(state="hidden")
        expect(page.locator(".task")).to_have_count(len(tasks))
        for kind, label, *rest in tasks:
            if kind == DONE:
                act, praise = rest
                act(page)
                task_of(page, label).locator('.feedback[data-right="true"]', has_text=praise).wait_for()
            else:
                answer(page, kind, label, *rest)
        expect(page.locator('.task[data-done="true"]')).to_have_count(len(tasks))
        page.locator(".lesson-buttons button.primary").click()

    expect(page.locator(f'[data-lesson="{name}"] .lesson-state')).to_have_text("✓ done")


def test_a_lesson_by_keyboard_alone(open_live):
    """From the list to the next step; the keyboard goes on where the reader reads."""
    page = open_live()
    page.get_by_role("tab", name="Data").focus()
    for _ in range(7):
        if page.evaluate("document.activeElement.textContent") == "Lessons":
            break
        page.keyboard.press("ArrowRight")
    page.locator('[data-lesson="blame"]').wait_for()
    page.keyboard.press("Tab")
    while page.evaluate("document.activeElement.dataset.lesson") != "blame":
        page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.locator(".lessons .notice").wait_for(state="hidden")
    for place, tasks in enumerate(LESSONS["blame"], start=1):
        page.wait_for_function(
            "(place) => document.querySelector('.lesson-place').textContent.includes(`step ${place} of`)", arg=place
        )
        page.wait_for_function("document.activeElement.tagName === 'H3'")
        for kind, label, right, _ in tasks:
            page.keyboard.press("Tab")
            if kind == TYPED:
                page.keyboard.type(right)
                page.keyboard.press("Enter")
                page.keyboard.press("Tab")  # past its button
            else:
                page.keyboard.press("Space")  # the first choice is the right one
                page.keyboard.press("Enter")
                page.keyboard.press("Tab")
            task_of(page, label).locator('.feedback[data-right="true"]').wait_for()
        while page.evaluate("document.activeElement.classList.contains('primary')") is False:
            page.keyboard.press("Tab")
        page.keyboard.press("Enter")

    expect(page.locator('[data-lesson="blame"] .lesson-state')).to_have_text("✓ done")


def test_progress_is_kept_and_can_be_forgotten(open_live):
    page = open_live()
    open_lesson(page, "the-error")
    answer(page, *LESSONS["the-error"][0][0][:3], [])
    page.close()
    page = open_live()  # with nothing open
    page.get_by_role("tab", name="Lessons").click()

    page.locator(".lesson-place", has_text="The error, step 1 of 2").wait_for()
    expect(page.locator(".task").first).to_have_attribute("data-done", "true")
    page.locator(".notice", has_text="This step uses the example “3-3-1, by hand”.").wait_for()
    page.get_by_role("button", name="Prepare the page").click()
    page.locator(".lessons .notice").wait_for(state="hidden")
    page.locator(".diagram").wait_for()
    page.locator(".lesson-place").get_by_role("button", name="All lessons").click()
    state = page.locator('[data-lesson="the-error"] .lesson-state')
    expect(state).to_have_text("1 of 2 steps done")
    page.get_by_role("button", name="Forget my progress").click()
    expect(state).to_have_text("2 steps")
    page.reload()
    page.get_by_role("tab", name="Lessons").click()
    expect(state).to_have_text("2 steps")


def test_lessons_where_the_browser_keeps_nothing(open_live):
    page = open_live()
    page.add_init_script(
        "Object.defineProperty(window, 'localStorage', { get() { throw new DOMException('no', 'SecurityError'); } })"
    )
    page.reload()
    page.get_by_role("tab", name="Lessons").click()
    page.get_by_text("This browser keeps nothing, so your progress lasts until you close the page.").wait_for()
    open_lesson(page, "one-neuron")
    answer(page, *LESSONS["one-neuron"][0][0][:3], [])


def test_a_table_of_the_readers_own_is_not_put_away_without_asking(open_live, tmp_path):
    path = tmp_path / "mine.csv"
    path.write_text("x,y\n" + "".join(f"{k},{k % 2}\n" for k in range(30)))
    page = open_live()
    page.locator("input[type=file]").set_input_files(path)
    page.wait_for_selector(".diagram")
    page.get_by_role("tab", name="Lessons").click()
    page.locator('[data-lesson="truth-table"]').click()

    page.locator(".notice", has_text="It takes the place of mine.csv.").wait_for()
    answer_of = task_of(page, "In how many")
    reply(answer_of, TYPED, "5")
    answer_of.locator(".feedback", has_text="The page does not show what is asked for").wait_for()
    page.get_by_role("button", name="Prepare the page").click()
    page.locator(".lessons .notice").wait_for(state="hidden")
    reply(answer_of, TYPED, "5")
    answer_of.locator('.feedback[data-right="true"]').wait_for()


@pytest.mark.parametrize("size", ["wide", "tall"])
def test_no_violation_of_accessibility(open_live, audit, size):
    """By the rules of axe-core for WCAG 2.2 AA: the list, a question with its hint, choices, a deed, taking away; both schemes."""
    page = open_live(size=size, bypass_csp=True)

    page.get_by_role("tab", name="Lessons").click()
    page.locator(".lesson").first.wait_for()
    audit(page)
    page.locator('[data-lesson="three-costs"]').click()
    page.locator(".lessons .notice").wait_for(state="hidden")
    reply(task_of(page, "four differences"), TYPED, "8")
    task_of(page, "four differences").locator(".feedback").wait_for()
    audit(page)
    for place in (2, 3, 4):
        page.get_by_role("button", name="Next step").click()
        page.locator(".lesson-place", has_text=f"step {place} of 4").wait_for()
    task_of(page, "Take one step").wait_for()
    page.locator(".lessons .notice").wait_for(state="hidden")
    step(page)
    task_of(page, "Take one step").locator(".feedback").wait_for()
    audit(page)
    page.get_by_role("tab", name="Take away").click()
    page.locator('[data-program="shell"] code', has_text="END").wait_for()
    audit(page)
