/** One neuron: where its number comes from, and its share in the error. */

import { activation, arrived, errorSignal, line, weightedSum } from "#page/components/arithmetic.js";
import { column } from "#page/components/encoding.js";
import { h } from "#page/dom.js";
import { sign } from "#page/formulas.js";
import { data } from "#page/numbers.js";
import { isCombined } from "#page/working.js";

/**
 * @import { Choosing } from "#page/actions.js"
 * @import { Moment } from "#page/moments.js"
 * @import { Chosen } from "#page/recording.js"
 */

/**
 * @param {Chosen} state
 * @param {Moment} moment
 * @param {Choosing} actions
 */
export function neuronCard(state, moment, actions) {
  const { layer, index } = state.neuron;
  const { names, layers } = moment.picture;
  const title = h("h3", {}, names[layer][index]);
  if (layer === 0) return h("div", { class: "card" }, title, ...input(moment, index));
  const where = h(
    "p",
    { class: "muted" },
    `${layer === layers.length ? "an output" : `hidden layer ${layer}`}, ${layers[layer - 1].name}`,
  );
  if (!moment.knows(layer, index))
    return h("div", { class: "card" }, title, where, ...aside(moment, layer, index, actions));
  const [before, after] = [arrived(moment, layer, index, actions), errorSignal(moment, layer, index)];
  return h(
    "div",
    { class: "card" },
    title,
    where,
    h("h4", {}, "Forward"),
    weightedSum(moment, layer, index, actions),
    ...activation(moment, layer, index),
    h("h4", {}, "Backward"),
    ...(isCombined(moment, layer) ? [] : before),
    ...after,
  );
}

/**
 * A neuron that is not drawn, of which a recording holds less.
 * @param {Moment} moment
 * @param {number} l
 * @param {number} j
 * @param {Choosing} actions
 */
function aside(moment, l, j, actions) {
  const isOutput = l === moment.picture.layers.length;
  return [
    h("p", {}, "This neuron is not drawn, and the weights into it are not among the numbers of this page."),
    h("h4", {}, "Forward"),
    line(sign("a"), data(moment.a(l, j), "a")),
    h("h4", {}, "Backward"),
    ...(isOutput ? [] : arrived(moment, l, j, actions)),
    line(h("span", {}, "δ"), data(moment.delta(l, j), "delta")),
  ];
}

/**
 * @param {Moment} moment
 * @param {number} index
 */
function input(moment, index) {
  const name = moment.picture.names[0][index];
  const found = moment.row.columns.find((each) => each.inputs.includes(name));
  return [
    h("p", { class: "muted" }, "an input"),
    found === undefined ? null : column(found),
    line(sign("a"), data(moment.a(0, index), "a")),
  ].filter((each) => each !== null);
}
