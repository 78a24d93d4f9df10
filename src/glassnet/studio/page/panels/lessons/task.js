/** A task of a lesson: a question with a field, a question with choices, or something to do on the page. */

import { h, put, write } from "#page/dom.js";
import { judgeChoice, judgeNumber } from "#page/lessons/answers.js";

/**
 * @import { ChoiceQuestion, Deed, NumberQuestion, Seen, Task } from "#page/lessons/lesson.js"
 * @import { Judgment } from "#page/lessons/answers.js"
 */

/**
 * @typedef {object} Bound Where a task stands, and what happens when it is done.
 * @property {string} name
 * @property {() => boolean} isDone
 * @property {() => void} finish
 */

/**
 * @typedef {object} TaskView
 * @property {HTMLElement} element
 * @property {(seen: Seen, isReady: boolean) => void} update
 */

/**
 * @param {Task} task
 * @param {Bound} bound
 * @returns {TaskView}
 */
export function taskView(task, bound) {
  switch (task.kind) {
    case "number":
      return numberView(task, bound);
    case "choice":
      return choiceView(task, bound);
    case "deed":
      return deedView(task, bound);
  }
}

/** @param {string} id */
function feedback(id) {
  const element = h("p", { class: "feedback", id, role: "status" });
  return {
    element,
    /** @param {Judgment} judgment */
    tell({ isRight, words }) {
      put(element, "data-right", String(isRight));
      // Words that are said again are announced again only if they are new nodes.
      element.replaceChildren(h("span", { "aria-hidden": "true" }, isRight ? "✓ " : "→ "), words);
    },
  };
}

/**
 * A mark for tasks that are done; its words are for those who do not see it.
 * @param {HTMLElement} element
 * @param {boolean} isDone
 */
const mark = (element, isDone) => put(element, "data-done", String(isDone));

/**
 * @param {NumberQuestion} question
 * @param {Bound} bound
 * @returns {TaskView}
 */
function numberView(question, { name, isDone, finish }) {
  const id = `task-${name.replaceAll("/", "-")}`;
  const said = feedback(`${id}-said`);
  /** @type {Seen | null} */
  let seen = null;
  const field = h("input", {
    id,
    type: "text",
    inputmode: "decimal",
    autocomplete: "off",
    spellcheck: "false",
    size: 9,
    "aria-describedby": `${id}-said`,
  });
  const element = h(
    "form",
    {
      class: "task",
      novalidate: true,
      submit: (/** @type {SubmitEvent} */ event) => {
        event.preventDefault();
        if (seen === null) return;
        const judgment = judgeNumber(question, field.value, seen);
        put(field, "aria-invalid", String(!judgment.isRight));
        said.tell(judgment);
        if (judgment.isRight) finish();
        else field.select();
      },
    },
    h("label", { for: id }, question.label),
    h("div", { class: "answer" }, field, h("button", { type: "submit" }, "Check")),
    said.element,
  );
  return {
    element,
    update(now) {
      seen = now;
      mark(element, isDone());
    },
  };
}

/**
 * @param {ChoiceQuestion} question
 * @param {Bound} bound
 * @returns {TaskView}
 */
function choiceView(question, { name, isDone, finish }) {
  const id = `task-${name.replaceAll("/", "-")}`;
  const said = feedback(`${id}-said`);
  /** @type {Seen | null} */
  let seen = null;
  const choices = question.choices.map((choice) =>
    h(
      "label",
      { class: "choice" },
      h("input", { type: "radio", name: id, value: choice.name }),
      h("span", {}, choice.words),
    ),
  );
  const element = h(
    "form",
    {
      class: "task",
      submit: (/** @type {SubmitEvent} */ event) => {
        event.preventDefault();
        if (seen === null) return;
        const chosen = element.querySelector("input:checked");
        const judgment = judgeChoice(question, chosen?.getAttribute("value") ?? null, seen);
        said.tell(judgment);
        if (judgment.isRight) finish();
      },
    },
    h("fieldset", {}, h("legend", {}, question.label), ...choices),
    h("div", { class: "answer" }, h("button", { type: "submit" }, "Check")),
    said.element,
  );
  return {
    element,
    update(now) {
      seen = now;
      mark(element, isDone());
    },
  };
}

/**
 * @param {Deed} deed
 * @param {Bound} bound
 * @returns {TaskView}
 */
function deedView(deed, { name, isDone, finish }) {
  const said = feedback(`task-${name.replaceAll("/", "-")}-said`);
  const hint = h("p", { class: "hint" });
  const element = h(
    "div",
    { class: "task", role: "group", "aria-label": deed.label },
    h("p", { class: "deed" }, deed.label),
    hint,
    said.element,
  );
  return {
    element,
    update(seen, isReady) {
      const wasDone = isDone();
      mark(element, wasDone);
      hint.hidden = wasDone || !isReady;
      if (!hint.hidden) write(hint, deed.hint(seen));
      if (!wasDone && isReady && deed.isDone(seen)) {
        said.tell({ isRight: true, words: deed.praise(seen) });
        finish();
      }
    },
  };
}
