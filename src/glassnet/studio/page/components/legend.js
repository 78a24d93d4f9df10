/** What the lines of the network mean, and the switch for the error signals. */

import { stepsOf } from "#page/actions.js";
import { h, s } from "#page/dom.js";

/**
 * @import { Choosing } from "#page/actions.js"
 * @import { Chosen, Picture } from "#page/recording.js"
 */

/**
 * @param {Picture} picture
 * @param {Choosing} actions
 */
export function legend(picture, actions) {
  const steps = stepsOf(picture);
  const { drawn, all } = picture.scene.weights;
  const box = h("input", {
    type: "checkbox",
    change: () => actions.showDeltas(box.checked),
  });
  const back = h("span", {}, sample("blame"), "blame w·δ flowing back, dashed if negative");
  const element = h(
    "div",
    { class: "legend" },
    h("span", {}, sample("positive"), "positive weight"),
    h("span", {}, sample("negative"), "negative weight, dashed"),
    h(
      "span",
      {},
      drawn < all ? `the ${drawn} strongest of ${all.toLocaleString("en")} weights` : "width: size of the weight",
    ),
    h("label", {}, box, "error signals δ"),
    back,
  );
  return {
    element,
    /** @param {Chosen} state */
    update: (state) => {
      box.checked = state.deltas;
      back.hidden = !state.deltas && (state.tab !== "steps" || steps[state.step].kind !== "backward");
    },
  };
}

/** @param {string} kind */
function sample(kind) {
  return s(
    "svg",
    { class: "sample lines", viewBox: "0 0 30 8", width: 30, height: 8, "aria-hidden": "true" },
    s("line", { class: kind, x1: 0, y1: 4, x2: 30, y2: 4, "stroke-width": 2.6 }),
  );
}
