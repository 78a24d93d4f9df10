/** Rows that can be chosen, and the parts that they belong to. */

import { h } from "#page/dom.js";

/** @import { LiveActions } from "#page/live-actions.js" */

/**
 * @param {number} row
 * @param {LiveActions} actions
 * @param {string} [place] Where it stands, so that the keyboard finds it again.
 */
export function rowButton(row, actions, place = "") {
  return h(
    "button",
    { type: "button", class: "link", "data-key": `row ${row} ${place}`, click: () => void actions.look(row) },
    `row ${row}`,
  );
}

/** @param {string} part */
export const partName = (part) => ({ training: "Training rows", validation: "Validation rows" })[part] ?? "All rows";
