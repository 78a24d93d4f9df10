/** Blame by column, class, neuron and row. */

import { link, rowLink } from "#page/components/links.js";
import { table } from "#page/components/table.js";
import { h, s } from "#page/dom.js";
import { data, number, percent } from "#page/numbers.js";

/**
 * @import { LiveActions } from "#page/live-actions.js"
 * @import { Blame, BlameShare } from "#page/messages.js"
 */

/**
 * @param {Blame} view
 * @param {LiveActions} actions
 */
export function blame(view, actions) {
  return h(
    "div",
    {},
    bars("Columns", "column", view.columns, (each) => each.name),
    bars("Classes", "class", view.classes, (each) => each.name),
    bars("Hidden neurons, as shares of their layer", "neuron", view.neurons, ({ name, layer, index }) =>
      link(name, () => actions.openNeuron(layer ?? 0, index ?? 0), name),
    ),
    h("h3", {}, "Rows"),
    h(
      "p",
      { class: "muted" },
      view.n_suspects === 0
        ? "No target looks like a mistake."
        : `${view.n_suspects} ${view.n_suspects === 1 ? "target looks" : "targets look"} like a mistake, marked with !`,
    ),
    rows(view, actions),
  );
}

/**
 * @param {string} title
 * @param {string} what
 * @param {BlameShare[]} shares
 * @param {(each: BlameShare) => Node | string} named
 */
function bars(title, what, shares, named) {
  if (shares.length === 0) return null;
  const most = shares.reduce((size, { share }) => Math.max(size, share), 0) || 1;
  return h(
    "section",
    { "aria-label": title },
    h("h3", {}, title),
    table(
      [what, "blame", "share", h("span", { class: "unseen" }, "as a bar")],
      shares.map((each) =>
        h(
          "tr",
          { title: each.words },
          h("th", { scope: "row" }, named(each)),
          h("td", {}, data(each.blame, `blame ${each.name}`)),
          h("td", {}, percent(each.share)),
          h(
            "td",
            { class: "bar-cell" },
            s(
              "svg",
              { viewBox: "0 0 100 10", width: 100, height: 10, preserveAspectRatio: "none", "aria-hidden": "true" },
              s("rect", { class: "blamed", x: 0, y: 1, width: (100 * each.share) / most, height: 8 }),
            ),
          ),
        ),
      ),
      { kind: "bars" },
    ),
  );
}

/**
 * @param {Blame} view
 * @param {LiveActions} actions
 */
function rows(view, actions) {
  const isClasses = view.rows.some(({ probability }) => probability !== null);
  const heads = ["row", "target", "predicted", ...(isClasses ? ["probability of target"] : []), "blame"];
  return table(
    heads,
    view.rows.map((each) =>
      h(
        "tr",
        {},
        h("th", { scope: "row" }, rowLink(each.row, actions), each.is_suspect ? suspect() : null),
        h("td", {}, each.target),
        h("td", {}, each.predicted),
        ...(isClasses ? [h("td", {}, each.probability === null ? "–" : number(each.probability))] : []),
        h("td", {}, data(each.blame, `blame row ${each.row}`)),
      ),
    ),
    { kind: "blamed-rows" },
  );
}

function suspect() {
  return h("span", { class: "suspect", role: "img", "aria-label": "probably a mistake" }, " !");
}
