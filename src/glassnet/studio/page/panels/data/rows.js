/** The first rows of the table, or all of them if they are those of a truth table. */

import { table } from "#page/components/table.js";
import { h } from "#page/dom.js";

/** @import { DataCard } from "#page/messages.js" */

/** @param {DataCard} data */
export function rowsOf({ columns, preview, truth_table }) {
  const names = columns.map(({ name }) => name);
  if (truth_table !== null) {
    const [head, ...rows] = truth_table;
    return [h("h3", {}, "Truth table"), tableOf(head, rows, "truth table")];
  }
  if (preview.length === 0) return [];
  return [h("details", {}, h("summary", {}, "The first rows"), tableOf(names, preview, "the first rows"))];
}

/**
 * @param {string[]} heads
 * @param {string[][]} rows
 * @param {string} label
 */
function tableOf(heads, rows, label) {
  return h(
    "div",
    { class: "scroll", tabindex: 0, role: "region", "aria-label": label },
    table(
      heads,
      rows.map((row) => h("tr", {}, ...row.map((value) => h("td", {}, value)))),
      { kind: "rows-of" },
    ),
  );
}
