/** Lessons. */

import { h } from "#page/dom.js";

/**
 * @import { LiveState } from "#page/live.js"
 * @import { LiveActions } from "#page/live-actions.js"
 */

/** @param {LiveActions} _ */
export function lessonsPanel(_) {
  const element = h("div", { class: "lessons" }, h("h2", {}, "Lessons"));
  return {
    element,
    /** @param {LiveState} _ */
    update(_) {},
  };
}
