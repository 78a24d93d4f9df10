/** A table of numbers. */

import { h } from "#page/dom.js";

/** @import { Child } from "#page/dom.js" */

/**
 * @param {Child[]} heads
 * @param {HTMLTableRowElement[]} rows
 * @param {{ kind?: string, caption?: string }} options
 */
export function table(heads, rows, { kind, caption } = {}) {
  return h(
    "table",
    { class: kind },
    caption !== undefined && h("caption", {}, caption),
    h("thead", {}, h("tr", {}, ...heads.map((head) => h("th", { scope: "col" }, head)))),
    h("tbody", {}, ...rows),
  );
}
