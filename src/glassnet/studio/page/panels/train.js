/** Train. */

import { h } from "#page/dom.js";

/**
 * @import { LiveState } from "#page/live.js"
 * @import { LiveActions } from "#page/live-actions.js"
 */

/** @param {LiveActions} _ */
export function trainPanel(_) {
  const element = h("div", { class: "train" }, h("h2", {}, "Train"));
  return {
    element,
    /** @param {LiveState} _ */
    update(_) {},
  };
}
