/** The findings of a doctor as cards. */

import { link } from "#page/components/links.js";
import { h } from "#page/dom.js";

/**
 * @import { LiveActions } from "#page/live-actions.js"
 * @import { Finding, Findings } from "#page/messages.js"
 */

const SIGNS = { error: "✕", warning: "!", note: "i" };

/** @type {[string, string, string][]} What a reader can look at: a view, its name, and what it shows. */
const INSTEAD = [
  ["learning", "Learning", "a gap between training and validation rows: learned by heart"],
  ["weights", "Weights", "many weights near zero, or very large ones"],
  ["blame", "Blame", "the columns, classes and rows that the error comes from"],
];

/**
 * @param {Findings} view
 * @param {LiveActions} actions
 */
export function findings(view, actions) {
  if (view.findings.length === 0) {
    const views = INSTEAD.map(([name, title, words]) =>
      h(
        "li",
        {},
        link(title, () => actions.openView(name), name),
        `: ${words}`,
      ),
    );
    return h("div", {}, h("p", {}, view.words), h("ul", {}, ...views));
  }
  return h("div", {}, ...view.findings.map(findingCard));
}

/** @param {Finding} finding */
function findingCard({ rule, level, where, evidence, meaning, next }) {
  return h(
    "section",
    { class: `finding ${level}`, "aria-label": `${level}: ${rule}` },
    h("h3", {}, h("span", { "aria-hidden": "true" }, `${SIGNS[level]} `), rule),
    h("p", { class: "muted" }, `${level}, ${where}`),
    h("p", {}, evidence),
    h("p", {}, meaning),
    h("p", {}, h("b", {}, "Next: "), next),
  );
}
