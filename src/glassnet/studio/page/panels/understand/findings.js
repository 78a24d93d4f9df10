/** The findings of the doctor as cards. */

import { h } from "#page/dom.js";

/** @import { Finding, Findings } from "#page/messages.js" */

const SIGNS = { error: "✕", warning: "!", note: "i" };

/** @param {Findings} view */
export function findings(view) {
  return h("div", {}, ...view.findings.map(findingCard));
}

/** @param {Finding} finding */
function findingCard({ rule, level, where, evidence, meaning, next, trust }) {
  return h(
    "section",
    { class: `finding ${level}`, "aria-label": `${level}: ${rule}` },
    h("h3", {}, h("span", { "aria-hidden": "true" }, `${SIGNS[level]} `), rule),
    h("p", { class: "muted" }, `${level}, ${where}`),
    h("p", {}, evidence),
    h("p", {}, meaning),
    h("p", {}, h("b", {}, "Next: "), next),
    trust && h("p", { class: "muted" }, trust),
  );
}
