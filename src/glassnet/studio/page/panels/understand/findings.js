/** The findings of the doctor as cards. */

import { h } from "#page/dom.js";
import { count } from "#page/numbers.js";
import { findingPlot } from "#page/panels/understand/finding-plot.js";

/**
 * @import { LiveActions } from "#page/live-actions.js"
 * @import { Finding, Findings, Fix } from "#page/messages.js"
 */

const SIGNS = { error: "✕", warning: "!", note: "i" };
const FEWEST_ROWS = 7; // fewer are all named in the heading

/**
 * @param {Findings} view
 * @param {LiveActions} actions
 */
export function findings(view, actions) {
  return h("div", {}, ...view.findings.map((finding) => findingCard(finding, actions)));
}

/**
 * @param {Finding} finding
 * @param {LiveActions} actions
 */
function findingCard({ rule, level, where, evidence, meaning, next, trust, n_rows, rows, plot, fixes }, actions) {
  const canBuild = (actions.now().model?.setup ?? null) !== null;
  return h(
    "section",
    { class: `finding ${level}`, "aria-label": `${level}: ${rule}` },
    h(
      "h3",
      {},
      h("span", { class: "level" }, h("span", { "aria-hidden": "true" }, `${SIGNS[level]} `), level),
      rule.charAt(0).toUpperCase() + rule.slice(1),
    ),
    h("p", { class: "muted" }, where),
    h("p", {}, evidence),
    plot && findingPlot(plot),
    h("p", {}, meaning),
    h("p", {}, h("b", {}, "Next: "), next),
    canBuild && fixes.length > 0 && h("ul", { class: "fixes" }, ...fixes.map((fix) => fixLine(fix, actions))),
    n_rows >= FEWEST_ROWS && allRows(n_rows, rows),
    trust && h("p", { class: "muted" }, trust),
  );
}

/**
 * A change of the settings, and the button that trains with it from the start.
 * @param {Fix} fix
 * @param {LiveActions} actions
 */
function fixLine(fix, actions) {
  const { words } = fix;
  const label = `Try this fix: ${words}`;
  return h(
    "li",
    {},
    h("button", { type: "button", "aria-label": label, click: () => void actions.tryFix(fix) }, "Try this fix"),
    ` ${words}`,
  );
}

/**
 * @param {number} n_rows
 * @param {number[]} rows
 */
function allRows(n_rows, rows) {
  const more = n_rows > rows.length ? ` and ${count(n_rows - rows.length)} more` : "";
  const summary = n_rows > rows.length ? `${count(rows.length)} of ${count(n_rows)} rows` : `All ${count(n_rows)} rows`;
  return h("details", {}, h("summary", {}, summary), h("p", {}, rows.join(", ") + more));
}
