/** The data: what can be opened, and what was opened as it was understood. */

import { next, primary } from "#page/components/told.js";
import { h, write } from "#page/dom.js";
import { count } from "#page/numbers.js";
import { columns } from "#page/panels/data/columns.js";
import { opening } from "#page/panels/data/opening.js";
import { rowsOf } from "#page/panels/data/rows.js";

/**
 * @import { LiveState } from "#page/live.js"
 * @import { LiveActions } from "#page/live-actions.js"
 * @import { DataCard } from "#page/messages.js"
 */

/** @param {LiveActions} actions */
export function dataPanel(actions) {
  const open = opening(actions);
  const words = h("summary", {});
  const other = h("details", { class: "other" }, words, open.element);
  const title = h("h2", {});
  const about = h("p", {});
  const warnings = h("ul", { class: "warnings", "aria-label": "warnings" });
  const use = columns(actions);
  const rows = h("div", {});
  let isReady = false;
  const train = primary("Train", () => {
    actions.go("train");
    if (isReady) void actions.play();
  });
  const build = h("button", { type: "button", click: () => actions.go("build") }, "Build the network first");
  const hint = h("p", { class: "muted" }, "Choose the column that the network is to predict.");
  const onward = next(hint, train, build);
  const card = h("div", {}, title, about, warnings, use.element, rows);
  const element = h("div", { class: "data" }, card, other, onward);
  /** @type {DataCard | null | undefined} */
  let shown;

  /** @param {LiveState} state */
  function update(state) {
    const { data, model, status } = state;
    if (data !== shown) {
      shown = data;
      other.open = data === null;
      card.hidden = data === null;
      write(words, data === null ? "Open data" : "Open other data");
      if (data !== null) {
        write(title, data.title);
        write(about, inWords(data));
        warnings.replaceChildren(...data.warnings.map((each) => h("li", {}, each)));
        warnings.hidden = data.warnings.length === 0;
        rows.replaceChildren(...rowsOf(data));
      }
    }
    open.update(state);
    use.update(state);
    const canTrain = model !== null && model.setup !== null;
    onward.hidden = data === null;
    train.hidden = build.hidden = !canTrain;
    write(build, status.state === "ready" ? "Build the network first" : "Build another network");
    isReady = status.state === "ready";
    write(train, isReady ? "Train" : "Back to the training");
    hint.hidden = data === null || data.target !== null || data.is_fixed;
  }

  return { element, update };
}

/** @param {DataCard} data */
function inWords({ n_rows, columns: all, task, target }) {
  const inputs = all.filter(({ role }) => role === "input").length;
  const size = `${count(n_rows)} ${n_rows === 1 ? "row" : "rows"}`;
  const isModel = n_rows === 0; // a model file holds no rows
  const width = `${count(all.length)} ${all.length === 1 ? "column" : "columns"}`;
  if (task === "none" || target === null) return `${size}, ${width}.`;
  const from = `from ${inputs === 1 ? "1 column" : `${count(inputs)} columns`}`;
  const subject = isModel ? "A model" : size;
  return task === "classification"
    ? `${subject}: which ${target} is it, ${from}? (classification)`
    : `${subject}: how large is ${target}, ${from}? (regression)`;
}
