/** Build. */

import { h } from "#page/dom.js";

/**
 * @import { LiveState } from "#page/live.js"
 * @import { LiveActions } from "#page/live-actions.js"
 */

/** @param {LiveActions} _ */
export function buildPanel(_) {
  const element = h("div", { class: "build" }, h("h2", {}, "Build"));
  return {
    element,
    /** @param {LiveState} _ */
    update(_) {},
  };
}
