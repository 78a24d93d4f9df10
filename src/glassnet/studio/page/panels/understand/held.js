/** At which values the other columns are held. */

import { h } from "#page/dom.js";

/** @import { Response, Surface } from "#page/messages.js" */

/** @param {Surface | Response} view */
export function held(view) {
  const n = view.held.length;
  if (n === 0) return null;
  const from = view.at === "row" && view.chosen !== null ? `row ${view.chosen.row}` : "median or most frequent values";
  return h(
    "details",
    {},
    h("summary", {}, `${n === 1 ? "One other column is" : `${n} other columns are`} held at the ${from}`),
    h("p", {}, view.held.map(({ column, value }) => `${column} = ${value}`).join(", ")),
  );
}
