/** Take away. */

import { h } from "#page/dom.js";

/**
 * @import { LiveState } from "#page/live.js"
 * @import { LiveActions } from "#page/live-actions.js"
 */

/** @param {LiveActions} _ */
export function takeAwayPanel(_) {
  const element = h("div", { class: "take-away" }, h("h2", {}, "Take away"));
  return {
    element,
    /** @param {LiveState} _ */
    update(_) {},
  };
}
