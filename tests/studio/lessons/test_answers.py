"""What readers type into lessons: how it is read, judged, and kept, without a browser."""

import pytest

READ = """
import { read } from "#page/lessons/answers.js";
console.log(JSON.stringify(input.map((text) => read(text))));
"""

JUDGE = """
import { judgeChoice, judgeNumber } from "#page/lessons/answers.js";
const question = {
  kind: "number", name: "w", label: "new weight", within: 0.001, hint: "Subtract η times the gradient.",
  answer: (seen) => seen.answer,
  mistakes: [{ value: () => 0.35, hint: "You have gone uphill." }],
  praise: () => "Right.",
};
const choice = {
  kind: "choice", name: "c", label: "which", answer: (seen) => seen.answer === null ? null : "b",
  choices: [{ name: "a", words: "a", comment: "Not the largest." }, { name: "b", words: "b", comment: "Right: the largest." }],
};
const seen = { answer: input.answer };
console.log(JSON.stringify([
  ...input.texts.map((text) => judgeNumber(question, text, seen)),
  ...input.choices.map((name) => judgeChoice(choice, name, seen)),
]));
"""

PROGRESS = """
import { load, nothing, progressOn, save } from "#page/lessons/progress.js";
import { createStore } from "#page/store.js";
const kept = {};
const open = () => ({ getItem: (key) => kept[key] ?? null, setItem: (key, value) => { kept[key] = value; } });
const forbidden = () => { throw new Error("SecurityError"); };
const full = () => ({ getItem: () => null, setItem: () => { throw new Error("QuotaExceededError"); } });
const holding = (text) => () => ({ getItem: () => text, setItem: () => {} });
const store = createStore(load(open), (tell) => tell());
const progress = progressOn(store, open);
progress.open("blame", 1);
progress.finish("blame/1/gradient");
progress.finish("blame/1/gradient");
const again = load(open);
const silent = createStore(load(forbidden), (tell) => tell());
progressOn(silent, forbidden).finish("blame/0/slope");
progress.forget();
console.log(JSON.stringify({
  again, forgotten: load(open), unkept: silent.state, full: save(full, again), nothing: nothing(),
  odd: input.map((text) => load(holding(text))),
}));
"""


@pytest.mark.parametrize(
    ("text", "value"),
    [
        *[(text, 0.25) for text in ("0.25", ".25", "0,25", ",25", "1/4", " 0.25 ", "2.5e-1", "25%", "25 %", "+.25", "0.250", "1 / 4")],
        *[(text, -2.0) for text in ("-2", "−2", "–2", "- 2", "-2.", "-4/2", "−4/2", "-200%")],
        ("1", 1.0), ("1,0", 1.0), ("0", 0.0), (".5/2", 0.25),
        *[(text, None) for text in ("", " ", "a quarter", "1/0", "1/2/3", "0.2.5", "1,000,5", "0x10", "1e", "/4", "%", "NaN", "Infinity", "1+1", ".", "--1")],
    ],
)  # fmt: skip
def test_numbers_are_read_in_the_usual_notations(node, text, value):
    assert node(READ, [text]) == [value]


def test_an_answer_gets_words_that_help(node):
    said = node(
        JUDGE,
        {
            "answer": 0.25,
            "texts": [".2502", "0.35", "-0.25", "0.253", "7", "-7", "a lot", " "],
            "choices": ["a", "b", None],
        },
    )

    assert [(each["isRight"], each["words"]) for each in said] == [
        (True, "Right."),
        (False, "You have gone uphill."),
        (False, "The size is right, the sign is not. Subtract η times the gradient."),
        (False, "Nearly: 0.253 is off by a little. Keep more digits on the way. Subtract η times the gradient."),
        (False, "7 is too large. Subtract η times the gradient."),
        (False, "−7 is too small. Subtract η times the gradient."),
        (False, "“a lot” is not read as a number. Type it as 0.25, .25, 0,25, 1/4 or 25%."),
        (False, "Type a number first. Subtract η times the gradient."),
        (False, "Not the largest."),
        (True, "Right: the largest."),
        (False, "Choose one of the answers first."),
    ]  # fmt: skip


def test_a_page_that_shows_something_else_judges_nothing(node):
    said = node(JUDGE, {"answer": None, "texts": ["0.25"], "choices": ["b"]})

    assert {(each["isRight"], each["words"]) for each in said} == {
        (False, "The page does not show what is asked for. Prepare it again, or go back one step.")
    }


def test_progress_is_kept_where_the_browser_allows_it(node):
    odd = [
        None,
        "",
        "null",
        "7",
        "[]",
        "{",
        '{"version":0,"done":{"a/0/b":true}}',
        '{"version":1,"done":null}',
        '{"version":1,"done":{"a/0/b":true},"step":-3,"lesson":4}',
    ]
    told = node(PROGRESS, odd)
    nothing = told["nothing"]

    assert nothing == {"lesson": None, "step": 0, "done": {}}
    assert told["again"] == {"lesson": "blame", "step": 1, "done": {"blame/1/gradient": True}}
    assert told["forgotten"] == nothing
    assert told["unkept"]["done"] == {"blame/0/slope": True}
    assert told["full"] is False
    assert told["odd"][:-1] == [nothing] * (len(odd) - 1)
    assert told["odd"][-1] == {"lesson": None, "step": 0, "done": {"a/0/b": True}}
