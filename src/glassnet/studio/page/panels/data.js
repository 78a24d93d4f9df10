/** Data. */

import { h } from "#page/dom.js";

/**
 * @import { LiveState } from "#page/live.js"
 * @import { LiveActions } from "#page/live-actions.js"
 */

/** @param {LiveActions} _ */
export function dataPanel(_) {
  const element = h("div", { class: "data" }, h("h2", {}, "Data"));
  return {
    element,
    /** @param {LiveState} _ */
    update(_) {},
  };
}
