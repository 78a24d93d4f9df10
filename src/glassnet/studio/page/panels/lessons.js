/** The lessons: what there is to learn, and the step that is open. */

import { link } from "#page/components/links.js";
import { h, put, write } from "#page/dom.js";
import { lessons } from "#page/lessons/all.js";
import { prepare } from "#page/lessons/prepare.js";
import { load, nameOf, progressOn, save, stepsDone } from "#page/lessons/progress.js";
import { isSet } from "#page/lessons/seen.js";
import { taskView } from "#page/panels/lessons/task.js";
import { createStore } from "#page/store.js";

/**
 * @import { Lesson, Step } from "#page/lessons/lesson.js"
 * @import { LiveActions } from "#page/live-actions.js"
 * @import { LiveState } from "#page/live.js"
 */

/** Asking for it is an error where the browser forbids it, so it is asked for inside `load` and `save`. */
const storage = () => window.localStorage;

/** @param {LiveActions} actions */
export function lessonsPanel(actions) {
  const store = createStore(load(storage), (tell) => tell());
  const progress = progressOn(store, storage);
  const place = h("div");
  const element = h("div", { class: "lessons" }, h("h2", {}, "Lessons"), place);
  /** @type {LiveState | null} */
  let live = null;
  /** @type {string | null} */
  let shown = null;
  /** @type {((state: LiveState) => void) | null} */
  let updateStep = null;

  /** Another step, or the list, takes the place of what was shown, and the keyboard goes to its heading. */
  function draw() {
    const { lesson: name, step } = store.state;
    const lesson = lessons.find((each) => each.name === name);
    const now = lesson === undefined ? "list" : `${lesson.name}/${step}`;
    if (now !== shown || lesson === undefined) {
      const view = lesson === undefined ? list() : openStep(lesson, Math.min(step, lesson.steps.length - 1));
      updateStep = view.update;
      place.replaceChildren(...view.children);
      if (shown !== null) place.querySelector("h3")?.focus();
      shown = now;
    }
    if (live !== null) updateStep?.(live);
  }

  function list() {
    const items = lessons.map((lesson, place) => {
      const n = stepsDone(lesson, store.state);
      const isDone = n === lesson.steps.length;
      const words = isDone
        ? "done"
        : n > 0
          ? `${n} of ${lesson.steps.length} steps done`
          : `${lesson.steps.length} steps`;
      return h(
        "li",
        {},
        h(
          "button",
          { type: "button", class: "lesson", "data-lesson": lesson.name, click: () => go(lesson, firstOpen(lesson)) },
          h("strong", {}, `${place + 1}. ${lesson.title}`),
          h("span", { class: "lesson-words" }, lesson.words),
          h("span", { class: isDone ? "lesson-state done" : "lesson-state" }, isDone ? "✓ done" : words),
        ),
      );
    });
    const hasProgress = Object.keys(store.state.done).length > 0;
    const where = save(storage, store.state)
      ? "Your progress is kept in this browser, and nowhere else."
      : "This browser keeps nothing, so your progress lasts until you close the page.";
    return {
      children: [
        h("h3", { tabindex: -1 }, "From one neuron to overfitting"),
        h("p", {}, "Each lesson has a few steps. A step prepares the page, gives you something to do, and checks it."),
        h("ol", { class: "lesson-list" }, ...items),
        h("p", { class: "muted" }, where),
        hasProgress && h("button", { type: "button", click: progress.forget }, "Forget my progress"),
      ].filter((child) => child !== false),
      update: null,
    };
  }

  /** @param {Lesson} lesson */
  function firstOpen({ name, steps }) {
    const place = steps.findIndex(({ tasks }, step) =>
      tasks.some((task) => !(nameOf(name, step, task.name) in store.state.done)),
    );
    return Math.max(0, place);
  }

  /**
   * Open a step, and prepare the page for it. A table of the reader's own is not put away without being asked.
   * @param {Lesson} lesson
   * @param {number} step
   */
  async function go(lesson, step) {
    progress.open(lesson.name, step);
    if (live !== null && live.source?.kind !== "file") await prepareFor(lesson.steps[step]);
  }

  /** @type {Step | null} */
  let wanted = null;
  let isPreparing = false;

  /**
   * Prepare the page, one step at a time: of several that are asked for meanwhile, the last one counts.
   * @param {Step} step
   */
  async function prepareFor(step) {
    wanted = step;
    if (isPreparing) return;
    isPreparing = true;
    try {
      while (wanted !== null) {
        const { scenery } = wanted;
        wanted = null;
        await prepare(scenery, actions);
      }
    } finally {
      isPreparing = false;
    }
    if (live !== null) updateStep?.(live);
  }

  /**
   * @param {Lesson} lesson
   * @param {number} place
   */
  function openStep(lesson, place) {
    const step = lesson.steps[place];
    const isLast = place === lesson.steps.length - 1;
    const paragraphs = h("div", { class: "lesson-text" });
    const why = h("span");
    const notice = h(
      "p",
      { class: "notice" },
      why,
      " ",
      h("button", { type: "button", click: () => prepareFor(step) }, "Prepare the page"),
    );
    const tasks = step.tasks.map((task) => {
      const name = nameOf(lesson.name, place, task.name);
      return taskView(task, {
        name,
        isDone: () => name in store.state.done,
        finish: () => progress.finish(name),
      });
    });
    const leave = () => progress.open(null);
    const next = h(
      "button",
      { type: "button", click: () => (isLast ? leave() : go(lesson, place + 1)) },
      isLast ? "All lessons" : "Next step",
    );
    return {
      children: [
        h(
          "p",
          { class: "lesson-place" },
          link("All lessons", leave),
          `${lesson.title}, step ${place + 1} of ${lesson.steps.length}`,
        ),
        h("h3", { tabindex: -1 }, step.title),
        paragraphs,
        notice,
        ...tasks.map((task) => task.element),
        h(
          "div",
          { class: "lesson-buttons" },
          h("button", { type: "button", disabled: place === 0, click: () => go(lesson, place - 1) }, "Back"),
          next,
        ),
      ],
      /** @param {LiveState} state */
      update(state) {
        const texts = step.words(state).filter((text) => text !== "");
        while (paragraphs.childElementCount > texts.length) paragraphs.lastElementChild?.remove();
        while (paragraphs.childElementCount < texts.length) paragraphs.append(h("p"));
        texts.forEach((text, at) => write(paragraphs.children[at], text));
        const isReady = !isPreparing && isSet(step, state);
        notice.hidden = isReady;
        write(why, reason(step, state));
        for (const task of tasks) task.update(state, isReady);
        const isDone = step.tasks.every((task) => nameOf(lesson.name, place, task.name) in store.state.done);
        put(next, "class", isDone ? "primary" : "");
      },
    };
  }

  store.subscribe(draw);
  return {
    element,
    /** @param {LiveState} state */
    update(state) {
      live = state;
      updateStep?.(state);
    },
  };
}

/**
 * @param {Step} step
 * @param {LiveState} state
 */
function reason({ scenery }, { source, hello, refused, busy, link }) {
  if (link !== "open") return "There is no server at the moment.";
  if (busy.data === true || busy.build === true) return "The page is being prepared …";
  const refusal = refused.data ?? refused.build;
  if (refusal !== undefined) return refusal;
  const title = hello?.examples.find(({ name }) => name === scenery.example)?.title ?? scenery.example;
  if (source === null) return `This step uses the example “${title}”.`;
  if (source.kind === "file") return `This step uses the example “${title}”. It takes the place of ${source.title}.`;
  return source.name === scenery.example
    ? "The network on the page is not the one that this step begins with."
    : `This step uses the example “${title}” instead of what is on the page.`;
}
