/** The way to every neuron, also to those that are not drawn: its layer and its number. */

import { h } from "#page/dom.js";
import { count } from "#page/numbers.js";

/**
 * @import { Choosing } from "#page/actions.js"
 * @import { Moment } from "#page/moments.js"
 * @import { Chosen, Picture } from "#page/recording.js"
 */

/** @param {Choosing} actions */
export function neuronChooser(actions) {
  const layer = h("select", { id: "neuron-layer", change: chooseLayer });
  const index = h("input", { id: "neuron-number", type: "number", min: 1, step: 1, change: choose });
  const of = h("span", { class: "muted" });
  const element = h(
    "div",
    { class: "fields" },
    h("label", { for: "neuron-layer" }, "Layer"),
    layer,
    h("label", { for: "neuron-number" }, "neuron"),
    index,
    of,
  );
  /** @type {Picture | null} */
  let picture = null;
  let place = "";

  /**
   * Write a neuron into the fields.
   * @param {number} l
   * @param {number} j
   */
  function fill(l, j) {
    if (place === `${l}.${j}` || picture === null) return;
    place = `${l}.${j}`;
    layer.value = String(l);
    index.max = String(picture.sizes[l]);
    index.value = String(j + 1);
    of.textContent = `of ${count(picture.sizes[l])}`;
  }

  /** The fields follow at once, so that nothing that is typed next is overwritten. */
  function chooseLayer() {
    const l = Number(layer.value);
    fill(l, 0);
    actions.openNeuron(l, 0);
  }

  function choose() {
    const wanted = index.valueAsNumber;
    if (Number.isInteger(wanted) && wanted >= 1 && wanted <= Number(index.max)) {
      actions.openNeuron(Number(layer.value), wanted - 1);
    } else {
      index.reportValidity();
    }
  }

  return {
    element,
    /**
     * @param {Chosen} state
     * @param {Moment} moment
     */
    update({ neuron }, moment) {
      if (moment.picture !== picture) {
        picture = moment.picture;
        layer.replaceChildren(...picture.sizes.map((_, l) => h("option", { value: l }, layerName(picture, l))));
        place = "";
      }
      fill(neuron.layer, neuron.index);
    },
  };
}

/**
 * @param {Picture | null} picture
 * @param {number} l
 */
function layerName(picture, l) {
  if (l === 0) return "inputs";
  return l + 1 === picture?.sizes.length ? "outputs" : `hidden ${l}`;
}
