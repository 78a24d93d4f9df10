/** The columns as they were understood, with the choice of the target and of the inputs. */

import { table } from "#page/components/table.js";
import { refusal } from "#page/components/told.js";
import { h, replaceIn, s, write } from "#page/dom.js";
import { count } from "#page/numbers.js";

/**
 * @import { LiveState } from "#page/live.js"
 * @import { LiveActions } from "#page/live-actions.js"
 * @import { ColumnCard, DataCard } from "#page/messages.js"
 */

const MOST = 60; // columns in the list; a wide table is searched
const MOST_CLASSES = 12;
const PAUSE = 500; // milliseconds after the last change, before it is applied

/** @param {LiveActions} actions */
export function columns(actions) {
  const target = h("select", { id: "target", "data-key": "target", change: () => changed(0) });
  const task = h(
    "select",
    { id: "task", "data-key": "task", "aria-describedby": "task-about", change: () => changed(0) },
    h("option", { value: "classification" }, "classes"),
    h("option", { value: "regression" }, "a quantity"),
  );
  const meaning = h(
    "div",
    {},
    h("div", { class: "fields" }, h("label", { for: "task" }, "Its whole numbers are"), task),
    h("p", { class: "muted small", id: "task-about" }, "Classes have no order; of a quantity, 2 is between 1 and 3."),
  );
  const balance = h("div", { class: "balance" });
  const search = h("input", { type: "search", id: "column-search", input: list });
  const find = h("div", { class: "fields" }, h("label", { for: "column-search" }, "Find a column"), search);
  const listed = table(["use", "column", "missing"], []);
  const rest = h("p", { class: "muted" });
  const refused = refusal();
  const apply = h("button", { type: "button", class: "primary", click: send }, "Use these columns");
  const keep = h("button", { type: "button", click: () => shown !== null && show(shown) }, "Discard");
  const question = h(
    "div",
    { class: "question" },
    h("p", {}, "This builds a new network and forgets the training."),
    apply,
    keep,
  );
  const chooser = h("div", { class: "fields" }, h("label", { for: "target" }, "Predict"), target);
  const element = h(
    "div",
    { class: "columns" },
    chooser,
    meaning,
    balance,
    question,
    refused.element,
    find,
    listed,
    rest,
  );
  /** @type {DataCard | null} */
  let shown = null;
  let isTrained = false;
  let timer = 0;
  /** @type {Set<string>} The columns that are marked as inputs. */
  let inputs = new Set();

  /** @param {DataCard} data */
  function show(data) {
    shown = data;
    question.hidden = true;
    inputs = new Set(data.columns.filter(({ role }) => role === "input").map(({ name }) => name));
    const options = data.columns.map(({ name }, place) => h("option", { value: place }, name));
    if (data.target === null) options.unshift(h("option", { value: "" }, "choose a column"));
    target.replaceChildren(...options);
    target.value = String(data.columns.findIndex(({ name }) => name === data.target));
    if (data.target === null) target.value = "";
    chooser.hidden = data.task === "none" && data.is_fixed;
    target.disabled = data.is_fixed;
    meaning.hidden = !data.is_whole || data.is_fixed;
    task.value = data.task;
    const found = data.columns.find(({ role }) => role === "target");
    balance.replaceChildren(...(found === undefined ? [] : balanceOf(found)));
    find.hidden = data.columns.length <= MOST;
    list();
  }

  function list() {
    if (shown === null) return;
    const { is_fixed } = shown;
    const wanted = search.value.toLowerCase();
    const found = shown.columns.filter(({ name, role }) => role !== "target" && name.toLowerCase().includes(wanted));
    replaceIn(listed.tBodies[0], ...found.slice(0, MOST).map((column) => line(column, is_fixed)));
    const more = found.length - MOST;
    write(rest, more > 0 ? `${count(more)} more columns; search for them by name.` : "");
  }

  /**
   * @param {ColumnCard} column
   * @param {boolean} isFixed
   */
  function line({ name, words, missing }, isFixed) {
    const box = h("input", {
      type: "checkbox",
      "aria-label": `use ${name}`,
      "data-key": `use-${name}`,
      disabled: isFixed,
      change: () => {
        if (box.checked) inputs.add(name);
        else inputs.delete(name);
        changed(PAUSE);
      },
    });
    box.checked = inputs.has(name);
    return h(
      "tr",
      {},
      h("td", {}, box),
      h("th", { scope: "row" }, name, h("span", { class: "muted" }, words)),
      h("td", {}, missing === 0 ? "" : count(missing)),
    );
  }

  /** @param {number} pause */
  function changed(pause) {
    clearTimeout(timer);
    if (isTrained) question.hidden = false;
    else timer = window.setTimeout(send, pause);
  }

  function send() {
    if (shown === null || target.value === "") return;
    const { name } = shown.columns[Number(target.value)];
    const asBefore = shown.columns.every((each) => inputs.has(each.name) === (each.role === "input"));
    const chosen = shown.columns.map((each) => each.name).filter((each) => inputs.has(each) && each !== name);
    const isSame = name === shown.target && shown.is_whole;
    const isAsTold = shown.chosen_task === null && task.value === shown.task;
    const chosenTask = task.value === "regression" ? "regression" : "classification";
    void actions.choose(name, asBefore ? null : chosen, isSame && !isAsTold ? chosenTask : null);
  }

  return {
    element,
    /** @param {LiveState} state */
    update(state) {
      isTrained = state.status.epoch > 0 || state.status.step > 0;
      if (state.data !== null && state.data !== shown) show(state.data);
      refused.update(state.refused.columns);
    },
  };
}

/**
 * How often each class is there, as bars.
 * @param {ColumnCard} column
 */
function balanceOf({ name, counts, words }) {
  if (counts.length === 0) return words === "" ? [] : [h("p", { class: "muted" }, words)];
  const most = Math.max(...counts.map(([, n]) => n));
  const body = counts
    .slice(0, MOST_CLASSES)
    .map(([value, n]) =>
      h(
        "tr",
        {},
        h("th", { scope: "row" }, value),
        h(
          "td",
          {},
          s(
            "svg",
            { class: "share", viewBox: "0 0 100 10", preserveAspectRatio: "none", "aria-hidden": "true" },
            s("rect", { width: (100 * n) / most, height: 10 }),
          ),
        ),
        h("td", {}, count(n)),
      ),
    );
  const more = counts.length - MOST_CLASSES;
  return [
    h("table", { class: "bars", "aria-label": `how often each ${name} is there` }, h("tbody", {}, ...body)),
    ...(more > 0 ? [h("p", { class: "muted" }, `${count(more)} more classes`)] : []),
  ];
}
