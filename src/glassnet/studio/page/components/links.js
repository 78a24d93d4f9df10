/** Words that lead somewhere: to a neuron, a connection, a row, an epoch. */

import { h } from "#page/dom.js";

/** @import { LiveActions } from "#page/live-actions.js" */

/**
 * @param {string} words
 * @param {() => void} go
 * @param {string} [key] By which the keyboard finds it again when it is drawn anew.
 */
export function link(words, go, key) {
  return h("button", { type: "button", class: "link", "data-key": key, click: go }, words);
}

/**
 * A row of the table, which becomes the chosen one.
 * @param {number} row
 * @param {LiveActions} actions
 * @param {string} [place] Where it stands, if it stands in several places.
 */
export const rowLink = (row, actions, place = "") =>
  link(`row ${row}`, () => void actions.look(row), `row ${row} ${place}`);
