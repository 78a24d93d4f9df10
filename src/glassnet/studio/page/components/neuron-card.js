/** One neuron: where its number comes from, and its share in the error. */

import { activation, arrived, errorSignal, line, weightedSum } from "#page/components/arithmetic.js";
import { column } from "#page/components/encoding.js";
import { h } from "#page/dom.js";
import { sign } from "#page/formulas.js";
import { data } from "#page/numbers.js";
import { isCombined } from "#page/working.js";

/**
 * @import { Actions } from "#page/actions.js"
 * @import { Moment } from "#page/frames.js"
 * @import { State } from "#page/recording.js"
 */

/**
 * @param {State} state
 * @param {Moment} moment
 * @param {Actions} actions
 */
export function neuronCard(state, moment, actions) {
  const { layer, index } = state.neuron;
  const { names, layers } = moment.recording;
  const title = h("h3", {}, names[layer][index]);
  if (layer === 0) return h("div", { class: "card" }, title, ...input(moment, index));
  const where = layer === layers.length ? "an output" : `hidden layer ${layer}`;
  const [before, after] = [arrived(moment, layer, index, actions), errorSignal(moment, layer, index)];
  return h(
    "div",
    { class: "card" },
    title,
    h("p", { class: "muted" }, `${where}, ${layers[layer - 1].name}`),
    h("h4", {}, "Forward"),
    weightedSum(moment, layer, index, actions),
    ...activation(moment, layer, index),
    h("h4", {}, "Backward"),
    ...(isCombined(moment, layer) ? [] : before),
    ...after,
  );
}

/**
 * @param {Moment} moment
 * @param {number} index
 */
function input(moment, index) {
  const name = moment.recording.names[0][index];
  const found = moment.row.columns.find((each) => each.inputs.includes(name));
  return [
    h("p", { class: "muted" }, "an input"),
    found === undefined ? null : column(found),
    line(sign("a"), data(moment.a(0, index), "a")),
  ].filter((each) => each !== null);
}
