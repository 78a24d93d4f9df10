/** Understand. */

import { h } from "#page/dom.js";

/**
 * @import { LiveState } from "#page/live.js"
 * @import { LiveActions } from "#page/live-actions.js"
 */

/** @param {LiveActions} _ */
export function understandPanel(_) {
  const element = h("div", { class: "understand" }, h("h2", {}, "Understand"));
  return {
    element,
    /** @param {LiveState} _ */
    update(_) {},
  };
}
