/** What lines and colors of the network mean, the switch for the error signals, and what neurons are colored by. */

import { stepsOf } from "#page/actions.js";
import { h, put, s, write } from "#page/dom.js";
import { largest, measured, MEASURES } from "#page/measures.js";
import { count, short } from "#page/numbers.js";

/**
 * @import { Choosing } from "#page/actions.js"
 * @import { View } from "#page/messages.js"
 * @import { Moment } from "#page/moments.js"
 * @import { Chosen, Measure, Picture } from "#page/recording.js"
 */

/**
 * @param {Picture} picture
 * @param {Choosing} actions
 * @param {{ hasData?: boolean }} options Whether there are measures over all rows.
 */
export function legend(picture, actions, { hasData = false } = {}) {
  const steps = stepsOf(picture);
  const { drawn, all } = picture.scene.weights;
  const box = h("input", {
    type: "checkbox",
    change: () => actions.showDeltas(box.checked),
  });
  const measure = h(
    "select",
    { "aria-label": "color neurons by", change: () => actions.colorBy(/** @type {Measure} */ (measure.value)) },
    ...MEASURES.filter(({ isOverData }) => hasData || !isOverData).map(({ name, words }) =>
      h("option", { value: name }, words),
    ),
  );
  const [low, high] = [h("span"), h("span")];
  const bar = h("span", { class: "ramp", "aria-hidden": "true" });
  const scale = h("span", { class: "scale" }, low, bar, high);
  const back = h("span", {}, sample("blame"), "blame w·δ flowing back, dashed if negative");
  const edits = h("span", {});
  const byHand = h(
    "span",
    {},
    s(
      "svg",
      { viewBox: "-8 -8 16 16", width: 16, height: 16, "aria-hidden": "true" },
      s("path", { class: "edit", d: "M0,-7l7,7l-7,7l-7,-7z" }),
    ),
    edits,
  );
  const element = h(
    "div",
    { class: "legend" },
    h("span", {}, sample("positive"), "positive weight"),
    h("span", {}, sample("negative"), "negative weight, dashed"),
    h("span", {}, drawn < all ? `the ${drawn} strongest of ${count(all)} weights` : "width: size of the weight"),
    h("label", {}, box, "error signals δ"),
    back,
    byHand,
    h("label", {}, "color", measure),
    scale,
  );
  return {
    element,
    /**
     * @param {Chosen & { views?: Record<string, View> }} state
     * @param {Moment} moment
     */
    update: (state, moment) => {
      box.checked = state.deltas;
      back.hidden = !state.deltas && (state.tab !== "steps" || steps[state.step].kind !== "backward");
      const n = moment.frame.edits?.length ?? 0;
      byHand.hidden = n === 0;
      write(edits, n === 1 ? "1 weight set by hand" : `${n} weights set by hand`);
      if (measure.value !== state.measure) measure.value = state.measure;
      scale.hidden = state.measure === "layer";
      if (scale.hidden) return;
      const { isSigned } = MEASURES.find(({ name }) => name === state.measure) ?? MEASURES[0];
      const view = state.views?.neurons;
      const most = largest(
        picture.scene.neurons.map(({ layer, index }) => measured(state.measure, moment, view, layer, index)),
      );
      put(bar, "class", isSigned ? "ramp signed" : "ramp");
      write(low, isSigned ? `−${short(most)}` : "0");
      write(high, short(most));
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
