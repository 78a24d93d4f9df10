/** The learning curves, and the gap between training and validation rows in words. */

import { chart } from "#page/components/chart.js";
import { table } from "#page/components/table.js";
import { h } from "#page/dom.js";
import { count, data } from "#page/numbers.js";

/** @import { Curve, Learning } from "#page/messages.js" */

const SIGNS = { none: "✓", small: "!", overfitting: "✕", unknown: "?" };
const TITLES = {
  none: "No overfitting to be seen",
  small: "A small gap",
  overfitting: "Overfitting",
  unknown: "Overfitting cannot be seen",
};

/** @param {Learning} view */
export function learning(view) {
  const of = (/** @type {string} */ name) => view.curves.filter((curve) => curve.name.endsWith(name));
  return h(
    "div",
    {},
    h(
      "section",
      { class: `gap ${view.gap}`, "aria-label": "gap" },
      h("h3", {}, h("span", { "aria-hidden": "true" }, `${SIGNS[view.gap]} `), TITLES[view.gap]),
      ...view.words.map((words) => h("p", {}, words)),
    ),
    view.scores.length > 0 && scores(view),
    curves("Cost", of("cost"), view),
    curves("Score", of("metric"), view),
    view.reason !== null && h("p", {}, h("b", {}, "Training stopped: "), view.reason),
  );
}

/** @param {Learning} view */
function scores({ scores }) {
  const hasValidation = scores.some(({ validation }) => validation !== null);
  return table(
    ["score", ...(hasValidation ? ["training", "validation"] : ["all rows"])],
    scores.map(({ name, training, validation }) =>
      h(
        "tr",
        {},
        h("th", { scope: "row" }, name),
        h("td", {}, training === null ? "–" : data(training, `${name} training`)),
        hasValidation && h("td", {}, validation === null ? "–" : data(validation, `${name} validation`)),
      ),
    ),
  );
}

/**
 * @param {string} title
 * @param {Curve[]} found
 * @param {Learning} view
 */
function curves(title, found, view) {
  if (found.length === 0) return null;
  const drawing = chart(
    found.map(({ name, label, points }) => ({
      name: label,
      kind: name.startsWith("validation") ? "validation" : "training",
      points: points.map(([x, y]) => ({ x, y: y ?? NaN })),
    })),
    { width: 460, height: 170, label: "epoch", last: Math.max(view.n_epochs, 1) },
  );
  const { best_epoch } = view;
  if (best_epoch !== null && best_epoch > 0 && best_epoch < view.n_epochs)
    drawing.mark(best_epoch, `best: ${count(best_epoch)}`);
  return h("section", {}, h("h3", {}, drawing.isLog ? `${title} (logarithmic scale)` : title), drawing.element);
}
